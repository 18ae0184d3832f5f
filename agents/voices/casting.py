"""Give every character a voice of its own, which stays the same when pages are added and in the next book.

Characters are cast in the order in which they first speak, so that pages that come later change nobody. Among voices
that fit equally well, the name of the character decides, so that it probably has the same one in another book; a table
of a person (`voices.toml` beside the pictures of the cast) makes that certain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agents.voices.character_facts import CharacterFacts, character_facts
from storage.comprehension import VoiceKind
from storage.domain import Balloon, Character, PageTranscript, Transcript
from storage.sound import NARRATOR, Age, CharacterVoice
from tools.speak import Voice

DialogueSide = Literal["left", "right"]
"""The side of a panel to which the tail of a balloon points."""
PITCHES = (0.0, 2.0, -2.0)
"""Semitones by which one voice is made into several; the first is its own."""
_AGES: tuple[Age, ...] = ("child", "young", "adult", "old")
_OTHER_GENDER, _YEARS, _PITCHED = 100.0, 4.0, 1.5
_SAME_VOICE, _SAME_PITCH, _TOGETHER, _NARRATORS, _LUCK = 20.0, 15.0, 10.0, 6.0, 3.0
"""What speaks against a voice: the gender, each step of age, a changed pitch; that another character has it, at the
same pitch, and is on one page with this one; that the narrator has it. Luck by the name decides between equals."""
_OFF_CENTRE = 0.1
"""Share of a panel's width by which a tail must point off its centre to be on a side."""


@dataclass(frozen=True)
class AssignedVoice:
    """The voice in which lines are spoken."""

    name: str
    pitch: float = 0.0
    rate: float = 1.0
    chosen_by: Literal["person", "casting"] = "casting"


@dataclass(frozen=True)
class Casting:
    """Who speaks each line of a book."""

    narrator: AssignedVoice | None
    """Who speaks captions and the lines of unknown speakers; None if there is no voice at all."""
    characters: Mapping[str, AssignedVoice] = field(default_factory=dict)
    """The voices of characters, by their ids."""
    sides: Mapping[DialogueSide, AssignedVoice] = field(default_factory=dict)
    """The voices of unknown speakers on the left and on the right of a panel."""
    side_of: Mapping[str, DialogueSide] = field(default_factory=dict)
    """The side of unknown speakers, by the id of the balloon, where tails tell two of them apart."""
    unknown_voices: tuple[str, ...] = ()
    """Voices that a person chose and the backend does not have."""

    def voice_of(self, balloon: Balloon) -> AssignedVoice | None:
        """Return the voice that speaks a line; None if there is no voice at all."""
        if balloon.kind != "caption":
            if balloon.speaker in self.characters:
                return self.characters[balloon.speaker or ""]
            if balloon.id in self.side_of:
                return self.sides[self.side_of[balloon.id]]
        return self.narrator


def cast_voices(
    transcript: Transcript,
    voices: Sequence[Voice],
    language: str,
    *,
    table: Mapping[str, CharacterVoice] | None = None,
    seen: Mapping[str, VoiceKind] | None = None,
) -> Casting:
    """Give every character, the narrator and unknown speakers a voice.

    Args:
        transcript: The reading of the book; what a person said of the voice of a character goes before `table`.
        voices: All voices of the backend, the best first.
        language: The language of the lines in ISO 639-1.
        table: What a person says of voices, by the names or ids of characters, or "narrator".
        seen: Whose voices characters have, by their ids, as a model that sees the pages understands it.

    Returns:
        The casting; equal arguments give an equal one. A voice that is named after a character is that character's.
    """
    fitting = [voice for voice in voices if voice.language in ("", language)]
    said = {name.casefold(): voice for name, voice in (table or {}).items()}
    known = frozenset(voice.name for voice in voices)
    spoken_of = _merged(said.get(NARRATOR), transcript.narrator)
    facts = character_facts(transcript, seen)
    chosen = {
        one.id: _merged(said.get(one.id.casefold()) or said.get(one.name.casefold()), one.voice)
        for one in transcript.cast
    }
    asked_for = [spoken_of.name, *(voice.name for voice in chosen.values())]
    unknown = tuple(dict.fromkeys(name for name in asked_for if name and not _is_known(name, known)))
    if not fitting:
        return Casting(None, unknown_voices=unknown)
    own = _own_voices(transcript, fitting)
    fitting = [voice for voice in fitting if voice.name not in own.values()] or fitting
    narrator = _narrator(fitting, spoken_of, known)
    company = _company(transcript)
    given: dict[str, AssignedVoice] = {}
    for character in sorted(transcript.cast, key=lambda one: _first_place(transcript, one)):
        voice, fact = chosen[character.id], facts[character.id]
        known_of = CharacterFacts(voice.gender or fact.gender, voice.age or fact.age)
        if voice.name and voice.name not in unknown:
            given[character.id] = AssignedVoice(voice.name, voice.pitch, voice.rate, "person")
            continue
        if character.id in own:
            given[character.id] = AssignedVoice(own[character.id], voice.pitch, voice.rate)
            continue
        taken = [(other, company.get((character.id, who), False)) for who, other in given.items()]
        best = _best_voice(character.name, known_of, fitting, [(narrator, False)], taken)
        given[character.id] = AssignedVoice(best.name, best.pitch + voice.pitch, voice.rate)
    return Casting(narrator, given, _reading_voices(fitting, narrator), _sides(transcript), unknown)


