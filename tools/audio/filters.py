"""Filter sounds with FFTs: Butterworth passes that do not sound before their signal, and filters that move in time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE
from tools.audio.envelopes import Curve

_SETTLING = SAMPLE_RATE // 4
"""Samples in which the filters used here have died away."""


def passed(
    samples: NDArray[np.floating], low: float | None = None, high: float | None = None, *, order: int = 2
) -> Curve:
    """Return a mono sound behind a high-pass at `low` and a low-pass at `high` Hz, both Butterworth.

    The filters are causal, so that a sharp attack stays one.
    """
    length = fast_length(len(samples) + _SETTLING)
    spectrum = np.fft.rfft(samples, length) * passes(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), low, high, order)
    return np.asarray(np.fft.irfft(spectrum, length)[: len(samples)])


def passes(
    hertz: NDArray[np.floating], low: float | None, high: float | None, order: int = 2
) -> NDArray[np.complex128]:
    """Return the response of Butterworth passes of an order at frequencies."""
    response = np.ones(len(hertz), np.complex128)
    poles = np.exp(1j * np.pi * (2 * np.arange(1, order + 1) + order - 1) / (2 * order))
    for pole in poles:
        if high is not None:
            response *= -pole / (1j * hertz / high - pole)
        if low is not None:
            response *= -pole / (low / (1j * np.maximum(hertz, 1e-3)) - pole)
    if low is not None:
        response[hertz <= 0] = 0
    return response


def tilted_noise(count: int, rng: Generator, slope: float, low: float = 20.0, high: float = 20_000.0) -> Curve:
    """Return noise that falls by `slope` decibels an octave between two frequencies; its ends join.

    0 is white, -3 pink, -6 brown noise. Its root mean square is 1.
    """
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    shape = np.maximum(hertz, low) ** (slope / 6.0206) * np.abs(passes(hertz, low, high, 3))
    spectrum = np.fft.rfft(rng.standard_normal(count)) * shape
    noise = np.fft.irfft(spectrum, count)
    return np.asarray(noise / max(np.sqrt(np.mean(noise**2)), 1e-12))


def bands(samples: NDArray[np.floating], centres: Sequence[float]) -> NDArray[np.float64]:
    """Split a sound into bands around increasing frequencies, (bands, n); their sum is the sound between the outer two.

    There are two centres at least. It is split circularly: a sound whose ends join keeps that.
    """
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE), 1.0))
    spectrum = np.fft.rfft(samples)
    places = np.log2(centres)
    found = np.empty((len(places), len(samples)))
    for band, place in enumerate(places):
        below = place - (places[band - 1] if band else 2 * places[0] - places[1])
        above = (places[band + 1] if band < len(places) - 1 else 2 * places[-1] - places[-2]) - place
        within = slice(*np.searchsorted(octaves, (place - below, place + above)))
        share = np.minimum((octaves[within] - place) / below + 1, (place - octaves[within]) / above + 1)
        passed_on = np.zeros_like(spectrum)
        passed_on[within] = spectrum[within] * np.sin(np.clip(share, 0, 1) * np.pi / 2) ** 2
        found[band] = np.fft.irfft(passed_on, len(samples))
    return found


def swept(samples: NDArray[np.floating], centre: Curve, width: float, *, per_octave: float = 2.5) -> Curve:
    """Return a sound behind a band-pass whose centre moves.

    Args:
        samples: The sound, mono.
        centre: Hz for each sample.
        width: Octaves on either side at which it lets half of the amplitude through.
        per_octave: How many fixed bands it is made of.
    """
    low, high = max(30.0, centre.min() / 2 ** (2 * width)), min(20_000.0, centre.max() * 2 ** (2 * width))
    count = max(3, round(np.log2(high / low) * per_octave))
    places = np.geomspace(low, high, count)
    octaves = np.log2(centre)
    result = np.zeros(len(samples))
    for place, band in zip(places, bands(samples, places.tolist()), strict=True):
        result += band * 0.5 ** (((octaves - np.log2(place)) / width) ** 2)
    return result


def fast_length(count: int) -> int:
    """Return the next length whose FFT is quick: 2, 3 or 5 times a power of two."""
    return min(factor << max(0, int(np.ceil(np.log2(count / factor)))) for factor in (2, 3, 5))
