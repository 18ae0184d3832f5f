"""Read the pieces of music that come with Komadori: chords, melodies and parts for each mood."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from storage.sound import Mood

BEATS = 4
"""Beats in a bar of every piece."""
Pattern = Literal["melody", "arpeggio", "pad", "bass", "pulse", "offbeat", "ostinato", "drums"]
_NOTES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_CHORDS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "dim": (0, 3, 6),
    "maj7": (0, 4, 7, 11),
}


@dataclass(frozen=True)
class Chord:
    """A chord by its pitch classes, 0 for C to 11 for B, the root first."""

    tones: tuple[int, ...]
    bass: int


@dataclass(frozen=True)
class MelodyNote:
    """A note of a melody within its bar."""

    beat: float
    beats: float
    pitch: int
    """MIDI number; 60 is C4."""


@dataclass(frozen=True)
class InstrumentPart:
    """What one instrument plays."""

    plays: Pattern
    instrument: int
    """General MIDI program from 0."""
    velocity: int
    pan: int
    centre: int
    """The MIDI number around which a pattern lies; semitones by which a melody is moved."""
    level: float
    """LU of its loudness against that of the melody."""


@dataclass(frozen=True)
class Score:
    """A piece of music as notes."""

    tempo: float
    """Beats a minute."""
    chords: tuple[Chord, ...]
    """One for each bar; the last is the tonic, and the one before leads to it."""
    melody: tuple[tuple[MelodyNote, ...], ...]
    parts: tuple[InstrumentPart, ...]


@cache
def scores() -> Mapping[Mood, Score]:
    """Return the piece of every mood."""
    text = files("tools.scoring").joinpath("scores.toml").read_text(encoding="utf-8")
    return {mood: _score(data) for mood, data in tomllib.loads(text).items()}  # type: ignore[misc]


def pitch_class(name: str) -> int:
    """Return the pitch class of a note such as "F#" or "Bb"."""
    return (_NOTES[name[0]] + name.count("#") - name[1:].count("b")) % 12


def read_chord(name: str) -> Chord:
    """Return a chord such as "F#m7/A".

    Raises:
        ValueError: It is no chord that is known.
    """
    match = re.fullmatch(r"([A-G][#b]?)(m7|maj7|dim|m|7|)(?:/([A-G][#b]?))?", name)
    if match is None:
        raise ValueError(f"{name} is no chord")
    root = pitch_class(match[1])
    return Chord(tuple((root + tone) % 12 for tone in _CHORDS[match[2]]), pitch_class(match[3]) if match[3] else root)


def _score(data: Mapping[str, object]) -> Score:
    chords = tuple(read_chord(name) for name in str(data["chords"]).split())
    melody = tuple(_melody_bar(bar) for bar in str(data["melody"]).split("|"))
    parts = data["parts"]
    assert isinstance(parts, list)
    return Score(float(str(data["tempo"])), chords, melody, tuple(InstrumentPart(**part) for part in parts))


def _melody_bar(text: str) -> tuple[MelodyNote, ...]:
    notes, beat = list[MelodyNote](), 0.0
    for token in text.split():
        name, _, length = token.partition(":")
        if name != "-":
            notes.append(MelodyNote(beat, float(length), pitch_class(name[:-1]) + 12 * (int(name[-1]) + 1)))
        beat += float(length)
    return tuple(notes)