def _own_voices(transcript: Transcript, voices: Sequence[Voice]) -> dict[str, str]:
    """Return the voices that are named after characters, such as an actor's folder, by the characters' ids."""
    names = {voice.name.casefold(): voice.name for voice in voices if voice.name}
    called = {one.id: (one.id.casefold(), one.name.casefold()) for one in transcript.cast}
    return {who: names[call] for who, calls in called.items() for call in calls if call in names}


def _merged(table: CharacterVoice | None, correction: CharacterVoice | None) -> CharacterVoice:
    """Return what a person says of a voice: field by field, the correction goes before the table."""
    said = (table or CharacterVoice()).model_dump()
    return CharacterVoice.model_validate(said | (correction or CharacterVoice()).model_dump(exclude_defaults=True))


def _is_known(name: str, known: frozenset[str]) -> bool:
    """Return whether the backend has a voice, a style of it ("name/style"), or all voices of a mixture ("a+b")."""
    return name in known or all(part.partition("/")[0] in known for part in name.split("+"))


def _narrator(voices: Sequence[Voice], said: CharacterVoice, known: frozenset[str]) -> AssignedVoice:
    """Return the voice of the narrator: grown-up, and of the gender of which there are more."""
    if said.name and _is_known(said.name, known):
        return AssignedVoice(said.name, said.pitch, said.rate, "person")
    genders = [voice.gender for voice in voices]

    def against(voice: Voice) -> float:
        is_rare = 2 * genders.count(voice.gender) < len(genders)
        plain = 2.0 * is_rare + {"child": 3.0, "young": 1.0}.get(voice.age, 0.0)
        return plain if not (said.gender or said.age) else _misfit(voice, CharacterFacts(said.gender, said.age))

    return AssignedVoice(min(voices, key=against).name, said.pitch, said.rate)


def _best_voice(
    name: str,
    facts: CharacterFacts,
    voices: Sequence[Voice],
    narrators: Sequence[tuple[AssignedVoice, bool]],
    taken: Sequence[tuple[AssignedVoice, bool]],
) -> AssignedVoice:
    """Return the voice and pitch against which least speaks."""
    best, least = AssignedVoice(voices[0].name), float("inf")
    for voice in voices:
        for pitch in PITCHES:
            against = _misfit(voice, facts, pitch) + _PITCHED * bool(pitch) + _LUCK * _luck(name, voice.name, pitch)
            against += sum(_NARRATORS for other, _ in narrators if other.name == voice.name)
            for other, is_together in taken:
                if other.name == voice.name:
                    against += _SAME_VOICE + _SAME_PITCH * (other.pitch == pitch) + _TOGETHER * is_together
            if against < least:
                best, least = AssignedVoice(voice.name, pitch), against
    return best


def _misfit(voice: Voice, facts: CharacterFacts, pitch: float = 0.0) -> float:
    """Return what speaks against a voice for what is known of a character; a higher pitch makes it younger."""
    wrong = _OTHER_GENDER if facts.gender and voice.gender and facts.gender != voice.gender else 0.0
    if not facts.age:
        return wrong + (_YEARS * (voice.age == "child"))
    age = _AGES.index(voice.age or "adult") - pitch / 4
    return wrong + _YEARS * abs(age - _AGES.index(facts.age))


def _luck(name: str, voice: str, pitch: float) -> float:
    """Return a number of 0..1 that depends on a name and a voice alone."""
    digest = hashlib.sha256(f"{name.casefold()}\0{voice}\0{pitch:g}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _first_place(transcript: Transcript, character: Character) -> tuple[int, int, int]:
    """Return where a character first speaks: the page and the balloon; those who never speak come last."""
    for page in transcript.pages:
        for balloon in page.balloons:
            if balloon.speaker == character.id:
                return 0, page.index, balloon.order
    return 1, 0, 0


def _company(transcript: Transcript) -> dict[tuple[str, str], bool]:
    """Return the pairs of characters that speak on one page."""
    pairs: dict[tuple[str, str], bool] = {}
    for page in transcript.pages:
        speakers = {balloon.speaker for balloon in page.balloons if balloon.speaker}
        pairs.update({(one, other): True for one in speakers for other in speakers if one != other})
    return pairs


def _reading_voices(voices: Sequence[Voice], narrator: AssignedVoice) -> dict[DialogueSide, AssignedVoice]:
    """Return two voices for unknown speakers that differ from each other, and from the narrator's where possible."""
    others = [voice for voice in voices if voice.name != narrator.name and voice.age != "child"] or list(voices)
    first = others[0]
    second = next((voice for voice in others if voice.gender != first.gender), others[-1])
    if second.name == first.name:
        return {"left": AssignedVoice(first.name, PITCHES[1]), "right": AssignedVoice(first.name, PITCHES[2])}
    return {"left": AssignedVoice(first.name), "right": AssignedVoice(second.name)}


def _sides(transcript: Transcript) -> dict[str, DialogueSide]:
    """Return the sides of unknown speakers in panels where tails point to both."""
    return dict(pair for page in transcript.pages for pair in _sides_of_page(page))


def _sides_of_page(page: PageTranscript) -> Iterator[tuple[str, DialogueSide]]:
    for panel in page.panels:
        found: dict[str, DialogueSide] = {}
        middle, reach = (panel.box.x0 + panel.box.x1) / 2, _OFF_CENTRE * (panel.box.x1 - panel.box.x0)
        for balloon in page.balloons:
            if balloon.panel == panel.id and balloon.speaker is None and balloon.tail is not None:
                offset = balloon.tail[0] - middle
                if abs(offset) > reach:
                    found[balloon.id] = "left" if offset < 0 else "right"
        if len(set(found.values())) == 2:
            yield from found.items()
