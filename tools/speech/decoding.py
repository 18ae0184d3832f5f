"""Decode the sound that a server or a program sends: damaged and endless sound is refused."""

from __future__ import annotations

import io

import numpy as np

from storage.errors import BackendError
from tools.audio import Samples
from tools.audio.resampling import resample
from tools.speak import SAMPLE_RATE


def decode_audio(content: bytes, name: str, *, longest: float) -> Samples:
    """Return the samples of a sound file, mono at `SAMPLE_RATE`.

    Args:
        content: A file in a format that libsndfile reads: WAV, FLAC, OGG or MP3.
        name: What to call it in an error.
        longest: The seconds that it may last.

    Raises:
        BackendError: It is no sound file, is damaged, or lasts longer.
    """
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            rate: int = file.samplerate
            samples = file.read(int(longest * rate) + 1, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        raise BackendError(f"{name} cannot be read as sound: {error}", "give a WAV, FLAC, OGG or MP3 file") from None
    if not rate or len(samples) > longest * rate:
        raise BackendError(f"{name} lasts longer than {longest:g} seconds", "give the recording of one line")
    mono = np.asarray(samples.mean(axis=1), np.float32)
    if not np.isfinite(mono).all():
        raise BackendError(f"{name} holds values that are no sound", "give another file")
    return resample(mono, rate, SAMPLE_RATE)
