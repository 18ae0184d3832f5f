"""The transcript's sightings in, the book's characters out. Invents nobody: no sighting, no character."""

from __future__ import annotations

from agents.casting import corrections, recognition
from agents.state import State
from agents.workshop import Workshop
from storage.shapes import Character, Transcript


def run(shop: Workshop, state: State) -> State:
    """Tell who is who over all pages, and find everybody's name and portrait; what a person said wins."""
    transcript = shop.library.transcript()
    if transcript is not None:
        friends = recognition.friends(shop)
        found = recognition.recognised(shop, transcript, friends)
        found = found.model_copy(update={"cast": gather(found)})
        found = corrections.cast_by_hand(shop.library, recognition.named(found, friends))
        found = recognition.portrayed(shop, found, friends)
        if found != transcript:
            shop.library.set_transcript(found)
    return {}


def gather(transcript: Transcript) -> tuple[Character, ...]:
    """Every identity that is seen or speaks, in order of its first mention, with its sightings."""
    names = {character.id: character.name for character in transcript.cast}
    seen: dict[str, list[str]] = {name: [] for name in names}
    for page in transcript.pages:
        for sighting in page.characters:
            if sighting.character:
                seen.setdefault(sighting.character, []).append(sighting.id)
        for balloon in page.texts:
            if balloon.speaker:
                seen.setdefault(balloon.speaker, [])
    return tuple(
        Character(id=identity, name=names.get(identity, identity), appearances=tuple(sightings))
        for identity, sightings in seen.items()
    )
