"""Correct the cast of a whole book: find, rename and merge characters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from agents.corrections import CastCorrection, RenameCharacter, VoiceCorrection
from agents.corrections.errors import CorrectionError
from storage.domain import Character, PageTranscript, Transcript
from storage.sound import NARRATOR, CharacterVoice


def correct_cast(transcript: Transcript, fix: CastCorrection) -> Transcript:
    """Return the transcript with a character renamed or merged, on every page, or with what is said of its voice.

    Raises:
        CorrectionError: There is no such character, the name is taken, or both characters are the same.
    """
    if isinstance(fix, VoiceCorrection):
        return set_voices(transcript, {voice_owner(transcript, fix.character): changed_voice(transcript, fix)})
    one = character_of(transcript, fix.character)
    if isinstance(fix, RenameCharacter):
        _refuse_taken_name(transcript, fix.name, one)
        return rename_characters(transcript, {one.id: fix.name})
    other = character_of(transcript, fix.into)
    if one.id == other.id:
        what = f"{fix.character} and {fix.into} are one character already"
        raise CorrectionError(what, _describe_cast(transcript), "same_character", name=fix.character)
    return merge_characters(transcript, {one.id: other.id})


def page_of(transcript: Transcript, number: int) -> PageTranscript:
    """Return the page with a number (from 1).

    Raises:
        CorrectionError: There is no such page.
    """
    for page in transcript.pages:
        if page.index == number - 1:
            return page
    numbers = sorted(page.index + 1 for page in transcript.pages)
    raise CorrectionError(
        f"there is no page {number}", f"the book has {_describe_pages(numbers)}", "unknown_page", page=number
    )


def character_of(transcript: Transcript, name_or_id: str) -> Character:
    """Return the character with an id or a name.

    Raises:
        CorrectionError: There is no such character.
    """
    if found := find_character(transcript, name_or_id):
        return found
    raise CorrectionError(
        f"there is no character {name_or_id}", _describe_cast(transcript), "unknown_character", name=name_or_id
    )


def speaker_of(transcript: Transcript, name_or_id: str | None) -> str | None:
    """Return the id of the character with an id or a name; an unknown name becomes the id of a new character."""
    found = find_character(transcript, name_or_id) if name_or_id else None
    return found.id if found else name_or_id or None


def rename_characters(transcript: Transcript, names: Mapping[str, str]) -> Transcript:
    """Return the transcript with characters renamed, by their ids; ids that are not in the cast are ignored."""
    cast = tuple(
        character.model_copy(update={"name": names.get(character.id, character.name)}) for character in transcript.cast
    )
    return transcript.model_copy(update={"cast": cast})


def voice_owner(transcript: Transcript, name_or_id: str) -> str:
    """Return the id of the character with an id or a name, or `NARRATOR`.

    Raises:
        CorrectionError: There is no such character.
    """
    if name_or_id.casefold() == NARRATOR and find_character(transcript, name_or_id) is None:
        return NARRATOR
    return character_of(transcript, name_or_id).id


def changed_voice(transcript: Transcript, fix: VoiceCorrection) -> CharacterVoice | None:
    """Return what is said of a voice after a correction of it; None if nothing is said any more."""
    owner = voice_owner(transcript, fix.character)
    said = {character.id: character.voice for character in transcript.cast} | {NARRATOR: transcript.narrator}
    changes = fix.model_dump(exclude={"do", "character"}, exclude_none=True)
    if "voice" in changes:
        changes["name"] = changes.pop("voice")
    voice = (said[owner] or CharacterVoice()).model_copy(update=changes)
    return None if voice == CharacterVoice() else voice


def set_voices(transcript: Transcript, voices: Mapping[str, CharacterVoice | None]) -> Transcript:
    """Return the transcript with what is said of voices, by the ids of characters; unknown ids are ignored."""
    cast = tuple(one.model_copy(update={"voice": voices.get(one.id, one.voice)}) for one in transcript.cast)
    return transcript.model_copy(update={"cast": cast, "narrator": voices.get(NARRATOR, transcript.narrator)})


def merge_characters(transcript: Transcript, target_ids: Mapping[str, str]) -> Transcript:
    """Return the transcript with each character of `merged` replaced by its target, over any number of steps."""
    kept = tuple(character for character in transcript.cast if resolve_merged(target_ids, character.id) == character.id)
    pages = tuple(replace_characters(page, partial(resolve_merged, target_ids)) for page in transcript.pages)
    return _update_cast(transcript.model_copy(update={"pages": pages, "cast": kept}))


def resolve_merged(target_ids: Mapping[str, str], name: str | None) -> str | None:
    """Return the id that a character has after all merges, over any number of steps."""
    for _ in target_ids:
        name = target_ids.get(name or "", name)
    return name


def replace_characters(page: PageTranscript, now: Callable[[str | None], str | None]) -> PageTranscript:
    """Return the page with the id of every speaker and sighting replaced by `now(id)`."""
    texts = tuple(balloon.model_copy(update={"speaker": now(balloon.speaker)}) for balloon in page.balloons)
    seen = tuple(character.model_copy(update={"character": now(character.character)}) for character in page.characters)
    return page.model_copy(update={"balloons": texts, "characters": seen})


def replace_page(transcript: Transcript, page: PageTranscript) -> Transcript:
    """Return the transcript with one page replaced, and the cast updated to it."""
    pages = tuple(page if old.index == page.index else old for old in transcript.pages)
    return _update_cast(transcript.model_copy(update={"pages": pages}))


def _update_cast(transcript: Transcript) -> Transcript:
    sightings: dict[str, list[str]] = {character.id: [] for character in transcript.cast}
    for page in transcript.pages:
        for seen in page.characters:
            if seen.character:
                sightings.setdefault(seen.character, []).append(seen.id)
        for text in page.balloons:
            if text.speaker:
                sightings.setdefault(text.speaker, [])
    known = {one.id: one for one in transcript.cast}
    cast = tuple(
        known.get(name, Character(id=name, name=name)).model_copy(update={"appearances": tuple(seen_in)})
        for name, seen_in in sightings.items()
    )
    return transcript.model_copy(update={"cast": cast})


def find_character(transcript: Transcript, name_or_id: str) -> Character | None:
    """Return the character with an id or a name; None if there is none.

    Letter case is ignored only if no exact match exists.
    """
    exact = [character for character in transcript.cast if name_or_id in (character.id, character.name)]
    loose = [one for one in transcript.cast if name_or_id.casefold() in (one.id.casefold(), one.name.casefold())]
    return next(iter(exact or loose), None)


def _refuse_taken_name(transcript: Transcript, name: str, character: Character) -> None:
    for other in transcript.cast:
        if other.id != character.id and name in (other.id, other.name):
            hint = f"if they are one: merge {character.id} into {name}"
            raise CorrectionError(f"another character is named {name}", hint, "name_taken", name=name)


def _describe_cast(transcript: Transcript) -> str:
    if not transcript.cast:
        return "nobody is known yet: give a balloon its speaker first"
    return "the cast is " + ", ".join(
        character.id if character.id == character.name else f"{character.id} ({character.name})"
        for character in transcript.cast
    )


def _describe_pages(numbers: list[int]) -> str:
    if not numbers:
        return "no pages"
    if numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 1:
        return f"pages {numbers[0]} to {numbers[-1]}"
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
