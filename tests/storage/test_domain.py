"""Test that domain values are frozen and strict, and survive a round trip through JSON."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from storage.domain import Box, CameraKey, Panel, ShotPlan, VideoFormat

BOX = Box(10, 20, 42, 38)


def shot(**changes: object) -> ShotPlan:
    plan = {
        "id": "s1",
        "ordinal": 0,
        "page": 0,
        "panels": ("p1", "p2"),
        "seconds": 2,
        "camera": (CameraKey(t=0, box=BOX),),
    }
    return ShotPlan.model_validate({**plan, **changes})


def test_a_box_knows_its_measures() -> None:
    assert (BOX.width, BOX.height, BOX.area, BOX.center) == (32, 18, 576, (26, 29))
    assert BOX.aspect == VideoFormat().aspect


@pytest.mark.parametrize("box", [(0, 0, 0, 1), (0, 1, 1, 0), (5, 0, 1, 1)])
def test_a_box_stands_upright(box: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="x0 < x1"):
        Panel.model_validate({"id": "p", "order": 0, "box": box})


@pytest.mark.parametrize("aspect", [(16, 9), (9, 16), (1, 1), (4, 5), (4, 3), (21, 9)])
def test_a_screen_has_one_form_however_large_it_is(aspect: tuple[int, int]) -> None:
    wide, tall = aspect
    screens = [
        VideoFormat(width=round(lines * wide / tall / 2) * 2, height=lines) for lines in (240, 360, 480, 720, 1080)
    ]
    assert len({screen.aspect_name for screen in screens}) == 1
    assert VideoFormat(width=426, height=240).aspect_name == "16:9"
    assert VideoFormat(width=136, height=240).aspect_name == "9:16"


def test_a_shape_is_frozen_and_refuses_what_it_does_not_know() -> None:
    panel = Panel(id="p", order=0, box=BOX)
    with pytest.raises(ValidationError):
        setattr(panel, "order", 1)  # noqa: B010 - a type checker would stop the plain form
    with pytest.raises(ValidationError):
        Panel.model_validate({**panel.model_dump(), "frame": 1})


def test_a_plan_is_the_same_after_json() -> None:
    plan = shot(reveals=(0, 0.5))
    assert ShotPlan.model_validate_json(plan.model_dump_json()) == plan


def test_a_camera_does_not_run_backwards() -> None:
    with pytest.raises(ValidationError, match="backwards"):
        shot(camera=(CameraKey(t=1, box=BOX), CameraKey(t=0, box=BOX)))


def test_every_panel_is_revealed_or_none() -> None:
    with pytest.raises(ValidationError, match="reveals 1 of 2"):
        shot(reveals=(0.5,))


def test_a_screen_of_even_sides_has_the_aspect_that_was_meant() -> None:
    assert VideoFormat(width=426, height=240).has_aspect(16 / 9)
    assert VideoFormat(width=240, height=426).has_aspect(9 / 16)
    assert not VideoFormat().has_aspect(1.75)
    assert not VideoFormat().has_aspect(1.8)
