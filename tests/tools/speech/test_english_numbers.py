"""Test how English numbers are written in words."""

from __future__ import annotations

import pytest

from tools.speech.english_numbers import cardinal, ordinal, spell_numbers, year


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("7 cats", "seven cats"),
        ("$3.50", "three point five zero dollars"),
        ("£1", "one pound"),
        ("12,000 men", "twelve thousand men"),
        ("in 1999", "in nineteen ninety nine"),
        ("room 007", "room zero zero seven"),
        ("the 21st", "the twenty first"),
        ("100%", "one hundred percent"),
        ("no number", "no number"),
        ("1234567890123", "one two three four five six seven eight nine zero one two three"),
    ],
)
def test_numbers_stand_in_words(text: str, words: str) -> None:
    assert " ".join(spell_numbers(text).split()) == words


def test_cardinals_ordinals_and_years() -> None:
    assert cardinal(1_002_013) == "one million two thousand thirteen"
    assert cardinal(120) == "one hundred twenty"
    assert [ordinal(number) for number in (1, 2, 12, 20, 103)] == [
        "first", "second", "twelfth", "twentieth", "one hundred third",
    ]  # fmt: skip
    assert [year(number) for number in (1900, 1904, 2007, 2026)] == [
        "nineteen hundred", "nineteen oh four", "two thousand seven", "twenty twenty six",
    ]  # fmt: skip
