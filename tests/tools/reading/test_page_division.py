"""Test the division of a page along lines that run from edge to edge."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pages import black_page, grid_page
from tools.geometry import bounding_box
from tools.reading.frame_lines import propose_frame_lines
from tools.reading.page_division import divide_page, ink_share, thickness
from tools.reading.working_page import WorkingPage, make_working_page


def test_a_page_is_divided_into_its_panels_and_nothing_else() -> None:
    page = grid_page()
    sheet = make_working_page(page.image)
    assert len(divide_page(sheet, propose_frame_lines(sheet))[0]) == len(page.panels)


def test_a_page_with_black_gutters_is_divided_as_well() -> None:
    page = black_page()
    sheet = make_working_page(page.image)
    assert len(divide_page(sheet, propose_frame_lines(sheet))[0]) == len(page.panels)


def test_without_lines_the_page_stays_whole() -> None:
    sheet = make_working_page(grid_page().image)
    regions, _ = divide_page(sheet, [])
    assert len(regions) == 1
    assert bounding_box(regions[0].polygon) == (0, 0, sheet.width, sheet.height)


def test_ink_and_thickness_of_a_region() -> None:
    grey = np.full((100, 100), 255, np.uint8)
    grey[:, :50] = 0
    sheet = WorkingPage(grey, np.zeros((100, 100), np.uint8), 1.0)
    assert ink_share(sheet, ((0.0, 0.0), (99.0, 0.0), (99.0, 99.0), (0.0, 99.0))) == pytest.approx(0.5, abs=0.02)
    assert ink_share(sheet, ((60.0, 10.0), (90.0, 10.0), (90.0, 90.0), (60.0, 90.0))) == 0
    assert thickness(((0.0, 0.0), (100.0, 0.0), (100.0, 5.0), (0.0, 5.0))) == 5
    assert thickness(()) == 0


@pytest.mark.parametrize(("balloon", "is_panel"), [((560, 680), False), ((640, 700), True)])
def test_black_below_a_panel_is_a_panel_only_if_something_is_said_in_it(
    balloon: tuple[int, int], is_panel: bool
) -> None:
    page = np.full((740, 600, 3), 255, np.uint8)
    page[20:600, 20:580] = 0
    page[24:596, 24:576] = 170
    page[608:] = 0
    hidden = np.zeros(page.shape[:2], np.uint8)
    hidden[balloon[0] : balloon[1], 200:300] = 255
    page[hidden > 0] = 255
    sheet = make_working_page(page, hidden)
    regions, _ = divide_page(sheet, propose_frame_lines(sheet))
    assert len(regions) == 1 + is_panel
