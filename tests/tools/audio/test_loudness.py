"""Test our loudness meter against known signals and ffmpeg's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tools.sounds import babble, pink, tone
from tools.audio import SAMPLE_RATE, Samples, as_samples, as_stereo
from tools.audio.files import write_flac
from tools.audio.loudness import LoudnessMeter, integrated_loudness, loudest_moment
from tools.mixing.measurement import measure


def test_a_tone_of_minus_23_in_both_channels_is_minus_23_lufs() -> None:
    """EBU Tech 3341, test case 1."""
    sound = np.repeat(tone(1000, 20, -23)[:, None], 2, axis=1)
    assert integrated_loudness(as_samples(sound)) == pytest.approx(-23, abs=0.1)


def test_quiet_parts_are_gated() -> None:
    """EBU Tech 3341, test case 3: -36, -23 and -36 dBFS."""
    parts = [tone(1000, seconds, level) for seconds, level in ((10, -36), (60, -23), (10, -36))]
    sound = np.repeat(np.concatenate(parts)[:, None], 2, axis=1)
    assert integrated_loudness(as_samples(sound)) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("sound", [pink(7.3), babble(9.7), as_stereo(babble(5.0, -40)), tone(60, 4, -9)])
def test_it_agrees_with_ffmpeg(tmp_path: Path, sound: Samples) -> None:
    write_flac(tmp_path / "a.flac", sound)
    assert integrated_loudness(sound) == pytest.approx(measure(tmp_path / "a.flac").integrated, abs=0.1)


def test_the_size_of_blocks_changes_nothing() -> None:
    sound, meter = pink(5), LoudnessMeter()
    for start in range(0, len(sound), 7777):
        meter.feed(sound[start : start + 7777])
    assert meter.integrated() == pytest.approx(integrated_loudness(sound), abs=1e-3)
    assert len(meter.blocks()) == 47


def test_silence_has_no_loudness() -> None:
    assert integrated_loudness(as_samples(np.zeros(SAMPLE_RATE))) is None
    assert integrated_loudness(as_samples(np.zeros(0))) is None
    assert loudest_moment(as_samples(np.zeros((100, 2)))) is None


def test_a_short_sound_is_measured_over_its_own_length() -> None:
    assert integrated_loudness(tone(997, 0.2)) == pytest.approx(integrated_loudness(tone(997, 5)), abs=0.3)
    assert loudest_moment(tone(997, 0.2)) == pytest.approx((loudest_moment(tone(997, 5)) or 0) - 3, abs=0.3)


def test_a_mono_sound_is_as_loud_on_both_channels() -> None:
    assert integrated_loudness(as_stereo(babble(3))) == pytest.approx(integrated_loudness(babble(3)), abs=0.01)
