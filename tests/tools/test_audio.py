"""Test what sounds are made of: envelopes, filters, ringing bodies and rooms, by their values and spectra."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tools.sounds import level_in_decibels, pink, tone
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import SILENT, amplitude, as_samples, as_stereo, decibels, peak
from tools.audio.envelopes import decay, faded, frames, layered, placed, through, unit_peak, unit_power, wander
from tools.audio.filters import bands, fast_length, passed, passes, swept, tilted_noise
from tools.audio.resonators import glide, pulses, struck, tuned
from tools.audio.reverb import in_room


def chance() -> np.random.Generator:
    return np.random.default_rng(7)


def level_between(sound: NDArray[np.floating], low: float, high: float) -> float:
    """Return the energy of a sound between two frequencies in decibels."""
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    inside = (hertz >= low) & (hertz < high)
    return float(10 * np.log10(np.sum(np.abs(np.fft.rfft(sound)[inside]) ** 2) + 1e-12))


def strongest(sound: NDArray[np.floating]) -> float:
    """Return the strongest frequency of a sound in Hz."""
    return float(np.argmax(np.abs(np.fft.rfft(sound * np.hanning(len(sound))))) * RATE / len(sound))


def test_decibels_and_factors_are_inverse() -> None:
    assert amplitude(-6.0206) == pytest.approx(0.5, rel=1e-4)
    assert decibels(amplitude(-37.5)) == pytest.approx(-37.5)
    assert (amplitude(SILENT), decibels(0.0)) == (0, SILENT)


def test_a_mono_sound_on_both_channels_keeps_its_power() -> None:
    sound = tone(440, 0.1)
    assert np.sum(as_stereo(sound) ** 2) == pytest.approx(np.sum(sound**2), rel=1e-5)
    assert peak(as_samples(np.zeros(0))) == 0


def test_a_decay_falls_by_60_decibels_in_its_time() -> None:
    curve = decay(RATE, 0.5)
    assert curve[0] == 1
    assert 20 * np.log10(curve[RATE // 2]) == pytest.approx(-60, abs=0.01)
    assert decay(RATE, 0.5, attack=0.1)[0] == 0


def test_a_curve_goes_through_its_points() -> None:
    for smooth in (True, False):
        curve = through(1001, (0, 2.0), (0.25, 8.0), (1, -1.0), smooth=smooth)
        assert (curve[0], curve[250], curve[-1]) == pytest.approx((2, 8, -1))


def test_a_wandering_curve_stays_between_its_values_and_may_close() -> None:
    curve = wander(RATE, chance(), 4, 0.3, 0.9, loop=True)
    assert 0.3 <= curve.min() < curve.max() <= 0.9
    assert abs(curve[0] - curve[-1]) <= np.abs(np.diff(curve)).max() * 1.01


def test_fades_touch_only_the_ends() -> None:
    sound = faded(as_samples(np.ones(1000)), 0.002, 0.004)
    assert (sound[96:-192] == 1).all()
    assert sound[0] < 0.01
    assert sound[-1] < 0.01


def test_sounds_are_placed_cut_and_wrapped() -> None:
    part = np.arange(1.0, 5.0)
    at_end = (RATE - 2) / RATE
    assert placed(RATE, [(at_end, part)])[-2:].tolist() == [1, 2]
    assert placed(RATE, [(at_end, part)], loop=True)[:2].tolist() == [3, 4]
    assert placed(RATE, [(5.0, part)]).any() == np.False_
    assert layered(np.ones(3), np.ones(5)).tolist() == [2, 2, 2, 1, 1]


def test_units() -> None:
    noise = chance().standard_normal(1000)
    assert np.abs(unit_peak(noise)).max() == 1
    assert np.mean(unit_power(noise) ** 2) == pytest.approx(1)
    assert not unit_peak(np.zeros(9)).any()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_passes_are_three_decibels_down_at_their_corner_and_steep_beyond(order: int) -> None:
    response = np.abs(passes(np.array([100.0, 1000, 8000, 50, 16_000]), 100, 8000, order))
    assert response[[0, 2]] == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert response[1] == pytest.approx(1, abs=0.02)
    assert (20 * np.log10(response[3:]) < -5.5 * order).all()


def test_a_filtered_click_does_not_sound_before_it() -> None:
    click = np.zeros(RATE // 2)
    click[1000] = 1
    found = passed(click, 200, 4000)
    assert np.abs(found[:995]).max() < 0.01 * np.abs(found).max()


@pytest.mark.parametrize("slope", [0, -3, -6])
def test_noise_falls_by_its_slope(slope: float) -> None:
    noise = tilted_noise(4 * RATE, chance(), slope)
    assert np.mean(noise**2) == pytest.approx(1)
    # an octave has twice as many hertz as the one below: white noise has 3 dB more in it
    steps = [level_between(noise, 2 * low, 4 * low) - level_between(noise, low, 2 * low) for low in (200, 800, 3200)]
    assert steps == pytest.approx([slope + 3] * 3, abs=0.7)


def test_bands_add_up_to_the_sound_between_them() -> None:
    sound = tone(1000, 1)
    found = bands(sound, np.geomspace(200, 5000, 9).tolist())
    assert np.abs(found.sum(axis=0) - sound).max() < 1e-3
    assert bands(tone(15_000, 1), [200, 400, 800]).any(axis=None)
    assert np.abs(bands(tone(15_000, 1), [200, 400, 800])).max() < 1e-3


def test_a_moving_filter_follows_its_centre() -> None:
    sound = swept(chance().standard_normal(2 * RATE), through(2 * RATE, (0, 300.0), (1, 6000.0)), 0.4)
    early, late = sound[: RATE // 4], sound[-RATE // 4 :]
    assert level_between(early, 200, 600) > level_between(early, 3000, 9000) + 15
    assert level_between(late, 3000, 9000) > level_between(late, 200, 600) + 15


def test_a_struck_body_rings_in_its_modes_and_starts_at_zero() -> None:
    sound = struck([(500, 0.5, 1.0), (30_000, 0.5, 9.0)], RATE)
    assert strongest(sound) == pytest.approx(500, abs=2)
    assert sound[0] == 0
    assert np.abs(sound).max() < 1.01
    one, other = (struck([(500, 0.5, 1.0)], RATE, chance(), spread=0.02) for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, struck([(500, 0.5, 1.0)], RATE))


def test_glides_tones_and_pulses_have_their_pitch() -> None:
    assert strongest(glide(400, 100, RATE, settle=0.02)[RATE // 2 :]) == pytest.approx(100, abs=3)
    assert strongest(tuned(np.full(RATE, 333.0))) == pytest.approx(333, abs=1)
    train = pulses(np.full(RATE, 200.0), 20)
    assert abs(train.mean()) < 1e-12
    assert level_between(train, 995, 1005) > level_between(train, 1050, 1150) + 20


def test_a_room_adds_echoes_after_the_sound_only() -> None:
    click = np.zeros(4800, np.float32)
    click[100] = 1
    found = in_room(click, "small", 0.3)
    assert np.abs(found[:100]).max() < 1e-5
    assert level_in_decibels(found[100:3000]) > level_in_decibels(found[12_000:15_000]) + 20
    assert not np.array_equal(found[:, 0], found[:, 1])
    dry = in_room(click, "hall", 0)
    assert np.abs(dry[:4800] - as_stereo(click)).max() < 1e-6


def test_lengths_for_ffts_are_large_enough_and_close() -> None:
    for count in (1, 1000, 48_000, 1_000_003):
        assert count <= fast_length(count) < 1.6 * count + 2
    assert frames(0) == 1
    assert len(pink(0.1)) == frames(0.1)
