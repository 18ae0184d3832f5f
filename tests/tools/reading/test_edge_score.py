"""Test when a line is accepted as the edge of a panel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.geometry import Line
from tools.reading.edge_evidence import Evidence
from tools.reading.edge_score import PageStyle, score_edge

GUTTER = Evidence(
    stroke=Line(0, 1, 400), half=1.5, side=1, share=1.0, far=1.0, longest_gap=0.0, known=1.0, span=1.0,
    length=800.0, negative=False, ends=1.0, thin=1.0,
)  # fmt: skip
RIDGE = replace(GUTTER, side=0, far=0.0)
PLAIN = PageStyle(side=980.0)


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
    assert (score_edge(evidence, PLAIN) > 0) == believed


def test_a_gutter_with_both_frames_is_surer_than_a_bare_line() -> None:
    assert score_edge(GUTTER, PLAIN) > score_edge(replace(GUTTER, far=0.0), PLAIN) > score_edge(RIDGE, PLAIN)


def test_a_line_between_two_pictures_is_drawn_with_the_pen_of_the_frames() -> None:
    thick = replace(RIDGE, half=2.8)
    assert score_edge(thick, PLAIN) > 0
    assert score_edge(thick, replace(PLAIN, half_width=1.5)) == 0
    assert score_edge(thick, replace(PLAIN, half_width=2.5)) > 0


def test_a_thick_black_line_is_a_gutter_only_where_the_margins_are_black() -> None:
    band = replace(RIDGE, half=5.0, length=200.0)
    assert score_edge(band, PLAIN) == 0
    assert score_edge(band, replace(PLAIN, black=True)) > 0


def test_the_edge_of_a_dark_picture_does_not_lean() -> None:
    edge = replace(RIDGE, thin=0.1)
    assert score_edge(edge, PLAIN) > 0
    assert score_edge(replace(edge, stroke=Line(0.2, 0.98, 400)), PLAIN) == 0
    assert score_edge(replace(RIDGE, stroke=Line(0.2, 0.98, 400)), PLAIN) > 0


def test_lines_without_a_gutter_can_wait() -> None:
    first = replace(PLAIN, gutters_only=True)
    assert score_edge(RIDGE, first) == 0
    assert score_edge(GUTTER, first) > 0


LEANING = replace(GUTTER, stroke=Line(0.985, 0.17, 400), length=180.0)
SHADOW = replace(RIDGE, stroke=Line(0.996, 0.086, 400), half=2.0, length=520.0)
POST = replace(RIDGE, stroke=Line(1, 0, 300), half=3.5, thin=0.05, length=500.0)


@pytest.mark.parametrize(
    ("evidence", "believed"),
    [
        (LEANING, True),
        (replace(LEANING, known=0.53), True),
        (replace(LEANING, known=0.53, far=0.87), False),
        (replace(LEANING, known=0.53, far=0.87, length=600.0), True),
        (replace(LEANING, known=0.49, share=0.89, longest_gap=0.11, ends=0.12, length=550.0), False),
        (replace(LEANING, known=0.9, share=0.89, longest_gap=0.11, ends=0.12, length=550.0), True),
        (SHADOW, True),
        (replace(SHADOW, known=0.51), False),
    ],
)
def test_a_leaning_line_that_is_hardly_seen_is_the_stroke_of_a_drawn_letter(evidence: Evidence, believed: bool) -> None:
    assert (score_edge(evidence, PLAIN) > 0) == believed


def test_an_upright_dark_edge_is_a_post_where_the_frame_lines_of_the_page_are_known() -> None:
    known = replace(PLAIN, half_width=1.0)
    assert score_edge(POST, PLAIN) > 0
    assert score_edge(POST, known) == 0
    assert score_edge(replace(POST, stroke=Line(0, 1, 300)), known) > 0
