"""Test the evidence along a line: gutters, shared frame lines, black bands, and lettering that hides them."""

from __future__ import annotations

import numpy as np
import pytest

from tools.geometry import Line
from tools.reading.edge_evidence import Evidence, measure_edge
from tools.reading.working_page import WorkingPage

WHOLE = ((0.0, 0.0), (800.0, 0.0), (800.0, 800.0), (0.0, 800.0))


def sheet(grey: np.ndarray, unknown: np.ndarray | None = None) -> WorkingPage:
    return WorkingPage(grey.astype(np.uint8), np.zeros((800, 800), np.uint8) if unknown is None else unknown, 1.0)


def gutter() -> np.ndarray:
    """Draw two grey pictures with frame lines and a white gutter between them, at y = 400 to 420."""
    grey = np.full((800, 800), 150)
    grey[397:400] = 0
    grey[400:420] = 255
    grey[420:423] = 0
    return grey


def strongest(found: list[Evidence]) -> Evidence:
    return max(found, key=lambda evidence: evidence.share)


def test_a_gutter_is_seen_with_the_frame_beyond_it() -> None:
    seen = strongest(measure_edge(sheet(gutter()), WHOLE, Line(0, 1, 400)))
    assert (seen.side, seen.share) == (1, 1.0)
    assert seen.far == pytest.approx(1.0)
    assert seen.half == pytest.approx(1.5)
    assert seen.stroke.c == pytest.approx(398.5, abs=1)


def test_a_figure_over_the_gutter_costs_its_own_width() -> None:
    grey = gutter()
    grey[380:440, 300:460] = 150
    seen = strongest([e for e in measure_edge(sheet(grey), WHOLE, Line(0, 1, 400)) if e.side == 1])
    assert seen.share == pytest.approx(0.8, abs=0.02)
    assert seen.longest_gap == pytest.approx(0.2, abs=0.02)
    assert seen.ends == 1.0


def test_a_balloon_over_the_gutter_costs_nothing() -> None:
    grey, unknown = gutter(), np.zeros((800, 800), np.uint8)
    grey[380:440, 300:460] = 255
    unknown[375:445, 295:465] = 255
    seen = strongest(measure_edge(sheet(grey, unknown), WHOLE, Line(0, 1, 400)))
    assert seen.share == 1.0
    assert seen.known == pytest.approx(630 / 800, abs=0.02)


def test_a_shared_frame_line_is_a_ridge_without_a_side() -> None:
    grey = np.full((800, 800), 160)
    grey[:400] = 190
    grey[399:402] = 0
    seen = strongest(measure_edge(sheet(grey), WHOLE, Line(0, 1, 400)))
    assert (seen.side, seen.share) == (0, 1.0)
    assert seen.thin == pytest.approx(1.0)


def test_a_line_inside_blackness_is_unknown() -> None:
    grey = np.full((800, 800), 180)
    grey[399:402] = 0
    grey[:, :400] = 0
    seen = strongest([e for e in measure_edge(sheet(grey), WHOLE, Line(0, 1, 400)) if not e.negative])
    assert seen.share == 1.0
    assert seen.known == pytest.approx(0.5, abs=0.02)


def test_a_black_band_is_an_edge_of_its_own() -> None:
    grey = np.full((800, 800), 170)
    grey[400:420] = 0
    seen = [e for e in measure_edge(sheet(grey), WHOLE, Line(0, 1, 400)) if e.negative and e.side]
    assert max(e.share for e in seen) == 1.0


def test_a_drawing_without_a_line_gives_no_evidence() -> None:
    grey = np.random.default_rng(0).integers(60, 255, (800, 800))
    assert max((e.share for e in measure_edge(sheet(grey), WHOLE, Line(0, 1, 400))), default=0.0) < 0.8


def test_blank_ends_do_not_count() -> None:
    grey = gutter()
    grey[:, :100], grey[:, 700:] = 255, 255
    seen = strongest(measure_edge(sheet(grey), WHOLE, Line(0, 1, 400)))
    assert seen.share > 0.98
    assert seen.span == pytest.approx(0.75, abs=0.02)
