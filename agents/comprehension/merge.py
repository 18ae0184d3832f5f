"""Fill the gaps of a transcript with what was understood of its pages, and overwrite nothing.

A speaker is added only where there is none, and only if it is a member of the cast. A kind is changed only where it
is `other`, and a name only where it is a generated one. A text is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from agents.characters.identify import UNNAMED_CHARACTER_ID
from agents.corrections.characters import rename_characters as renamed
from storage.comprehension import DescribedCharacter, PageComprehension
from storage.domain import Balloon, Character, PageTranscript, Transcript

NUMBERED_NAME = re.compile(r"character \d+")
"""Generated name of a character whom nobody has named."""


def fill_gaps(transcript: Transcript, pages: Iterable[PageComprehension]) -> Transcript:
    """Return the transcript with speakers and kinds filled in where they were unknown."""
    senses, cast = {page.index: page for page in pages}, {character.id for character in transcript.cast}
    there = tuple(
        _fill_page(page, senses[page.index], cast) if page.index in senses else page for page in transcript.pages
    )
    return transcript.model_copy(update={"pages": there})


def apply_lettered_names(transcript: Transcript, pages: Iterable[PageComprehension]) -> Transcript:
    """Return the transcript with unnamed characters named as its lettering names them."""
    return renamed(transcript, names_of(transcript, pages))


def names_of(transcript: Transcript, pages: Iterable[PageComprehension]) -> dict[str, str]:
    """Return the lettered names of unnamed characters, by id.

    Each character gets the name that most pages give it. Where two would get the same name, the one with more pages
    gets it, and neither where they have equally many.
    """
    votes: dict[str, dict[str, int]] = {}
    spelt: dict[str, str] = {}
    for page in pages:
        for who, name in page.names.items():
            known = votes.setdefault(who, {})
            known[name.casefold()] = known.get(name.casefold(), 0) + 1
            spelt.setdefault(name.casefold(), name)
    nameless = [character for character in transcript.cast if is_numbered_name(character)]
    taken = {said.casefold() for one in transcript.cast for said in (one.id, one.name)}
    claims: dict[str, list[tuple[int, str]]] = {}
    for one in nameless:
        open_votes = {name: count for name, count in votes.get(one.id, {}).items() if name not in taken}
        if open_votes:
            best = max(open_votes, key=lambda name: open_votes[name])
            claims.setdefault(best, []).append((open_votes[best], one.id))
    found: dict[str, str] = {}
    for name, bearers in claims.items():
        bearers.sort(reverse=True)
        if len(bearers) == 1 or bearers[0][0] > bearers[1][0]:
            found[bearers[0][1]] = spelt[name]
    return found


def is_numbered_name(character: Character) -> bool:
    """Return whether a character has no real name, but only a generated number."""
    name = character.name
    is_numbered = name == character.id or bool(NUMBERED_NAME.fullmatch(name))
    return is_numbered and bool(UNNAMED_CHARACTER_ID.fullmatch(character.id))


def describe_cast(transcript: Transcript, pages: Sequence[PageComprehension]) -> tuple[DescribedCharacter, ...]:
    """Return the cast with their looks, as described on the page that shows each of them largest."""
    largest: dict[str, tuple[float, str]] = {}
    read = {page.index: page for page in transcript.pages}
    for sense in pages:
        sizes = _largest_shares(read[sense.index])
        for who, looks in sense.looks.items():
            if who not in largest or sizes.get(who, 0) > largest[who][0]:
                largest[who] = sizes.get(who, 0.0), looks
    return tuple(
        DescribedCharacter(id=character.id, name=character.name, looks=largest.get(character.id, (0, ""))[1])
        for character in transcript.cast
    )


def _largest_shares(page: PageTranscript) -> Mapping[str, float]:
    """Return the share of the page (0..1) that the largest sighting of each character takes."""
    found: dict[str, float] = {}
    for seen in page.characters:
        if seen.character:
            share = seen.box.area / (page.width * page.height)
            found[seen.character] = max(found.get(seen.character, 0.0), share)
    return found


def _fill_page(page: PageTranscript, sense: PageComprehension, cast: Collection[str]) -> PageTranscript:
    """Return a page with the gaps of its balloons filled."""
    return page.model_copy(update={"balloons": tuple(_fill_balloon(text, sense, cast) for text in page.balloons)})


def _fill_balloon(text: Balloon, sense: PageComprehension, cast: Collection[str]) -> Balloon:
    """Return a balloon with its speaker and kind filled in where they were unknown."""
    speaker = sense.speakers.get(text.id)
    changes: dict[str, str] = {}
    if text.speaker is None and speaker in cast:
        changes["speaker"] = str(speaker)
    if text.kind == "other" and text.id in sense.spoken:
        changes["kind"] = sense.spoken[text.id]
    return text.model_copy(update=changes) if changes else text
