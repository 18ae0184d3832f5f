"""Test how drawn sound words are read: marks of length, repetition and small tsus, in four languages."""

from __future__ import annotations

import pytest

from tools.sound_effects.lettering_forms import Lettering, read_lettering, repeated_unit, squeezed


@pytest.mark.parametrize(
    ("text", "base", "marks"),
    [
        ("ドン", "どん", 0), ("ドォォン", "どん", 2), ("どーーん!", "どん", 2), ("ﾄﾞｰﾝ", "どん", 1),
        ("ゴオオオ", "ご", 3), ("ビュウウ", "びゅ", 2), ("ぼうぼう", "ぼぼ", 2), ("し〜ん…", "しん", 1),
        ("キィィ", "き", 2), ("ファサ", "ふあさ", 0), ("ガ口ン", "がろん", 0), ("ドコドコ", "どこどこ", 0),
        ("ド ド ド", "どどど", 0),
    ],
)  # fmt: skip
def test_kana(text: str, base: str, marks: int) -> None:
    found = read_lettering(text)
    assert found is not None
    assert (found.language, found.base, found.marks) == ("ja", base, marks)


def test_small_tsus() -> None:
    sharp, beaten, plain = (read_lettering(text) for text in ("ガタッ", "ザッザッ", "ドッカン"))
    assert sharp is not None
    assert beaten is not None
    assert plain is not None
    assert (sharp.base, sharp.is_sharp, sharp.is_beaten) == ("がた", True, False)
    assert (beaten.base, beaten.is_beaten) == ("ざざ", True)
    assert (plain.base, plain.is_sharp) == ("どかん", False)


@pytest.mark.parametrize(
    ("text", "base", "marks", "repeats"),
    [
        ("BOOOOM!", "boom", 2, 1), ("Knock-knock", "knockknock", 0, 2), ("ba-dump", "badump", 0, 1),
        ("HA HA HA", "hahaha", 0, 3), ("hahaha", "hahaha", 0, 3), ("crème", "creme", 0, 1),
    ],
)  # fmt: skip
def test_latin_letters(text: str, base: str, marks: int, repeats: int) -> None:
    found = read_lettering(text)
    assert found is not None
    assert (found.language, found.base, found.marks, found.repeats) == ("en", base, marks, repeats)


@pytest.mark.parametrize(
    ("text", "base", "marks"), [("쿠우웅!", "쿵", 2), ("쾅~", "쾅", 1), ("두근두근", "두근두근", 0), ("하아", "하", 1)]
)
def test_hangul(text: str, base: str, marks: int) -> None:
    found = read_lettering(text)
    assert found is not None
    assert (found.language, found.base, found.marks) == ("ko", base, marks)


def test_han() -> None:
    found = read_lettering("轰——!")
    assert found == Lettering("zh", "轰", 2)


@pytest.mark.parametrize("text", ["", "!?", "123", "…", "静かに", "쾅BOOM", "Привет", "ー", "ッ", "\x00\ud800"])
def test_what_is_no_sound_word_of_one_language_has_no_form(text: str) -> None:
    assert read_lettering(text) is None


def test_units_and_squeezing() -> None:
    assert (repeated_unit("ababab"), repeated_unit("aba"), repeated_unit("")) == ("ab", "aba", "")
    assert squeezed("bookkeeper") == "bokeper"
