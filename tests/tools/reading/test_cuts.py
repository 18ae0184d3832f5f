"""When a line is believed, and what is left of a page that is divided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.pages import grid_page
from tools.geometry import Line, bounds
from tools.reading.cuts import divide, ink_share, thickness, worth
from tools.reading.evidence import Evidence
from tools.reading.frame_lines import candidates
from tools.reading.sheet import Sheet, lay_out

GUTTER = Evidence(
    stroke=Line(0, 1, 400), half=1.5, side=1, share=1.0, far=1.0, longest_gap=0.0, known=1.0, span=1.0,
    length=800.0, negative=False, ends=1.0, thin=1.0,
)  # fmt: skip
RIDGE = replace(GUTTER, side=0, far=0.0)


@pytest.mark.parametrize(
    ("evidence", "believed"),
    [
        (GUTTER, True),
        (replace(GUTTER, share=0.6, longest_gap=0.35), True),
        (replace(GUTTER, share=0.6, longest_gap=0.35, ends=0.2), False),
        (replace(GUTTER, share=0.6, longest_gap=0.35, far=0.2), False),
        (replace(GUTTER, known=0.15), True),
        (replace(GUTTER, known=0.15, far=0.0), False),
        (replace(GUTTER, span=0.5), False),
        (replace(GUTTER, stroke=Line(0.6, 0.8, 400), share=0.9), False),
        (RIDGE, True),
        (replace(RIDGE, share=0.9, longest_gap=0.1), False),
        (replace(RIDGE, length=200.0), False),
        (replace(RIDGE, half=5.0), False),
        (replace(RIDGE, known=0.4, length=500.0), False),
        (replace(RIDGE, stroke=Line(0.6, 0.8, 400)), False),
    ],
)
def test_the_less_a_line_looks_like_a_gutter_the_more_of_it_must_hold(evidence: Evidence, believed: bool) -> None:
    assert (worth(evidence, 980.0) > 0) == believed


def test_a_gutter_with_both_frames_is_surer_than_a_bare_line() -> None:
    assert worth(GUTTER, 980.0) > worth(replace(GUTTER, far=0.0), 980.0) > worth(RIDGE, 980.0)


def test_a_page_is_divided_into_its_panels_and_nothing_else() -> None:
    page = grid_page()
    sheet = lay_out(page.image)
    assert len(divide(sheet, candidates(sheet))) == len(page.panels)


def test_without_lines_the_page_stays_whole() -> None:
    sheet = lay_out(grid_page().image)
    regions = divide(sheet, [])
    assert len(regions) == 1
    assert bounds(regions[0].polygon) == (0, 0, sheet.width, sheet.height)


def test_ink_and_thickness_of_a_region() -> None:
    grey = np.full((100, 100), 255, np.uint8)
    grey[:, :50] = 0
    sheet = Sheet(grey, np.zeros((100, 100), np.uint8), 1.0)
    assert ink_share(sheet, ((0.0, 0.0), (99.0, 0.0), (99.0, 99.0), (0.0, 99.0))) == pytest.approx(0.5, abs=0.02)
    assert ink_share(sheet, ((60.0, 10.0), (90.0, 10.0), (90.0, 90.0), (60.0, 90.0))) == 0
    assert thickness(((0.0, 0.0), (100.0, 0.0), (100.0, 5.0), (0.0, 5.0))) == 5
    assert thickness(()) == 0
