"""Test that lines of different loudness come to one, long and short."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tools.sounds import babble, pink
from tools.audio import Samples, amplitude, as_samples
from tools.audio.files import write_flac
from tools.mixing.measurement import measure
from tools.mixing.voice_level import MOST_LIFT, VOICE_LOUDNESS, level_voice


@pytest.mark.parametrize("level", [-12, -26, -38])
@pytest.mark.parametrize("seconds", [1.0, 2.3, 6.0])
def test_lines_are_within_one_lu_of_each_other(tmp_path: Path, level: float, seconds: float) -> None:
    line = babble(seconds, level, seed=round(seconds * 10))
    write_flac(tmp_path / "line.flac", as_samples(line * amplitude(level_voice(line)) / 4))
    assert measure(tmp_path / "line.flac").integrated + 12.04 == pytest.approx(VOICE_LOUDNESS, abs=0.3)


def test_a_pause_in_a_line_does_not_make_it_louder() -> None:
    line = babble(3)
    paused = np.concatenate((line, np.zeros(48_000 * 3, np.float32), line))
    assert level_voice(as_samples(paused)) == pytest.approx(level_voice(line), abs=0.5)


def test_a_gasp_is_as_loud_as_speech() -> None:
    def steady(seconds: float) -> Samples:
        return as_samples(pink(seconds, -30)[:, 0])

    assert level_voice(steady(0.25)) == pytest.approx(level_voice(steady(3)), abs=0.7)


def test_silence_is_left_and_noise_is_not_lifted_to_speech() -> None:
    assert level_voice(as_samples(np.zeros(48_000))) == 0
    assert level_voice(babble(2, -65)) == MOST_LIFT
