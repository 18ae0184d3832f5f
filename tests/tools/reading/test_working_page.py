"""Test how a page is prepared for panel detection."""

from __future__ import annotations

import numpy as np

from tools.reading.working_page import MAX_ENLARGEMENT, WORKING_SIDE, make_working_page


def test_pages_of_any_size_are_brought_to_one() -> None:
    large = make_working_page(np.full((3000, 2000, 3), 255, np.uint8))
    assert abs((large.width * large.height) ** 0.5 - WORKING_SIDE) < 2
    assert large.width / 2000 == large.scale or abs(large.width / 2000 - large.scale) < 1e-3
    small = make_working_page(np.full((500, 400, 3), 255, np.uint8))
    assert abs((small.width * small.height) ** 0.5 - WORKING_SIDE) < 2
    assert make_working_page(np.full((50, 40, 3), 255, np.uint8)).scale == MAX_ENLARGEMENT


def test_ink_and_paper_are_stretched_to_black_and_white() -> None:
    page = np.full((400, 400, 3), (220, 210, 180), np.uint8)
    page[100:200] = 50
    sheet = make_working_page(page)
    assert sheet.grey[round(300 * sheet.scale), 300] == 255
    assert sheet.grey[round(150 * sheet.scale), 300] == 0


def test_the_hidden_places_shrink_with_the_page() -> None:
    mask = np.zeros((3000, 2000), np.uint8)
    mask[:1500] = 255
    sheet = make_working_page(np.full((3000, 2000, 3), 255, np.uint8), mask)
    assert sheet.unknown.shape == sheet.grey.shape
    assert abs((sheet.unknown > 0).mean() - 0.5) < 0.01
