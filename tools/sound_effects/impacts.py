"""Recipes of what hits, bursts and breaks: a sharp transient, a body that rings, low frequencies that fall, debris."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from tools.audio.envelopes import Curve, decay, frames, layered, placed, through, unit_peak, wander
from tools.audio.filters import passed, swept, tilted_noise
from tools.audio.resonators import Mode, glide, struck


def burst(rng: Generator, seconds: float, reverberation: float, low: float, high: float, *, slope: float = 0) -> Curve:
    """Return a burst of noise between two frequencies, whose peak is near 1."""
    count = frames(seconds)
    noise = passed(tilted_noise(count, rng, slope), low, high) * decay(count, reverberation, attack=0.0005)
    return unit_peak(noise)


def driven(sound: Curve, drive: float) -> Curve:
    """Return a sound as an overdriven loudspeaker plays it: louder, denser, and rounded at its peaks."""
    return np.asarray(np.tanh(sound * drive) / np.tanh(drive))


def grains(rng: Generator, count: int, seconds: float, amount: int, low: float, high: float) -> Curve:
    """Return small hard grains that fall within a time, ever fewer: short pings between two frequencies."""
    parts = []
    for _ in range(amount):
        when = seconds * rng.beta(1, 2.2)
        hertz = np.exp(rng.uniform(np.log(low), np.log(high)))
        length = rng.uniform(0.01, 0.06)
        modes = [(hertz, length, 1.0), (hertz * rng.uniform(1.4, 2.1), length * 0.7, 0.5)]
        parts.append((when, rng.exponential(0.5) * (1 - 0.7 * when / seconds) * struck(modes, frames(length * 1.5))))
    return placed(count, parts)


def hit(rng: Generator, seconds: float) -> Curve:
    """A blow on a body: a slap of skin or cloth, and a short dull thump under it."""
    count = frames(seconds)
    slap = burst(rng, seconds, 0.06, 900, 5200) * rng.uniform(0.85, 1.05)
    body = burst(rng, seconds, 0.13, 160, 1100, slope=-3) * 0.9
    low = rng.uniform(62, 80)
    thump = 0.75 * glide(low * 2.6, low, count, settle=0.02) * decay(count, 0.15, attack=0.001)
    return driven(slap + body + thump, 1.6)


def impact(rng: Generator, seconds: float) -> Curve:
    """A heavy impact: a crack, a drop into the lowest octave, and the dust after it."""
    count = frames(seconds)
    crack = burst(rng, seconds, 0.07, 700, 7000)
    body = burst(rng, seconds, 0.4, 70, 700, slope=-4)
    low = rng.uniform(36, 44)
    drop = glide(low * 3.2, low, count, settle=0.06) * decay(count, min(0.85 * seconds, 1.8), attack=0.002)
    dust = swept(tilted_noise(count, rng, -3), through(count, (0, 1800.0), (1, 140.0)), 1.1) * decay(
        count, 0.6 * seconds
    )
    return driven(0.8 * crack + 0.9 * body + 1.1 * drop + 0.12 * dust, 1.5)


def explosion(rng: Generator, seconds: float) -> Curve:
    """An explosion: a wall of noise that darkens as it rolls away, over a rumble, with falling debris."""
    count = frames(seconds)
    blast = swept(tilted_noise(count, rng, -3), through(count, (0, 3200.0), (0.12, 700), (1, 90)), 1.5)
    blast *= decay(count, 0.75 * seconds, attack=0.003) * wander(count, rng, 9, 0.55, 1)
    rumble = passed(tilted_noise(count, rng, -6), 22, 110) * decay(count, 0.95 * seconds, attack=0.02)
    low = rng.uniform(34, 40)
    drop = glide(low * 3, low, count, settle=0.09) * decay(count, 1.1, attack=0.002)
    debris = passed(grains(rng, count, 0.8 * seconds, 46, 500, 4200), 300)
    crack = burst(rng, seconds, 0.06, 500, 9000)
    return driven(unit_peak(blast) + 0.5 * rumble + 0.9 * drop + 0.6 * crack, 2.2) + 0.05 * debris


def crack(rng: Generator, seconds: float) -> Curve:
    """Something hard cracks: a few snaps within some hundredths of a second, each a short ring of a stiff body."""
    count, parts, when = frames(seconds), [], 0.0
    for number in range(rng.integers(4, 7)):
        base = rng.uniform(750, 1300) * (1 + 0.12 * number)
        modes: list[Mode] = [(base * ratio, 0.05 / ratio**0.4, 1 / ratio) for ratio in (1, 1.83, 2.74, 4.1)]
        snap = struck(modes, frames(0.08), rng, spread=0.02) + 1.3 * burst(rng, 0.08, 0.018, 1400, 11_000)
        parts.append((when, snap * (1.0 if not number else rng.uniform(0.3, 0.8))))
        when += rng.uniform(0.006, 0.02) * (1 + number)
    return placed(count, parts)


def shatter(rng: Generator, seconds: float) -> Curve:
    """Glass breaks: a bright burst, then shards that ring as they fall, ever fewer and smaller."""
    count = frames(seconds)
    parts = [(0.0, 1.4 * burst(rng, 0.3, 0.11, 1500, 14_000)), (0.0, 0.6 * burst(rng, 0.2, 0.06, 250, 1600))]
    for number in range(70):
        when = 0.0 if number < 8 else 0.03 + seconds * 0.8 * rng.beta(1, 2.6)
        base = np.exp(rng.uniform(np.log(1900), np.log(6800)))
        length = rng.uniform(0.05, 0.32)
        modes: list[Mode] = [(base * ratio, length / ratio, 1 / ratio) for ratio in (1, 1.52, 2.37, 3.1)]
        level = rng.exponential(0.22) * (1 - 0.75 * when / seconds)
        parts.append((when, min(level, 0.9) * struck(modes, frames(min(length * 1.2, seconds)), rng, spread=0.01)))
    return placed(count, parts)


def clatter(rng: Generator, seconds: float) -> Curve:
    """Things of wood and metal rattle: struck plates that come quicker and softer as they settle."""
    count, parts, when, gap = frames(seconds), [], 0.0, rng.uniform(0.11, 0.15)
    bodies = [(rng.uniform(420, 900), rng.uniform(0.06, 0.16)) for _ in range(3)]
    while when < 0.85 * seconds:
        base, length = bodies[rng.integers(3)]
        modes: list[Mode] = [(base * ratio, length / ratio**0.6, 1 / ratio**0.7) for ratio in (1, 2.32, 3.86, 5.2, 7.1)]
        ring = struck(modes, frames(length * 1.3), rng, spread=0.015)
        strike = layered(ring, 0.7 * burst(rng, 0.05, 0.015, 1200, 8000))
        parts.append((when, strike * (1 - 0.7 * when / seconds) * rng.uniform(0.5, 1)))
        when += gap * rng.uniform(0.6, 1.4)
        gap = max(gap * 0.93, 0.045)
    return placed(count, parts)


def slash(rng: Generator, seconds: float) -> Curve:
    """A blade cuts the air: a quick bright swish, and the blade itself, which sings on."""
    count, moment = frames(seconds), 0.18
    centre = through(count, (0, 1600.0), (moment, 6500.0), (1, 2200.0))
    shape = through(count, (0, 0.0), (moment, 1.0), (0.45, 0.12), (1, 0.0))
    swish = swept(rng.standard_normal(count), centre, 0.7) * shape**1.5
    base = rng.uniform(2900, 3500)
    modes: list[Mode] = [(base * ratio, 0.7 / ratio**0.5, 0.5 / ratio) for ratio in (1, 1.34, 1.71, 2.42, 3.05)]
    ring = struck(modes, count, rng, spread=0.004) * np.minimum(np.arange(count) / 900, 1)
    song = placed(count, [(moment * seconds - 0.01, ring)])
    return unit_peak(swish) + 0.4 * song
