"""Test the profile of strokes along their length."""

from __future__ import annotations

import numpy as np

from tools.geometry import Line
from tools.reading.frame_lines import Candidate
from tools.reading.stroke_profile import find_strongest_strokes, longest_run, profile_line
from tools.reading.working_page import WorkingPage

WHOLE = ((0.0, 0.0), (800.0, 0.0), (800.0, 800.0), (0.0, 800.0))


def sheet() -> WorkingPage:
    """Return a grey page with one stroke at y = 300 from x = 200 to 600, with paper above it."""
    grey = np.full((800, 800), 170, np.uint8)
    grey[280:299, 200:600] = 255
    grey[299:302, 200:600] = 0
    return WorkingPage(grey, np.zeros((800, 800), np.uint8), 1.0)


def test_any_stretch_of_a_rail_is_judged_by_its_running_sums() -> None:
    rail = profile_line(sheet(), WHOLE, Line(0, 1, 300))
    assert rail is not None
    left, right = sorted((rail.place((210, 300)), rail.place((590, 300))))
    assert rail.held[right] - rail.held[left] == right - left
    assert rail.outside[0][right] - rail.outside[0][left] == right - left
    assert rail.outside[1][-1] == 0
    assert rail.held[-1] <= 402


def test_the_longest_run_is_the_strokes_length() -> None:
    rail = profile_line(sheet(), WHOLE, Line(0, 1, 300))
    assert rail is not None
    assert abs(longest_run(rail) - 400) < 5


def test_a_line_that_misses_the_region_has_no_rail() -> None:
    assert profile_line(sheet(), WHOLE, Line(0, 1, 900)) is None


def test_two_edges_of_one_stroke_make_one_rail() -> None:
    near = [Candidate(Line(0, 1, c), (400.0, c), 400.0) for c in (299.0, 302.0)]
    assert len(find_strongest_strokes(sheet(), WHOLE, near, level=True, most=12)) == 1
    assert find_strongest_strokes(sheet(), WHOLE, near, level=False, most=12) == []
