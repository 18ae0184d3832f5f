"""Test what is done to the waveform of speech."""

from __future__ import annotations

import numpy as np
import pytest

from tools.audio import limit_peak
from tools.audio.resampling import resample
from tools.speech.waveforms import MARGIN, shift_pitch, trim_silence

RATE = 24_000


def tone(hertz: float, seconds: float = 0.5, rate: int = RATE) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def pitch_of(wave: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(spectrum.argmax() * rate / len(wave))


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100, 96_000])
def test_a_tone_is_the_same_tone_at_another_rate(rate: int) -> None:
    wave = resample(tone(440, rate=rate), rate, 48_000)
    wanted = tone(440, rate=48_000)
    assert (wave.shape, wave.dtype) == (wanted.shape, wanted.dtype)
    inner = slice(1000, -1000)  # the tone begins and ends at once, which no limited band can
    assert np.abs(wave[inner] - wanted[inner]).max() < 0.01


def test_each_channel_is_resampled_alone() -> None:
    sides = np.stack((tone(440, rate=44_100), tone(1000, rate=44_100)), axis=1)
    found = resample(sides, 44_100, 48_000)
    for channel in range(2):
        assert np.array_equal(found[:, channel], resample(np.ascontiguousarray(sides[:, channel]), 44_100, 48_000))


def test_the_same_rate_and_no_samples_change_nothing() -> None:
    wave = tone(440)
    assert resample(wave, RATE, RATE) is wave
    assert len(resample(wave[:0], RATE, 48_000)) == 0
    assert shift_pitch(wave, RATE, 0.0) is wave


@pytest.mark.parametrize("semitones", [-5.0, 3.0, 12.0])
def test_a_higher_pitch_is_shorter_by_as_much(semitones: float) -> None:
    ratio = 2 ** (semitones / 12)
    wave = shift_pitch(tone(440), RATE, semitones)
    assert pitch_of(wave, RATE) == pytest.approx(440 * ratio, rel=0.01)
    assert len(wave) == pytest.approx(0.5 * RATE / ratio, rel=0.001)


def test_silence_is_cut_but_for_a_margin() -> None:
    silence = np.zeros(RATE, np.float32)
    wave, cut = trim_silence(np.concatenate([silence, tone(440), silence]), RATE)
    assert len(wave) == pytest.approx((0.5 + 2 * MARGIN) * RATE, abs=5)
    assert cut == pytest.approx(1 - MARGIN, abs=0.001)
    assert (wave[0], wave[-1]) == (0, 0)


def test_nothing_is_left_of_silence() -> None:
    assert len(trim_silence(np.zeros(RATE, np.float32), RATE)[0]) == 0
    assert len(trim_silence(np.zeros(0, np.float32), RATE)[0]) == 0


def test_a_peak_is_limited_by_making_all_of_it_quieter() -> None:
    wave = tone(440)
    assert limit_peak(wave) is wave
    assert np.allclose(limit_peak(wave * 3), wave, atol=0.001)
    assert np.abs(limit_peak(wave * np.float32(1.21))).max() <= 1
