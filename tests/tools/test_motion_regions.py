"""Test where effects may act: in the panel and the box, and not on balloons."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tools.geometry import box_polygon
from tools.motion_regions import EffectRegion, PlaneField, draw_region, part_of, pixel_span, smooth_step

PANEL, BALLOON, VIEW = Box(100, 100, 500, 400), Box(300, 150, 400, 250), Box(80, 80, 560, 350)


def region(box: Box | None = None) -> EffectRegion:
    found = draw_region(box, box_polygon(PANEL), [box_polygon(BALLOON)], [], VIEW)
    assert found is not None
    return found


def value_at(field: np.ndarray, box: Box, x: float, y: float) -> float:
    height, width = field.shape
    return float(field[int((y - box.y0) / box.height * height), int((x - box.x0) / box.width * width)])


def test_weights_are_0_on_and_around_balloons_and_frame_lines_and_1_far_from_them() -> None:
    found = region()
    assert found.box == PANEL
    for x, y in ((350, 200), (298, 200), (350, 148), (101, 250), (499, 250), (250, 101), (250, 399)):
        assert value_at(found.weights, found.box, x, y) == 0
    assert value_at(found.weights, found.box, 180, 250) == pytest.approx(1.0)
    assert np.abs(np.diff(found.weights, axis=0)).max() < 0.15


def test_what_may_be_drawn_on_is_the_panel_beside_what_covers() -> None:
    found = region()
    assert value_at(found.drawable, found.box, 350, 200) == 255, "sound effects are drawn over"
    covered = draw_region(None, box_polygon(PANEL), [], [box_polygon(BALLOON)], VIEW)
    assert covered is not None
    assert value_at(covered.drawable, covered.box, 350, 200) == 0
    assert value_at(covered.drawable, covered.box, 200, 200) == 255


def test_a_box_is_cut_at_the_panel_and_has_soft_sides() -> None:
    found = region(Box(50, 200, 250, 300))
    assert found.box == Box(100, 200, 250, 300)
    assert found.falloff[0].max() < 0.1
    assert found.falloff.max() == pytest.approx(1.0)
    assert region().falloff.min() == 1.0
    assert draw_region(Box(0, 0, 90, 90), box_polygon(PANEL), [], [], VIEW) is None


def test_a_field_is_held_back_by_the_weights_and_seen_by_the_camera() -> None:
    found = region()
    ones = np.ones(found.weights.shape, np.float32)
    field = found.field(ones * 3, ones * -2)
    assert field.offsets[..., 0].max() == pytest.approx(3)
    assert (field.offsets[found.weights == 0] == 0).all()
    seen = field.offsets_in(Box(170, 240, 190, 260), (20, 20))
    assert seen[10, 10] == pytest.approx([3, -2], abs=0.01)
    assert not field.touched_in(Box(310, 160, 390, 240), (40, 40)).any()
    assert field.touched_in(Box(170, 240, 190, 260), (20, 20)).all()


def test_film_pixels_and_page_pixels_correspond() -> None:
    span = pixel_span(PANEL, VIEW, (480, 270))
    assert span == (20, 20, 420, 270)
    assert part_of(VIEW, (480, 270), span) == Box(100, 100, 500, 350)
    assert pixel_span(Box(0, 0, 50, 50), VIEW, (480, 270)) is None
    field = PlaneField(np.zeros((4, 4, 2), np.float32), PANEL)
    assert not field.touched.any()
    assert smooth_step(np.array([-1, 0, 0.5, 1, 2])).tolist() == [0, 0, 0.5, 1, 1]
