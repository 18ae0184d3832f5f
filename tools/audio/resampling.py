"""Bring a sound to another rate."""

from __future__ import annotations

from math import gcd

import numpy as np

from tools.audio import Samples

_PADDING = 0.05
"""Seconds of silence around the samples while they are resampled, since the transform takes them as a loop."""


def resample(samples: Samples, rate: float, new_rate: float) -> Samples:
    """Return samples at another rate, as band-limited interpolation by the Fourier transform gives them.

    Args:
        samples: (n,) or (n, channels) float32.
        rate: Samples per second, rounded to whole ones.
        new_rate: Samples per second of the result, rounded to whole ones.

    Returns:
        round(n * new_rate / rate) samples, float32. It may exceed the range of `samples` by a little.
    """
    old, new = round(rate), round(new_rate)
    if old == new or not len(samples):
        return samples
    divisor = gcd(old, new)
    block, scaled_block = old // divisor, new // divisor
    margin = -(-int(_PADDING * old) // block)  # in blocks, so that the margin is whole at both rates
    length = -(-len(samples) // block) + 2 * margin
    padded = np.zeros((length * block, *samples.shape[1:]))
    padded[margin * block : margin * block + len(samples)] = samples
    spectrum = np.fft.rfft(padded, axis=0)
    size = length * scaled_block
    kept = np.zeros((size // 2 + 1, *samples.shape[1:]), complex)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    wave = np.fft.irfft(kept, size, axis=0) * (size / len(padded))
    start = margin * scaled_block
    return np.asarray(wave[start : start + round(len(samples) * new / old)], np.float32)
