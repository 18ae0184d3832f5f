"""Test what is exposed on the plates of a shot: faces of panels that appear later, two faces at once, and no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from agents.face_exposure import FaceArguments, FaceExposure, expose_faces, patch_places
from storage.artifacts import Artifacts
from storage.domain import Box, VideoFormat
from tools import png
from tools.plates import Motion

SCREEN, SECONDS = VideoFormat(width=160, height=90, fps=24), 8.0
PLATE = np.full((60, 80, 3), 200, np.uint8)


def face(artifacts: Artifacts, x: int, tone: int, layer: int, *names: str) -> FaceExposure:
    """A face with a patch of one tone for each drawing, which says a line from the first to the third second."""
    patch = np.dstack([np.full((6, 8, 3), tone, np.uint8), np.full((6, 8), 255, np.uint8)])
    kept = artifacts.keep(png.encode_png(patch), "image/png").sha256
    patches = {name: (kept, [float(x), 10.0, x + 8.0, 16.0]) for name in names}
    return {"patches": patches, "lines": [[(1.0, 3.0)]], "layer": layer, "start": 0.0, "seed": x}


def expose(tmp_path: Path, *faces: FaceExposure) -> list[tuple[Motion, tuple[int, ...]]]:
    arguments: FaceArguments = {"faces": list(faces), "cadence": 2, "versions": {}}
    motions = [Motion(PLATE[np.newaxis], Box(0, 0, 80, 60), 0.0)] * 2
    return expose_faces(Artifacts(tmp_path), motions, arguments, SECONDS, SCREEN)


def test_a_face_is_not_on_plates_before_its_panel_appears(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    early, late = expose(tmp_path, face(artifacts, 10, 0, 1, "open"))
    assert early[1] == ()
    assert len(early[0].frames) == 1
    motion, sheet = late
    assert len(sheet) == SCREEN.frame_count(SECONDS)
    assert {number for number, picture in enumerate(sheet) if picture} <= set(range(24, 72))
    assert (motion.frames[0] == PLATE).all()
    assert (motion.frames[1][10:16, 10:18] == 0).all()
    assert (motion.frames[1] != PLATE).any(axis=2).sum() == 48


def test_two_faces_move_by_themselves_and_share_pictures(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    both = face(artifacts, 10, 0, 0, "open", "closed"), face(artifacts, 40, 90, 0, "open", "blink")
    (motion, sheet), again = expose(tmp_path, *both)
    assert again[1] == sheet
    shown = [motion.frames[number] for number in range(len(motion.frames))]
    assert 3 <= len(shown) <= 12
    assert len({picture.tobytes() for picture in shown}) == 4, "two drawings are of one tone here"
    assert set(sheet) == set(range(len(shown)))
    silent: FaceExposure = {**both[1], "lines": []}
    places = patch_places({"faces": [silent, both[0]], "cadence": 2, "versions": {}})
    assert len(places) == 3, "a mouth that says nothing is never seen"
