"""Pictures found by the paper around them replace panels that join them, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, box_polygon, iou
from tools.reading.paper_division import combine_with_pictures, find_pictures_on_paper
from tools.reading.working_page import make_working_page

SIZE = (1000, 700)


def panel(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return box_polygon(Box(x0, y0, x1, y1))


LEFT, RIGHT, BELOW = panel(50, 50, 330, 450), panel(370, 50, 650, 450), panel(50, 500, 650, 950)


def test_a_panel_that_joins_pictures_gives_way_to_them() -> None:
    joined = panel(50, 50, 650, 450)
    assert set(combine_with_pictures([joined, BELOW], [LEFT, RIGHT, BELOW], SIZE)) == {LEFT, RIGHT, BELOW}


def test_panels_divided_by_lines_within_one_picture_stay() -> None:
    divided = [panel(50, 500, 340, 950), panel(342, 500, 650, 950)]
    assert combine_with_pictures([LEFT, RIGHT, *divided], [LEFT, RIGHT, BELOW], SIZE) == [LEFT, RIGHT, *divided]


def test_a_panel_that_is_nearly_the_picture_keeps_its_own_outline() -> None:
    own = panel(56, 54, 326, 444)
    assert combine_with_pictures([own, RIGHT], [LEFT, RIGHT], SIZE) == [own, RIGHT]


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_pictures_are_the_same_at_every_size(scale: int) -> None:
    image = np.full((500, 350, 3), 255, np.uint8)
    truth = [Box(20, 20, 160, 220), Box(190, 20, 330, 220), Box(20, 250, 330, 480)]
    for number, box in enumerate(truth):
        x0, y0, x1, y1 = (int(edge) for edge in box)
        image[y0:y1, x0:x1] = 60 + 40 * number
    page = np.kron(image, np.ones((scale, scale, 1), np.uint8))
    found = [bounding_box(polygon) for polygon in find_pictures_on_paper(page, make_working_page(page))]
    assert len(found) == 3
    for box in truth:
        assert max(iou(Box(*(edge * scale for edge in box)), other) for other in found) > 0.93


def test_an_empty_frame_in_a_band_of_paper_is_no_picture() -> None:
    page = np.full((1000, 700, 3), 255, np.uint8)
    page[20:420, 20:680] = page[560:980, 20:680] = 120
    page[460:510, 60:640] = 0
    page[462:508, 62:638] = 255
    found = [bounding_box(polygon) for polygon in find_pictures_on_paper(page, make_working_page(page))]
    assert sorted(round(box.y0, -1) for box in found) == [20, 560]
