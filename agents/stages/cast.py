"""Identify the characters of the book from their appearances in the transcript; it never invents one."""

from __future__ import annotations

from agents.characters import identify
from agents.corrections import transcript_overlay
from agents.run_context import RunContext
from agents.state import State
from storage.domain import Character, Transcript


def run(ctx: RunContext, state: State) -> State:
    """Tell who is who over all pages, and find everybody's name and portrait; what a person said wins."""
    transcript = ctx.library.transcript()
    if transcript is not None:
        friends = identify.named_characters(ctx)
        found = identify.identify_characters(ctx, transcript, friends)
        found = found.model_copy(update={"cast": gather_cast(found)})
        found = transcript_overlay.cast_by_hand(ctx.library, identify.apply_names(found, friends))
        found = identify.choose_portraits(ctx, found, friends)
        if found != transcript:
            ctx.library.set_transcript(found)
    return {}


def gather_cast(transcript: Transcript) -> tuple[Character, ...]:
    """Every identity that is seen or speaks, in order of its first mention, with its sightings."""
    names = {character.id: character.name for character in transcript.cast}
    seen: dict[str, list[str]] = {name: [] for name in names}
    for page in transcript.pages:
        for sighting in page.characters:
            if sighting.character:
                seen.setdefault(sighting.character, []).append(sighting.id)
        for balloon in page.balloons:
            if balloon.speaker:
                seen.setdefault(balloon.speaker, [])
    return tuple(
        Character(id=identity, name=names.get(identity, identity), appearances=tuple(sightings))
        for identity, sightings in seen.items()
    )
