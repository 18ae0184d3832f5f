"""Test that measures tell sound segments from broken ones, and how the look of panels is measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from storage.domain import Box, CameraKey, VideoFormat
from tests.tools.drawings import lines
from tools.composite import Layer
from tools.composite.camera import Backend
from tools.measuring.faults import FaultKind, TakeFault
from tools.measuring.measures import look_at_panel, measure_segment, segment_faults
from tools.plates import FrameFunction, Image, Motion
from tools.video import clips

SCREEN = VideoFormat(width=640, height=360, fps=24)
PAN = [CameraKey(t=0, box=Box(0, 0, 320, 180)), CameraKey(t=1, box=Box(80, 20, 400, 200))]
HOLD = [CameraKey(t=0, box=Box(0, 0, 320, 180)), CameraKey(t=1, box=Box(0, 0, 320, 180))]
FRAMES = 24


def filmed(camera: list[CameraKey]) -> FrameFunction:
    motion = Motion(lines(480, 270)[None], Box(0, 0, 480, 270), 1.0)
    return Backend().compose([Layer(motion)], camera, ease="in-out", seconds=1, screen=SCREEN)


def measured(
    folder: Path, frame: FrameFunction, camera: list[CameraKey], *, frames: int = FRAMES, screen: VideoFormat = SCREEN
) -> dict[str, float]:
    path = folder / "segment.mp4"
    clips.write_segment(frame, frames=FRAMES, screen=screen, path=path, preset="ultrafast")
    return measure_segment(path, screen=SCREEN, frames=frames, camera=camera)


@pytest.mark.parametrize("camera", [PAN, HOLD])
def test_a_sound_segment_has_no_faults(camera: list[CameraKey], tmp_path: Path) -> None:
    found = measured(tmp_path, filmed(camera), camera)
    assert segment_faults(found) == []
    assert found["measured"] == 1
    assert found["jump"] < 1.5


def black(t: float) -> Image:
    return np.zeros((360, 640, 3), np.uint8)


PANNING = filmed(PAN)


def jumping(t: float) -> Image:
    return np.roll(PANNING(t), 120 if t > 0.5 else 0, axis=1)


BROKEN: list[tuple[Callable[[float], Image], list[CameraKey], FaultKind]] = [
    (black, HOLD, "empty"),
    (filmed(HOLD), PAN, "frozen"),
    (PANNING, HOLD, "unsteady"),
    (jumping, PAN, "jump"),
]


@pytest.mark.parametrize(("frame", "camera", "kind"), BROKEN, ids=[kind for _, _, kind in BROKEN])
def test_a_broken_segment_is_named(
    frame: FrameFunction, camera: list[CameraKey], kind: FaultKind, tmp_path: Path
) -> None:
    found = segment_faults(measured(tmp_path, frame, camera))
    assert kind in [fault.kind for fault in found]
    assert all(fault.measured > fault.bound and fault.message() for fault in found)


def test_wrong_length_and_wrong_size_are_named(tmp_path: Path) -> None:
    found = measured(tmp_path, filmed(PAN), PAN, frames=30)
    assert found["frames_off"] == -6
    assert segment_faults(found)[0] == TakeFault("too_short", 6)
    small = VideoFormat(width=320, height=180, fps=24)
    frame = Backend().compose(
        [Layer(Motion(lines(480, 270)[None], Box(0, 0, 480, 270), 1.0))], PAN, ease="in-out", seconds=1, screen=small
    )
    assert "wrong_format" in [fault.kind for fault in segment_faults(measured(tmp_path, frame, PAN, screen=small))]
    assert segment_faults({}) == [], "what was not measured is no fault"


def face(size: int) -> Image:
    """Draw a few large shapes."""
    page = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(page, (150, 150), size, (0, 0, 0), 3, cv2.LINE_AA)
    for x in (-1, 1):
        cv2.circle(page, (150 + x * size // 3, 140), max(2, size // 8), (0, 0, 0), -1, cv2.LINE_AA)
    return page


def test_a_close_up_is_told_from_a_crowd() -> None:
    box = Box(0, 0, 300, 300)
    near, crowd = look_at_panel(face(120), box), look_at_panel(lines(300, 300), box)
    assert near.closeness > 0.7
    assert crowd.closeness < 0.4
    assert near.detail < crowd.detail


def test_the_eye_goes_to_what_is_drawn_and_not_to_lettering() -> None:
    page = np.full((400, 400, 3), 255, np.uint8)
    page[60:140, 240:320] = lines(80, 80, 4)
    cv2.putText(page, "WORDS", (30, 300), cv2.FONT_HERSHEY_DUPLEX, 1.4, (0, 0, 0), 3)
    seen = look_at_panel(page, Box(0, 0, 400, 400), [Box(25, 260, 200, 310)])
    assert seen.focus == pytest.approx((280, 100), abs=30)


def test_an_even_border_is_told_from_a_busy_one() -> None:
    page = np.full((200, 200, 3), 60, np.uint8)
    page[40:160, 40:160] = lines(120, 120)
    seen = look_at_panel(page, Box(0, 0, 200, 200))
    assert seen.border == pytest.approx(60 / 255, abs=0.01)
    assert seen.evenness == 1.0
    assert look_at_panel(lines(200, 200), Box(0, 0, 200, 200)).evenness < 0.9


def test_empty_panels_and_boxes_beyond_the_page_can_be_looked_at() -> None:
    white = np.full((100, 100, 3), 255, np.uint8)
    assert look_at_panel(white, Box(10, 10, 60, 60)).focus == pytest.approx((35, 35), abs=1)
    assert look_at_panel(white, Box(-50, -50, 30, 30)).tone == 1.0
    assert look_at_panel(white, Box(200, 200, 300, 300)).detail == 0.0
