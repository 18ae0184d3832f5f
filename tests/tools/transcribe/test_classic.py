"""The classic transcriber reads drawn pages and beats Kumiko on real pages where these are present."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from storage.book_info import BookInfo
from storage.domain import Box
from tests import pages as drawn
from tools.geometry import contains_point, iou
from tools.reading.ocr import TextLine
from tools.reading.order import arrange_page, decide_order
from tools.transcribe import Transcriber
from tools.transcribe.classic import Backend, transcribe_page

SHARED = Path(__file__).parents[3] / "../shared/bench/pages"


def test_panels_balloons_and_order_of_a_lettered_page() -> None:
    page = drawn.lettered_page()
    backend: Transcriber = Backend()
    read = backend.read(page.image)
    order, _ = decide_order([read], BookInfo())
    assert order == "ltr"
    arranged = arrange_page(read, order)
    assert len(arranged.panels) == 4
    assert [text.text for text in arranged.balloons] == [
        "GOOD MORNING, CAPTAIN.",
        "THE WIND HAS TURNED WEST.",
        "THEN WE SAIL BEFORE NOON.",
        "I WILL WAKE THE OTHERS.",
    ]
    assert [text.panel for text in arranged.balloons] == ["p0-0", "p0-1", "p0-2", "p0-3"]
    assert {text.language for text in arranged.balloons} == {"en"}
    assert all(not text.vertical and text.confidence > 0.8 for text in arranged.balloons)
    assert all(contains_point(text.outline, text.box.center) for text in arranged.balloons)
    assert arranged.doubts == ()


def test_a_page_is_read_alike_twice() -> None:
    page = drawn.crossed_page()
    assert Backend().read(page.image) == Backend(threads=2).read(page.image)


def test_lettering_at_one_height_in_framed_panels_stays_apart() -> None:
    page = np.full((600, 968, 3), 255, np.uint8)
    lines = []
    for number, x0 in enumerate((20, 334, 648)):
        cv2.rectangle(page, (x0, 20), (x0 + 300, 580), (170, 200, 230), -1)
        cv2.rectangle(page, (x0, 20), (x0 + 300, 580), (0, 0, 0), 4)
        left, right = x0 + 2.0, x0 + 299.0
        for top in (80.0, 124.0):
            quad = np.array([[left, top], [right, top], [right, top + 40], [left, top + 40]])
            lines.append(TextLine(quad, f"words of panel {number}", 0.99))
    read = transcribe_page(page, lines)
    assert len(read.panels) == 3
    assert sorted(balloon.text for balloon in read.balloons) == [
        f"words of panel {number} words of panel {number}" for number in range(3)
    ]


def framed(height: int) -> np.ndarray:
    image = np.full((height, 800, 3), 255, np.uint8)
    for top, bottom in ((60, 500), (620, 1040)):
        cv2.rectangle(image, (60, top), (740, bottom), (170, 170, 170), -1)
        cv2.rectangle(image, (60, top), (740, bottom), (0, 0, 0), 4)
    return image


def test_a_drawing_outside_every_panel_of_a_page_is_named_and_one_of_a_strip_is_shown() -> None:
    page, strip = framed(1140), framed(2400)
    for image, y in ((page, 1095), (strip, 560)):
        for x in (350, 400, 450):
            cv2.circle(image, (x, y), 20, (0, 0, 0), 5)
    bare = [transcribe_page(framed(height), []) for height in (1140, 2400)]
    assert [(len(read.panels), read.doubts) for read in bare] == [(2, ()), (2, ())]
    named, shown = transcribe_page(page, []), transcribe_page(strip, [])
    assert (len(named.panels), len(named.doubts)) == (2, 1)
    assert (len(shown.panels), shown.doubts) == (3, ())
    assert any(panel.box.y0 < 540 and panel.box.y1 > 580 for panel in shown.panels)


def test_a_blank_page_is_one_empty_panel() -> None:
    read = arrange_page(Backend().read(drawn.blank(300, 400).image), "rtl")
    assert read.balloons == ()
    assert [panel.box for panel in read.panels] == [Box(0, 0, 300, 400)]


def real_pages() -> Iterator[tuple[np.ndarray, list[Box]]]:
    """Yield every eleventh annotated page, with its panels."""
    pages: list[Any] = [page for book in json.loads((SHARED / "annotation.json").read_text()) for page in book["pages"]]
    for page in pages[3::11]:
        image = cv2.imread(str(SHARED / page["image_paths"]["ja"]))
        assert image is not None
        boxes = [Box(f["x"], f["y"], f["x"] + f["w"], f["y"] + f["h"]) for f in page["frame"]]
        yield np.ascontiguousarray(image[:, :, ::-1]), boxes


@pytest.mark.slow  # it reads whole pages
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared pages are not here")
def test_real_pages_are_read_better_than_by_merging_their_panels() -> None:
    found = wanted = hits = letters = 0
    for image, truth in real_pages():
        read = Backend(threads=2).read(image)
        wanted, found = wanted + len(truth), found + len(read.panels)
        left = [panel.box for panel in read.panels]
        for box in truth:
            best = max(left, key=lambda other: iou(box, other), default=None)
            if best is not None and iou(box, best) >= 0.5:
                left.remove(best)
                hits += 1
        letters += sum(text.language == "ja" and text.vertical for text in read.balloons)
    assert 2 * hits / (found + wanted) > 0.8
    assert letters > 30
