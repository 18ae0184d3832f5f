"""Test which language lettering is in, by its characters alone."""

from __future__ import annotations

import pytest

from tools.reading.writing_system import count_letters, count_scripts, is_kana, language_of


@pytest.mark.parametrize(
    ("texts", "hint", "language"),
    [
        (["今日はいい天気だ"], "", "ja"),
        (["漢字漢字漢字漢字", "の"], "", "ja"),
        (["今天天气很好"], "", "zh"),
        (["一番"], "ja", "ja"),
        (["오늘은 날씨가 좋다"], "", "ko"),
        (["GOOD MORNING"], "", "en"),
        (["GOOD MORNING"], "ja", "en"),
        (["BONJOUR"], "fr", "fr"),
        (["Доброе утро"], "", "ru"),
        (["...!?"], "ja", "ja"),
        (["..."], "", ""),
        (["テレビでOKと言った"], "", "ja"),
    ],
)
def test_the_characters_tell_the_language(texts: list[str], hint: str, language: str) -> None:
    assert language_of(texts, hint) == language


def test_marks_are_no_letters_and_no_script() -> None:
    assert count_letters("え…!?A1") == 3
    assert count_scripts(["…!?"]).total() == 0


def test_kana_alone_can_be_furigana() -> None:
    assert is_kana("かきょう")
    assert not is_kana("花京")
    assert not is_kana("")
