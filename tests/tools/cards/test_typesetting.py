"""Test that text fills its room: even lines, smaller letters, and dots where nothing helps."""

from __future__ import annotations

import pytest

from tools.cards.typefaces import find_typeface
from tools.cards.typesetting import SMALLEST, TextStyle, break_lines, set_text

LOOK = TextStyle(40)


def lines_of(text: str, width: float, *, most_lines: int = 2) -> list[str]:
    return [line.text for line in set_text(text, LOOK, width, most_lines=most_lines)]


def test_a_short_text_is_one_line_at_its_size() -> None:
    (line,) = set_text("Komadori", LOOK, 600)
    assert (line.text, line.look.size) == ("Komadori", 40)
    assert line.width < 600


def test_lines_are_even_and_words_stay_whole() -> None:
    lines = lines_of("one two three four five six", 480)
    assert lines == ["one two three", "four five six"]


def test_japanese_breaks_between_characters_but_not_before_marks_or_in_katakana() -> None:
    face = find_typeface("コマ撮り")
    assert face is not None
    for width in range(90, 500, 13):
        lines = break_lines("夜の空、「カメラマン」の鳥。ある日", face, LOOK, width)
        assert "".join(lines) == "夜の空、「カメラマン」の鳥。ある日"
        assert not [line for line in lines if line[0] in "、。」"]
        assert not [line for line in lines if line.endswith("「")]
        assert any("カメラマン" in line for line in lines)


def test_a_japanese_title_is_divided_at_its_blanks() -> None:
    assert lines_of("第二話 はじまりの朝", 290) == ["第二話", "はじまりの朝"]


def test_a_long_text_gets_smaller_before_it_is_cut() -> None:
    text = "The long adventures of a small robin in the land of moving pictures"
    lines = set_text(text, LOOK, 640)
    assert " ".join(line.text for line in lines) == text
    assert {line.look.size for line in lines} < {*range(16, 40)}
    assert max(line.width for line in lines) <= 640


@pytest.mark.parametrize("text", ["word " * 200, "長" * 400, "W" * 300])
def test_what_never_fits_ends_in_dots(text: str) -> None:
    lines = set_text(text, LOOK, 300)
    assert 1 <= len(lines) <= 2
    assert lines[-1].text.endswith("...")
    assert max(line.width for line in lines) <= 300
    assert all(line.look.size == 16 for line in lines)


def test_nothing_is_set_where_nothing_can_be_drawn() -> None:
    assert set_text("", LOOK, 300) == []
    assert set_text("שלום", LOOK, 300) == []


def test_letters_never_get_too_small() -> None:
    (line,) = set_text("x", TextStyle(2), 300)
    assert line.look.size == SMALLEST
