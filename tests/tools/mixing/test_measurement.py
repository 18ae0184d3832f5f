"""Test that a finished file is measured, and that one without sound is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import AudioError
from tests.tools.sounds import tone
from tools.audio import as_samples
from tools.audio.files import write_flac
from tools.mixing.measurement import LoudnessFacts, measure
from tools.video.ffmpeg import run_ffmpeg


def test_a_tone_is_measured(tmp_path: Path) -> None:
    write_flac(tmp_path / "tone.flac", as_samples(np.repeat(tone(1000, 5, -20)[:, None], 2, axis=1)))
    assert measure(tmp_path / "tone.flac") == LoudnessFacts(-20.0, 0.0, -20.0)


def test_silence_is_measured(tmp_path: Path) -> None:
    write_flac(tmp_path / "none.flac", as_samples(np.zeros((48_000, 2))))
    assert measure(tmp_path / "none.flac") == LoudnessFacts(-70.0, 0.0, float("-inf"))


def test_a_film_without_a_sound_track_is_refused(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "color=red:s=64x64:d=1", str(film)], film)
    for path in (film, tmp_path / "none.flac", Path(__file__)):
        with pytest.raises(AudioError):
            measure(path)
