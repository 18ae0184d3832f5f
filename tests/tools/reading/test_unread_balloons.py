"""Lettering that the detector missed is read in balloons, and strokes of a drawing in white shapes are not."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from tools.plates import Image
from tools.reading.ocr import TextLine
from tools.reading.unread_balloons import Recogniser, complete_lines

INK = (0, 0, 0)
TYPE = 36


def balloon(page: Image, x: int, y: int) -> None:
    cv2.ellipse(page, (x, y), (50, 75), 0, 0, 360, (255, 255, 255), -1)
    cv2.ellipse(page, (x, y), (50, 75), 0, 0, 360, INK, 3)


def page() -> Image:
    """Return a grey page with a balloon at (300, 200) and one with a known column at (100, 200)."""
    image = np.full((500, 500, 3), 150, np.uint8)
    for x in (100, 300):
        balloon(image, x, 200)
    return image


def known(text: str = "ことば") -> list[TextLine]:
    return [TextLine(np.array([[82, 150], [118, 150], [118, 250], [82, 250]], np.float64), text, 0.98)]


def read_missing(image: Image, lines: Sequence[TextLine], recognise: Recogniser) -> list[TextLine]:
    """Return the lines that are read beside those that are known, all of which must be kept."""
    read = complete_lines(image, lines, recognise)
    assert all(line is other for line, other in zip(lines, read, strict=False))
    return read[len(lines) :]


def reading(*answers: tuple[str, float]) -> tuple[Recogniser, list[Image]]:
    """Return a recogniser that gives the answers in turn, and the pictures that it was shown."""
    shown: list[Image] = []

    def recognise(pictures: Sequence[Image]) -> list[tuple[str, float]]:
        shown.extend(pictures)
        return list(answers[: len(pictures)])

    return recognise, shown


def letters(image: Image, x: int, count: int) -> None:
    for n in range(count):
        y = 200 - 14 * (count - 1) + 28 * n
        cv2.rectangle(image, (x - 9, y - 9), (x + 9, y + 9), INK, 4)
        cv2.line(image, (x - 9, y), (x + 9, y), INK, 3)


def test_a_word_is_read_without_the_outline() -> None:
    image = page()
    letters(image, 300, 2)
    recognise, shown = reading(("目元", 0.98))
    found = read_missing(image, known(), recognise)
    assert [line.text for line in found] == ["目元"]
    assert found[0].box.x0 < 290
    assert found[0].box.x1 > 310
    assert shown[0].shape[1] > shown[0].shape[0], "a column is turned level"
    assert shown[0][0].min() == 255
    assert shown[0].min() < 50


def test_columns_are_read_from_the_right() -> None:
    image = page()
    letters(image, 284, 2)
    letters(image, 316, 2)
    recognise, _ = reading(("右の", 0.9), ("左の", 0.9))
    found = read_missing(image, known(), recognise)
    assert [(line.text, line.box.center[0] > 300) for line in found] == [("右の", True), ("左の", False)]


@pytest.mark.parametrize(("count", "text"), [(3, "…"), (6, "……")])
def test_dots_and_an_exclamation_mark_are_known_by_their_form(count: int, text: str) -> None:
    image = page()
    for n in range(count):
        cv2.circle(image, (300, 200 + round(9 * (n - (count - 1) / 2))), 2, INK, -1)
    recognise, shown = reading()
    assert [line.text for line in read_missing(image, known(), recognise)] == [text]
    mark = page()
    mark[180:200, 298:303] = 0
    cv2.circle(mark, (300, 208), 3, INK, -1)
    assert [line.text for line in read_missing(mark, known(), recognise)] == ["！"]
    assert shown == []


def test_strokes_of_a_drawing_are_not_read() -> None:
    image = page()
    cv2.line(image, (280, 180), (320, 185), INK, 2)
    cv2.line(image, (290, 220), (300, 216), INK, 2)
    recognise, shown = reading(("一", 0.99))
    assert read_missing(image, known(), recognise) == []
    assert shown == []


@pytest.mark.parametrize("answer", [("0", 0.9), ("一", 0.99), ("目", 0.6), ("SICI", 0.9)])
def test_a_doubtful_reading_is_left_out(answer: tuple[str, float]) -> None:
    image = page()
    letters(image, 300, 2)
    assert read_missing(image, known(), reading(answer)[0]) == []


def test_a_page_in_rows_is_left_as_it_is() -> None:
    image = page()
    letters(image, 300, 2)
    recognise, shown = reading(("目元", 0.98))
    assert read_missing(image, known("words are here"), recognise) == []
    assert shown == []


def half_read() -> tuple[Image, list[TextLine]]:
    """Return a page with three columns in one balloon, of which the left one is known."""
    image = page()
    for x in (276, 300, 324):
        letters(image, x, 3)
    quad = np.array([[265, 160], [287, 160], [287, 240], [265, 240]], np.float64)
    return image, [*known(), TextLine(quad, "でしょ", 0.99)]


def test_a_balloon_of_which_columns_are_missing_is_read_again() -> None:
    image, lines = half_read()
    read = complete_lines(image, lines, reading(("あなた", 0.9), ("がいる", 0.9), ("でしょ", 0.9))[0])
    assert [line.text for line in read] == ["ことば", "あなた", "がいる", "でしょ"]
    assert [round(line.box.center[0], -1) for line in read[1:]] == [320, 300, 280]


@pytest.mark.parametrize("score", [0.4, 0.69])
def test_a_doubtful_second_reading_changes_nothing(score: float) -> None:
    image, lines = half_read()
    again = reading(("あなた", score), ("がいる", 0.9), ("でしょ", 0.9))[0]
    assert [line.text for line in complete_lines(image, lines, again)] == ["ことば", "でしょ"]


def test_a_line_over_two_columns_that_is_hardly_read_is_read_again() -> None:
    image = page()
    for x in (286, 313):
        letters(image, x, 3)
    quad = np.array([[270, 150], [330, 150], [330, 250], [270, 250]], np.float64)
    lines = [*known(), TextLine(quad, "死んで", 0.58)]
    read = complete_lines(image, lines, reading(("死んで", 0.97), ("いるよ", 0.97))[0])
    assert [line.text for line in read] == ["ことば", "死んで", "いるよ"]


def test_columns_that_are_read_well_are_left_alone() -> None:
    image, lines = half_read()
    boxes = [(253, 299), (299, 347)]
    quads = [np.array([[x0, 150], [x1, 150], [x1, 250], [x0, 250]], np.float64) for x0, x1 in boxes]
    whole = [lines[0], *(TextLine(quad, "ことばだ", 0.95) for quad in quads)]
    recognise, shown = reading(("あなた", 0.99), ("がいる", 0.99), ("でしょ", 0.99))
    assert complete_lines(image, whole, recognise) == whole
    assert shown == []
