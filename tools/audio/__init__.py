"""The samples of a sound, and what every tool that makes or mixes sound does with them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
"""Samples per second of every sound in a film."""
Samples = NDArray[np.float32]
"""A sound, (n,) mono or (n, 2) stereo float32 of -1..1, at `SAMPLE_RATE`."""
SILENT = -120.0
"""Decibels at and below which a gain is silence."""


def amplitude(decibels: float) -> float:
    """Return the factor that a gain in decibels stands for; 0 at and below `SILENT`."""
    return 0.0 if decibels <= SILENT else 10.0 ** (decibels / 20)


def decibels(factor: float) -> float:
    """Return the gain in decibels that a factor stands for; `SILENT` for 0 and for less than it."""
    return SILENT if factor <= amplitude(SILENT + 1e-9) else float(20 * np.log10(factor))


def as_samples(values: NDArray[np.floating]) -> Samples:
    """Return an array as samples, contiguous float32."""
    return np.ascontiguousarray(values, np.float32)


def peak(samples: Samples) -> float:
    """Return the largest absolute sample; 0 for no samples."""
    return float(max(samples.max(initial=0.0), -samples.min(initial=0.0)))


def as_stereo(samples: Samples) -> Samples:
    """Return a sound with two channels of equal loudness as a whole: a mono sound goes to both at -3 dB."""
    if samples.ndim == 2:
        return samples
    return as_samples(np.repeat(samples[:, None] * np.float32(np.sqrt(0.5)), 2, axis=1))


def limit_peak(samples: Samples) -> Samples:
    """Return samples within -1..1, made quieter as a whole where they are louder."""
    loudest = peak(samples)
    return samples if loudest <= 1 else as_samples(samples / loudest).clip(-1, 1)
