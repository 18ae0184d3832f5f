"""What a film sounds like: its buses, and the cues, the place, the music and the levels of each shot."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from storage.shapes import Shape, Unit

Bus = Literal["voice", "effects", "ambience", "music"]
"""A part of the mix that has a level and a stem of its own."""
SoundKind = Literal[
    "hit", "impact", "explosion", "crack", "break", "slash", "whoosh", "gust", "step", "run", "knock", "door", "click",
    "shutter", "paper", "cloth", "rustle", "splash", "drip", "rain", "wind", "thunder", "fire", "engine", "rumble",
    "creak", "clatter", "bell", "chime", "sparkle", "heartbeat", "crowd", "clap", "bird", "insect", "silence", "boing",
    "gulp", "sigh", "gasp", "laugh",
]  # fmt: skip
"""What a sound effect is a sound of; each kind has a recipe in `tools/sound_effects/`."""
AmbienceKind = Literal["room", "street", "crowd", "nature", "night", "sea", "rain", "wind", "machine"]
"""The place that is heard behind everything."""
Mood = Literal["calm", "cheerful", "sad", "tense", "action", "mystery", "romance"]
"""The mood of a piece of music."""
Decibels = Annotated[float, Field(ge=-60, le=24)]
"""A change of level."""


Gender = Literal["female", "male", ""]
"""Whose voice it sounds like; "" if it is not known."""
Age = Literal["child", "young", "adult", "old", ""]
"""How old it sounds; "" if it is not known."""
NARRATOR = "narrator"
"""Stands in the place of the id of a character for who speaks captions and the lines of unknown speakers."""


class CharacterVoice(Shape):
    """What a person said of the voice of a character, or of the narrator; the casting chooses what is not said."""

    name: str = ""
    """The voice of the backend, such as "jf_alpha"; "" lets the casting choose one."""
    pitch: Annotated[float, Field(ge=-12, le=12)] = 0.0
    """By how many semitones it is raised."""
    rate: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    """How fast it speaks; 1 is the voice's own speed."""
    gender: Gender = ""
    """Whose voice the casting looks for."""
    age: Age = ""


class SoundCue(Shape):
    """One sound effect of a shot, at the moment at which its lettering comes or at a moment of its own."""

    kind: SoundKind | None = None
    sample: str = ""
    """The hash of a recording that a person gave; it is played in place of `kind`."""
    balloon: str | None = None
    """The id of the lettering with whose appearance it begins."""
    at: Unit | None = None
    """Where it begins without lettering, as a share of the shot from 0 to 1; None is the beginning."""
    seconds: Annotated[float, Field(gt=0, le=60)] | None = None
    """How long it lasts; None is as long as its kind usually does."""
    gain: Decibels = 0.0

    @model_validator(mode="after")
    def _has_a_source(self) -> SoundCue:
        if (self.kind is None) == (not self.sample):
            raise ValueError("a sound cue has either a kind or a sample")
        return self


class MusicCue(Shape):
    """What music plays from a shot on: a person's file, a mood, or silence where it has neither."""

    mood: Mood | None = None
    file: str = ""
    """The hash of a piece of music that a person gave; it is played in place of `mood`."""


class ShotSound(Shape):
    """What a shot sounds like, beside the voices of its lines."""

    cues: tuple[SoundCue, ...] = ()
    ambience: AmbienceKind | None = None
    """The place from this shot on; None is the place of the shot before, at first a quiet room."""
    music: MusicCue | None = None
    """The music from this shot on; None goes on with what plays, at first with silence."""
    muted: tuple[Bus, ...] = ()
    """The buses that are silent during this shot."""
    voice_gain: Decibels = 0.0
    effects_gain: Decibels = 0.0
    ambience_gain: Decibels = 0.0
    music_gain: Decibels = 0.0

    def gain(self, bus: Bus) -> float:
        """Return the change of a bus's level during the shot, in decibels."""
        gains = {"voice": self.voice_gain, "effects": self.effects_gain, "ambience": self.ambience_gain,
                 "music": self.music_gain}  # fmt: skip
        return gains[bus]
