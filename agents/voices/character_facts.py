"""Learn from lines and names whose voice a character has: a woman's or a man's, a child's or an old one's."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from agents.voices.spoken_text import line_language
from storage.comprehension import VoiceKind
from storage.domain import Balloon, Character, Transcript
from storage.sound import Age, CharacterVoice, Gender

_CLEAR = 3
"""How often a gender must be told for each time that the other is: people quote and imitate one another."""
_HONORIFICS: tuple[tuple[Gender, str], ...] = (
    ("male", r"(?:くん|クン|君|-kun\b)"),
    ("female", r"(?:ちゃん|チャン|-chan\b)"),
)


@dataclass(frozen=True)
class CharacterFacts:
    """What is known of how a character sounds."""

    gender: Gender = ""
    age: Age = ""


VOICE_KINDS: Mapping[VoiceKind, CharacterFacts] = {
    "girl": CharacterFacts("female", "child"),
    "boy": CharacterFacts("male", "child"),
    "woman": CharacterFacts("female"),
    "man": CharacterFacts("male"),
    "old woman": CharacterFacts("female", "old"),
    "old man": CharacterFacts("male", "old"),
}
"""What it says of a character whose voice it has, as a model that sees the pages names it."""


def character_facts(transcript: Transcript, seen: Mapping[str, VoiceKind] | None = None) -> dict[str, CharacterFacts]:
    """Return what is known of how each character of a transcript sounds, by its id.

    What a person said of a voice goes first, then the name, then what a model saw (`Comprehension.voice_kinds`), then
    the character's own lines.
    """
    said: dict[str, list[Balloon]] = {}
    for page in transcript.pages:
        for balloon in page.balloons:
            if balloon.speaker and balloon.kind in ("speech", "thought"):
                said.setdefault(balloon.speaker, []).append(balloon)
    lettering = "\n".join(balloon.text for page in transcript.pages for balloon in page.balloons)
    looks = {who: VOICE_KINDS[kind] for who, kind in (seen or {}).items()}
    return {
        one.id: _facts_of(one, said.get(one.id, []), lettering, looks.get(one.id, CharacterFacts()))
        for one in transcript.cast
    }


def _facts_of(character: Character, lines: list[Balloon], lettering: str, seen: CharacterFacts) -> CharacterFacts:
    told = Counter(kind for line in lines for kind, pattern in _line_habits(line) if pattern.search(line.text))
    told.update(_addressed(character.name, lettering))
    named = {kind for kind, pattern in _habits()["names"].items() if pattern.search(character.name)}
    person = character.voice or CharacterVoice()
    named_age: Age = "old" if "old" in named else "child" if "child" in named else ""
    told_age: Age = "old" if told["old"] else ""
    gender = person.gender or _gender(named) or seen.gender or _majority(told)
    return CharacterFacts(gender, person.age or named_age or seen.age or told_age)


def _line_habits(line: Balloon) -> list[tuple[str, re.Pattern[str]]]:
    return list(_habits().get(line_language(line), {}).items())


def _addressed(name: str, lettering: str) -> Counter[str]:
    """Return how often the lettering calls a character as men, and as women, are called in Japan."""
    if len(name) < 2:
        return Counter()
    called = re.escape(name)
    return Counter({gender: len(re.findall(called + pattern, lettering)) for gender, pattern in _HONORIFICS})


def _gender(named: set[str]) -> Gender:
    return "" if {"female", "male"} <= named else "female" if "female" in named else "male" if "male" in named else ""


def _majority(told: Counter[str]) -> Gender:
    female, male = told["female"], told["male"]
    if female and female >= _CLEAR * male:
        return "female"
    return "male" if male and male >= _CLEAR * female else ""


@cache
def _habits() -> dict[str, dict[str, re.Pattern[str]]]:
    """Return the patterns of lines by language, and those of names."""
    data: dict[str, Any] = tomllib.loads((files("agents.voices") / "speech_habits.toml").read_text(encoding="utf-8"))
    tables = {**data["lines"], "names": data["names"]}
    return {key: {kind: re.compile(pattern) for kind, pattern in table.items()} for key, table in tables.items()}
