"""List who speaks a book: every character with its voice, how many lines it has, and a line to hear it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agents.voices.casting import AssignedVoice, Casting, cast_voices
from agents.voices.spoken_text import Spoken, spoken_text
from agents.voices.voice_table import VoiceTable
from storage.comprehension import VoiceKind
from storage.domain import Transcript
from storage.sound import NARRATOR, CharacterVoice
from tools.speak import Voice

SAMPLE_LINES: Mapping[str, str] = {
    "en": "The storm is over, and the whole town is waiting for you.",
    "ja": "嵐は終わったよ。町のみんなが待っている。",
    "zh": "暴风雨已经结束了，全城的人都在等你。",
    "ko": "폭풍은 끝났어. 마을 사람들이 모두 기다리고 있어.",
}
"""What a voice says that has no line in the book."""
_Line = tuple[str, Spoken]
"""The id of a balloon, and what is said of it."""
_SAMPLE_LETTERS = 60
"""A line to hear a voice by is the longest of at most so many letters."""


@dataclass(frozen=True)
class CastMember:
    """A character, or the narrator, and its voice."""

    id: str
    name: str
    lines: int
    """How many lines it says in words."""
    voice: AssignedVoice | None
    """None where the backend has no voice for the language of the book."""
    sample: Spoken
    """A line to hear the voice by."""
    balloon: str = ""
    """The id of the balloon of that line; "" if it is none of the book."""


@dataclass(frozen=True)
class CastList:
    """Who speaks a book."""

    language: str
    """The language of most lines."""
    members: tuple[CastMember, ...]
    """The characters, those with most lines first, and the narrator last."""
    casting: Casting
    voices: tuple[Voice, ...] = ()
    """The voices that there are for this language."""

    def find(self, name_or_id: str) -> CastMember | None:
        """Return the member with a name or an id, whatever the case of its letters."""
        called = name_or_id.casefold()
        return next((one for one in self.members if called in (one.id.casefold(), one.name.casefold())), None)


def list_cast(
    transcript: Transcript,
    voices_of: Callable[[str], tuple[Voice, ...]],
    table: VoiceTable,
    *,
    book_language: str = "",
    seen: Mapping[str, VoiceKind] | None = None,
) -> CastList:
    """Return who speaks a book.

    Args:
        transcript: The reading of the book.
        voices_of: Returns the voices of a language in ISO 639-1.
        table: What a person says of voices and readings.
        book_language: The language in the metadata of the book; "" if there is none.
        seen: Whose voices characters have, by their ids, as a model that sees the pages understands it.
    """
    said: dict[str, list[_Line]] = {}
    for page in transcript.pages:
        for balloon in page.balloons:
            line = spoken_text(balloon, table.readings, book_language=book_language)
            if line is not None and line.text:
                speaker = balloon.speaker if balloon.speaker and balloon.kind != "caption" else NARRATOR
                said.setdefault(speaker, []).append((balloon.id, line))
    languages = Counter(line.language for lines in said.values() for _, line in lines)
    language = languages.most_common(1)[0][0] if languages else book_language or "en"
    voices = voices_of(language)
    casting = cast_voices(transcript, voices, language, table=table.voices, seen=seen)
    named = sorted(transcript.cast, key=lambda one: -len(said.get(one.id, ())))
    members = [
        _member(one.id, one.name, said.get(one.id, []), casting.characters.get(one.id), language) for one in named
    ]
    narrator = _member(NARRATOR, NARRATOR, said.get(NARRATOR, []), casting.narrator, language)
    return CastList(language, (*members, narrator), casting, voices)


def table_of(cast: CastList, table: VoiceTable) -> VoiceTable:
    """Return a table with the voices of a cast, for the next book of a series; the readings stay."""
    voices = {
        member.name: CharacterVoice(name=member.voice.name, pitch=member.voice.pitch, rate=member.voice.rate)
        for member in cast.members
        if member.voice is not None
    }
    return VoiceTable({**table.voices, **voices}, table.readings)


def _member(who: str, name: str, lines: list[_Line], voice: AssignedVoice | None, language: str) -> CastMember:
    own = [line for line in lines if line[1].language == language]
    fitting = [line for line in own if len(line[1].text) <= _SAMPLE_LETTERS] or own
    given = "", Spoken(SAMPLE_LINES.get(language, SAMPLE_LINES["en"]), language)
    balloon, sample = max(fitting, key=lambda line: len(line[1].text), default=given)
    return CastMember(who, name, len(lines), voice, sample, balloon)
