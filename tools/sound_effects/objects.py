"""Recipes of things: doors, latches, cameras, bells and springs, by the modes in which they ring."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tools.audio.envelopes import Curve, decay, frames, layered, placed, through, times, unit_peak, unit_power, wander
from tools.audio.filters import passed, tilted_noise
from tools.audio.resonators import Mode, glide, pulses, struck, tuned
from tools.sound_effects.impacts import burst

PENTATONIC = (0, 2, 4, 7, 9)
"""Semitones of a scale of which any notes sound well together."""


def tap(rng: Generator, seconds: float, low: float, high: float, base: float) -> Curve:
    """Return a short tick of a small hard mechanism, with a ring at a frequency."""
    count = frames(seconds)
    return burst(rng, seconds, 0.012, low, high) + 0.35 * struck(
        [(base, 0.03, 1.0), (base * 1.7, 0.02, 0.6), (base * 2.9, 0.012, 0.4)], count
    )


def knock(rng: Generator, seconds: float) -> Curve:
    """Knuckles on a wooden door, as many times as the time holds, two at least."""
    base, gap = rng.uniform(150, 190), 0.21
    amount = max(2, round((seconds - 0.25) / gap) + 1)
    modes: list[Mode] = [(base * ratio, 0.16 / ratio**0.5, 1 / ratio**0.55) for ratio in (1, 1.9, 3.1, 4.6, 6.7)]
    parts = []
    for number in range(amount):
        blow = layered(struck(modes, frames(0.3), rng, spread=0.006), 0.5 * burst(rng, 0.1, 0.014, 700, 4200))
        parts.append((number * gap * rng.uniform(0.97, 1.03), blow * rng.uniform(0.8, 1)))
    return placed(frames(seconds), parts)


def door(rng: Generator, seconds: float) -> Curve:
    """A door falls shut: the thud of the leaf, its frame, and the latch."""
    count = frames(seconds)
    base = rng.uniform(64, 78)
    modes: list[Mode] = [(base * ratio, 0.34 / ratio**0.5, 1 / ratio**0.6) for ratio in (1, 1.58, 2.4, 3.3, 5.1)]
    thud = struck(modes, count, rng, spread=0.01) + 0.9 * burst(rng, seconds, 0.08, 120, 1600, slope=-3)
    latch = tap(rng, 0.08, 1200, 6000, rng.uniform(1500, 1900))
    return placed(count, [(0.0, thud), (0.0, 0.35 * latch), (0.045, 0.3 * latch), (0.12, 0.08 * thud)])


def click(rng: Generator, seconds: float) -> Curve:
    """A switch: down, and a little later up."""
    base = rng.uniform(2200, 2900)
    down, up = tap(rng, 0.05, 1500, 9000, base), tap(rng, 0.05, 2000, 10_000, base * 1.15)
    return placed(frames(seconds), [(0.0, down), (rng.uniform(0.05, 0.07), 0.55 * up)])


def shutter(rng: Generator, seconds: float) -> Curve:
    """A camera: the mirror goes up, the shutter opens, closes, and the mirror falls back."""
    mirror = burst(rng, 0.1, 0.05, 180, 1500, slope=-2)
    leaf = tap(rng, 0.06, 2500, 11_000, rng.uniform(2600, 3100))
    begin = [(0.0, 0.7 * mirror), (0.0, 0.6 * leaf), (0.018, leaf)]
    return placed(frames(seconds), [*begin, (0.085, 0.9 * leaf), (0.1, 0.6 * mirror), (0.115, 0.4 * leaf)])


def creak(rng: Generator, seconds: float) -> Curve:
    """Old wood or a hinge: it sticks and slips, ever quicker and slower, and the wood around it rings."""
    count = frames(seconds)
    rate = through(count, (0, 38.0), (0.3, 95.0), (0.62, 60.0), (1, 130.0)) * wander(count, rng, 9, 0.85, 1.15)
    slips = pulses(rate, 500) * wander(count, rng, 25, 0.5, 1)
    base = rng.uniform(480, 620)
    ringing = ((1, 0.5), (1.77, 1.0), (2.6, 1.2), (4.3, 0.9))
    body = [level * passed(slips, base * ratio * 0.94, base * ratio * 1.06, order=2) for ratio, level in ringing]
    sound = np.sum(body, axis=0) * through(count, (0, 0.0), (0.08, 0.7), (0.5, 1.0), (0.9, 0.6), (1, 0.0))
    return unit_peak(sound)


def bell(rng: Generator, seconds: float) -> Curve:
    """A cast bell: hum, prime, minor third, fifth and octave, which beat slowly, as bells are never quite round."""
    count, prime = frames(seconds), rng.uniform(392, 466)
    partials = ((0.5, 1, 0.5), (1, 0.75, 0.8), (1.19, 0.55, 0.7), (1.5, 0.4, 0.35), (2, 0.45, 1.0), (2.52, 0.25, 0.4))
    high = ((3.01, 0.2, 0.45), (4.17, 0.13, 0.3), (5.43, 0.09, 0.2), (6.8, 0.06, 0.12))
    modes: list[Mode] = []
    for ratio, length, level in (*partials, *high):
        split = 1 + rng.uniform(0.0006, 0.0018)
        modes += (prime * ratio, length * 5, level * 0.6), (prime * ratio * split, length * 5, level * 0.4)
    return layered(struck(modes, count), 0.5 * burst(rng, min(seconds, 0.1), 0.02, 1500, 8000))


def chime(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """A few tubes of a wind chime, one after the other, left and right."""
    count, base = frames(seconds), rng.uniform(1040, 1180)
    order = rng.permutation(PENTATONIC)[:3]
    sides = np.zeros((count, 2))
    for number, semitone in enumerate(order):
        pitch = base * 2 ** (semitone / 12)
        modes: list[Mode] = [(pitch, 1.9, 1.0), (pitch * 2.756, 0.8, 0.32), (pitch * 5.404, 0.3, 0.12)]
        note = placed(count, [(number * rng.uniform(0.1, 0.16), struck(modes, count))]) * (1 - 0.2 * number)
        place = rng.uniform(0.25, 0.75) * np.pi / 2
        sides += note[:, None] * (np.cos(place), np.sin(place))
    return sides


def sparkle(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """Something glitters: a quick rising run of high, thin notes over the whole width."""
    count, amount = frames(seconds), round(9 + 4 * seconds)
    sides = np.zeros((count, 2))
    for number in range(amount):
        degree = number * 14 // amount + rng.integers(0, 3)
        pitch = 1975 * 2 ** ((12 * (degree // 5) + PENTATONIC[degree % 5]) / 12)
        when = 0.55 * seconds * (number / amount) ** 1.15
        modes: list[Mode] = [(pitch, 0.55, 1.0), (pitch * 2.01, 0.3, 0.25), (pitch * 3.02, 0.15, 0.1)]
        note = placed(count, [(when, struck(modes, count) * rng.uniform(0.4, 1) * (1 - 0.45 * number / amount))])
        place = rng.uniform(0.05, 0.95) * np.pi / 2
        sides += note[:, None] * (np.cos(place), np.sin(place))
    return sides


def boing(rng: Generator, seconds: float) -> Curve:
    """A spring lets go: a tone that wobbles up, quick at first, and slower as it dies."""
    count, base = frames(seconds), rng.uniform(150, 185)
    time = times(count)
    wobble = 0.28 * np.exp(-time * 3.2) * np.sin(2 * np.pi * np.cumsum(17 - 7 * time / seconds) / 48_000)
    pitch = base * (1 + 0.55 * time / seconds) * (1 + wobble)
    tone = tuned(pitch) + 0.45 * tuned(2 * pitch) + 0.3 * tuned(3.01 * pitch) + 0.15 * tuned(4.98 * pitch)
    return tone * decay(count, 1.05 * seconds, attack=0.004) + 0.3 * burst(rng, seconds, 0.02, 600, 4000)


def rumble(rng: Generator, seconds: float) -> NDArray[np.float64]:
    """The ground or a threat rumbles: the lowest octaves in slow throbs, with a little grit on them."""
    count = frames(seconds)
    throb = 0.72 + 0.28 * np.sin(2 * np.pi * np.cumsum(wander(count, rng, 1, 4.2, 6.2)) / 48_000)
    sides = []
    for _ in range(2):
        low = tilted_noise(count, rng, -5, 28, 130)
        grit = passed(tilted_noise(count, rng, -3), 140, 700)
        sides.append(unit_power(low) + 0.45 * unit_power(grit) * wander(count, rng, 12, 0.2, 1))
    shape = through(count, (0, 0.0), (0.12, 1.0), (0.75, 0.9), (1, 0.0)) * throb
    return np.tanh(0.5 * np.stack(sides, axis=1) * shape[:, None])


def engine(rng: Generator, seconds: float) -> Curve:
    """A motor runs: firing strokes that are never quite even, through a body and an exhaust."""
    count = frames(seconds)
    rate = rng.uniform(27, 33) * through(count, (0, 0.9), (0.25, 1.15), (1, 1.0)) * wander(count, rng, 6, 0.98, 1.02)
    strokes = pulses(rate, 14) * wander(count, rng, 30, 0.7, 1) + 0.6 * pulses(rate / 2, 9)
    noise = tilted_noise(count, rng, -3) * (0.3 + 0.7 * np.maximum(strokes, 0) / strokes.max())
    sound = passed(strokes, 45, 420) + 0.9 * passed(strokes, 500, 1900) + 0.3 * passed(noise, 300, 3000)
    return driven_glow(sound) * through(count, (0, 0.0), (0.06, 1.0), (0.85, 1.0), (1, 0.0))


def driven_glow(sound: Curve) -> Curve:
    """Return a sound at a peak of 1 and a little rounded."""
    return np.asarray(np.tanh(1.4 * unit_peak(sound)) / np.tanh(1.4))


def drum_beat(rng: Generator, low: float, seconds: float) -> Curve:
    """Return one soft low thump, as a heart beats."""
    count = frames(seconds)
    thump = glide(low * 1.9, low, count, settle=0.025) * decay(count, 0.2, attack=0.012)
    knock = passed(tilted_noise(count, rng, -6), 60, 330) * decay(count, 0.1, attack=0.008)
    return np.asarray(np.tanh(1.6 * (thump + 0.3 * knock)))
