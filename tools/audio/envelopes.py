"""Shape sounds in time: decays, curves through points, slow random movement, and fades of the ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, Samples, as_samples

Curve = NDArray[np.float64]
"""A value for each sample."""
_SIXTY_DECIBELS = np.log(1000.0)


def frames(seconds: float) -> int:
    """Return the samples of a time, at least one."""
    return max(1, round(seconds * SAMPLE_RATE))


def times(count: int) -> Curve:
    """Return the seconds of each sample."""
    return np.arange(count) / SAMPLE_RATE


def decay(count: int, reverberation: float, *, attack: float = 0.0) -> Curve:
    """Return an exponential decay from 1.

    Args:
        count: Samples.
        reverberation: Seconds in which it falls by 60 dB.
        attack: Seconds in which it first rises from 0.
    """
    time = times(count)
    rise = 1.0 if attack <= 0 else np.sin(np.clip(time / attack, 0, 1) * np.pi / 2) ** 2
    return np.asarray(np.exp(-_SIXTY_DECIBELS * np.maximum(time - attack, 0) / reverberation) * rise)


def through(count: int, *points: tuple[float, float], smooth: bool = True) -> Curve:
    """Return a curve through points of (share of the time, value), eased between them unless `smooth` is off."""
    at = np.arange(count) / max(count - 1, 1)
    places, values = np.array([place for place, _ in points]), np.array([value for _, value in points], np.float64)
    if not smooth:
        return np.asarray(np.interp(at, places, values))
    step = np.clip(np.searchsorted(places, at, side="right") - 1, 0, len(places) - 2)
    share = np.clip((at - places[step]) / np.maximum(places[step + 1] - places[step], 1e-9), 0, 1)
    eased = share * share * (3 - 2 * share)
    return np.asarray(values[step] + (values[step + 1] - values[step]) * eased)


def wander(count: int, rng: Generator, hertz: float, low: float, high: float, *, loop: bool = False) -> Curve:
    """Return a smooth random curve between two values.

    Args:
        count: Samples.
        rng: Its chance.
        hertz: How often it changes its direction, about.
        low: Its lowest value.
        high: Its highest value.
        loop: Whether its end joins its beginning.
    """
    knots = max(3, round(count / SAMPLE_RATE * hertz * 2))
    values = rng.random(knots) if loop else rng.random(knots + 1)
    around = np.concatenate((values, values[:1])) if loop else values
    place = np.arange(count) * (len(around) - 1) / count
    step = place.astype(np.intp)
    eased = (1 - np.cos(np.pi * (place - step))) / 2
    return np.asarray(low + (high - low) * (around[step] + (around[step + 1] - around[step]) * eased))


def faded(samples: Samples, begin: float, end: float) -> Samples:
    """Return a sound whose ends rise from and fall to silence within the given seconds."""
    count = len(samples)
    factors = np.ones(count)
    for seconds, side in ((begin, slice(None)), (end, slice(None, None, -1))):
        length = min(count, round(seconds * SAMPLE_RATE))
        if length:
            factors[side][:length] *= np.sin((np.arange(length) + 0.5) / length * np.pi / 2) ** 2
    return as_samples(samples * (factors if samples.ndim == 1 else factors[:, None]))


def placed(count: int, parts: Sequence[tuple[float, NDArray[np.floating]]], *, loop: bool = False) -> Curve:
    """Return the sum of mono sounds at their seconds in a sound of `count` samples.

    What lies beyond its end is cut, or goes on at its beginning where it loops.
    """
    whole = np.zeros(count)
    for seconds, part in parts:
        start = round(seconds * SAMPLE_RATE)
        if loop:
            np.add.at(whole, (start + np.arange(len(part))) % count, part)
        elif 0 <= start < count:
            kept = part[: count - start]
            whole[start : start + len(kept)] += kept
    return whole


def layered(*parts: NDArray[np.floating]) -> Curve:
    """Return the sum of mono sounds that begin together."""
    return placed(max(map(len, parts)), [(0.0, part) for part in parts])


def unit_peak(sound: NDArray[np.floating]) -> Curve:
    """Return a sound at a peak of 1; silence stays silence."""
    return np.asarray(sound / max(np.abs(sound).max(), 1e-9))


def unit_power(sound: NDArray[np.floating]) -> Curve:
    """Return a sound at a root mean square of 1; silence stays silence."""
    return np.asarray(sound / max(np.sqrt(np.mean(sound**2)), 1e-9))
