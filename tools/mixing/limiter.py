"""Hold the true peak of a sound that comes in blocks under a ceiling, and change nothing where it is under it.

The peak between samples is found with the interpolating filter of ITU-R BS.1770-4, annex 2 (four times the rate). Gain
falls by a straight line in decibels before a peak, which is seen ahead, and comes back by a slower one after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, Samples, amplitude, as_samples, peak

LOOKAHEAD = 2048
"""Samples by which the limiter sees ahead: 43 ms, for a fall of `MOST_REDUCTION`."""
ATTACK, RELEASE = 900.0, 45.0
"""Decibels per second by which the gain falls before a peak and comes back after it."""
MOST_REDUCTION = ATTACK * LOOKAHEAD / SAMPLE_RATE
"""Decibels: higher peaks are reached by a jump of the gain."""
_CHUNK = 64
_NEAR = 0.7
"""A peak between samples is at most 3 dB higher than the samples around it, but for test signals made for that."""
_TAPS = 12


def _interpolation_filters() -> NDArray[np.float32]:
    """Return the filters of the phases 1/4, 2/4 and 3/4 between samples, (3, 12): a windowed sinc."""
    distance = np.arange(_TAPS)[None, :] - (_TAPS // 2 - 1) - np.array([[0.25], [0.5], [0.75]])
    filters = np.sinc(distance) * np.cos(np.pi * distance / (_TAPS + 1)) ** 2
    return np.asarray(filters / filters.sum(axis=1, keepdims=True), np.float32)


_FILTERS = _interpolation_filters()


def true_peaks(samples: Samples, floor: float) -> NDArray[np.float32]:
    """Return the peak at or beside each sample over all channels.

    Args:
        samples: (n, 2) or (n, 1).
        floor: Peaks between samples are looked for only where samples nearby exceed `_NEAR` of this.

    Returns:
        (n,) the largest absolute value of the sample and of three places between it and the next one.
    """
    peaks = _highest(np.abs(samples))
    near = _loud_chunks(peaks, floor * _NEAR)
    if not len(near):
        return peaks
    before = _TAPS // 2 - 1
    padded = np.pad(samples, ((before, _CHUNK + _TAPS), (0, 0)))
    filled = np.pad(peaks, (0, -len(peaks) % _CHUNK)).reshape(-1, _CHUNK)
    places = near[:, None] * _CHUNK + np.arange(_CHUNK + _TAPS - 1)
    windows = padded[places]
    for filter_ in _FILTERS:
        between = sum(windows[:, tap : tap + _CHUNK] * filter_[tap] for tap in range(_TAPS))
        filled[near] = np.maximum(filled[near], _highest(np.abs(between)))
    return filled.reshape(-1)[: len(peaks)]


def _highest(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the highest value over the channels, which are the last axis: quicker than its max for two of them."""
    highest = values[..., 0]
    for channel in range(1, values.shape[-1]):
        highest = np.maximum(highest, values[..., channel])
    return highest


def _loud_chunks(peaks: NDArray[np.float32], floor: float) -> NDArray[np.intp]:
    """Return the numbers of the chunks in or beside which a sample exceeds the floor."""
    loud = np.pad(peaks, (0, -len(peaks) % _CHUNK)).reshape(-1, _CHUNK).max(axis=1) > floor
    beside = loud.copy()
    beside[1:] |= loud[:-1]
    beside[:-1] |= loud[1:]
    return np.flatnonzero(beside)


class Limiter:
    """Hold the true peak of a sound under a ceiling, block by block.

    Args:
        ceiling: The highest true peak in decibels of full scale.

    Attributes:
        reduction: The largest reduction so far, in decibels.
    """

    def __init__(self, ceiling: float) -> None:
        self.reduction = 0.0
        self._ceiling = np.float32(amplitude(ceiling))
        self._past: Samples | None = None
        self._ahead: Samples | None = None
        self._held = 0.0

    def feed(self, block: Samples) -> Samples:
        """Return the limited samples that are ready, `LOOKAHEAD` samples behind what was fed, (m, channels)."""
        whole = block if self._ahead is None else np.concatenate((self._ahead, block))
        ready = max(0, len(whole) - LOOKAHEAD)
        self._ahead = whole[ready:].copy()
        return self._limited(whole, ready)

    def finish(self) -> Samples:
        """Return the samples that are still behind."""
        rest = self._ahead if self._ahead is not None else np.zeros((0, 2), np.float32)
        self._ahead = None
        return self._limited(rest, len(rest))

    def _limited(self, whole: Samples, ready: int) -> Samples:
        """Return the first `ready` samples at the gain that they and those after them need."""
        if not ready:
            return whole[:0]
        past = self._past if self._past is not None else np.zeros((_TAPS, whole.shape[1]), np.float32)
        seen = np.concatenate((past, whole))
        self._past = seen[ready : ready + _TAPS].copy()
        if not self._held and peak(seen) <= self._ceiling * _NEAR:
            return whole[:ready]
        peaks = true_peaks(seen, float(self._ceiling))
        peaks[1:] = np.maximum(peaks[1:], peaks[:-1])  # a peak between two samples lowers both
        peaks = peaks[_TAPS:]
        if not self._held and peaks.max() <= self._ceiling:
            return whole[:ready]
        needed = 20 * np.log10(np.maximum(peaks.astype(np.float64) / self._ceiling, 1.0))
        reduction = self._enveloped(needed)
        self._held = float(reduction[ready - 1])
        self.reduction = max(self.reduction, float(reduction[:ready].max()))
        return as_samples(whole[:ready] * (10 ** (reduction[:ready, None] / -20)))

    def _enveloped(self, needed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the reduction in decibels that rises before what is needed and falls after it."""
        count = np.arange(len(needed))
        fall, rise = RELEASE / SAMPLE_RATE, ATTACK / SAMPLE_RATE
        backward = np.maximum.accumulate((needed - count * rise)[::-1])[::-1] + count * rise
        start = max(self._held - fall, 0.0)
        forward = np.maximum.accumulate(np.concatenate(([start], backward + count * fall)))[1:] - count * fall
        return np.asarray(np.maximum(forward, 0))
