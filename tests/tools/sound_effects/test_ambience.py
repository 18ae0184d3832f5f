"""Test the beds of places: their loudness, the seam of the loop, that they are never silent, and slow movement."""

from __future__ import annotations

from functools import cache
from typing import get_args

import numpy as np
import pytest

from storage.sound import AmbienceKind
from tests.tools.sounds import level_in_decibels
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import Samples
from tools.audio.loudness import LoudnessMeter, integrated_loudness
from tools.sound_effects.ambience import LOUDNESS, SHORTEST, make_ambience

PLACES: tuple[AmbienceKind, ...] = get_args(AmbienceKind)


@cache
def bed(kind: AmbienceKind, seconds: float = 12.0, seed: int = 1) -> Samples:
    return make_ambience(kind, seconds, seed)


@pytest.mark.parametrize("kind", PLACES)
def test_it_is_as_loud_as_its_place_and_far_from_clipping(kind: AmbienceKind) -> None:
    assert bed(kind).shape == (12 * RATE, 2)
    assert integrated_loudness(bed(kind)) == pytest.approx(LOUDNESS[kind], abs=0.1)
    assert np.abs(bed(kind)).max() < 0.35
    assert -60 <= LOUDNESS[kind] <= -32


@pytest.mark.parametrize("kind", PLACES)
def test_its_ends_join(kind: AmbienceKind) -> None:
    """Over the seam neither the samples nor the level jump more than elsewhere."""
    sound = bed(kind)
    steps = np.abs(np.diff(sound, axis=0))
    assert np.abs(sound[0] - sound[-1]).max() <= steps.max()
    around = np.concatenate((sound[-RATE // 10 :], sound[: RATE // 10]))
    steps_at_seam = np.abs(np.diff(around, axis=0))[RATE // 10 - 5 : RATE // 10 + 5]
    assert steps_at_seam.max() <= steps.max()
    parts = sound[: len(sound) // 4800 * 4800].reshape(-1, 4800, 2)
    levels = 10 * np.log10(np.square(parts, dtype=np.float64).mean(axis=(1, 2)))
    assert abs(levels[0] - levels[-1]) <= np.abs(np.diff(levels)).max() + 0.1


@pytest.mark.parametrize("kind", PLACES)
def test_it_is_never_silent(kind: AmbienceKind) -> None:
    parts = bed(kind)[: 12 * RATE // 960 * 960].reshape(-1, 960, 2)
    assert np.abs(parts).max(axis=1).min() > 2**-20
    meter = LoudnessMeter()
    meter.feed(bed(kind))
    moments = -0.691 + 10 * np.log10(meter.blocks())
    assert moments.min() > -66
    assert np.ptp(moments) < 22


@pytest.mark.parametrize("kind", PLACES)
def test_it_is_wide_and_of_its_seed(kind: AmbienceKind) -> None:
    sound = bed(kind)
    assert np.array_equal(sound, make_ambience(kind, 12.0, 1))
    assert not np.array_equal(sound, bed(kind, seed=2))
    balance = level_in_decibels(sound[:, 0]) - level_in_decibels(sound[:, 1])
    assert abs(balance) < 4
    assert np.mean(sound[:, 0] * sound[:, 1]) / np.mean(sound**2) < 0.9


def test_a_loop_has_a_shortest_length() -> None:
    assert len(make_ambience("room", 0.1, 1)) == SHORTEST * RATE
    assert len(make_ambience("sea", 5.37, 1)) == round(5.37 * RATE)
