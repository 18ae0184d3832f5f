"""Typed edits of what shots sound like: levels of buses, sound effects, places and music."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from agents.editing.selectors import Which
from storage.shapes import Shape
from storage.sound import AmbienceKind, Bus, Decibels, Mood, SoundKind

File = Annotated[str, Field(max_length=1000)]
"""The path of a sound file as a person gave it; "" for none."""


class SetLevel(Shape):
    """Set how much louder than usual a bus is during shots, in decibels; None for all buses, 0 for the usual."""

    do: Literal["level"] = "level"
    which: Which
    bus: Bus | None = None
    gain: Decibels


class ChangeLevel(Shape):
    """Make a bus louder or quieter than it is during shots, by some decibels; None for all buses."""

    do: Literal["louder"] = "louder"
    which: Which
    bus: Bus | None = None
    by: Annotated[float, Field(ge=-60, le=60)]


class Mute(Shape):
    """Silence a bus during shots; None for all buses."""

    do: Literal["mute"] = "mute"
    which: Which
    bus: Bus | None = None


class Unmute(Shape):
    """Let a bus be heard again during shots; None for all buses."""

    do: Literal["unmute"] = "unmute"
    which: Which
    bus: Bus | None = None


class AddSound(Shape):
    """Add a sound effect, by its kind or from a file, at a moment of the shot or with one of its balloons.

    It takes the place of the same sound at the same moment. `at` is a second of the shot; None is its beginning.
    `sample` is the artifact of the file's contents. It is filled in before the edit is applied.
    """

    do: Literal["sound"] = "sound"
    which: Which
    kind: SoundKind | None = None
    file: File = ""
    balloon: Annotated[int, Field(ge=1, le=999_999)] | None = None
    at: Annotated[float, Field(ge=0, lt=60)] | None = None
    seconds: Annotated[float, Field(gt=0, le=60)] | None = None
    gain: Decibels = 0.0
    sample: str = ""

    @model_validator(mode="after")
    def _is_one_sound(self) -> AddSound:
        if (self.kind is None) == (not self.file):
            raise ValueError("a sound is a kind or a file")
        if self.at is not None and self.balloon is not None:
            raise ValueError("a sound comes at a second or with a balloon, not both")
        return self


class RemoveSounds(Shape):
    """Remove the sound effects of shots: those of a kind, those of a file, or all of them.

    `sample` is the artifact of the file's contents. It is filled in before the edit is applied.
    """

    do: Literal["no sounds"] = "no sounds"
    which: Which
    kind: SoundKind | None = None
    file: File = ""
    sample: str = ""


class SetAmbience(Shape):
    """Set the place that is heard behind everything from each of the shots on; None goes on with the place before."""

    do: Literal["place"] = "place"
    which: Which
    kind: AmbienceKind | None = None


class SetMusic(Shape):
    """Set the music from each of the shots on: a mood, a file, "none" for silence, "auto" for what played before.

    `sample` is the artifact of the file's contents. It is filled in before the edit is applied.
    """

    do: Literal["music"] = "music"
    which: Which
    mood: Mood | Literal["none", "auto"] | None = None
    file: File = ""
    sample: str = ""

    @model_validator(mode="after")
    def _is_one_piece(self) -> SetMusic:
        if (self.mood is None) == (not self.file):
            raise ValueError("music is a mood, a file, none or auto")
        return self


SoundEdit = SetLevel | ChangeLevel | Mute | Unmute | AddSound | RemoveSounds | SetAmbience | SetMusic
FileEdit = AddSound | RemoveSounds | SetMusic
"""An edit that may name a sound file."""
