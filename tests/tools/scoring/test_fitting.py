"""Test that music lasts as long as its cue, loops without clicks and on the beat, and ends on a bar."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from tests.tools.sounds import level_in_decibels, pink, rhythm, tone
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import Samples
from tools.audio.loudness import integrated_loudness
from tools.music import LOUDNESS
from tools.scoring.fitting import fit_music


def fitted(piece: Samples, seconds: float) -> Samples:
    return np.concatenate([*fit_music(piece, seconds)])


def onsets(sound: Samples) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the samples at which a drum begins."""
    level = np.abs(sound[:, 0].reshape(-1, 240)).max(axis=1)
    rises = np.flatnonzero((level[1:] > 2.5 * level[:-1]) & (level[1:] > 0.2 * level.max()))
    return np.asarray([at for at, before in zip(rises, [-99, *rises[:-1]], strict=True) if at - before > 20]) * 240


@pytest.mark.parametrize("seconds", [5.0, 12.0, 31.7, 75.0])
def test_it_is_as_long_and_as_loud_as_asked_for(seconds: float) -> None:
    for piece in (rhythm(120, 20), pink(20), tone(300, 20)):
        found = fitted(piece, seconds)
        assert found.shape == (round(seconds * RATE), 2)
        assert integrated_loudness(found) == pytest.approx(LOUDNESS, abs=0.3)
        assert np.abs(found[-1]).max() < 0.01
        assert np.abs(found[0]).max() < 0.02


def test_a_loop_stays_on_the_beat() -> None:
    found = fitted(rhythm(120, 17.3), 60.0)
    gaps = np.diff(onsets(found[: 55 * RATE])) / RATE
    assert gaps == pytest.approx(np.full(len(gaps), 0.5), abs=0.02)
    assert len(gaps) > 100


def test_a_loop_without_a_beat_has_no_hole_and_no_click() -> None:
    found = fitted(pink(12), 40.0)
    levels = [level_in_decibels(found[start : start + 4800]) for start in range(RATE, 36 * RATE, 4800)]
    assert np.ptp(levels) < 5
    steady = fitted(tone(200, 12.0), 40.0)
    assert np.abs(np.diff(steady[RATE : -5 * RATE, 0])).max() < 0.004 * 200 / 48 * np.abs(steady).max() * 2 * np.pi


def test_it_ends_on_a_bar() -> None:
    found = fitted(rhythm(120, 60), 21.2)
    heard = np.flatnonzero(np.abs(found[:, 0]) > 1e-5)
    assert heard[-1] / RATE == pytest.approx(20, abs=0.06)


def test_a_very_short_piece_and_cue_are_served() -> None:
    assert fitted(tone(300, 0.05), 3.0).shape == (3 * RATE, 2)
    assert fitted(rhythm(100, 30), 0.1).shape == (4800, 2)
    assert not fitted(np.zeros((RATE, 2), np.float32), 2.0).any()


def test_a_long_cue_needs_no_more_memory_than_a_short_one() -> None:
    """Four minutes in stereo are 92 MB of samples, and an hour 1.4 GB."""
    piece, most = pink(20), []
    for seconds in (30.0, 240.0):
        tracemalloc.start()
        count = sum(len(block) for block in fit_music(piece, seconds))
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == seconds * RATE
    assert most[1] < most[0] + 2_000_000 < 90_000_000
