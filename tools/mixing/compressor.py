"""Compress a line of speech, so that a limiter finds little to do in a mix of voices.

The peaks of speech lie 15 to 19 dB over its loudness, and a film of -14 LUFS has room for 12 to 13. A limiter that took
the rest away would be heard; a compressor spreads it over whole syllables. It works on one line at a time, by the
line's own loudness, so that quiet and loud voices are treated alike, and it sees ahead: the gain is down before a
syllable comes.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, Samples, amplitude, as_samples
from tools.audio.loudness import integrated_loudness

THRESHOLD = 6.0
"""Decibels of a peak over the loudness of its line from which on the line is compressed."""
RATIO = 3.0
"""How many decibels a line has to rise over the threshold to be one decibel louder."""
KNEE = 6.0
"""Decibels around the threshold over which the compression sets in."""
_STEP = SAMPLE_RATE // 1000
"""Samples of which the level is one number: a millisecond."""
_HOLD = 21
"""Steps over which the highest level counts, and over which the gain is smoothed."""
_QUIETEST = 1e-6


def compress_voice(samples: Samples) -> Samples:
    """Return a line of equal loudness whose peaks are lower, those of speech by about 3 dB.

    The gain is a curve with a soft knee over the decibels of the level (Giannoulis, Massberg and Reiss, Digital Dynamic
    Range Compressor Design, 2012).

    Args:
        samples: The line alone, (n,) mono or (n, 2) stereo at 48 kHz. Silence stays as it is.
    """
    loudness = integrated_loudness(samples)
    if loudness is None:
        return samples
    reduction = _reduction(_levels(samples) - (loudness + THRESHOLD))
    at = np.arange(len(samples))
    gain = 10 ** (np.interp(at, (np.arange(len(reduction)) + 0.5) * _STEP, reduction) / -20)
    compressed = as_samples(samples * (gain if samples.ndim == 1 else gain[:, None]))
    found = integrated_loudness(compressed)
    return compressed if found is None else as_samples(compressed * amplitude(loudness - found))


def _levels(samples: Samples) -> NDArray[np.float64]:
    """Return the peak of each step over all channels in decibels, held for half of `_HOLD` before and after it."""
    channels = samples.reshape(len(samples), -1)
    padded = np.pad(np.abs(channels).max(axis=1), (0, -len(channels) % _STEP))
    peaks = np.pad(padded.reshape(-1, _STEP).max(axis=1), _HOLD // 2)
    return np.asarray(20 * np.log10(np.maximum(sliding_window_view(peaks, _HOLD).max(axis=1), _QUIETEST)), np.float64)


def _reduction(over: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how many decibels levels over the threshold are lowered, smoothed over time."""
    excess = np.where(np.abs(over) < KNEE / 2, (over + KNEE / 2) ** 2 / (2 * KNEE), np.maximum(over, 0))
    window = np.hanning(_HOLD + 2)[1:-1]
    around = np.pad(excess * (1 - 1 / RATIO), _HOLD // 2, mode="edge")
    return np.convolve(around, window / window.sum(), "valid")
