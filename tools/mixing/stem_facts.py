"""Measure a stem while it is written, so that a film is mastered without reading what did not change of its stems."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from pydantic import TypeAdapter

from tools.audio import Samples, peak
from tools.audio.loudness import LoudnessMeter

UNIT = 76_800
"""Samples of a unit, 1.6 seconds: whole frames of AAC, and whole steps of the loudness meter."""


PEAK_STEP = 480
"""Samples whose largest one is kept, 10 milliseconds: the limiter's gain comes back by half a decibel in that time."""
_EVERY = 4
"""Every fourth sample tells the loudness of a stem well enough to choose a gain; the finished mix is measured."""


@dataclass(frozen=True)
class StemFacts:
    """What was measured of a stem."""

    hashes: tuple[str, ...]
    """The SHA-256 of the samples of each unit of `UNIT` samples; the last one may be shorter."""
    peaks: tuple[float, ...]
    """The largest sample of each `PEAK_STEP` samples, to five places; the last one may be of fewer."""
    steps: tuple[float, ...]
    """The K-weighted energy of each whole step of 100 ms, as `LoudnessMeter` estimates it of every fourth sample."""

    def to_json(self) -> bytes:
        """Return the facts as JSON."""
        return _ADAPTER.dump_json(self)

    @classmethod
    def from_json(cls, text: bytes) -> StemFacts:
        """Read what `to_json` wrote."""
        return _ADAPTER.validate_json(text)


_ADAPTER = TypeAdapter(StemFacts)


class StemMeter:
    """Measure a stem that is fed in blocks of any size, (n, 2)."""

    def __init__(self) -> None:
        self._loudness = LoudnessMeter(every=_EVERY)
        self._waiting = np.zeros((0, 2), np.float32)
        self._hashes: list[str] = []
        self._peaks: list[float] = []

    def feed(self, block: Samples) -> None:
        """Take the next samples."""
        waiting = np.concatenate((self._waiting, block))
        whole = len(waiting) // UNIT * UNIT
        for start in range(0, whole, UNIT):
            self._measure(waiting[start : start + UNIT])
        self._waiting = waiting[whole:]

    def facts(self) -> StemFacts:
        """Return what was measured, when all samples were fed."""
        if len(self._waiting):
            self._measure(self._waiting)
            self._waiting = self._waiting[:0]
        return StemFacts(tuple(self._hashes), tuple(self._peaks), tuple(self._loudness.steps().tolist()))

    def _measure(self, unit: Samples) -> None:
        self._loudness.feed(unit[::_EVERY])
        whole = len(unit) // PEAK_STEP * PEAK_STEP
        peaks = np.abs(unit[:whole]).reshape(-1, PEAK_STEP * unit.shape[1]).max(axis=1).tolist()
        self._peaks += [round(value, 5) for value in (*peaks, *([peak(unit[whole:])] if whole < len(unit) else []))]
        self._hashes.append(hashlib.sha256(unit.tobytes()).hexdigest())
