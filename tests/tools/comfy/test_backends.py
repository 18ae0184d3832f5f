"""Test motions and plates that workflows of a ComfyUI server made, and all that such a server can do wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from storage.domain import Box
from tests.tools.comfy.comfy_server import ComfyThere, comfy_server, png_bytes
from tests.tools.drawings import lines
from tools.animate import load_animator
from tools.comfy.server import VARIABLE
from tools.outpaint import load_outpainter
from tools.plates import Cutout, Image, Motion, Plate
from tools.video import lossless

ANIMATE: dict[str, dict[str, Any]] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "%picture%"}},
    "2": {"class_type": "Move", "inputs": {
        "start": ["1", 0], "length": "%frames%", "seed": "%seed%", "text": "%prompt%", "never": "%negative%",
        "width": "%width%", "height": "%height%", "fps": "%rate%",
    }},
    "3": {"class_type": "SaveVideo", "inputs": {"images": ["2", 0]}, "_meta": {"title": "the film"}},
}  # fmt: skip
OUTPAINT: dict[str, dict[str, Any]] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "%picture%"}},
    "2": {"class_type": "LoadImageMask", "inputs": {"image": "%mask%", "channel": "red"}},
    "4": {"class_type": "LoadImage", "inputs": {"image": "%reference1%"}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def workflow(folder: Path, nodes: object) -> str:
    path = folder / "workflow.json"
    path.write_text(json.dumps(nodes))
    return str(path)


def plate() -> Plate:
    art = lines(96, 64)
    return Plate(art, Box(10, 20, 106, 84), np.full(art.shape[:2], 255, np.uint8))


def frames_of(there: ComfyThere, nodes: dict[str, Any]) -> list[Image]:
    """Return the uploaded picture and darker ones, as many as the workflow asks for."""
    first = there.uploads[nodes["1"]["inputs"]["image"]].astype(int)
    return [np.clip(first - 3 * n, 0, 255).astype(np.uint8) for n in range(nodes["2"]["inputs"]["length"])]


def done(node: str, **saved: list[dict[str, str]]) -> dict[str, Any]:
    return {"status": {"status_str": "success", "completed": True}, "outputs": {node: saved, "9": {"text": ["x"]}}}


def as_pictures(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    made = frames_of(there, nodes)
    return done("3", images=[there.save(f"{n:04d}.png", png_bytes(frame)) for n, frame in enumerate(made)])


def as_animation(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    first, *rest = map(PIL.Image.fromarray, frames_of(there, nodes))
    written = io.BytesIO()
    first.save(written, "WEBP", save_all=True, append_images=rest, lossless=True)
    return done("3", images=[there.save("film.webp", written.getvalue())])


def as_video(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    path = Path(there.folder) / "film.mkv"
    lossless.write_lossless(np.stack(frames_of(there, nodes)), rate=12.0, path=path)
    return done("3", gifs=[there.save("film.mkv", path.read_bytes())])


def animated(there: ComfyThere, folder: Path, nodes: object = ANIMATE, **options: Any) -> Motion:
    there.folder = folder
    given = {"workflow": workflow(folder, nodes), "url": there.url, "megapixels": 0.006, "cadence": "model", **options}
    return load_animator("comfy", **given).animate(
        plate(), seconds=0.5, prompt="she turns. Never: rain", references=[], seed=5
    )


@pytest.mark.parametrize("work", [as_pictures, as_animation, as_video])
def test_a_plate_moves_as_the_workflow_made_it(tmp_path: Path, work: Any) -> None:
    with comfy_server(work) as there:
        motion = animated(there, tmp_path)
    assert motion.frames.shape == ((7 if work is as_video else 9), 64, 96, 3)
    assert (motion.box, motion.rate) == (plate().box, 12.0 if work is as_video else 16.0)
    assert abs(motion.frames[0].astype(int) - plate().pixels).mean() < 8
    darkness = [float(frame.mean()) for frame in motion.frames]
    assert darkness == sorted(darkness, reverse=True)
    inputs = there.queued[0]["2"]["inputs"]
    assert (inputs["length"], inputs["seed"], inputs["fps"]) == (9, 5, 16.0)
    assert inputs["text"].endswith("she turns")
    assert inputs["never"].startswith("rain, ")
    assert there.uploads[there.queued[0]["1"]["inputs"]["image"]].shape == (
        inputs["height"], inputs["width"], 3,
    )  # fmt: skip


def test_the_cadence_takes_the_nearest_frames(tmp_path: Path) -> None:
    with comfy_server(as_pictures) as there:
        motion = animated(there, tmp_path, cadence="twos")
    assert (motion.rate, len(motion.frames)) == (12.0, 7)


def painted(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    picture = there.uploads[nodes["1"]["inputs"]["image"]]
    mask = there.uploads[nodes["2"]["inputs"]["image"]]
    made = np.where(mask > 127, 40, 255 - picture).astype(np.uint8)  # what is not asked for is changed as well
    previews = [there.save("preview.png", png_bytes(picture), "temp")]
    return done("3", images=[*previews, there.save("painted.png", png_bytes(made))])


def outpainted(there: ComfyThere, folder: Path, references: list[Image]) -> Plate:
    pixels = np.dstack([lines(60, 40), np.full((40, 60), 255, np.uint8)])
    backend = load_outpainter("comfy", workflow=workflow(folder, OUTPAINT), url=there.url, megapixels=0.02)
    return backend.outpaint(
        [Cutout(pixels, Box(20, 10, 80, 50))], (0.0, 0.0, 120.0, 60.0), revealed=1, fill="tone", prompt="a street",
        references=references, seed=3,
    )  # fmt: skip


def test_only_what_lies_beyond_the_panel_is_painted(tmp_path: Path) -> None:
    with comfy_server(painted) as there:
        made = outpainted(there, tmp_path, [lines(30, 30)])
    assert made.pixels.shape == (60, 120, 3)
    assert (made.pixels[10:50, 20:80] == lines(60, 40)).all()
    assert abs(made.pixels[30, 100].astype(int) - 40).max() <= 2
    assert set(there.uploads[there.queued[0]["4"]["inputs"]["image"]].shape) == {30, 3}


def test_a_reference_that_is_missing_is_the_picture_itself(tmp_path: Path) -> None:
    with comfy_server(painted) as there:
        outpainted(there, tmp_path, [])
    nodes = there.queued[0]
    assert nodes["4"]["inputs"]["image"] == nodes["1"]["inputs"]["image"]


def test_the_key_follows_the_workflow_and_needs_no_server(tmp_path: Path) -> None:
    backend = load_animator("comfy", workflow=workflow(tmp_path, ANIMATE), url="http://127.0.0.1:9")
    first = backend.identity  # type: ignore[attr-defined]
    path = workflow(tmp_path, {**ANIMATE, "5": {"class_type": "Note", "inputs": {}}})
    again = load_animator("comfy", workflow=path, url="http://127.0.0.1:9", seconds=2)
    assert again.identity != first  # type: ignore[attr-defined]
