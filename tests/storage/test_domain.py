"""Test that domain values are frozen and strict, and survive a round trip through JSON."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from pydantic import ValidationError

from storage.domain import (
    AnimatePlan,
    Box,
    CameraKey,
    JsonVersion,
    OutpaintPlan,
    Panel,
    RenderOptions,
    ShotPlan,
    Transcript,
    VideoFormat,
)
from tests.conftest import transcript_of

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


@pytest.mark.parametrize("version", get_args(JsonVersion))
def test_a_transcript_is_the_same_after_json_of_each_version(version: JsonVersion) -> None:
    transcript = transcript_of(2)
    text = transcript.to_json(version)
    data = json.loads(text)
    assert data["version"] == version
    assert [name for name in ("texts", "balloons") if name in data["pages"][0]] == [["texts", "balloons"][version - 1]]
    read = Transcript.model_validate_json(text)
    assert read == transcript
    assert read.model_dump_json() == transcript.model_dump_json(), "so that all content keys stay"
    with pytest.raises(ValidationError):
        Transcript.model_validate({**data, "version": 3})


def test_a_plan_is_read_under_the_names_of_both_versions() -> None:
    options = RenderOptions(
        outpaint=OutpaintPlan(negative_prompt="text"),
        animate=AnimatePlan(negative_prompt="zoom", seed_offset=3),
        keep_line_art=True,
    )
    plan = shot(balloons=("t1",), render_options=options)
    first, second = (plan.model_dump(mode="json", by_alias=by_alias) for by_alias in (True, False))
    assert {name for name in first if name not in second} == {"lines", "treatment"}
    assert {name for name in second if name not in first} == {"balloons", "render_options"}
    assert second["render_options"]["keep_line_art"] == first["treatment"]["lines"] is True
    assert (first["treatment"]["animate"]["again"], second["render_options"]["animate"]["seed_offset"]) == (3, 3)
    assert ShotPlan.model_validate(first) == ShotPlan.model_validate(second) == plan
    with pytest.raises(ValidationError):
        ShotPlan.model_validate({**second, "lines": ["t2"]})


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
