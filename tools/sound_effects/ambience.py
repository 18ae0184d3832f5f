"""Make the bed of sound of a place: a loop in stereo whose ends join, which is never silent and hardly noticed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from storage.sound import AmbienceKind
from tools.audio import Samples, amplitude, as_samples
from tools.audio.envelopes import Curve, frames, placed, times, unit_power, wander
from tools.audio.filters import bands, tilted_noise
from tools.audio.loudness import integrated_loudness
from tools.audio.reverb import in_room
from tools.sound_effects.living import babble
from tools.sound_effects.nature import chirp, cricket, rainfall, windflow

VERSION = 1
"""Counts up whenever the same kind, length and seed would sound otherwise."""
SHORTEST = 4.0
"""Seconds of the shortest loop: shorter ones are heard to repeat."""
_TONE_UNDER = -24.0
"""Decibels of the room tone that lies under every place, against that place."""


def make_ambience(kind: AmbienceKind, seconds: float, seed: int) -> Samples:
    """Make the bed of a place.

    Args:
        kind: The place.
        seconds: How long the loop is, at least `SHORTEST`. From 20 seconds on nothing is heard to come again.
        seed: Another seed is another take of it.

    Returns:
        (n, 2) at 48 kHz, whose end joins its beginning, at the loudness of `LOUDNESS` in a film of -14 LUFS.
    """
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed & 0xFFFFFFFFFFFFFFFF])
    count = frames(max(seconds, SHORTEST))
    place = unit_power(_PLACES[kind](rng, count))
    if kind != "room":
        place += amplitude(_TONE_UNDER) * unit_power(_room(rng, count))
    bed = as_samples(0.1 * place)
    found = integrated_loudness(bed)
    return bed if found is None else as_samples(bed * amplitude(LOUDNESS[kind] - found))


def _sides(make: Callable[[], Curve]) -> NDArray[np.float64]:
    """Return two takes of a mono sound, left and right."""
    return np.stack([make(), make()], axis=1)


def _room(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return the tone of a quiet room: air and far machines, dark and nearly steady."""
    air = _sides(lambda: tilted_noise(count, rng, -5, 45, 5000) + 0.05 * tilted_noise(count, rng, -1, 1500, 9000))
    return air * wander(count, rng, 0.2, 0.9, 1, loop=True)[:, None]


