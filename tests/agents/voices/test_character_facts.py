"""Test what lines and names tell of characters, in four languages."""

from __future__ import annotations

import pytest

from agents.voices.character_facts import CharacterFacts, character_facts
from storage.comprehension import VoiceKind
from storage.domain import Character
from storage.sound import CharacterVoice
from tests.agents.voices.test_casting import book


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("俺がやる！", CharacterFacts("male")), ("オレだよ", CharacterFacts("male")),
        ("行くわよ！", CharacterFacts("female")), ("わしは知らん", CharacterFacts("", "old")),
        ("老子不干了！", CharacterFacts("male")), ("本小姐累了", CharacterFacts("female")),
        ("오빠! 기다려", CharacterFacts("female")), ("누나, 여기", CharacterFacts("male")),
        ("そう。", CharacterFacts()), ("Hello!", CharacterFacts()), ("お前は俺か、あたしか？", CharacterFacts()),
    ],
)  # fmt: skip
def test_lines_tell_a_gender_and_an_age(line: str, facts: CharacterFacts) -> None:
    assert character_facts(book([("x1", line)]))["x1"] == facts


def test_what_a_person_says_goes_first_and_one_slip_of_many_lines_changes_nothing() -> None:
    lines = [("x1", "俺だ"), ("x1", "俺は…"), ("x1", "俺が！"), ("x1", "「あたし」だって？")]
    assert character_facts(book(lines))["x1"].gender == "male"
    person = Character(id="x1", name="x1", voice=CharacterVoice(gender="female", age="child"))
    assert character_facts(book(lines, cast=[person]))["x1"] == CharacterFacts("female", "child")


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("Grandma", CharacterFacts("female", "old")), ("おじいさん", CharacterFacts("male", "old")),
        ("女の子", CharacterFacts("female")), ("少年A", CharacterFacts("male", "child")),
        ("女王", CharacterFacts("female")),
        ("Romanov", CharacterFacts()), ("character 3", CharacterFacts()),
    ],
)  # fmt: skip
def test_names_tell_too(name: str, facts: CharacterFacts) -> None:
    assert character_facts(book([("x1", "…")], cast=[Character(id="x1", name=name)]))["x1"] == facts


def test_what_a_model_saw_goes_before_lines_and_after_names_and_a_person() -> None:
    lines = [("x1", "俺だ"), ("x2", "俺だ"), ("x3", "俺だ")]
    people = [Character(id="x2", name="少年"), Character(id="x3", name="x3", voice=CharacterVoice(gender="male"))]
    seen: dict[str, VoiceKind] = {"x1": "girl", "x2": "old woman", "x3": "old woman"}
    assert character_facts(book(lines, cast=people), seen) == {
        "x1": CharacterFacts("female", "child"), "x2": CharacterFacts("male", "child"),
        "x3": CharacterFacts("male", "old"),
    }  # fmt: skip
