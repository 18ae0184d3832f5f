"""Test that a compressed line keeps its loudness, loses its highest peaks, and is otherwise as it was."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tools.sounds import level_in_decibels, pink, syllables, tone
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import as_samples, decibels, peak
from tools.audio.loudness import integrated_loudness
from tools.mixing.compressor import RATIO, compress_voice


@pytest.mark.parametrize("level", [-12, -26, -45])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_peaks_are_lower_at_equal_loudness(level: float, seed: int) -> None:
    line = syllables(3, level, seed)
    compressed = compress_voice(line)
    loudness = integrated_loudness(line)
    assert loudness is not None
    assert decibels(peak(line)) - loudness > 15
    assert integrated_loudness(compressed) == pytest.approx(loudness, abs=0.05)
    assert 2 < decibels(peak(line)) - decibels(peak(compressed)) < 6
    assert len(compressed) == len(line)


def test_it_does_the_same_to_a_loud_and_a_quiet_line() -> None:
    line = syllables(2)
    louder = compress_voice(as_samples(line * 4))
    assert np.abs(louder - 4 * compress_voice(line)).max() < 1e-4 * peak(louder)


def test_what_is_steady_is_left() -> None:
    steady = tone(300, 2, -20)
    assert np.abs(compress_voice(steady) - steady).max() < 0.01 * peak(steady)


def test_a_louder_word_is_lowered_before_it_begins_and_not_beyond_the_ratio() -> None:
    others, word = tone(300, 2, -26), tone(300, 0.2, -14)
    compressed = compress_voice(np.concatenate((others, word, others)))
    middle = compressed[round(2.05 * RATE) : round(2.15 * RATE)]
    assert 12 / RATIO < level_in_decibels(middle) - level_in_decibels(compressed[:RATE]) < 10
    assert peak(compressed) < 1.05 * peak(middle)


def test_both_channels_have_one_gain() -> None:
    line = syllables(2)
    sides = as_samples(np.stack((line, 0.25 * line), axis=1))
    compressed = compress_voice(sides)
    assert np.abs(compressed[:, 1] - 0.25 * compressed[:, 0]).max() < 1e-6


def test_silence_and_the_shortest_sounds_stay() -> None:
    assert not compress_voice(np.zeros(RATE, np.float32)).any()
    assert not len(compress_voice(np.zeros(0, np.float32)))
    assert np.isfinite(compress_voice(as_samples(np.ones(1) * 0.1))).all()
    short = as_samples(pink(0.01)[:, 0])
    assert decibels(peak(compress_voice(short)) / peak(short)) == pytest.approx(0, abs=2)
