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


_EVERY = 4
"""Every fourth sample tells the loudness of a stem well enough to choose a gain; the finished mix is measured."""


@dataclass(frozen=True)
class StemFacts:
    """What was measured of a stem."""

    hashes: tuple[str, ...]
    """The SHA-256 of the samples of each unit of `UNIT` samples; the last one may be shorter."""
    peaks: tuple[float, ...]
    """The largest sample of each unit."""
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
        self._peaks.append(peak(unit))
        self._hashes.append(hashlib.sha256(unit.tobytes()).hexdigest())
