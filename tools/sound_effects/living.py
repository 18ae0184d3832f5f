"""Recipes of people: hearts, throats, breath, laughter, hands and crowds, by pulses and noise through formants."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.audio.envelopes import Curve, decay, frames, placed, through, unit_power, wander
from tools.audio.filters import bands, passed, swept, tilted_noise
from tools.audio.resonators import pulses, tuned
from tools.sound_effects.impacts import burst
from tools.sound_effects.objects import drum_beat

_VOWELS = ((730, 1150, 2500), (420, 1950, 2600), (330, 2250, 2950), (450, 850, 2450), (340, 800, 2300))
"""Formants in Hz of a, e, i, o and u."""
_FORMANT_LEVELS = (1.0, 0.5, 0.22)


def heartbeat(rng: Generator, seconds: float) -> Curve:
    """A heart: two soft thumps, the second shorter and higher, as many beats as the time holds."""
    gap, parts = 0.82, []
    for number in range(max(1, round((seconds - 0.1) / gap))):
        when = number * gap * rng.uniform(0.99, 1.01)
        parts += [(when, drum_beat(rng, 52, 0.4)), (when + 0.27, 0.7 * drum_beat(rng, 66, 0.3))]
    return placed(frames(seconds), parts)


def formants(source: Curve, hertz: Sequence[float], *, width: float = 0.09) -> Curve:
    """Return a source as a throat of given formants lets it through; a formant's width is a share of its frequency."""
    found = [
        level * passed(source, place * (1 - width), place * (1 + width), order=1)
        for place, level in zip(hertz, _FORMANT_LEVELS, strict=True)
    ]
    return passed(np.sum(found, axis=0), 110)


def talk(rng: Generator, count: int) -> Curve:
    """Return one far person who talks, without words, whose ends join: syllables of changing vowels, and pauses."""
    adult = rng.choice([rng.uniform(95, 140), rng.uniform(170, 240)])
    pitch = adult * wander(count, rng, 1.3, 0.85, 1.25, loop=True)
    source = pulses(pitch, 16) + 0.12 * tilted_noise(count, rng, -3)
    syllables = max(3, round(count / 48_000 * rng.uniform(4, 5.4)))
    place = np.arange(count) * syllables / count
    share = (1 - np.cos(2 * np.pi * (place % 1))) / 2
    loud = (rng.uniform(0.3, 1, syllables) * (rng.random(syllables) > 0.16))[place.astype(np.intp)]
    speaks = np.clip(4 * (wander(count, rng, 0.35, 0, 1, loop=True) - 0.35), 0, 1)
    centres = np.geomspace(180, 3600, 10)
    vowels = np.array(_VOWELS)[rng.integers(0, len(_VOWELS), syllables)]
    gains = np.zeros((len(centres), syllables))
    for formant, level in enumerate(_FORMANT_LEVELS):
        distance = np.log2(centres[:, None] / vowels[None, :, formant])
        gains += level * np.exp(-((distance / 0.28) ** 2))
    which = place.astype(np.intp)
    voice = sum(band * gain[which] for band, gain in zip(bands(source, centres.tolist()), gains, strict=True))
    return np.asarray(voice) * share**0.7 * loud * speaks


def babble(rng: Generator, count: int, people: int) -> NDArray[np.float64]:
    """Return a crowd in stereo whose ends join: people who talk at once, near and far, over the murmur of many."""
    sides = np.zeros((count, 2))
    for _ in range(people):
        voice = talk(rng, count) * rng.uniform(0.35, 1)
        place = rng.uniform(0.05, 0.95) * np.pi / 2
        sides += voice[:, None] * (np.cos(place), np.sin(place))
    sides /= max(sides.std(), 1e-9)
    for side in range(2):
        murmur = tilted_noise(count, rng, -4, 180, 1800) * wander(count, rng, 3, 0.6, 1, loop=True)
        sides[:, side] += 0.45 * murmur
    return sides


