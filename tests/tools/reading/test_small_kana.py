"""Small kana at the end of a column are told from large ones, and no other letter changes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tools.plates import Image
from tools.reading.ocr import TextLine
from tools.reading.small_kana import restore_small_kana


def column(text: str, pitch: int = 24) -> TextLine:
    """Return a column of letters in a box 32 pixels wide that begins at (100, 50)."""
    height = pitch * len(text)
    quad = np.array([[100, 50], [132, 50], [132, 50 + height], [100, 50 + height]], np.float64)
    return TextLine(quad, text, 0.9)


def frame(page: Image, x: int, y: int, side: int) -> None:
    page[y : y + side, x : x + side] = 0
    page[y + 2 : y + side - 2, x + 2 : x + side - 2] = 255


def lettered(letters: int, width: int, right: int = 125) -> Image:
    """Draw letters 18 pixels wide, and below them one of another width that ends at `right`."""
    page = np.full((300, 220, 3), 255, np.uint8)
    for n in range(letters):
        frame(page, 107, 53 + 24 * n, 18)
    frame(page, right - width, 53 + 24 * letters, width)
    return page


@pytest.mark.parametrize(
    ("read", "drawn"), [("はあ", "はぁ"), ("てめえ", "てめぇ"), ("あのお", "あのぉ"), ("コラア", "コラァ")]
)
def test_a_small_letter_at_the_right_of_its_column_is_a_small_kana(read: str, drawn: str) -> None:
    assert restore_small_kana(lettered(len(read) - 1, 11), column(read)).text == drawn


def test_marks_behind_it_stay() -> None:
    page = lettered(2, 11)
    cv2.circle(page, (115, 135), 2, (0, 0, 0), -1)
    assert restore_small_kana(page, column("てめえ…")).text == "てめぇ…"


def test_a_large_letter_one_in_the_middle_and_others_stay() -> None:
    for page, line in (
        (lettered(1, 18), column("ああ")),
        (lettered(1, 11, right=121), column("はあ")),
        (lettered(1, 11), column("そう")),
        (lettered(0, 11), column("あ")),
    ):
        assert restore_small_kana(page, line) is line


def test_nothing_is_judged_in_a_row_on_a_dark_ground_or_on_an_empty_page() -> None:
    line = column("はあ")
    assert restore_small_kana(np.full((300, 220, 3), 255, np.uint8), line) is line
    assert restore_small_kana(255 - lettered(1, 11), line) is line
    row = TextLine(np.array([[50, 50], [110, 50], [110, 74], [50, 74]], np.float64), "はあ", 0.9)
    assert restore_small_kana(lettered(1, 11), row) is row
