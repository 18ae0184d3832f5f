"""Test that a numbered page is small, with every box framed and numbered in its place."""

from __future__ import annotations

import numpy as np

from storage.domain import Box
from tools.previews.numbered_page import BALLOON, PANEL, draw_numbered_page


def test_boxes_are_framed_in_their_colours_where_they_stand() -> None:
    page = np.full((2000, 1000, 3), 255, np.uint8)
    seen = draw_numbered_page(
        page, [Box(100, 200, 900, 900)], [Box(300, 400, 500, 600)], view=Box(0, 0, 1000, 2000), longest=1000
    )
    assert seen.shape == (1000, 500, 3)
    assert tuple(seen[300, 50]) == PANEL, "its left edge"
    assert tuple(seen[300, 249]) == BALLOON, "its right edge"
    assert tuple(seen[700, 250]) == (255, 255, 255)
    assert (page == 255).all(), "the page itself is left alone"


def test_a_part_of_a_long_strip_is_seen_near() -> None:
    page = np.full((9000, 800, 3), 255, np.uint8)
    seen = draw_numbered_page(page, [Box(0, 5000, 800, 6000)], [], view=Box(-20, 5000, 900, 6000), longest=1024)
    assert seen.shape == (1000, 800, 3)
    assert tuple(seen[1, 400]) == PANEL


def test_labels_stay_inside_the_picture() -> None:
    page = np.full((60, 40, 3), 255, np.uint8)
    seen = draw_numbered_page(
        page, [Box(0, 0, 40, 60)], [Box(30, 50, 60, 90), Box(-20, -20, 5, 5)], view=Box(0, 0, 40, 60)
    )
    assert (seen == np.array(BALLOON)).all(axis=-1).sum() > 50