def crowd(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """A crowd murmurs, and stirs in the middle."""
    count = frames(seconds)
    return babble(rng, count, 12) * through(count, (0, 0.0), (0.25, 1.0), (0.6, 0.85), (1, 0.0))[:, None]


def clap(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Hands: one clap, or as many hands as make applause where there is time for it."""
    count = frames(seconds)
    if seconds < 0.8:
        return _one_clap(rng, 0.3, count)
    sides = np.zeros((count, 2))
    for _ in range(26):
        gap, when, parts = rng.uniform(0.19, 0.28), rng.uniform(0, 0.35), list[tuple[float, Curve]]()
        hands = _one_clap(rng, 0.12, frames(0.12))
        while when < seconds - 0.12:
            parts.append((when, hands * rng.uniform(0.5, 1)))
            when += gap * rng.uniform(0.92, 1.08)
        place = rng.uniform(0.05, 0.95) * np.pi / 2
        sides += placed(count, parts)[:, None] * (np.cos(place), np.sin(place)) * rng.uniform(0.3, 1)
    return sides * through(count, (0, 0.4), (0.15, 1.0), (0.6, 0.9), (1, 0.0))[:, None]


def _one_clap(rng: Generator, seconds: float, count: int) -> Curve:
    hollow = rng.uniform(950, 1700)
    palm = burst(rng, seconds, 0.035, hollow * 0.6, hollow * 1.6)
    return placed(count, [(0.0, 0.5 * burst(rng, 0.02, 0.004, 1500, 9000)), (0.0, palm), (0.009, 0.45 * palm)])


def gulp(rng: Generator, seconds: float) -> Curve:
    """A swallow: the throat closes with a soft click, and a low bubble falls and rises."""
    count = frames(min(seconds, 0.16))
    pitch = through(count, (0, 330.0), (0.45, 150.0), (1, 420.0)) * rng.uniform(0.9, 1.1)
    bubble = tuned(pitch) * np.sin(np.pi * np.linspace(0, 1, count)) ** 1.5
    click = burst(rng, 0.05, 0.02, 300, 1900)
    return placed(frames(seconds), [(0.0, 0.5 * click), (0.03, bubble), (0.17, 0.25 * click)])


def sigh(rng: Generator, seconds: float) -> Curve:
    """A breath is let out: noise through an open mouth that darkens, with a trace of voice."""
    count = frames(seconds)
    shape = through(count, (0, 0.0), (0.18, 1.0), (0.5, 0.55), (1, 0.0))
    breath = swept(tilted_noise(count, rng, -2), through(count, (0, 1700.0), (1, 900.0)), 1.3)
    voice = formants(pulses(through(count, (0, 205.0), (1, 150.0)) * rng.uniform(0.8, 1.15), 7), (560, 1250, 2450))
    return (unit_power(breath) + 0.18 * unit_power(voice) * through(count, (0, 0), (0.3, 1), (0.7, 0), (1, 0))) * shape


def gasp(rng: Generator, seconds: float) -> Curve:
    """A breath is drawn in: quick, brightening noise that stops short."""
    count = frames(seconds)
    shape = through(count, (0, 0.0), (0.3, 0.55), (0.72, 1.0), (0.85, 0.08), (1, 0.0))
    breath = swept(tilted_noise(count, rng, -1), through(count, (0, 1100.0), (0.75, 2500.0), (1, 1900.0)), 1.0)
    throat = passed(formants(tilted_noise(count, rng, -2), (640, 1750, 2900), width=0.12), 350)
    return (unit_power(breath) + 0.7 * unit_power(throat)) * shape


def laugh(rng: Generator, seconds: float) -> Curve:
    """Someone laughs far off: short breathy vowels that sink in pitch and strength."""
    base, gap = rng.choice([rng.uniform(150, 175), rng.uniform(235, 275)]), rng.uniform(0.17, 0.2)
    parts, amount = [], max(2, round(seconds / gap) - 1)
    size = 1.0 if base < 200 else 1.16
    for number in range(amount):
        length = gap * 0.72
        count = frames(length)
        sunk = 1 - 0.28 * number / amount
        pitch = base * sunk * through(count, (0, 0.95), (0.3, 1.12), (1, 0.9)) * wander(count, rng, 12, 0.985, 1.015)
        source = pulses(pitch, 11) + 0.1 * tilted_noise(count, rng, -2)
        open_mouth = formants(source, (760 * size, 1220 * size, 2550 * size), width=0.11)
        breath = 0.3 * formants(tilted_noise(count, rng, -1), (900 * size, 1500, 2700)) * decay(count, 0.15)
        vowel = unit_power(open_mouth) * through(count, (0, 0.0), (0.22, 1.0), (0.6, 0.7), (1, 0.0))
        parts.append((number * gap, (vowel + breath) * (1 - 0.55 * number / amount)))
    return placed(frames(seconds), parts)