def _street(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return a street some way off: a dark roar, and cars that pass from side to side."""
    road = _sides(lambda: tilted_noise(count, rng, -5, 50, 1400) * wander(count, rng, 0.25, 0.65, 1, loop=True))
    seconds = count / 48_000
    for _ in range(max(1, round(seconds / 5))):
        length = frames(min(rng.uniform(4, 6.5), seconds))
        share = np.linspace(0, 1, length)
        tyres = unit_power(tilted_noise(length, rng, -3, 180, 3200)) * np.sin(np.pi * share) ** 3
        side = share * np.pi / 2 if rng.random() < 0.5 else (1 - share) * np.pi / 2
        when = rng.uniform(0, seconds)
        for channel, level in enumerate((np.cos(side), np.sin(side))):
            road[:, channel] += rng.uniform(0.35, 0.7) * placed(count, [(when, tyres * level)], loop=True)
    return road


def _crowd(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return many people who talk in a hall."""
    return _in_looped_hall(babble(rng, count, 8))


def _nature(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return leaves in a light wind, and a few birds in the distance."""
    leaves = _sides(lambda: tilted_noise(count, rng, -2, 900, 9000) * wander(count, rng, 0.6, 0.25, 1, loop=True))
    birds = np.zeros((count, 2))
    for _ in range(3):
        song, place = rng.uniform(2700, 4300), rng.uniform(0.1, 0.9) * np.pi / 2
        calls = [(rng.uniform(0, count / 48_000) + 0.16 * number, chirp(rng, song))
                 for _ in range(max(1, round(count / 48_000 / 6))) for number in range(rng.integers(1, 4))]  # fmt: skip
        birds += placed(count, calls, loop=True)[:, None] * (np.cos(place), np.sin(place)) * rng.uniform(0.4, 1)
    return unit_power(leaves) + 0.5 * unit_power(windflow(rng, count)) + _in_looped_hall(2.4 * birds)


def _night(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return a night outdoors: crickets left and right, near and far, over still air."""
    sides = 0.7 * unit_power(_room(rng, count))
    for pitch, side, level in ((4300, 0.2, 1.0), (4720, 0.75, 0.6), (3980, 0.5, 0.35)):
        song = cricket(rng, count / 48_000, pitch * rng.uniform(0.97, 1.03))
        place = side * np.pi / 2
        sides += 2.2 * level * song[:, None] * (np.cos(place), np.sin(place))
    return sides


def _sea(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return waves on a beach: each gathers darkly, breaks, and runs out hissing over the sand."""
    waves = max(1, round(count / 48_000 / 7.5))
    phase = (times(count) * 48_000 / count * waves + 0.08 * wander(count, rng, 0.3, -1, 1, loop=True)) % 1
    strength = rng.uniform(0.7, 1, waves)[
        np.minimum((times(count) * 48_000 / count * waves).astype(np.intp), waves - 1)
    ]
    strength = _smoothed(strength)
    breaking = strength * np.where(phase < 0.35, (phase / 0.35) ** 3, np.exp(-(phase - 0.35) * 5) * (1 - phase) / 0.65)
    hiss = strength * np.where(phase < 0.4, (phase / 0.4) ** 6, np.exp(-(phase - 0.4) * 2.4) * (1 - phase) / 0.6)
    places = np.geomspace(80, 8000, 8)

    def side() -> Curve:
        split = bands(tilted_noise(count, rng, -3, 50, 12_000), places.tolist())
        tilt = np.linspace(0, 1, len(places))
        levels = [(1 - share) * (0.35 + breaking) + 1.5 * share * (0.12 + hiss) for share in tilt]
        return np.asarray(np.sum([band * level for band, level in zip(split, levels, strict=True)], axis=0))

    return _sides(side)


def _rain(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return steady rain."""
    return rainfall(rng, count, drops=260)


def _wind(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return wind, which is never quite still."""
    return unit_power(windflow(rng, count)) + 0.25 * unit_power(_room(rng, count))


def _machine(rng: Generator, count: int) -> NDArray[np.float64]:
    """Return a machine hall: the hum of motors, and fans."""
    hum = np.zeros(count)
    for number, level in ((1, 0.5), (2, 1.0), (3, 0.3), (4, 0.45), (6, 0.25), (8, 0.12)):
        turns = round(50 * number * count / 48_000)  # whole turns, so that the ends join
        hum += level * np.sin(2 * np.pi * (turns * np.arange(count) / count + rng.random()))
    fans = _sides(lambda: unit_power(tilted_noise(count, rng, -4, 90, 3500)))
    return 0.35 * hum[:, None] + fans * wander(count, rng, 0.5, 0.85, 1, loop=True)[:, None]


def _smoothed(steps: Curve) -> Curve:
    """Return steps with their edges rounded over a second, their ends joined."""
    hertz = np.fft.rfftfreq(len(steps), 1 / 48_000)
    return np.asarray(np.fft.irfft(np.fft.rfft(steps) * np.exp(-((hertz / 0.6) ** 2)), len(steps)))


def _in_looped_hall(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a loop in a hall whose echoes go on over its seam."""
    wet = np.asarray(in_room(as_samples(sound), "hall", 0.35), np.float64)
    result = wet[: len(sound)].copy()
    for start in range(len(sound), len(wet), len(sound)):
        rest = wet[start : start + len(sound)]
        result[: len(rest)] += rest
    return result


_PLACES: Mapping[AmbienceKind, Callable[[Generator, int], NDArray[np.float64]]] = {
    "room": _room, "street": _street, "crowd": _crowd, "nature": _nature, "night": _night, "sea": _sea, "rain": _rain,
    "wind": _wind, "machine": _machine,
}  # fmt: skip
LOUDNESS: Mapping[AmbienceKind, float] = {
    "room": -57, "street": -36, "crowd": -34, "nature": -36, "night": -37, "sea": -34, "rain": -33, "wind": -35,
    "machine": -36,
}  # fmt: skip
"""LUFS of each place in a film of -14 LUFS."""
