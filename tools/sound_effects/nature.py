"""Recipes of weather, water, fire and animals; each may also run in a loop whose ends join."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.audio.envelopes import Curve, decay, frames, placed, through, times, unit_peak, unit_power, wander
from tools.audio.filters import bands, passed, swept, tilted_noise
from tools.audio.resonators import tuned
from tools.sound_effects.impacts import burst, driven


def rainfall(rng: Generator, count: int, *, drops: float = 500.0) -> NDArray[np.float64]:
    """Return rain in stereo whose ends join: very many drops that cannot be told apart, and some that can."""
    sides = []
    for _ in range(2):
        hiss = tilted_noise(count, rng, -1.5, 350, 11_000)
        near = np.zeros(count)
        amount = round(drops * count / 48_000)
        np.add.at(near, rng.integers(0, count, amount), rng.exponential(1, amount) * rng.choice([-1, 1], amount))
        low, high = bands(near, [300, 1400, 6500])[1:]
        sides.append(hiss + 0.3 * unit_power(low) + 0.2 * unit_power(high))
    return np.stack(sides, axis=1) * wander(count, rng, 0.3, 0.85, 1, loop=True)[:, None]


def windflow(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return wind in stereo whose ends join: bands of noise that swell one after the other, and a faint whistle."""
    strength = wander(count, rng, 0.35, 0.35, 1, loop=True)
    places = np.geomspace(90, 2900, 11)
    sides = []
    for _ in range(2):
        air = np.zeros(count)
        for place, band in zip(places, bands(tilted_noise(count, rng, -3), places.tolist()), strict=True):
            centre = np.log2(190 + 520 * strength * wander(count, rng, 0.8, 0.8, 1.2, loop=True))
            air += band * 0.5 ** (((np.log2(place) - centre) / 1.15) ** 2)
        sides.append(unit_power(air))
    return np.stack(sides, axis=1) * (strength**1.4)[:, None]


