"""Bring speech to the rate of the film, change its pitch, and cut the silence around it."""

from __future__ import annotations

from math import gcd

import numpy as np

from tools.audio import Samples

__all__ = ["MARGIN", "SILENCE", "Samples", "limit_peak", "resample", "shift_pitch", "trim_silence"]
SILENCE = 0.01
"""Share of the loudest sample below which there is no voice (-40 dB): breath and the noise of a model are below it."""
MARGIN = 0.03
"""Seconds that are kept before and after the voice, so that soft consonants are not cut."""
_FADE = 0.005
_PADDING = 0.05
"""Seconds of silence around the samples while they are resampled, since the transform takes them as a loop."""


def resample(samples: Samples, rate: float, new_rate: float) -> Samples:
    """Return samples at another rate, as band-limited interpolation by the Fourier transform gives them.

    Args:
        samples: (n,) float32.
        rate: Samples per second, rounded to whole ones.
        new_rate: Samples per second of the result, rounded to whole ones.

    Returns:
        (round(n * new_rate / rate),) float32. It may exceed the range of `samples` by a little.
    """
    old, new = round(rate), round(new_rate)
    if old == new or not len(samples):
        return samples
    divisor = gcd(old, new)
    block, scaled_block = old // divisor, new // divisor
    margin = -(-int(_PADDING * old) // block)  # in blocks, so that the margin is whole at both rates
    length = -(-len(samples) // block) + 2 * margin
    padded = np.zeros(length * block)
    padded[margin * block : margin * block + len(samples)] = samples
    spectrum = np.fft.rfft(padded)
    size = length * scaled_block
    kept = np.zeros(size // 2 + 1, complex)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    wave = np.fft.irfft(kept, size) * (size / len(padded))
    start = margin * scaled_block
    return np.asarray(wave[start : start + round(len(samples) * new / old)], np.float32)


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


def limit_peak(samples: Samples) -> Samples:
    """Return samples within -1..1, made quieter as a whole where they are louder."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples if peak <= 1 else np.asarray(samples / peak, np.float32).clip(-1, 1)
