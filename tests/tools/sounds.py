"""Test sounds of known loudness and form, and what a test reads off a sound."""

from __future__ import annotations

import numpy as np

from tools.audio import SAMPLE_RATE, Samples, as_samples


def tone(hertz: float = 997.0, seconds: float = 1.0, level: float = -20.0) -> Samples:
    """Return a sine with a peak of `level` decibels, mono."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return as_samples(10 ** (level / 20) * np.sin(2 * np.pi * hertz * time))


def pink(seconds: float, level: float = -20.0, seed: int = 1) -> Samples:
    """Return pink noise in stereo at a level in decibels (root mean square)."""
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, count)), axis=1)
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 20))
    noise = np.fft.irfft(spectrum, count, axis=1).T
    return as_samples(noise * (10 ** (level / 20) / np.sqrt(np.mean(noise**2))))


def babble(seconds: float, level: float = -26.0, seed: int = 1) -> Samples:
    """Return what has the loudness of speech, mono: noise of its spectrum in four syllables a second, and pauses."""
    noise = pink(seconds, level, seed)[:, 0]
    time = np.arange(len(noise)) / SAMPLE_RATE
    return as_samples(noise * np.sin(2 * np.pi * 2 * time) ** 2 * (np.sin(2 * np.pi * 0.2 * time + 0.5) > -0.8))


def syllables(seconds: float, level: float = -26.0, seed: int = 1) -> Samples:
    """Return what has the peaks of speech too, 16 to 20 dB over its loudness: pulses, some of them stressed."""
    rng, count = np.random.default_rng(seed), round(seconds * SAMPLE_RATE)
    ring = np.arange(SAMPLE_RATE // 100) / SAMPLE_RATE
    pulse = np.exp(-ring * 350) * (np.sin(2 * np.pi * 650 * ring) + 0.4 * np.sin(2 * np.pi * 1900 * ring))
    sound, at = np.zeros(count + SAMPLE_RATE), 0
    while at < count:
        length, stress = round(rng.uniform(0.12, 0.24) * SAMPLE_RATE), rng.choice([0.4, 0.6, 1.0], p=[0.5, 0.3, 0.2])
        for place in range(0, length, SAMPLE_RATE // 120):
            strength = stress * np.sin(np.pi * place / length)
            sound[at + place : at + place + len(pulse)] += strength * pulse
        at += length + round(rng.choice([0.03, 0.25], p=[0.8, 0.2]) * SAMPLE_RATE)
    sound = sound[:count] + 0.002 * rng.standard_normal(count)
    return as_samples(sound * (10 ** (level / 20) / np.sqrt(np.mean(sound**2))))


def level_in_decibels(samples: Samples) -> float:
    """Return the root mean square in decibels; -inf for silence."""
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def rhythm(tempo: float, seconds: float) -> Samples:
    """Return a drum and a soft chord of a tempo, in stereo, whose first of four beats is stronger."""
    sound = np.zeros(round(seconds * SAMPLE_RATE))
    time = np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE
    noise = np.random.default_rng(3).standard_normal(len(time))
    for beat in range(int(seconds * tempo / 60)):
        start = round(beat * 60 * SAMPLE_RATE / tempo)
        drum = np.exp(-time * 25) * (np.sin(2 * np.pi * 90 * time) + 0.4 * noise) * (1.0 if beat % 4 == 0 else 0.6)
        part = sound[start : start + len(drum)]
        part += drum[: len(part)]
    sound += 0.05 * np.sin(2 * np.pi * 220 * np.arange(len(sound)) / SAMPLE_RATE)
    return as_samples(np.repeat(sound[:, None] * 0.5, 2, axis=1))
