"""Perform a piece in a given time: as many bars as it holds, a cadence, and the small unevenness of players."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from storage.sound import Mood
from tools.scoring.patterns import ACCOMPANIMENT, PatternNote, voicing
from tools.scoring.scores import BEATS, InstrumentPart, Score, scores

LAST_CHORD = 4.0
"""Seconds that the last chord sounds, echo included; less in a short cue."""
_SLOWING = 1.1
"""How much longer the bar before the last chord is."""
_UNEVEN_SECONDS, _UNEVEN_VELOCITY = 0.007, 4.0
_KEYS = (-2, 0, 0, 2)
"""Semitones by which a performance may be moved."""


@dataclass(frozen=True)
class PlayedNote:
    """A note of a performance."""

    start: float
    """Seconds."""
    seconds: float
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Performance:
    """The notes of all instruments of a piece, in the order of their beginnings."""

    notes: tuple[PlayedNote, ...]
    parts: tuple[InstrumentPart, ...]
    """The instrument of each channel."""
    bar_starts: tuple[float, ...]
    """Seconds of the first beat of each bar; the last one has the last chord."""

    def alone(self, channel: int) -> Performance:
        """Return what one instrument plays of it."""
        notes = tuple(note for note in self.notes if note.channel == channel)
        return replace(self, notes=notes)


def perform(mood: Mood, seconds: float, seed: int) -> Performance:
    """Perform the piece of a mood so that its last chord dies away at the end of a time.

    Args:
        mood: The mood.
        seconds: The time.
        seed: Another seed is another performance: its key, and how the players are uneven.
    """
    score = scores()[mood]
    rng = np.random.default_rng([len(mood), sum(map(ord, mood)), seed & 0xFFFFFFFFFFFFFFFF])
    starts = _bar_starts(score, seconds)
    form = _form(len(starts), len(score.chords))
    key = int(rng.choice(_KEYS))
    notes = [
        note
        for channel, part in enumerate(score.parts)
        for note in _played(score, part, channel, form, [*starts, seconds], key, rng)
    ]
    return Performance(
        tuple(sorted(notes, key=lambda note: (note.start, note.channel, note.pitch))), score.parts, starts
    )


def _bar_starts(score: Score, seconds: float) -> tuple[float, ...]:
    """Return the seconds at which each bar begins; the tempo is bent a little so that the last one lies right."""
    last = seconds - min(LAST_CHORD, 0.4 * seconds)
    bar = 60 * BEATS / score.tempo
    before = round(last / bar)
    if not before:
        return (0.0,)
    lengths = np.ones(before)
    lengths[-1] = _SLOWING
    return (0.0, *(float(at) for at in np.cumsum(lengths) * last / lengths.sum()))


def _form(count: int, length: int) -> list[int]:
    """Return which bar of a score is played in each bar: the piece again and again, and its last bars at the end."""
    form = [number % length for number in range(count)]
    for number in range(1, min(3, count) + 1):
        form[-number] = length - number
    return form


def _played(
    score: Score, part: InstrumentPart, channel: int, form: list[int], starts: list[float], key: int, rng: Generator
) -> Iterator[PlayedNote]:
    before: tuple[int, ...] = ()
    for number, bar in enumerate(form):
        is_last = number == len(form) - 1
        before = voicing(score.chords[bar], part.centre, before)
        length = starts[number + 1] - starts[number]
        beat = length / BEATS if not is_last else 60 / score.tempo
        for note in _last_notes(score, part, before, bar) if is_last else _bar_notes(score, part, before, bar):
            held = length if is_last else min(note.beats * beat, length * 2)
            late = rng.normal() * _UNEVEN_SECONDS
            velocity = part.velocity * note.accent + rng.normal() * _UNEVEN_VELOCITY
            yield PlayedNote(
                max(0.0, starts[number] + note.beat * beat + late), max(0.05, held - 0.01), channel, note.pitch + key,
                int(np.clip(round(velocity), 12, 120)),
            )  # fmt: skip


def _bar_notes(score: Score, part: InstrumentPart, notes: tuple[int, ...], bar: int) -> list[PatternNote]:
    if part.plays != "melody":
        return ACCOMPANIMENT[part.plays](score.chords[bar], notes, part.centre)
    return [PatternNote(note.beat, note.beats, note.pitch + part.centre) for note in score.melody[bar]]


def _last_notes(score: Score, part: InstrumentPart, notes: tuple[int, ...], bar: int) -> list[PatternNote]:
    """Return what a part plays on the last chord: its first notes, which are held."""
    found = _bar_notes(score, part, notes, bar)
    first = min((note.beat for note in found), default=0.0)
    return [PatternNote(0, BEATS, note.pitch, 0.95) for note in found if note.beat == first]
