"""Spaces lost in lettering that is drawn with a real typeface are restored, and no others are added."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from tools.plates import Image
from tools.reading.ocr import TextLine
from tools.reading.spacing import insert_spaces, restore_spaces


def draw_line(text: str, *, dark: bool = False) -> tuple[Image, TextLine]:
    """Draw a page with one line of lettering; return it with the line as a recogniser finds it."""
    paper, ink = ("black", "white") if dark else ("white", "black")
    picture = Pictures.new("RGB", (900, 120), paper)
    pen = ImageDraw.Draw(picture)
    pen.text((40, 40), text, font=ImageFont.load_default(size=32), fill=ink)
    x0, y0, x1, y1 = pen.textbbox((40, 40), text, font=ImageFont.load_default(size=32))
    quad = np.array([[x0 - 3, y0 - 4], [x1 + 3, y0 - 4], [x1 + 3, y1 + 4], [x0 - 3, y1 + 4]], dtype=np.float64)
    return np.asarray(picture), TextLine(quad, text, 0.98)


def restored(text: str, read: str, *, dark: bool = False) -> str:
    page, line = draw_line(text, dark=dark)
    return restore_spaces(page, TextLine(line.quad, read, line.score)).text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("MAY I", "MAYI"),
        ("I HOP.", "IHOP."),
        ("and one hop that forgot", "andone hop thatforgot"),
        ("STOP! THIEF!", "STOP!THIEF!"),
    ],
)
def test_a_lost_space_comes_back(text: str, read: str) -> None:
    assert restored(text, read) == text


@pytest.mark.parametrize("text", ["MAY I", "SOMEBODY", "That's me.", "WAIT... WHAT?", "a ii lll", "well-known"])
def test_a_line_that_was_read_whole_stays(text: str) -> None:
    assert restored(text, text) == text


def test_white_lettering_on_black_has_gaps_too() -> None:
    assert restored("MAY I COME IN", "MAYI COME IN", dark=True) == "MAY I COME IN"


def test_a_column_of_lettering_is_left_alone() -> None:
    page, _ = draw_line("MAY I")
    column = TextLine(np.array([[10, 0], [30, 0], [30, 100], [10, 100]], dtype=np.float64), "プルプル", 0.9)
    assert restore_spaces(page, column) is column


def test_no_space_is_put_inside_dots_or_where_its_place_is_not_sure() -> None:
    assert insert_spaces("so...", [0.6, 0.75]) == "so..."
    assert insert_spaces("abcdefgh", []) == "abcdefgh"
