"""Test that a balloon pops for its frames, smoothly, and is then as it was drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box, CameraKey, Polygon, VideoFormat
from tests.tools.drawings import lines
from tools.balloon_pop import SIZES, BalloonPop, pop_room
from tools.composite import Layer, PlacedEffect
from tools.composite.camera import Backend as Camera
from tools.plates import Image, Motion

VIEW, FRAMES, START = Box(0, 0, 640, 360), 49, 20
SCREEN = VideoFormat(width=640, height=360, fps=24)
OVAL: Polygon = tuple(
    (320 + 110 * float(np.cos(a)), 180 + 60 * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 40, endpoint=False)
)


def page(drawn: Image) -> Image:
    points = np.round(np.array(OVAL)).astype(np.int32)
    cv2.fillPoly(drawn, [points], (255, 255, 255))
    cv2.polylines(drawn, [points], True, (0, 0, 0), 3, cv2.LINE_AA)
    return drawn


def frames(pop: BalloonPop | None, ground: Image) -> list[Image]:
    layer = Layer(Motion(page(ground)[None], VIEW, 1.0))
    effects = [PlacedEffect(pop)] if pop else []
    frame = Camera().compose(
        [layer], [CameraKey(t=0, box=VIEW)], ease="linear", seconds=FRAMES / 24, screen=SCREEN, effects=effects
    )
    return [frame(number / (FRAMES - 1)).copy() for number in range(FRAMES)]


def test_it_is_larger_for_its_frames_and_all_others_are_as_drawn() -> None:
    pop = BalloonPop(OVAL, START / (FRAMES - 1), frames=FRAMES, fps=24.0)
    drawn, popping = frames(None, lines(640, 360, 5)), frames(pop, lines(640, 360, 5))
    changed = [number for number in range(FRAMES) if (drawn[number] != popping[number]).any()]
    assert changed == list(range(START, START + len(SIZES)))
    room = pop_room(OVAL)
    rows, columns = slice(int(room.y0), int(room.y1) + 1), slice(int(room.x0), int(room.x1) + 1)
    for number in (START - 1, *changed):
        beyond = (drawn[number] != popping[number]).any(axis=2)
        beyond[rows, columns] = False
        assert not beyond.any()
    alone = frames(pop, np.full((360, 640, 3), 255, np.uint8))
    widths = [int(np.ptp(np.flatnonzero(alone[number][180, :, 0] < 100))) for number in (START - 1, *changed)]
    assert widths[1] > widths[2] > widths[3] >= widths[0]
    assert widths[1] / widths[0] == pytest.approx(SIZES[0], abs=0.02)


def test_what_lies_around_it_gives_way_and_is_not_folded() -> None:
    pop = BalloonPop(OVAL, 0.0, frames=FRAMES, fps=24.0)
    field = pop.displacement(0)
    assert field is not None
    rim = np.concatenate([field.offsets[0], field.offsets[-1], field.offsets[:, 0], field.offsets[:, -1]])
    assert np.abs(rim).max() < 0.05
    cell = field.box.width / field.offsets.shape[1]
    assert max(float(np.abs(np.diff(field.offsets, axis=axis)).max()) / cell for axis in (0, 1)) < 0.6


def test_it_lasts_as_long_at_other_rates() -> None:
    for fps, count in ((12.0, 3), (24.0, 3), (48.0, 6), (60.0, 6)):
        pop = BalloonPop(OVAL, 0.5, frames=101, fps=fps)
        assert [number for number in range(101) if pop.phase(number)] == list(range(50, 50 + count))
