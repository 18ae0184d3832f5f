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
