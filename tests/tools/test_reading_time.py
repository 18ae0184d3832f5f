"""Test reading times by language and by length, and their minimum."""

from __future__ import annotations

import pytest

from tools import reading_time


@pytest.mark.parametrize(
    ("text", "language", "seconds"),
    [
        ("あ" * 16, "ja", 2.0),
        ("我" * 18, "zh", 2.0),
        ("가" * 24, "ko", 2.0),
        ("a" * 30, "en", 2.0),
        ("a" * 30, "pt-BR", 2.0),
        ("あ" * 16, "ja-JP", 2.0),
        ("我" * 18, "zh_TW", 2.0),
    ],
)
def test_a_line_takes_its_characters_at_the_speed_of_its_language(text: str, language: str, seconds: float) -> None:
    assert reading_time.reading_seconds(text, language, find=False) == pytest.approx(seconds)
    assert reading_time.reading_seconds(text, language) == pytest.approx(seconds + 0.5)


@pytest.mark.parametrize("text", ["", "え", "No!", "……"])
def test_the_shortest_line_keeps_the_floor(text: str) -> None:
    assert reading_time.reading_seconds(text, find=False) == pytest.approx(0.83)


@pytest.mark.parametrize(
    ("text", "language"),
    [("ドアが開く", "ja"), ("東京へ", "ja"), ("你好吗", "zh"), ("안녕", "ko"), ("Hello", ""), ("…!?", ""), ("", "")],
)
def test_the_script_tells_the_language_where_nobody_else_does(text: str, language: str) -> None:
    assert reading_time.language_of(text) == language


def test_blanks_are_not_read_and_a_run_of_dots_is_one_mark() -> None:
    assert reading_time.count_characters("まっ て\n…………！！") == 4
    assert reading_time.count_characters("a  b\tc") == 3
    assert reading_time.count_characters("?!?!") == 1


def test_half_width_katakana_is_japanese() -> None:
    assert reading_time.characters_a_second("ｶﾀｶﾅ") == 8.0
