"""Recipes of what moves: air, feet, cloth, paper and leaves, as shaped noise."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.audio.envelopes import Curve, decay, frames, placed, through, unit_peak, unit_power, wander
from tools.audio.filters import passed, swept, tilted_noise
from tools.audio.resonators import glide
from tools.sound_effects.impacts import burst

WHOOSH_MOMENT, GUST_MOMENT = 0.45, 0.4
"""The share of a whoosh and of a gust before the moment at which they pass."""


def whoosh(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Something passes close by: wind that brightens as it comes, darkens as it goes, and crosses from side to side."""
    count, moment = frames(seconds), WHOOSH_MOMENT
    top = rng.uniform(1500, 2100)
    centre = through(count, (0, 260.0), (moment, top), (1, 200.0))
    shape = through(count, (0, 0.0), (moment, 1.0), (1, 0.0)) ** 2.2
    air = swept(tilted_noise(count, rng, -3), centre, 0.9) * shape
    low = passed(tilted_noise(count, rng, -6), 40, 160) * shape**1.4
    sound = unit_peak(air) + 0.25 * unit_peak(low)
    side = through(count, (0.15, 0.0), (moment, 0.5), (0.8, 1.0)) * (np.pi / 2)
    sides = np.stack((np.cos(side), np.sin(side)), axis=1)
    return np.asarray(sound[:, None] * (sides if rng.random() < 0.5 else sides[:, ::-1]))


def gust(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """A gust of wind: broad noise that swells and sinks, with a soft whistle in it."""
    count = frames(seconds)
    shape = through(count, (0, 0.0), (GUST_MOMENT, 1.0), (1, 0.0)) ** 1.5
    sides = []
    for _ in range(2):
        centre = through(count, (0, 180.0), (GUST_MOMENT, 620.0), (1, 160.0)) * wander(count, rng, 2.5, 0.8, 1.25)
        air = swept(tilted_noise(count, rng, -4), centre, 1.2)
        whistle = swept(rng.standard_normal(count), centre * 2.4, 0.16)
        sides.append(unit_power(air) + 0.12 * shape * unit_power(whistle))
    return np.stack(sides, axis=1) * (shape * wander(count, rng, 3, 0.75, 1))[:, None]


def footstep(rng: Generator, weight: float) -> Curve:
    """Return one step: the heel with a low thud, then the sole, which scrapes a little."""
    count = frames(0.3)
    low = rng.uniform(78, 98)
    thud = glide(low * 1.8, low, count, settle=0.015) * decay(count, 0.11, attack=0.001)
    heel = burst(rng, 0.3, 0.045, 250, 2600, slope=-3)
    sole = passed(tilted_noise(count, rng, -2), 700, 4200) * decay(count, 0.1, attack=0.02)
    return (
        weight * (0.9 * thud + 0.6 * heel) + placed(count, [(rng.uniform(0.055, 0.075), 0.16 * unit_peak(sole))])
    ) * rng.uniform(0.85, 1)


def step(rng: Generator, seconds: float) -> Curve:
    """Walking: as many steps as the time holds, left and right a little different."""
    return _steps(rng, seconds, 0.56, 0.8)


def run(rng: Generator, seconds: float) -> Curve:
    """Running: steps twice as quick, and harder."""
    return _steps(rng, seconds, 0.27, 1.15)


def _steps(rng: Generator, seconds: float, gap: float, weight: float) -> Curve:
    amount = max(1, round((seconds - 0.2) / gap))
    feet = [footstep(rng, weight * (1 if number % 2 else 0.9)) for number in range(amount)]
    return placed(frames(seconds), [(number * gap * rng.uniform(0.98, 1.02), foot) for number, foot in enumerate(feet)])


def paper(rng: Generator, seconds: float) -> Curve:
    """A page is turned: a rustle that crackles, rises and lands."""
    count = frames(seconds)
    shape = through(count, (0, 0.0), (0.1, 0.55), (0.35, 0.3), (0.68, 1.0), (0.8, 0.35), (1, 0.0))
    centre = through(count, (0, 3200.0), (0.68, 5200.0), (1, 2400.0))
    rustle = swept(rng.standard_normal(count), centre, 1.0) * shape
    return unit_peak(rustle) + 0.5 * _crackle(rng, count, 220, 2500, 9000) * shape


def cloth(rng: Generator, seconds: float) -> Curve:
    """Cloth moves: soft noise in two or three strokes."""
    count, strokes = frames(seconds), np.zeros(frames(seconds))
    for middle in (0.16, rng.uniform(0.35, 0.5), rng.uniform(0.6, 0.75)):
        strokes = np.maximum(strokes, rng.uniform(0.6, 1) * _bell(count, middle, 0.13))
    centre = 900 + 1600 * strokes
    soft = swept(tilted_noise(count, rng, -3), centre, 1.1) * strokes * wander(count, rng, 40, 0.7, 1)
    return unit_peak(soft)


def rustle(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Leaves and grass: very many small ticks of high noise, denser and thinner by chance."""
    count = frames(seconds)
    shape = through(count, (0, 0.0), (0.2, 1.0), (0.7, 0.8), (1, 0.0)) * wander(count, rng, 5, 0.25, 1)
    sides = [_crackle(rng, count, 900, 1800, 9000) + 0.25 * _hiss(rng, count) for _ in range(2)]
    return np.stack(sides, axis=1) * shape[:, None]


def _hiss(rng: Generator, count: int) -> Curve:
    noise = passed(rng.standard_normal(count), 2200, 8000)
    return np.asarray(unit_power(noise) * 0.3)


def _crackle(rng: Generator, count: int, rate: float, low: float, high: float) -> Curve:
    """Return ticks of noise between two frequencies, `rate` a second on average, of very different strength."""
    amount = max(1, rng.poisson(rate * count / 48_000))
    ticks = np.zeros(count)
    np.add.at(ticks, rng.integers(0, count, amount), rng.exponential(1, amount) * rng.choice([-1, 1], amount))
    sound = passed(ticks, low, high)
    return unit_peak(sound)


def _bell(count: int, middle: float, width: float) -> Curve:
    return np.exp(-(((np.arange(count) / count - middle) / width) ** 2))
