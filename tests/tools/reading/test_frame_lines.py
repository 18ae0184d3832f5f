"""Test which straight lines a page proposes as frame lines."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tools.reading.frame_lines import find_segments, line_through, propose_frame_lines
from tools.reading.working_page import make_working_page


def test_the_normal_points_down_or_right() -> None:
    assert line_through(0, 5, 10, 5)[:2] == pytest.approx((0, 1))
    assert line_through(10, 5, 0, 5)[:2] == pytest.approx((0, 1))
    assert line_through(7, 9, 7, 0)[:2] == pytest.approx((1, 0))
    assert line_through(7, 9, 7, 0).c == pytest.approx(7)


def test_a_tilted_line_broken_by_a_balloon_is_proposed_with_its_true_slope() -> None:
    page = np.full((900, 900, 3), 255, np.uint8)
    cv2.line(page, (50, 300), (850, 380), (0, 0, 0), 3, cv2.LINE_AA)
    cv2.circle(page, (450, 340), 90, (255, 255, 255), -1)
    sheet = make_working_page(page)
    truth = line_through(50 * sheet.scale, 300 * sheet.scale, 850 * sheet.scale, 380 * sheet.scale)
    near = [
        c.line for c in propose_frame_lines(sheet) if abs(c.line.c - truth.c) < 5 and abs(c.line.nx - truth.nx) < 0.01
    ]
    assert len(near) >= 2


def test_short_strokes_propose_nothing_and_an_empty_page_neither() -> None:
    page = np.full((900, 900, 3), 255, np.uint8)
    assert propose_frame_lines(make_working_page(page)) == []
    for x in range(50, 850, 40):
        cv2.line(page, (x, 400), (x + 12, 430), (0, 0, 0), 2)
    assert propose_frame_lines(make_working_page(page)) == []


def test_segments_come_as_rows_of_four_whatever_the_detector_says() -> None:
    assert find_segments(np.full((200, 200), 255, np.uint8)).shape == (0, 4)
    page = np.full((200, 200), 255, np.uint8)
    page[100:103, 20:180] = 0
    assert find_segments(page).shape[1] == 4
