"""Test every recipe: its loudness, length, spectrum, ends and moment, and that a seed makes the same sound again."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import cache
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.sound import SoundKind
from tests.program import HOUSE
from tests.tools.sounds import level_in_decibels
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import Samples
from tools.audio.loudness import loudest_moment
from tools.sound_effects import PEAK, RECIPES, Effect, make_effect

KINDS: tuple[SoundKind, ...] = get_args(SoundKind)
HEARD = tuple(kind for kind in KINDS if kind != "silence")
CENTRES: dict[SoundKind, tuple[float, float]] = {
    "hit": (150, 1500), "impact": (50, 500), "explosion": (80, 900), "crack": (1200, 5500), "break": (3000, 9000),
    "slash": (3500, 9500), "whoosh": (500, 3500), "gust": (200, 1200), "step": (80, 900), "run": (80, 900),
    "knock": (150, 800), "door": (70, 500), "click": (2500, 8000), "shutter": (1000, 6000), "paper": (3000, 9000),
    "cloth": (1000, 4000), "rustle": (3500, 9500), "splash": (700, 4000), "drip": (800, 2500), "rain": (2500, 7000),
    "wind": (250, 1000), "thunder": (60, 600), "fire": (300, 4500), "engine": (60, 500), "rumble": (40, 250),
    "creak": (500, 2500), "clatter": (700, 3500), "bell": (350, 1500), "chime": (1000, 3000), "sparkle": (2500, 8000),
    "heartbeat": (45, 200), "crowd": (250, 1200), "clap": (1000, 4500), "bird": (2500, 6000), "insect": (3500, 7000),
    "boing": (120, 700), "gulp": (120, 700), "sigh": (900, 3500), "gasp": (1300, 4500), "laugh": (300, 2000),
}  # fmt: skip
"""Where the middle of the energy of each kind may lie, in Hz."""
STRUCK: tuple[SoundKind, ...] = (
    "hit",
    "impact",
    "explosion",
    "crack",
    "break",
    "knock",
    "door",
    "click",
    "clap",
    "thunder",
)
SOFT: tuple[SoundKind, ...] = ("whoosh", "gust", "rain", "wind", "fire", "crowd", "rumble", "insect", "sigh", "rustle")


@cache
def effect(kind: SoundKind, seconds: float | None = None, seed: int = 1) -> Effect:
    return make_effect(kind, seconds, seed)


def centre_of(sound: Samples) -> float:
    power = np.sum(np.abs(np.fft.rfft(sound, axis=0)) ** 2, axis=1)
    return float(np.sum(power * np.fft.rfftfreq(len(sound), 1 / RATE)) / np.sum(power))


def loudness_over_time(sound: Samples, step: int = RATE // 50) -> NDArray[np.float64]:
    """Return the level of each 20 ms in decibels."""
    whole = len(sound) // step * step
    power = np.square(sound[:whole], dtype=np.float64).sum(axis=1).reshape(-1, step).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-14))


def test_every_kind_has_a_recipe() -> None:
    assert set(RECIPES) == set(KINDS)
    assert set(CENTRES) == set(HEARD)


@pytest.mark.parametrize("kind", HEARD)
def test_it_is_as_loud_as_its_kind_and_not_clipped(kind: SoundKind) -> None:
    for seed in (1, 2, 3):
        sound = effect(kind, seed=seed).samples
        assert sound.shape[1] == 2
        assert sound.dtype == np.float32
        assert loudest_moment(sound) == pytest.approx(RECIPES[kind].loudness, abs=0.7)
        assert 20 * np.log10(np.abs(sound).max()) <= PEAK + 0.01


@pytest.mark.parametrize("kind", HEARD)
def test_its_spectrum_is_that_of_such_a_sound(kind: SoundKind) -> None:
    low, high = CENTRES[kind]
    for seed in (1, 2, 3):
        assert low < centre_of(effect(kind, seed=seed).samples) < high


@pytest.mark.parametrize("kind", HEARD)
def test_its_ends_do_not_click(kind: SoundKind) -> None:
    sound = effect(kind).samples
    loudest = np.abs(sound).max()
    assert np.abs(sound[0]).max() < 0.01 * loudest
    assert np.abs(sound[-480:]).max() < 0.02 * loudest
    assert np.abs(sound.mean(axis=0)).max() < 0.003 * loudest


@pytest.mark.parametrize("kind", STRUCK)
def test_what_is_struck_begins_within_a_millisecond_and_dies_away(kind: SoundKind) -> None:
    found = effect(kind)
    assert found.onset_seconds == 0
    early = np.abs(found.samples[: RATE // 1000]).max()
    assert early > 0.08 * np.abs(found.samples).max()
    levels = loudness_over_time(found.samples)
    assert levels[-5:].mean() < levels.max() - 30


@pytest.mark.parametrize("kind", SOFT)
def test_what_swells_begins_softly(kind: SoundKind) -> None:
    levels = loudness_over_time(effect(kind).samples)
    assert levels[0] < levels.max() - 10


@pytest.mark.parametrize("kind", ["whoosh", "gust"])
def test_what_passes_is_loudest_at_its_moment(kind: SoundKind) -> None:
    for seed in (1, 2, 3):
        found = effect(kind, seed=seed)
        levels = np.convolve(loudness_over_time(found.samples), np.ones(7) / 7, "same")
        assert np.argmax(levels) / 50 == pytest.approx(found.onset_seconds, abs=0.25 * RECIPES[kind].seconds)


@pytest.mark.parametrize(("kind", "amounts"), [("step", {0.4: 1, 1.4: 2, 3.0: 5}), ("knock", {0.75: 3, 1.4: 6})])
def test_what_repeats_comes_as_often_as_its_time_holds(kind: SoundKind, amounts: dict[float, int]) -> None:
    for seconds, amount in amounts.items():
        levels = loudness_over_time(effect(kind, seconds).samples, RATE // 100)
        rises = (levels[1:] > levels.max() - 14) & (levels[1:] > levels[:-1] + 6)
        rises = np.concatenate(([levels[0] > levels.max() - 14], rises))
        assert np.sum(rises[1:] & ~rises[:-1]) + rises[0] == amount


def test_a_whoosh_crosses_from_side_to_side() -> None:
    sound = effect("whoosh").samples
    half = len(sound) // 2
    early = level_in_decibels(sound[:half, 0]) - level_in_decibels(sound[:half, 1])
    late = level_in_decibels(sound[half:, 0]) - level_in_decibels(sound[half:, 1])
    assert early * late < 0
    assert abs(early - late) > 4


@pytest.mark.parametrize("kind", HEARD)
def test_it_is_as_long_as_asked_for_within_its_bounds(kind: SoundKind) -> None:
    longest = RECIPES[kind].longest
    wanted = min(longest, 1.5 * RECIPES[kind].seconds)
    for seconds, expected in ((wanted, wanted), (1e6, longest)):
        assert len(effect(kind, seconds).samples) / RATE < expected + 3
    assert len(effect(kind, 1e-6).samples) > 0.04 * RATE


@pytest.mark.parametrize("kind", HEARD)
def test_a_seed_is_a_take(kind: SoundKind) -> None:
    again = make_effect(kind, None, 1).samples
    assert np.array_equal(effect(kind).samples, again)
    other = effect(kind, seed=2).samples
    shared = min(len(other), len(again))
    assert not np.array_equal(other[:shared], again[:shared])


def test_silence_is_silent() -> None:
    assert not effect("silence", 2.0).samples.any()
    assert effect("silence", 2.0).samples.shape == (2 * RATE, 2)


def test_two_processes_make_the_same_samples() -> None:
    program = (
        "import hashlib; from tools.sound_effects import make_effect\n"
        "for kind in ('impact', 'crowd', 'rain', 'bird'):\n"
        "    print(hashlib.sha256(make_effect(kind, None, 5).samples.tobytes()).hexdigest())"
    )
    done = [
        subprocess.run([sys.executable, "-c", program], check=True, cwd=HOUSE, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    kinds: tuple[SoundKind, ...] = ("impact", "crowd", "rain", "bird")
    here = [hashlib.sha256(make_effect(kind, None, 5).samples.tobytes()).hexdigest() for kind in kinds]
    assert done[0] == done[1] == "\n".join(here) + "\n"