def flames(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return a fire in stereo whose ends join: a flutter of low noise, a soft hiss, and crackles of all sizes."""
    sides = []
    for _ in range(2):
        roar = tilted_noise(count, rng, -5, 50, 420) * wander(count, rng, 7, 0.35, 1, loop=True)
        hiss = 0.1 * tilted_noise(count, rng, -2, 1200, 7000) * wander(count, rng, 2, 0.5, 1, loop=True)
        parts = []
        for _ in range(round(24 * count / 48_000)):
            pop = burst(rng, 0.05, rng.uniform(0.006, 0.03), 900, rng.uniform(4000, 11_000))
            parts.append((rng.uniform(0, count / 48_000), pop * min(rng.pareto(1.7) * 0.7, 4.5)))
        sides.append(0.28 * roar + hiss + placed(count, parts, loop=True))
    return np.stack(sides, axis=1)


def rain(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Rain that comes and goes."""
    return _swelling(rainfall(rng, frames(seconds)))


def wind(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Wind that comes and goes."""
    return _swelling(windflow(rng, frames(seconds)))


def fire(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """A fire burns."""
    return _swelling(flames(rng, frames(seconds)))


def thunder(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Thunder: a tearing crack, then the peal, which rolls on in ever darker waves from all sides."""
    count = frames(seconds)
    tears = [(0.0, burst(rng, 0.5, 0.22, 250, 9000, slope=-2))]
    tears += [(rng.uniform(0.02, 0.28), rng.uniform(0.3, 0.8) * burst(rng, 0.4, 0.15, 200, 5000)) for _ in range(5)]
    crack = placed(count, tears)
    sides = []
    waves = [(rng.uniform(0.05, 0.85) ** 1.3, rng.uniform(0.04, 0.12)) for _ in range(8)]
    at = np.arange(count) / count
    for _ in range(2):
        roll = sum(np.exp(-((np.maximum(at - place, 0) / (2 * width)) ** 2) - (np.minimum(at - place, 0) / width) ** 2)
                   * rng.uniform(0.4, 1) for place, width in waves)  # fmt: skip
        envelope = (0.25 + np.asarray(roll)) * through(count, (0, 0.0), (0.02, 1.0), (0.3, 0.75), (1, 0.0))
        peal = swept(tilted_noise(count, rng, -5), through(count, (0, 420.0), (0.25, 150.0), (1, 62.0)), 1.4)
        sides.append(crack * 1.7 + driven(1.1 * unit_power(peal) * envelope * 0.35, 1.5) * 1.5)
    return np.stack(sides, axis=1)


def bubble(rng: Generator, low: float, high: float) -> Curve:
    """Return one bubble: a sine that rises as the bubble nears the surface (Minnaert), soft at both ends."""
    hertz, length = np.exp(rng.uniform(np.log(low), np.log(high))), rng.uniform(0.02, 0.09)
    count = frames(length)
    return tuned(hertz * (1 + rng.uniform(0.1, 0.5) * times(count) / length)) * decay(count, length, attack=0.002)


def splash(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Something falls into water: a slap, a curtain of water, then bubbles and drops that fall back."""
    count = frames(seconds)
    curtain = swept(tilted_noise(count, rng, -2), through(count, (0, 2600.0), (0.3, 1500.0), (1, 2600.0)), 1.2)
    shape = through(count, (0, 0.0), (0.015, 1.0), (0.12, 0.35), (0.28, 0.5), (1, 0.0))
    slap = burst(rng, min(seconds, 0.3), 0.07, 130, 2200, slope=-3)
    sides = []
    for _ in range(2):
        parts = [
            (rng.beta(1.3, 2.4) * 0.9 * seconds, rng.uniform(0.05, 0.22) * bubble(rng, 350, 2200)) for _ in range(60)
        ]
        sides.append(placed(count, [(0.0, slap), *parts]) + 0.55 * unit_peak(curtain * shape))
    return np.stack(sides, axis=1)


def drip(rng: Generator, seconds: float) -> Curve:
    """Drops fall into still water, one every second or so."""
    parts, when = [], 0.0
    while when < max(seconds - 0.25, 0.01):
        count, hertz = frames(0.22), rng.uniform(820, 1250)
        ring = tuned(hertz * (1 + 0.75 * (1 - np.exp(-times(count) * 22)))) * decay(count, 0.16, attack=0.0015)
        tick = burst(rng, 0.03, 0.006, 2000, 9000)
        parts += [(when, 0.35 * tick), (when + 0.002, ring), (when + 0.085, 0.3 * bubble(rng, 1300, 2100))]
        when += rng.uniform(0.75, 1.1)
    return placed(frames(seconds), parts)


def chirp(rng: Generator, song: float) -> Curve:
    """Return one call of a small bird around a frequency: a whistle that glides, at times with a trill."""
    length = rng.uniform(0.05, 0.16)
    count = frames(length)
    start, top, end = song * rng.uniform(0.8, 1.1), song * rng.uniform(1.05, 1.35), song * rng.uniform(0.75, 1.0)
    pitch = through(count, (0, start), (rng.uniform(0.25, 0.6), top), (1, end))
    if rng.random() < 0.35:
        pitch = pitch * (1 + 0.05 * np.sin(2 * np.pi * rng.uniform(24, 34) * times(count)))
    voice = tuned(pitch) + 0.06 * tuned(2 * pitch)
    return voice * np.sin(np.pi * np.linspace(0, 1, count)) ** 0.8


def bird(rng: Generator, seconds: float) -> Curve:
    """A small bird sings: phrases of a few calls, each phrase of calls that are alike."""
    parts, when, seconds = [], 0.0, max(seconds, 0.45)
    while when < seconds - 0.2:
        song, gap = rng.uniform(2900, 4600), rng.uniform(0.09, 0.17)
        call = chirp(rng, song)
        for number in range(rng.integers(2, 6)):
            again = call if rng.random() < 0.6 else chirp(rng, song)
            if when + len(again) / 48_000 < seconds:
                parts.append((when, again * rng.uniform(0.55, 1) * (0.8 + 0.05 * number)))
            when += gap * rng.uniform(0.9, 1.1) + len(again) / 48_000 * 0.5
        when += rng.uniform(0.2, 0.5)
    return placed(frames(seconds), parts)


def insect(rng: Generator, seconds: float) -> Curve:
    """A cicada: a rasp of high noise in quick pulses, which swells and sinks about once a second."""
    count = frames(seconds)
    rasp = passed(rng.standard_normal(count), 3400, 6800, order=3)
    rate = rng.uniform(82, 105) * wander(count, rng, 2, 0.97, 1.03)
    pulse = (0.5 + 0.5 * np.sin(2 * np.pi * np.cumsum(rate) / 48_000)) ** 2
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * rng.uniform(0.9, 1.3) * times(count) - 1.2)
    hum = tuned(np.full(count, rng.uniform(4100, 4700)))
    return (unit_power(rasp) + 0.9 * hum) * pulse * swell * through(count, (0, 0.0), (0.15, 1.0), (0.8, 1.0), (1, 0.0))


def cricket(rng: Generator, seconds: float, pitch: float) -> Curve:
    """Return the chirps of one cricket: groups of three short pulses of nearly one tone."""
    parts, when, gap = [], rng.uniform(0, 0.5), rng.uniform(0.42, 0.7)
    while when < seconds:
        for number in range(3):
            count = frames(0.018)
            pulse = tuned(np.full(count, pitch * rng.uniform(0.995, 1.005))) * np.sin(np.pi * np.linspace(0, 1, count))
            parts.append((when + number * 0.033, pulse * (0.7 + 0.15 * number)))
        when += gap * rng.uniform(0.95, 1.05)
    return placed(frames(seconds), parts, loop=True)


def _swelling(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a bed that comes in over an eighth and goes out over a quarter of its time."""
    return sound * through(len(sound), (0, 0.0), (0.12, 1.0), (0.75, 1.0), (1, 0.0))[:, None]
