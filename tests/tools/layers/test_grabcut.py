"""Test that figures are cut along their outlines, alike on every run, and that poor cuts are refused with a reason."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tests.tools import layers as drawn
from tools.layers import CutRefusal, PanelPlanes, RefusalKind, load_cutter
from tools.plates import Image


def cut(page: Image, *seeds: Box, **options: object) -> PanelPlanes | CutRefusal:
    return load_cutter("grabcut", **options).cut(
        page, drawn.panel_outline(), seeds=seeds, held=[drawn.balloon_outline()], layers=None
    )


def planes(page: Image, *seeds: Box) -> PanelPlanes:
    found = cut(page, *seeds)
    assert isinstance(found, PanelPlanes), found
    return found


def agreement(found: PanelPlanes) -> float:
    """Return the intersection over the union of what was cut and the figure that was drawn."""
    x0, y0, x1, y1 = (int(side) for side in found.box)
    drawn_figure = drawn.draw_figure()[1][y0:y1, x0:x1] > 127
    cut_out = found.figures > 127
    return float((drawn_figure & cut_out).sum() / (drawn_figure | cut_out).sum())


def test_a_figure_with_a_closed_outline_is_cut_along_it() -> None:
    found = planes(drawn.draw_page(), drawn.SEED)
    assert found.box == drawn.PANEL
    assert found.figures.shape == (432, 592)
    assert agreement(found) > 0.92
    # its outline is taken with it: no ink of it stays behind
    outline = (drawn.draw_figure()[0][..., 0] < 60) & (drawn.draw_figure()[1] > 200)
    x0, y0, x1, y1 = (int(side) for side in found.box)
    assert (found.figures > 0)[outline[y0:y1, x0:x1]].mean() > 0.98
    assert found.ground is None
    assert not found.held.any()


def test_a_gap_in_the_outline_is_closed() -> None:
    page = drawn.draw_page()
    page[380:388, 395:412] = drawn.draw_ground()[380:388, 395:412]
    assert agreement(planes(page, drawn.SEED)) > 0.93


def test_cuts_are_the_same_on_every_run() -> None:
    page = drawn.draw_page()
    one, two = (planes(page, drawn.SEED) for _ in range(2))
    assert (one.figures == two.figures).all()


def test_grabcut_tells_a_dark_figure_without_any_outline_from_its_ground() -> None:
    ground = drawn.draw_ground(235)
    figure, mask = drawn.draw_figure()
    page = drawn.over(drawn.over(ground, figure // 5, mask), *drawn.draw_held())
    page[215:260, 230:260] = 235  # a bite in it, so that what is dark is no closed line
    found = cut(page, drawn.SEED)
    assert isinstance(found, CutRefusal) or agreement(found) > 0.85


@pytest.mark.parametrize(
    ("seed", "kinds"),
    [
        (Box(700, 10, 800, 90), ("no_figure",)),
        (Box(210, 150, 430, 330), ("too_small", "beyond_box")),  # its outline is open where the box ends
        (Box(40, 60, 180, 420), ("too_small", "edge_off_lines")),  # there is nobody
    ],
)
def test_a_poor_cut_is_refused(seed: Box, kinds: tuple[RefusalKind, ...]) -> None:
    found = cut(drawn.draw_page(), seed)
    assert isinstance(found, CutRefusal)
    assert found.kind in kinds
    assert 0 <= found.value <= 255


def test_without_a_seed_no_figure_is_known() -> None:
    assert cut(drawn.draw_page()) == CutRefusal("no_figure")


def test_a_figure_before_a_blank_ground_is_refused() -> None:
    blank = np.full((drawn.HEIGHT, drawn.WIDTH, 3), 255, np.uint8)
    found = cut(drawn.draw_page(blank), drawn.SEED)
    assert isinstance(found, CutRefusal)
    assert found.kind == "plain_ground"


def test_a_figure_that_fills_its_panel_is_refused() -> None:
    page = drawn.draw_page()
    inner = (int(side) for side in drawn.PANEL)
    x0, y0, x1, y1 = inner
    page[y0 + 6 : y1 - 6, x0 + 6 : x1 - 6] = 250
    cv2.rectangle(page, (x0 + 6, y0 + 6), (x1 - 6, y1 - 6), (0, 0, 0), 5)
    found = load_cutter("grabcut").cut(page, drawn.panel_outline(), seeds=[drawn.PANEL], held=[], layers=None)
    assert isinstance(found, CutRefusal)
    assert found.kind in ("too_large", "touches_all_sides")


def test_options_bound_what_is_accepted() -> None:
    found = cut(drawn.draw_page(), drawn.SEED, largest=0.05)
    assert isinstance(found, CutRefusal)
    assert found.kind == "too_large"
    assert found.value > 0.05
