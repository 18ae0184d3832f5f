"""Measure loudness as ITU-R BS.1770-4 and EBU R 128 define it, block by block.

A sound is weighted by the K curve (a shelf for the head and a high-pass), its energy is taken over 400 ms every 100 ms,
and the integrated loudness is the mean of the blocks above -70 LUFS and above 10 LU below their own mean.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, Samples

SILENCE = -70.0
"""LUFS of the absolute gate; what is not louder counts as silence."""
RELATIVE_GATE = -10.0
STEP = SAMPLE_RATE // 10
"""Samples from one block to the next: 100 ms."""
_STEPS = 4
"""Steps in a block of 400 ms."""
_CHUNK, _HISTORY, _TRANSFORM = 12 * STEP, 4096, 1 << 16
"""Samples that are weighted at a time, those before them that still sound in the filter, and the size of the FFT."""
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)
"""Coefficients at 48 kHz from table 1 and 2 of the recommendation."""


class LoudnessMeter:
    """Measure a sound that is fed in blocks of any size, in bounded memory.

    It keeps one number for each 100 ms: 36,000 for an hour.

    Args:
        every: 1 to measure exactly. 2 or 4 where only every second or fourth sample is fed: what lies above half of
            that rate is folded down and keeps its energy, so that the figure is right to some tenths of a decibel.
    """

    def __init__(self, *, every: int = 1) -> None:
        self._step, self._chunk, self._past = STEP // every, _CHUNK // every, _HISTORY // every
        self._transform = _TRANSFORM // every
        self._energies: list[NDArray[np.float64]] = []
        self._history: Samples | None = None
        self._waiting: list[Samples] = []
        self._count = 0

    def feed(self, block: Samples) -> None:
        """Take the next samples, (n,) or (n, 2); all blocks have the same number of channels."""
        block = block[:, None] if block.ndim == 1 else block
        self._waiting.append(block)
        self._count += len(block)
        if self._count >= self._chunk:
            waiting = np.concatenate(self._waiting)
            whole = len(waiting) // self._chunk * self._chunk
            for start in range(0, whole, self._chunk):
                self._weigh(waiting[start : start + self._chunk])
            self._waiting, self._count = [waiting[whole:].copy()], len(waiting) - whole

    def steps(self) -> NDArray[np.float64]:
        """Return the energy of each whole step of 100 ms."""
        rest = [_step_energies(self._weighted(np.concatenate(self._waiting)), self._step)] if self._count else []
        return np.concatenate([np.zeros(0), *self._energies, *rest])

    def blocks(self) -> NDArray[np.float64]:
        """Return the energy of each block of 400 ms; a sound that is shorter is one block of its own length."""
        if not self._energies and 0 < self._count < _STEPS * self._step:
            rest = self._weighted(np.concatenate(self._waiting))
            return np.array([np.square(rest, dtype=np.float64).mean(axis=1).sum()])
        return block_energies(self.steps())

    def integrated(self) -> float | None:
        """Return the gated loudness in LUFS; None for silence."""
        return gated_loudness(self.blocks())

    def loudest(self) -> float | None:
        """Return the loudness of the loudest 400 ms in LUFS (the maximum momentary loudness); None for silence."""
        blocks = self.blocks()
        return _audible(lufs(float(blocks.max()))) if len(blocks) else None

    def _weigh(self, block: Samples) -> None:
        self._energies.append(_step_energies(self._weighted(block), self._step))
        self._history = block[-self._past :].copy()

    def _weighted(self, block: Samples) -> Samples:
        """Return a block behind the K filter, in which what came before still sounds, (channels, n)."""
        if not block.any() and (self._history is None or not self._history.any()):
            return np.zeros(block.shape[::-1], np.float32)
        before = self._history if self._history is not None else np.zeros((self._past, block.shape[1]), np.float32)
        whole = np.concatenate((before, block)).T
        spectrum = np.fft.rfft(whole, self._transform, axis=1) * _k_curve()[: self._transform // 2 + 1]
        return np.asarray(
            np.fft.irfft(spectrum, self._transform, axis=1)[:, self._past : self._past + len(block)], np.float32
        )


def integrated_loudness(samples: Samples) -> float | None:
    """Return the gated loudness of a sound in LUFS; None for silence.

    A sound shorter than 400 ms, for which the recommendation knows none, is measured over its own length. A mono sound
    counts as one channel, as loud as `as_stereo` makes it.
    """
    return _meter(samples).integrated()


def loudest_moment(samples: Samples) -> float | None:
    """Return the loudness of the loudest 400 ms of a sound in LUFS; None for silence.

    Silence of 400 ms is counted on both sides, so that a click is as loud as within a film.
    """
    quiet = np.zeros((_STEPS * STEP, *samples.shape[1:]), np.float32)
    meter = _meter(quiet)
    meter.feed(samples)
    meter.feed(quiet)
    return meter.loudest()


def block_energies(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the energy of each block of 400 ms by the energies of steps of 100 ms; none for less than four steps."""
    if len(steps) < _STEPS:
        return np.zeros(0)
    sums = np.concatenate(([0.0], np.cumsum(steps)))
    return np.maximum((sums[_STEPS:] - sums[:-_STEPS]) / _STEPS, 0)


def gated_loudness(blocks: NDArray[np.float64]) -> float | None:
    """Return the integrated loudness in LUFS of blocks' energies; None where all are silent."""
    heard = is_heard(blocks)
    return lufs(float(blocks[heard].mean())) if heard.any() else None


def is_heard(blocks: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which blocks' energies pass both gates."""
    audible = blocks > _energy(SILENCE)
    if not audible.any():
        return audible
    return np.asarray(audible & (blocks > blocks[audible].mean() * 10 ** (RELATIVE_GATE / 10)))


def lufs(energy: float) -> float:
    """Return the loudness of a K-weighted energy in LUFS, -inf for none."""
    return float(-0.691 + 10 * np.log10(energy)) if energy > 0 else float("-inf")


def _audible(loudness: float) -> float | None:
    return loudness if loudness > SILENCE else None


def _energy(loudness: float) -> float:
    return float(10 ** ((loudness + 0.691) / 10))


def _meter(samples: Samples) -> LoudnessMeter:
    meter = LoudnessMeter()
    meter.feed(samples)
    return meter


def _step_energies(weighted: Samples, step: int) -> NDArray[np.float64]:
    """Return the mean square of each whole step of (channels, n), summed over the channels."""
    whole = weighted.shape[1] // step * step
    steps = weighted[:, :whole].reshape(-1, step)
    energies = np.einsum("ij,ij->i", steps, steps).astype(np.float64) / step
    return np.asarray(energies.reshape(len(weighted), -1).sum(axis=0))


@cache
def _k_curve() -> NDArray[np.complex64]:
    """Return the response of the K filter at the frequencies of the FFT."""
    delay = np.exp(-2j * np.pi * np.arange(_TRANSFORM // 2 + 1) / _TRANSFORM)
    response = np.ones(len(delay), np.complex128)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], delay) / np.polyval(denominator[::-1], delay)
    return response.astype(np.complex64)
