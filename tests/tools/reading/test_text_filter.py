"""Test the separation of writing from drawing, on Japanese pages and in languages with spaces between words."""

from __future__ import annotations

import numpy as np
import pytest

from tools.reading.lettering import Block, group_lines
from tools.reading.ocr import TextLine
from tools.reading.text_filter import has_content, is_noise, usual_type_size


def block(x0: float, y0: float, x1: float, y1: float, text: str, score: float = 0.95) -> Block:
    quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)
    return group_lines([TextLine(quad, text, score)])[0]


def test_marks_alone_can_be_speech() -> None:
    assert has_content(block(0, 0, 20, 60, "……"))
    assert not has_content(block(0, 0, 20, 60, "／＼"))


def test_a_letter_on_a_japanese_page_is_noise_but_not_in_a_balloon() -> None:
    assert is_noise(block(0, 0, 60, 30, "H"), "ja", enclosed=False)
    assert not is_noise(block(0, 0, 60, 30, "H"), "ja", enclosed=True)


def test_a_row_of_one_sign_is_a_screen_of_dots() -> None:
    assert is_noise(block(0, 0, 300, 30, "0000000O00"), "en", enclosed=False)


@pytest.mark.parametrize("text", ["80", "NN", "X7", "L", "é"])
def test_a_few_signs_that_are_no_word_are_noise_on_the_drawing(text: str) -> None:
    assert is_noise(block(0, 0, 60, 36, text), "en", enclosed=False, usual=36)


@pytest.mark.parametrize("text", ["OK", "Oh!", "Zzz", "POW", "No."])
def test_a_short_word_on_the_drawing_is_said(text: str) -> None:
    assert not is_noise(block(0, 0, 90, 36, text), "en", enclosed=False, usual=36)


def test_in_a_balloon_anything_in_the_usual_type_is_said() -> None:
    for text in ("A", "3", "MR", "80"):
        assert not is_noise(block(0, 0, 36, 36, text), "en", enclosed=True, usual=36)


def test_a_face_is_not_a_balloon_with_one_large_letter() -> None:
    assert is_noise(block(0, 0, 50, 60, "é"), "en", enclosed=True, usual=36)
    assert is_noise(block(0, 0, 36, 36, "0", score=0.7), "en", enclosed=True, usual=36)


def test_korean_syllables_are_words() -> None:
    assert not is_noise(block(0, 0, 40, 40, "네"), "ko", enclosed=False, usual=36)


def test_the_usual_type_is_that_of_most_letters() -> None:
    page = [block(0, 0, 300, 30, "A long line of speech"), block(0, 100, 90, 220, "80"), block(0, 300, 90, 420, "NN")]
    assert usual_type_size(page) == 30
    assert usual_type_size([]) == 0


def test_one_large_doubtful_sign_in_a_round_shape_is_a_thing() -> None:
    clock = block(0, 0, 70, 70, "天", 0.67)
    assert is_noise(clock, "ja", enclosed=True, usual=30.0)
    assert not is_noise(clock, "ja", enclosed=True, usual=70.0)
    assert is_noise(block(0, 0, 80, 80, "x+", 0.93), "ja", enclosed=True, usual=30.0)
    assert not is_noise(block(0, 0, 30, 30, "OK", 0.93), "ja", enclosed=True, usual=30.0)
