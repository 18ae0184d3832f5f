"""Pictures for HTML pages: the first and the last frame of a shot, and data URLs."""

from __future__ import annotations

import base64

import cv2

from storage.domain import ShotPlan
from storage.library import Library
from storage.records import Take
from tools.plates import Image
from tools.video import clips


def is_still(plan: ShotPlan) -> bool:
    """Return whether nothing moves in a shot, so that one frame shows all of it."""
    return len({key.box for key in plan.camera}) == 1 and not plan.reveals


def end_pictures(library: Library, take: Take, plan: ShotPlan, width: int) -> list[Image]:
    """Return the first and the last frame of a take, or only its middle frame where nothing moves.

    Each is (h, w, 3) RGB uint8, `width` pixels wide.
    """
    frames = int(str(take.facts["frames"]))
    every = max(1, frames // 2 if is_still(plan) else frames - 1)
    frames_read = list(clips.read_frames(library.artifacts.open(take.artifact), width=width, every=every))
    return [frames_read[len(frames_read) // 2]] if is_still(plan) else [frames_read[0], frames_read[-1]]


def data_url(picture: Image, quality: int) -> str:
    """Encode an (h, w, 3) RGB picture as the data URL of a JPEG; `quality` is 0..100."""
    data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
