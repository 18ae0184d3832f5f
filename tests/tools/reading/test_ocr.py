"""Lettering is read by the packaged models, on pages and on strips, and never by a download."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import rapidocr

from storage.errors import BackendError
from tests import pages as drawn
from tools.geometry import overlap_area
from tools.reading import ocr
from tools.reading.ocr import TextLine, read_lines, recognise_lines


def test_lines_come_back_in_page_pixels_whatever_the_size_of_the_page() -> None:
    page = drawn.blank(1800, 2400)
    drawn.add_balloon(page, (900, 700), "THE TIDE\nIS TURNING", size=60)
    lines = sorted(read_lines(page.image), key=lambda line: line.box.y0)
    assert [line.text.replace(" ", "") for line in lines] == ["THETIDE", "ISTURNING"]
    lettered = page.balloons[0][0]
    assert all(overlap_area(line.box, lettered) > 0.6 * line.box.area for line in lines)


def test_a_line_in_two_windows_of_a_strip_is_read_once() -> None:
    page = drawn.blank(600, 2400)
    for y in (300, 900, 1500, 2100):
        drawn.add_balloon(page, (300, y), f"LINE AT {y}", size=36)
    lines = sorted(read_lines(page.image), key=lambda line: line.box.y0)
    assert [line.text.replace(" ", "") for line in lines] == ["LINEAT300", "LINEAT900", "LINEAT1500", "LINEAT2100"]


def test_an_empty_page_has_no_lines() -> None:
    assert read_lines(np.full((400, 300, 3), 255, np.uint8)) == []


def test_a_missing_model_is_named_and_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    shutil.copy(Path(str(rapidocr.__file__)), tmp_path / "__init__.py")
    monkeypatch.setattr(rapidocr, "__file__", str(tmp_path / "__init__.py"))
    ocr._engine.cache_clear()
    with pytest.raises(BackendError, match="PP-OCRv6_det_small"):
        read_lines(np.full((400, 300, 3), 255, np.uint8))
    ocr._engine.cache_clear()


def test_a_lines_box_stands_around_its_quad() -> None:
    quad = np.array([[10.0, 12.0], [30.0, 10.0], [31.0, 50.0], [11.0, 52.0]])
    assert TextLine(quad, "x", 1.0).box == (10, 10, 31, 52)


def test_a_single_line_is_recognised_and_pages_are_read_as_before() -> None:
    page = drawn.lettered_page()
    before = [(line.text, line.score) for line in read_lines(page.image)]
    longest = max(read_lines(page.image), key=lambda line: len(line.text))
    box = longest.box
    cut = page.image[int(box.y0) : round(box.y1), int(box.x0) : round(box.x1)]
    ((text, score),) = recognise_lines([cut])
    assert text == longest.text
    assert score > 0.9
    assert recognise_lines([]) == []
    assert [(line.text, line.score) for line in read_lines(page.image)] == before
