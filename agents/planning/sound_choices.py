"""Offer a model the sounds, places and moods of a shot, and turn its choice into what the shot sounds like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from agents.llm.structured_output import Answer
from storage.domain import Balloon, Panel, ShotSound
from storage.sound import AmbienceKind, Mood, SoundKind

NO_SOUND, AS_BEFORE, NO_MUSIC = "none", "same", "silence"
SOUNDS: tuple[str, ...] = (NO_SOUND, *get_args(SoundKind))
PLACES: tuple[str, ...] = (AS_BEFORE, *get_args(AmbienceKind))
MUSIC: tuple[str, ...] = (AS_BEFORE, NO_MUSIC, *get_args(Mood))


def sound_fields(balloons: int) -> dict[str, Any]:
    """Return the fields of a shot's answer about what is heard, for a page with so much lettering."""
    fields = {
        "sound": _word_field(SOUNDS, "what is heard when it happens in the drawing; usually none"),
        **mood_fields(),
    }
    if not balloons:
        return fields
    about = "number of the lettering with which that sound comes; 0 is the beginning of the shot"
    number = Annotated[int, BeforeValidator(lambda said: said if type(said) is int and 0 < said <= balloons else 0)]
    return fields | {"sound_balloon": (number, Field(default=0, description=about))}


def mood_fields() -> dict[str, Any]:
    """Return the fields of a shot's answer about the place and the music, which the words of a page tell too."""
    return {
        "place": _word_field(PLACES, "what is heard behind it, where the place changes; usually same"),
        "music": _word_field(MUSIC, "the mood of the music, where it changes; usually same"),
    }


def chosen_sound(shot: Answer, lettering: Sequence[Balloon], shown: Sequence[Panel]) -> ShotSound:
    """Return what a shot sounds like by an answer about it; a sound whose lettering is not in the shot is left out.

    Args:
        shot: The answer about one shot.
        lettering: The lettering of its page, as the model sees it numbered from 1.
        shown: The panels of the shot.
    """
    kind, number = getattr(shot, "sound", NO_SOUND), getattr(shot, "sound_balloon", 0)
    place, music = getattr(shot, "place", AS_BEFORE), getattr(shot, "music", AS_BEFORE)
    balloon = lettering[number - 1] if number else None
    is_there = balloon is None or balloon.panel in {panel.id for panel in shown}
    cue = {"kind": kind, "balloon": balloon.id if balloon else None}
    return ShotSound.model_validate(
        {
            "cues": (cue,) if kind != NO_SOUND and is_there else (),
            "ambience": None if place == AS_BEFORE else place,
            "music": None if music == AS_BEFORE else {"mood": None if music == NO_MUSIC else music},
        }
    )


def _word_field(words: Sequence[str], about: str) -> Any:
    """Return a field with one word of a closed list; any other word counts as the first."""

    def usual(said: object) -> object:
        return said if said in words else words[0]

    return Annotated[Literal[tuple(words)], BeforeValidator(usual)], Field(default=words[0], description=about)
