"""Test that a neighbour's balloon is shown whole or not at all, without its tail and without a part in the gutter."""

from __future__ import annotations

import math

from storage.domain import Balloon, Box, Panel
from tools.cutouts.overlapping_balloons import overlaps_panel, without_tail
from tools.geometry import bounding_box

PANEL = Panel(id="p0-2", order=1, box=Box(100, 100, 300, 300))


def balloon(box: Box, *, stretch: float = 1.3, more: tuple[tuple[float, float], ...] = ()) -> Balloon:
    """Return an oval balloon, with more points after the first quarter of its outline."""
    (x, y), turns = box.center, [math.tau * at / 32 for at in range(32)]
    oval = [(x + stretch * box.width / 2 * math.cos(t), y + stretch * box.height / 2 * math.sin(t)) for t in turns]
    return Balloon(id="t0-1", order=0, box=box, panel="p0-1", outline=(*oval[:8], *more, *oval[8:]))


def test_words_that_would_be_cut_lean_in() -> None:
    assert overlaps_panel(balloon(Box(70, 150, 130, 250)), PANEL)


def test_a_balloon_that_only_touches_does_not() -> None:
    assert not overlaps_panel(balloon(Box(20, 150, 105, 250)), PANEL)


def test_an_inset_under_a_large_text_is_not_leaned_on() -> None:
    assert not overlaps_panel(balloon(Box(0, 0, 400, 400)), PANEL)


def test_a_panel_is_its_polygon_and_not_its_box() -> None:
    slanted = PANEL.model_copy(update={"polygon": ((220, 100), (300, 100), (300, 300), (100, 300))})
    assert overlaps_panel(balloon(Box(90, 110, 150, 150)), PANEL)
    assert not overlaps_panel(balloon(Box(90, 110, 150, 150)), slanted)


def test_a_tail_stays_with_its_speaker() -> None:
    tailed = balloon(Box(70, 150, 130, 250), more=((105, 400), (97, 300)))
    shown = without_tail(tailed)
    assert shown.outline
    assert bounding_box(tailed.outline).y1 == 400
    assert bounding_box(shown.outline).y1 < 300


def test_an_outline_that_ran_out_is_not_believed() -> None:
    ran_out = balloon(Box(70, 150, 130, 250), more=((400, 600), (-200, 600)))
    assert without_tail(ran_out).outline == ()
