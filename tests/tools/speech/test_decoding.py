"""Test that sound of every kind is decoded, and that damaged and endless sound is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from storage.errors import BackendError
from tools.speech.decoding import decode_audio


def sound(seconds: float = 0.5, rate: int = 22_050, channels: int = 1, kind: str = "WAV", **how: str) -> bytes:
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    file = io.BytesIO()
    soundfile.write(file, np.repeat(wave[:, None], channels, axis=1), rate, format=kind, **how)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_sound_files_become_mono_at_the_rate_of_the_film(kind: str, channels: int) -> None:
    wave = decode_audio(sound(kind=kind, channels=channels), "it", longest=1)
    assert len(wave) / 48_000 == pytest.approx(0.5, abs=0.06)  # MP3 pads
    assert np.abs(wave).max() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"<html>no sound here</html>", sound()[:30], sound(kind="FLAC")[:60], bytes(5000)]
)
def test_a_damaged_file_is_refused(content: bytes) -> None:
    with pytest.raises(BackendError):
        decode_audio(content, "it", longest=1)


def test_a_file_that_lasts_too_long_is_refused() -> None:
    with pytest.raises(BackendError):
        decode_audio(sound(2.0), "it", longest=1)


def test_values_that_are_no_sound_are_refused() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.array([0, np.nan, np.inf], np.float32), 48_000, format="WAV", subtype="FLOAT")
    with pytest.raises(BackendError):
        decode_audio(file.getvalue(), "it", longest=1)
