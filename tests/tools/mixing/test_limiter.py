"""Test that the limiter holds true peaks, does not click, and leaves alone what is not too loud."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tools.sounds import pink, tone
from tools.audio import SAMPLE_RATE, Samples, as_samples
from tools.audio.files import write_flac
from tools.mixing.limiter import Limiter, true_peaks
from tools.mixing.measurement import measure


def limited(sound: Samples, ceiling: float, block: int = 10_000) -> tuple[Samples, float]:
    limiter = Limiter(ceiling)
    parts = [limiter.feed(sound[start : start + block]) for start in range(0, len(sound), block)]
    return np.concatenate([*parts, limiter.finish()]), limiter.reduction


def bursts() -> Samples:
    """Return pink noise with short bursts of 9 dB over full scale."""
    sound = pink(3.0, -20)
    for start in range(20_000, 140_000, 30_000):
        sound[start : start + 900] *= np.float32(12)
    return as_samples(sound)


def test_a_peak_between_samples_is_seen() -> None:
    """A tone of a quarter of the rate, sampled beside its peaks: they are 3 dB higher than any sample."""
    quarter = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4)
    sound = as_samples(np.repeat(quarter[:, None], 2, axis=1))
    assert true_peaks(sound, 0.9)[100:-100].max() == pytest.approx(1, abs=0.03)
    assert np.abs(sound).max() == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_what_is_under_the_ceiling_is_not_changed() -> None:
    sound = pink(2.0, -20)
    found, reduction = limited(sound, -1)
    assert np.array_equal(found, sound)
    assert reduction == 0


@pytest.mark.parametrize("ceiling", [-0.1, -1.0, -6.0])
def test_the_true_peak_stays_under_the_ceiling(tmp_path: Path, ceiling: float) -> None:
    sound = bursts()
    found, reduction = limited(sound, ceiling)
    assert found.shape == sound.shape
    write_flac(tmp_path / "a.flac", found)
    assert ceiling - 1 < measure(tmp_path / "a.flac").true_peak <= ceiling + 0.1
    assert reduction == pytest.approx(20 * np.log10(np.abs(sound).max()) - ceiling, abs=0.7)


def test_the_gain_moves_without_jumps() -> None:
    sound = tone(200, 2, -6)[:, None] * np.ones(2, np.float32)
    sound[48_000:48_480] *= 4
    found, _ = limited(as_samples(sound), -1)
    loud = np.abs(sound[:, 0]) > 0.1
    gain = 20 * np.log10(np.abs(found[loud, 0] / sound[loud, 0]))
    assert np.abs(np.diff(gain)).max() < 0.03 * 40  # up to 40 samples of a low tone lie under 0.1
    assert gain[0] == pytest.approx(0, abs=1e-4)
    assert gain[-1] == pytest.approx(0, abs=1e-4)
    assert gain.min() == pytest.approx(-7, abs=0.3)


def test_the_size_of_blocks_changes_nothing_that_is_heard() -> None:
    sound = bursts()
    assert np.abs(limited(sound, -3, 5000)[0] - limited(sound, -3, SAMPLE_RATE)[0]).max() < 1e-3
