"""Make the sound of a kind by a seeded synthesiser: the same kind, length and seed are the same samples."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from storage.sound import SoundKind
from tools.audio import SAMPLE_RATE, Samples, amplitude, as_samples, peak
from tools.audio.envelopes import faded, frames
from tools.audio.filters import passed
from tools.audio.loudness import loudest_moment
from tools.audio.reverb import Room, in_room
from tools.sound_effects import impacts, living, movement, nature, objects

VERSION = 1
"""Counts up whenever the same kind, length and seed would sound otherwise."""
PEAK = -1.0
"""Decibels of the highest peak of an effect; a recipe that needs more for its loudness is rounded, not cut."""
_TAIL = -62.0
"""Decibels under the peak below which the end of an effect is cut off."""


@dataclass(frozen=True)
class Effect:
    """A sound effect."""

    samples: Samples
    """(n, 2) at 48 kHz."""
    onset_seconds: float
    """How long after its first sample the moment comes that belongs to the picture; most begin with it."""


@dataclass(frozen=True)
class Recipe:
    """How a kind of sound is made."""

    make: Callable[[Generator, float], NDArray[np.float64]]
    """Returns the dry sound of about so many seconds, mono or stereo."""
    seconds: float
    """How long it lasts unless it is asked for otherwise."""
    loudness: float
    """LUFS of its loudest 400 ms in a film of -14 LUFS."""
    longest: float
    """Seconds it can be drawn out to; what is asked for beyond that is not made longer."""
    room: Room = "small"
    wet: float = 0.12
    onset: float = 0.0
    """The share of its time before its moment."""


RECIPES: Mapping[SoundKind, Recipe] = {
    "hit": Recipe(impacts.hit, 0.4, -14, 0.8, "small", 0.18),
    "impact": Recipe(impacts.impact, 1.6, -11.5, 4, "hall", 0.22),
    "explosion": Recipe(impacts.explosion, 3.2, -10, 8, "outdoors", 0.25),
    "crack": Recipe(impacts.crack, 0.35, -18, 0.8, "small", 0.2),
    "break": Recipe(impacts.shatter, 1.5, -16, 3, "small", 0.2),
    "slash": Recipe(impacts.slash, 0.7, -18, 1.2, "hall", 0.14, 0.18),
    "whoosh": Recipe(movement.whoosh, 0.7, -20, 2.5, "small", 0.08, movement.WHOOSH_MOMENT),
    "gust": Recipe(movement.gust, 2.2, -23, 6, "outdoors", 0.08, movement.GUST_MOMENT),
    "step": Recipe(movement.step, 0.35, -27, 10, "small", 0.16),
    "run": Recipe(movement.run, 1.2, -24, 10, "small", 0.16),
    "knock": Recipe(objects.knock, 0.75, -21, 3, "small", 0.22),
    "door": Recipe(objects.door, 0.7, -19, 1.5, "hall", 0.14),
    "click": Recipe(objects.click, 0.16, -29, 0.4, "small", 0.1),
    "shutter": Recipe(objects.shutter, 0.3, -25, 0.6, "small", 0.12),
    "paper": Recipe(movement.paper, 0.55, -30, 1.5, "small", 0.08),
    "cloth": Recipe(movement.cloth, 0.6, -32, 2, "small", 0.08),
    "rustle": Recipe(movement.rustle, 1.2, -29, 5, "small", 0.06),
    "splash": Recipe(nature.splash, 1.3, -19, 3, "small", 0.12),
    "drip": Recipe(nature.drip, 0.5, -27, 8, "hall", 0.3),
    "rain": Recipe(nature.rain, 4, -26, 30, "small", 0.0),
    "wind": Recipe(nature.wind, 4, -26, 30, "small", 0.0),
    "thunder": Recipe(nature.thunder, 5, -13, 10, "outdoors", 0.3),
    "fire": Recipe(nature.fire, 4, -26, 30, "small", 0.05),
    "engine": Recipe(objects.engine, 3, -22, 15, "small", 0.1),
    "rumble": Recipe(objects.rumble, 3, -17, 10, "hall", 0.1),
    "creak": Recipe(objects.creak, 1.0, -26, 3, "hall", 0.16),
    "clatter": Recipe(impacts.clatter, 0.9, -21, 2.5, "small", 0.16),
    "bell": Recipe(objects.bell, 4, -20, 8, "hall", 0.15),
    "chime": Recipe(objects.chime, 2.2, -25, 5, "hall", 0.15),
    "sparkle": Recipe(objects.sparkle, 1.4, -26, 3, "hall", 0.25),
    "heartbeat": Recipe(living.heartbeat, 0.9, -20, 12, "small", 0.04),
    "crowd": Recipe(living.crowd, 4, -25, 20, "hall", 0.18),
    "clap": Recipe(living.clap, 0.35, -22, 8, "hall", 0.14),
    "bird": Recipe(nature.bird, 1.8, -27, 8, "outdoors", 0.1),
    "insect": Recipe(nature.insect, 3, -30, 12, "outdoors", 0.08),
    "silence": Recipe(lambda _, seconds: np.zeros(frames(seconds)), 1.5, -70, 20, wet=0.0),
    "boing": Recipe(objects.boing, 0.75, -22, 1.5, "small", 0.1),
    "gulp": Recipe(living.gulp, 0.32, -27, 0.6, "small", 0.1),
    "sigh": Recipe(living.sigh, 1.0, -30, 2, "small", 0.08),
    "gasp": Recipe(living.gasp, 0.45, -28, 0.8, "small", 0.1),
    "laugh": Recipe(living.laugh, 1.1, -26, 2.5, "small", 0.14),
}
"""The recipe of every kind."""
_SHORTEST = 0.12


def make_effect(kind: SoundKind, seconds: float | None, seed: int) -> Effect:
    """Make a sound effect.

    Args:
        kind: What it is a sound of.
        seconds: How long it is to last, without the echoes of its room; None is as long as its kind usually does. What
            repeats (steps, knocks, heartbeats) comes so many times as that holds.
        seed: Another seed is another take of it; what makes it recognisable stays.

    Returns:
        The effect, in stereo, without clicks, at the loudness of its kind. `silence` is digital silence.
    """
    recipe = RECIPES[kind]
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed & 0xFFFFFFFFFFFFFFFF])
    length = min(recipe.longest, max(_SHORTEST, recipe.seconds if seconds is None else seconds))
    dry = recipe.make(rng, length)
    onset = recipe.onset * length
    if kind == "silence":
        return Effect(as_samples(np.zeros((len(dry), 2))), 0.0)
    sound = in_room(_centred(dry), recipe.room, recipe.wet)
    sound = levelled(_without_tail(sound), recipe.loudness)
    begin = 0.0005 if not recipe.onset else 0.01
    return Effect(faded(sound, begin, min(0.06, 0.2 * length)), onset)


def levelled(sound: Samples, loudness: float) -> Samples:
    """Return a sound whose loudest 400 ms have a loudness in LUFS, and whose peaks stay under `PEAK`."""
    for _ in range(4):
        found = loudest_moment(sound)
        if found is None:
            return sound
        sound = _rounded(as_samples(sound * amplitude(loudness - found)))
    return sound


def _rounded(sound: Samples) -> Samples:
    """Return a sound whose peaks beyond `PEAK` are bent under it; lower samples are nearly as they were."""
    ceiling = amplitude(PEAK)
    if peak(sound) <= ceiling:
        return sound
    knee = 0.7 * ceiling
    over = np.maximum(np.abs(sound) - knee, 0) / (ceiling - knee)
    return as_samples(np.sign(sound) * (np.minimum(np.abs(sound), knee) + (ceiling - knee) * np.tanh(over)))


def _centred(dry: NDArray[np.float64]) -> Samples:
    """Return a dry sound at a peak of 1, without what lies below hearing."""
    channels = dry if dry.ndim == 2 else dry[:, None]
    sound = np.stack([passed(channel, 22) for channel in channels.T], axis=1)
    sound /= max(np.abs(sound).max(), 1e-9)
    return as_samples(sound if dry.ndim == 2 else sound[:, 0])


def _without_tail(sound: Samples) -> Samples:
    """Return a sound that ends where it has become inaudible."""
    heard = np.flatnonzero(np.abs(sound).max(axis=1) > peak(sound) * amplitude(_TAIL))
    return sound[: min(len(sound), (heard[-1] if len(heard) else 0) + SAMPLE_RATE // 50)]
