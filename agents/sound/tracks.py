"""The tracks of a film as values: everything that is heard, at its place in samples of 48 kHz."""

from __future__ import annotations

from storage.domain import Shape
from storage.sound import AmbienceKind, Mood, SoundKind


class PlacedLine(Shape):
    """A spoken line at its place in the film."""

    balloon: str
    """The id of its balloon."""
    voice: str
    """The hash of the recording."""
    start: int
    """The first sample in the film."""
    end: int
    """The sample after the last one."""
    is_cut: bool = False
    """Whether its recording is longer, and is faded out at its end."""
    gain: float = 0.0
    """Decibels."""
    pan: float = 0.0
    """Where it is heard, from -1 (left) to 1 (right)."""


class PlacedSoundEffect(Shape):
    """A sound effect at its place in the film."""

    start: int
    """The sample at which it is heard first; what a recipe has before that, such as a swish, comes earlier."""
    kind: SoundKind | None = None
    """What it is a sound of; None for a recording of anything."""
    sample: str = ""
    """The hash of a recording that is played in place of a made sound."""
    seconds: float | None = None
    seed: int = 0
    gain: float = 0.0
    pan: float = 0.0


class PlacedAmbience(Shape):
    """A place that is heard for a part of the film."""

    kind: AmbienceKind
    start: int
    end: int


class PlacedMusic(Shape):
    """A piece of music for a part of the film: a mood, or the hash of a file."""

    start: int
    end: int
    mood: Mood | None = None
    file: str = ""


class Level(Shape):
    """The level of a bus at one sample; it changes evenly, in decibels, to the next one."""

    at: int
    gain: float


class Soundtrack(Shape):
    """All that is heard in a film."""

    length: int
    """Samples of 48 kHz, as many as the film's frames last."""
    lines: tuple[PlacedLine, ...] = ()
    effects: tuple[PlacedSoundEffect, ...] = ()
    ambience: tuple[PlacedAmbience, ...] = ()
    music: tuple[PlacedMusic, ...] = ()
    ambience_levels: tuple[Level, ...] = ()
    """What single shots ask of the ambience, without what makes room for voices."""
    music_levels: tuple[Level, ...] = ()
