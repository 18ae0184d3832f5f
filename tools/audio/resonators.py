"""Let bodies ring: sums of damped sines for what is struck, and pulses for what is driven."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from tools.audio import SAMPLE_RATE
from tools.audio.envelopes import Curve, decay, times

Mode = tuple[float, float, float]
"""Frequency in Hz, seconds in which it falls by 60 dB, and amplitude."""
_AUDIBLE = 20_000


def struck(modes: Sequence[Mode], count: int, rng: Generator | None = None, *, spread: float = 0.0) -> Curve:
    """Return the sound of a struck body by its modes, which all begin at zero.

    Args:
        modes: Its modes; those beyond hearing are left out.
        count: Samples.
        rng: The chance by which the modes differ from strike to strike.
        spread: By what share frequencies differ; amplitudes differ by ten times that.
    """
    time, sound = times(count), np.zeros(count)
    for hertz, reverberation, level in modes:
        tuning, strength = rng.normal(size=2) * spread if rng is not None else (0.0, 0.0)
        pitch = hertz * (1 + tuning)
        if pitch < _AUDIBLE:
            ring = decay(count, reverberation) * np.sin(2 * np.pi * pitch * time)
            sound += level * max(0.1, 1 + 10 * strength) * ring
    return sound


def glide(start: float, end: float, count: int, *, settle: float) -> Curve:
    """Return a sine that glides from one frequency to another, nearing it in `settle` seconds as a struck drum does."""
    hertz = end + (start - end) * np.exp(-times(count) / settle)
    return np.asarray(np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE))


def tuned(hertz: Curve) -> Curve:
    """Return a sine whose frequency follows a curve."""
    return np.asarray(np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE))


def pulses(hertz: Curve, sharpness: float) -> Curve:
    """Return a train of pulses whose rate follows a curve, as vocal folds and engines make; its mean is zero.

    Args:
        hertz: Pulses a second, for each sample.
        sharpness: About how many harmonics it has.
    """
    phase = np.cumsum(hertz) / SAMPLE_RATE
    train = np.exp(sharpness * (np.cos(2 * np.pi * phase) - 1))
    return np.asarray(train - train.mean())
