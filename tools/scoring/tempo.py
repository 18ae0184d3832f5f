"""Find the beat of a recording, by the repetition in how its loudness rises; where it has none, it has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, Samples

_HOP, _WINDOW = 480, 2048
"""Samples from one moment to the next that is looked at: 10 ms; and how many are looked at."""
_SLOWEST, _QUICKEST, _USUAL = 55.0, 190.0, 105.0
"""Beats a minute."""
BEATS_OF_A_BAR = 4
_LATE = _WINDOW / _HOP
"""Moments by which a rise is seen before its sound: a window's length, as loudness is compared by its logarithm."""
_LEAST_CLARITY = 0.18
"""How much of the rises' energy comes again after a beat, at least; noise has about 0.05, a drum near 1."""
LISTENED_SECONDS = 120
"""Seconds of a piece that are listened to."""


@dataclass(frozen=True)
class Beat:
    """The beat of a recording."""

    period: float
    """Samples from one beat to the next."""
    first: float
    """The sample of the first beat of its first whole bar of `BEATS_OF_A_BAR`; it may lie just before the recording."""
    clarity: float
    """From 0, none, to 1."""

    def nearest(self, sample: float) -> int:
        """Return the sample of the beat nearest to a moment."""
        return round(self.first + round((sample - self.first) / self.period) * self.period)


def find_beat(samples: Samples) -> Beat | None:
    """Return the beat of a recording at 48 kHz; None where there is no clear one.

    It is the best lag of the autocorrelation of the onset strength (Ellis, Beat Tracking by Dynamic Programming, 2007),
    preferring usual tempos.
    """
    strength = _onset_strength(samples[: LISTENED_SECONDS * SAMPLE_RATE])
    if len(strength) < 6 * SAMPLE_RATE // _HOP:
        return None
    centred = strength - strength.mean()
    size = 1 << (2 * len(centred) - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size)) ** 2
    likeness = np.fft.irfft(power, size)[: len(centred)]
    if likeness[0] <= 0:
        return None
    likeness = likeness / likeness[0]
    lags = np.arange(round(6000 / _QUICKEST), min(round(6000 / _SLOWEST) + 1, len(likeness) // 3))
    preference = np.exp(-0.5 * (np.log2(6000 / lags / _USUAL) / 0.9) ** 2)
    best = int(lags[np.argmax(likeness[lags] * preference)])
    if likeness[best] < _LEAST_CLARITY:
        return None
    period = _refined(likeness, best)
    return Beat(period * _HOP, _phase(strength, period) * _HOP, float(likeness[best]))


def _onset_strength(samples: Samples) -> NDArray[np.float64]:
    """Return how much louder the bands of a sound become at each moment."""
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    count = max(0, (len(mono) - _WINDOW) // _HOP)
    if not count:
        return np.zeros(0)
    edges = np.searchsorted(np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE), np.geomspace(60, 12_000, 25))
    window, levels = np.hanning(_WINDOW), np.empty((count, 24))
    for start in range(0, count, 2000):
        at = np.arange(start, min(start + 2000, count))
        spectrum = np.abs(np.fft.rfft(mono[at[:, None] * _HOP + np.arange(_WINDOW)] * window, axis=1))
        sums = np.cumsum(spectrum, axis=1)
        levels[at] = np.log1p(30 * np.maximum(sums[:, edges[1:]] - sums[:, edges[:-1]], 0))
    rises = np.maximum(np.diff(levels, axis=0, prepend=0), 0).sum(axis=1)
    rises = np.minimum(rises, 2 * np.quantile(rises[1:], 0.98)) if count > 1 else rises
    return np.asarray(np.convolve(rises, np.hanning(7) / np.hanning(7).sum(), "same"))


def _refined(likeness: NDArray[np.float64], lag: int) -> float:
    """Return a lag between whole moments, by the peak at the largest multiple of it that is still clear."""
    times = max(1, min(16, (len(likeness) - 3) // (2 * lag)))
    period = float(lag)
    for multiple in range(1, times + 1):
        around = round(period * multiple)
        reach = np.arange(around - 3, around + 4)
        peak = int(reach[np.argmax(likeness[reach])])
        below, here, above = likeness[peak - 1 : peak + 2]
        curve = below - 2 * here + above
        period = (peak + (0.5 * (below - above) / curve if curve < 0 else 0)) / multiple
    return period


def _phase(strength: NDArray[np.float64], period: float) -> float:
    """Return the moment of the first bar: beats from it on meet the strongest rises, and bars the strongest beats."""
    first = _strongest(strength, np.arange(int(period)), period)
    bar = period * BEATS_OF_A_BAR
    first = _strongest(strength, first + period * np.arange(BEATS_OF_A_BAR), bar) + _LATE
    return first - bar if first > bar - 0.2 * period else first


def _strongest(strength: NDArray[np.float64], starts: NDArray[np.floating | np.integer], period: float) -> float:
    """Return that of some moments from which on the moments a period apart meet the strongest rises."""
    steps = np.arange(max(1, int((len(strength) - starts.max()) / period)))
    places = np.round(starts[:, None] + steps[None, :] * period).astype(np.intp)
    return float(starts[np.argmax(strength[np.minimum(places, len(strength) - 1)].sum(axis=1))])
