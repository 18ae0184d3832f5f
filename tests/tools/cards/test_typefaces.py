"""Test that every text is drawn in a typeface that has all of it, or not at all."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image as Picture

from tools.cards import typefaces
from tools.cards.typefaces import (
    MAX_CHARACTERS,
    FreeTypeFace,
    OpenCVFace,
    can_draw,
    find_typeface,
    plain_text,
    typeface_names,
)


def face_of(text: str) -> str:
    face = find_typeface(text)
    return "" if face is None else face.name.partition(" ")[0]


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the package of the Japanese typefaces be missing."""
    real = builtins.__import__

    def fail(name: str, *rest: Any) -> Any:
        if name == "pylopdf_fonts_jp":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", fail)
    for cached in (typefaces._typefaces, typefaces._has_character, typeface_names):
        cached.cache_clear()
    yield
    for cached in (typefaces._typefaces, typefaces._has_character, typeface_names):
        cached.cache_clear()


@pytest.mark.parametrize("text", ["Komadori", "コマ撮り 漫画", "Привет", "é ü ñ ß – “x”"])
def test_japanese_and_most_latin_is_serif(text: str) -> None:
    assert face_of(text) == "NotoSerifJP-Regular"


@pytest.mark.parametrize("text", ["Część żółta", "Škoda?", "한국어 만화", "简体漫画"])
def test_what_that_lacks_is_drawn_by_opencv(text: str) -> None:
    assert face_of(text) == "opencv"


@pytest.mark.parametrize("text", ["\u0378", "שלום", "عربي", "हिन्दी", "a\u0338", "🐦‍⬛\U000e0041 \U0001fffd"])
def test_what_no_typeface_can_set_is_refused(text: str) -> None:
    assert not can_draw(text)


def test_latin_is_drawn_without_the_package(without_package: None) -> None:
    assert typeface_names() == ("pillow", OpenCVFace.name)
    assert face_of("Komadori: a film") == "pillow"
    assert face_of("Škoda") == "opencv"


def test_a_typeface_is_known_by_the_bytes_of_its_file() -> None:
    serif, sans, *built_in = typeface_names()
    assert serif.startswith("NotoSerifJP-Regular ")
    assert sans.startswith("NotoSansJP-Regular ")
    assert len(serif.split()[1]) == 16
    assert built_in == ["pillow", OpenCVFace.name]


@pytest.mark.parametrize("face", [FreeTypeFace(), OpenCVFace()])
def test_a_line_is_as_wide_as_it_is_drawn(face: FreeTypeFace | OpenCVFace) -> None:
    canvas = Picture.new("L", (600, 100))
    face.draw(canvas, "HIGH H", 20, 70, 48, 200)
    box = canvas.getbbox()
    assert box is not None
    assert abs(box[0] - 20) <= 6
    assert abs(box[2] - (20 + face.width("HIGH H", 48))) <= 8
    assert abs(box[3] - 70) <= 2, "it stands on its baseline"
    assert max(canvas.getdata()) == 200


def test_plain_text_has_composed_letters_on_one_line() -> None:
    assert plain_text(" e\u0301t\u200be\n\x07 x ") == "éte x"
    assert plain_text("x" * 4_000_000) == "x" * MAX_CHARACTERS
