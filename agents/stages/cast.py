"""Identify the characters of the book from their appearances in the transcript, and embed its panels by their looks."""

from __future__ import annotations

from agents.alike_panels import embed_panels
from agents.characters import identify
from agents.corrections import transcript_overlay
from agents.run_context import RunContext
from agents.state import State
from storage.domain import Character, Transcript


def run(context: RunContext, state: State) -> State:
    """Identify the characters over all pages, and find their names and portraits; what a person said wins."""
    transcript = context.library.transcript()
    if transcript is not None:
        named_characters = identify.named_characters(context)
        identified = identify.identify_characters(context, transcript, named_characters)
        identified = identified.model_copy(update={"cast": gather_cast(identified)})
        identified = transcript_overlay.cast_by_hand(
            context.library, identify.apply_names(identified, named_characters)
        )
        identified = identify.choose_portraits(context, identified, named_characters)
        if identified != transcript:
            context.library.set_transcript(identified)
        embed_panels(context, identified)
    return {}


def gather_cast(transcript: Transcript) -> tuple[Character, ...]:
    """Return every character that is seen or speaks, in order of first mention, with its appearances."""
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
