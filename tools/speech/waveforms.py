"""Change the pitch of speech, and cut the silence around it."""

from __future__ import annotations

import numpy as np

from tools.audio import Samples
from tools.audio.resampling import resample

SILENCE = 0.01
"""Share of the loudest sample below which there is no voice (-40 dB): breath and the noise of a model are below it."""
MARGIN = 0.03
"""Seconds that are kept before and after the voice, so that soft consonants are not cut."""
_FADE = 0.005


def shift_pitch(samples: Samples, rate: int, semitones: float) -> Samples:
    """Return samples that sound so many semitones higher and last shorter by the same ratio."""
    return samples if not semitones else resample(samples, rate * 2 ** (semitones / 12), rate)


def trim_silence(samples: Samples, rate: int) -> tuple[Samples, float]:
    """Cut the silence before and after a voice, and fade both ends over 5 ms.

    Args:
        samples: (n,) float32.
        rate: Samples per second.

    Returns:
        The samples with at most `MARGIN` of silence at each end, and the seconds that were cut before them. Nothing is
        left of samples in which there is no voice.
    """
    loud = np.flatnonzero(np.abs(samples) > SILENCE * np.abs(samples).max(initial=0.0))
    if not len(loud):
        return samples[:0], 0.0
    margin = int(MARGIN * rate)
    start, end = max(0, loud[0] - margin), min(len(samples), loud[-1] + 1 + margin)
    voice = samples[start:end].copy()
    fade = min(int(_FADE * rate), len(voice) // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    voice[:fade] *= ramp
    voice[len(voice) - fade :] *= ramp[::-1]
    return voice, start / rate
