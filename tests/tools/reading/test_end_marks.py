"""Exclamation marks and dashes at the end of a column are restored, and nothing else is taken for them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tools.plates import Image
from tools.reading.end_marks import restore_end_marks
from tools.reading.ocr import TextLine

INK = (0, 0, 0)


def column(text: str, height: int = 96) -> TextLine:
    """Return a column of letters 24 pixels wide that begins at (100, 50)."""
    quad = np.array([[100, 50], [124, 50], [124, 50 + height], [100, 50 + height]], np.float64)
    return TextLine(quad, text, 0.98)


def lettered(letters: int = 4) -> Image:
    page = np.full((400, 220, 3), 255, np.uint8)
    for n in range(letters):
        cv2.circle(page, (112, 62 + 24 * n), 8, INK, 3)
    return page


def bang(page: Image, x: int, y: int) -> None:
    page[y : y + 13, x : x + 4] = 0
    page[y + 16 : y + 20, x : x + 4] = 0


@pytest.mark.parametrize("inside", [True, False])
def test_two_exclamation_marks_side_by_side_are_restored(inside: bool) -> None:
    page = lettered(3 if inside else 4)
    y = 124 if inside else 150
    bang(page, 105, y)
    bang(page, 115, y)
    found = restore_end_marks(page, column("ころせ" if inside else "ころせよ"))
    assert found.text == ("ころせ！！" if inside else "ころせよ！！")
    assert found.box.y1 >= y + 19


def test_a_long_stroke_below_the_column_is_a_dash_and_marks_may_follow_it() -> None:
    page = lettered()
    page[152:200, 111:114] = 0
    assert restore_end_marks(page, column("くださる")).text == "くださる――"
    bang(page, 105, 206)
    bang(page, 115, 206)
    found = restore_end_marks(page, column("くださる"))
    assert found.text == "くださる――！！"
    assert found.box.y1 == pytest.approx(226)


def test_marks_below_a_single_letter_are_restored() -> None:
    page = lettered(1)
    bang(page, 105, 78)
    bang(page, 115, 78)
    assert restore_end_marks(page, column("よ", height=50)).text == "よ！！"
    stroke = column("I", height=50)
    assert restore_end_marks(page, stroke) is stroke


def test_bold_slanted_marks_near_the_outline_of_a_balloon_are_restored() -> None:
    """They are nearly as wide as half their height, and what is drawn below and beside them touches none of them."""
    page = lettered(3)
    for x in (101, 111):
        cv2.line(page, (x + 6, 124), (x + 3, 135), INK, 4)
        cv2.circle(page, (x + 2, 142), 2, INK, -1)
    cv2.ellipse(page, (112, 130), (40, 20), 0, 0, 180, INK, 3)
    page[100:190, 126:128] = 0  # the next column
    assert restore_end_marks(page, column("ころせ", height=98)).text == "ころせ！！"


def test_strokes_over_dots_that_are_parts_of_a_letter_are_no_marks() -> None:
    page = lettered(3)
    bang(page, 105, 124)
    bang(page, 115, 124)
    page[126:140, 111:112] = 0
    line = column("ころせよ")
    assert restore_end_marks(page, line) is line


def test_a_complete_column_and_strokes_in_letters_stay() -> None:
    page = lettered()
    line = column("ころせよ")
    assert restore_end_marks(page, line) is line
    bang(page, 110, 150)
    assert restore_end_marks(page, line) is line, "one stroke over a dot is also a part of a letter"
    bang(page, 118, 124)
    ended = column("ころせ！")
    assert restore_end_marks(page, ended) is ended


def test_nothing_is_read_on_a_drawing_or_in_a_row() -> None:
    page = lettered()
    bang(page, 105, 150)
    bang(page, 115, 150)
    row = TextLine(np.array([[20, 50], [116, 50], [116, 74], [20, 74]], np.float64), "ころせよ", 0.9)
    assert restore_end_marks(page, row) is row
    dark = np.where(page == 255, np.uint8(150), page)
    line = column("ころせよ")
    assert restore_end_marks(np.asarray(dark, np.uint8), line) is line
