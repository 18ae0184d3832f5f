"""Find a typeface that has every character of a text. Fonts of the system are not used: films would differ by machine.

Noto Serif JP and Noto Sans JP (SIL OFL 1.1) come with the package pylopdf-fonts-jp: Japanese and most Latin letters.
What they lack is drawn with the typefaces inside Pillow (Latin) and OpenCV (Rubik and WenQuanYi Micro Hei: the rest of
Latin, Korean, Chinese).
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

Style = Literal["serif", "sans"]
_PROBE_SIZE = 24
_NO_CHARACTER = "\U0010ffff"
"""A code point that is never a character, so that every font draws the sign for a missing one."""
_REGULAR = 400
MAX_CHARACTERS = 400
"""Characters of the longest text that is looked at: metadata may hold megabytes, of which a line shows nothing."""


class Typeface(Protocol):
    """A typeface in any size."""

    @property
    def name(self) -> str:
        """The name under which it is part of content keys."""

    def width(self, text: str, size: int) -> float:
        """Return the width of a line of text at `size` pixels."""

    def draw(self, canvas: Picture.Image, text: str, x: float, baseline: int, size: int, tone: int) -> None:
        """Draw a line of text on a mask (mode L), from `x` on, at `size` pixels with an opacity of 0..255."""


class FreeTypeFace:
    """A font file, or Pillow's own typeface, in Pillow's basic layout, which is the same on every machine."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file

    @property
    def name(self) -> str:
        """The name of the file with a part of its hash; "pillow" for Pillow's own."""
        return f"{self.file.stem} {hashlib.sha256(self.file.read_bytes()).hexdigest()[:16]}" if self.file else "pillow"

    def width(self, text: str, size: int) -> float:
        """Return the width of a line of text at `size` pixels."""
        return _length(self.file, text, size)

    def draw(self, canvas: Picture.Image, text: str, x: float, baseline: int, size: int, tone: int) -> None:
        """Draw a line of text on a mask."""
        ImageDraw.Draw(canvas).text((x, baseline), text, fill=tone, font=_load(self.file, size), anchor="ls")


class OpenCVFace:
    """The typefaces that are built into OpenCV. What they lack is drawn as a question mark."""

    name = f"opencv {cv2.__version__.partition('.')[0]}"

    def width(self, text: str, size: int) -> float:
        """Return the width of a line of text at `size` pixels."""
        (x, _), _ = cv2.putText(np.zeros((1, 1), np.uint8), text, (0, 0), (0,), _opencv_face(), size, _REGULAR,
                                cv2.PUT_TEXT_ALIGN_LEFT, (0, 1 << 20))  # fmt: skip
        return float(x)

    def draw(self, canvas: Picture.Image, text: str, x: float, baseline: int, size: int, tone: int) -> None:
        """Draw a line of text on a mask."""
        letters = np.zeros((canvas.height, canvas.width), np.uint8)
        place = (round(x), baseline)
        cv2.putText(letters, text, place, (255,), _opencv_face(), size, _REGULAR, cv2.PUT_TEXT_ALIGN_LEFT, (0, 1 << 20))
        canvas.paste(tone, mask=Picture.fromarray(letters))


def plain_text(text: str) -> str:
    """Return the first MAX_CHARACTERS of a text, composed, on one line, without characters that are not seen."""
    composed = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])
    seen = (character for character in composed if unicodedata.category(character) != "Cf")
    return " ".join("".join(" " if unicodedata.category(one) == "Cc" else one for one in seen).split())


def find_typeface(text: str, style: Style = "serif") -> Typeface | None:
    """Return the first typeface that has every character of a text; None if there is none.

    Args:
        text: The text, as `plain_text` returns it.
        style: The style that is wished; another one is taken where only that has all characters.
    """
    for number, face in enumerate(_typefaces(style)):
        if all(character.isspace() or _has_character(style, number, character) for character in text):
            return face
    return None


def can_draw(text: str) -> bool:
    """Return whether there is a typeface with every character of a text."""
    return find_typeface(plain_text(text)) is not None


@cache
def typeface_names() -> tuple[str, ...]:
    """Return the names of all typefaces that are installed, for content keys."""
    return tuple(face.name for face in _typefaces("serif"))


@cache
def _typefaces(style: Style) -> tuple[Typeface, ...]:
    """Return the typefaces in the order in which they are tried."""
    packaged = [FreeTypeFace(file) for file in _packaged_files()]
    return (*(packaged if style == "serif" else packaged[::-1]), FreeTypeFace(), OpenCVFace())


def _packaged_files() -> list[Path]:
    """Return the files of the serif and the sans typeface; none where the package is not installed."""
    try:
        import pylopdf_fonts_jp
    except ImportError:
        return []
    return [file for file in (pylopdf_fonts_jp.serif_path(), pylopdf_fonts_jp.sans_path()) if file.is_file()]


@lru_cache(maxsize=16_384)
def _length(file: Path | None, text: str, size: int) -> float:
    """Return the width of a text in pixels; typesetting asks for the same beginnings of lines again and again."""
    return _load(file, size).getlength(text)


@lru_cache(maxsize=64)
def _load(file: Path | None, size: int) -> ImageFont.FreeTypeFont:
    if file is not None:
        return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow is built with FreeType"
    return font


@cache
def _opencv_face() -> cv2.FontFace:
    return cv2.FontFace("sans")


@lru_cache(maxsize=4096)
def _has_character(style: Style, number: int, character: str) -> bool:
    """Return whether a typeface has a character: whether it draws anything else than its sign for a missing one."""
    face = _typefaces(style)[number]
    if unicodedata.bidirectional(character) in ("R", "AL") or unicodedata.category(character).startswith("M"):
        return False  # nothing here sets from right to left, or joins marks to letters
    if character == "?" and isinstance(face, OpenCVFace):
        return True
    return _drawn(face, character) != _drawn(face, _NO_CHARACTER)


def _drawn(face: Typeface, character: str) -> bytes:
    canvas = Picture.new("L", (3 * _PROBE_SIZE, 2 * _PROBE_SIZE))
    face.draw(canvas, character, _PROBE_SIZE, round(1.5 * _PROBE_SIZE), _PROBE_SIZE, 255)
    return canvas.tobytes()
