"""Compare the filming of a 1920 x 1080 segment with effects with that of the same segment without any."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import get_args

import cv2
import numpy as np

from agents.motion_effects import PlanesRef, bind_effects
from benchmarks.books import panels
from benchmarks.rows import BenchmarkRow, time_interleaved, used_seconds_of
from benchmarks.segment import CRF, FRAMES, PRESET, SCREEN, SECONDS, scene
from storage.artifacts import Artifacts
from storage.domain import MotionEffect
from storage.effects import EffectKind
from tools import geometry, png
from tools.animate.still import Backend as Still
from tools.composite import Layer
from tools.composite.camera import Backend as Camera
from tools.motion import load_effect, moves_ground
from tools.pixels import whole_pixels
from tools.video import clips

ROUNDS, BOUND = 3, 1.6
KINDS: tuple[EffectKind, ...] = get_args(EffectKind)


def rows() -> list[BenchmarkRow]:
    """Film one slow push-in without and with each effect, in turns."""
    with tempfile.TemporaryDirectory() as room:
        target = Path(room) / "film.mp4"
        artifacts = Artifacts(Path(room) / "artifacts")
        ways: dict[str, Callable[[], object]] = {"": lambda: _film(None, target, artifacts)}
        ways |= {kind: partial(_film, kind, target, artifacts) for kind in KINDS}
        taken = time_interleaved(ways, ROUNDS, used_seconds_of)
    ratios = {kind: taken[kind] / taken[""] for kind in KINDS}
    return [
        BenchmarkRow(f"{kind} over the film without", f"{ratio:.2f}x", f"<= {BOUND:.1f}x", ratio <= BOUND)
        for kind, ratio in ratios.items()
    ]


def _planes(artifacts: Artifacts) -> PlanesRef:
    """Keep the planes of the panel, with a figure that fills a sixth of it."""
    box = whole_pixels(panels()[0])
    width, height = int(box.width), int(box.height)
    masks = np.zeros((height, width, 3), np.uint8)
    cv2.ellipse(masks, (width // 2, height // 2), (width // 5, height // 4), 0, 0, 360, (255, 0, 0), -1)
    return {"masks": artifacts.keep(png.encode_png(masks), "image/png").sha256, "ground": "", "box": list(box)}


def _film(kind: EffectKind | None, target: Path, artifacts: Artifacts) -> None:
    """Film and encode the segment of `benchmarks.segment`, with an effect in its panel."""
    plate, camera = scene()
    motion = Still().animate(plate, seconds=SECONDS, prompt="", references=(), seed=0)
    effects = [] if kind is None else [MotionEffect(kind=kind, at=0.2)]
    moves = kind is not None and moves_ground(load_effect(kind))
    planes: dict[str, PlanesRef] = {"0-0": _planes(artifacts)} if moves else {}
    bound = bind_effects(
        motion, camera, SECONDS, SCREEN,
        {
            "wanted": effects, "versions": {}, "panels": [(geometry.box_polygon(panels()[0]), 0.0)], "held": [],
            "kept_clear": [], "lettering": [], "cadence": 2, "seed": 1, "planes": planes,
        },
        artifacts=artifacts,
    )  # fmt: skip
    frame = Camera().compose([Layer(motion)], camera, ease="in-out", seconds=SECONDS, screen=SCREEN, effects=bound)
    clips.write_segment(frame, frames=FRAMES, screen=SCREEN, path=target, crf=CRF, preset=PRESET)
