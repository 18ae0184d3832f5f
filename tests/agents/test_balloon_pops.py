"""Test which balloons pop when they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.run_context import RunContext
from agents.stages import cast, composite, ingest, read, storyboard
from storage.domain import Balloon, Box, Polygon
from tests.agents.test_shots import letters_of, talking
from tools import geometry


@pytest.fixture
def planned(context: RunContext) -> RunContext:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    return context


def test_balloons_with_room_pop_and_others_come_up_as_ever(planned: RunContext) -> None:
    """The letters of all come at the same moments; the keys of shots whose balloons do not pop stay."""
    timed, popping = (talking(planned, lettering=mode) for mode in ("timed", "pop"))
    assert letters_of(planned, popping) == letters_of(planned, timed)
    places = Box(60, 50, 110, 80), Box(170, 50, 220, 80), Box(222, 50, 262, 80)
    lines = [
        line.model_copy(update={"box": box, "outline": geometry.box_polygon(box)})
        for line, box in zip(popping.shot.balloons, places, strict=True)
    ]

    def pops(*balloons: Balloon) -> list[Polygon]:
        popping.shot = replace(popping.shot, balloons=balloons)
        arguments = composite.scene_arguments(planned, popping)
        assert arguments is not None
        return list(arguments.get("pops", []))

    assert pops(*lines) == [lines[0].outline], "two stand beside each other"
    assert pops(*lines[:2]) == [line.outline for line in lines[:2]]
    panel = geometry.bounding_box(popping.shot.panels[0].polygon or geometry.box_polygon(popping.shot.panels[0].box))
    edge = Box(panel.x0 + 2, 50, panel.x0 + 50, 80)
    assert pops(lines[1].model_copy(update={"box": edge, "outline": geometry.box_polygon(edge)})) == []
    timed.shot = replace(timed.shot, balloons=tuple(lines))
    assert "pops" not in (composite.scene_arguments(planned, timed) or {})
