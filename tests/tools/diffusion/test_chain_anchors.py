"""Chains of clips: how far they drift from the plate with and without anchors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tests.tools.diffusion.test_image_to_video import sampler
from tests.tools.drawings import lines
from tests.tools.test_animate import CASES
from tools.animate import load_animator
from tools.diffusion import chain_anchors, image_to_video
from tools.diffusion.image_to_video import VideoRequest
from tools.plates import Image, Plate

LINKS = 6


def plate() -> Plate:
    art = lines(192, 128)
    return Plate(art, Box(0, 0, 192, 128), np.full(art.shape[:2], 255, np.uint8))


def lossy(pipe: Any, asked: VideoRequest) -> Sequence[Any]:
    """Draw as a model with a lossy VAE does: every clip is softer and 4 tones darker; a patch moves down."""
    from PIL import Image as Pictures

    picture = np.asarray(asked.first)
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width * 5 // 6, height * 5 // 6), interpolation=cv2.INTER_AREA)
    soft = np.clip(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(int) - 4, 0, 255)
    frames = [soft.astype(np.uint8).copy() for _ in range(asked.frames)]
    for number, frame in enumerate(frames):
        frame[: height // 8, : width // 8] = 40 * (number % 5)
    return [Pictures.fromarray(frame) for frame in frames]


def drift(motion_frames: Image) -> float:
    """Return the mean difference of tones from the plate in the last frame, where nothing moves."""
    still = np.s_[64:, 96:]
    return float(np.abs(motion_frames[-1][still].astype(int) - plate().pixels[still]).mean())


def test_anchors_bound_the_drift_of_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    def chained(links: int) -> float:
        seconds = links * 4 / 8
        chain = sampler(longer="chain", max_frames=5, megapixels=0.025)
        motion = image_to_video.generate_motion(chain, plate(), lossy, seconds=seconds, prompt="", seed=1)
        return drift(motion.frames)

    early, late = chained(LINKS - 2), chained(LINKS)
    monkeypatch.setattr(image_to_video, "anchor_frames", lambda frames, plate, count, rate: frames[-count:])
    early_raw, late_raw = chained(LINKS - 2), chained(LINKS)
    assert late - early < 1.5, "9.0 and 9.9 tones of 255"
    assert late_raw - early_raw > 5, "19.5 and 27.4: each link starts from the errors of all before it"
    assert late_raw > 2 * late


def test_what_has_not_moved_is_the_plate_again_to_the_pixel() -> None:
    frames = np.stack([plate().pixels, np.clip(plate().pixels.astype(int) - 3, 0, 255).astype(np.uint8)])
    frames[1, :16, :16] = 128
    (anchored,) = chain_anchors.anchor_frames(frames, plate(), 1, 8.0)
    assert (anchored[64:, 96:] == plate().pixels[64:, 96:]).all()
    assert (anchored[4:8, 4:8] != plate().pixels[4:8, 4:8]).any()


def test_vace_begins_a_link_with_frames_that_show_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    name, options = CASES["wan_vace"]()
    backend: Any = load_animator(name, **{**options, "frames": 21, "longer": "chain", "steps": 1})
    known = list[list[int]]()
    call = type(backend)._call

    def noted(self: Any, pipe: Any, request: VideoRequest, references: Sequence[Any] = ()) -> Any:
        known.append(sorted(request.known))
        return call(self, pipe, request, references)

    monkeypatch.setattr(type(backend), "_call", noted)
    motion = backend.animate(plate(), seconds=4.0, prompt="", references=[], seed=1)
    assert known[:2] == [[], [1, 2, 3, 4]]
    assert len(motion.frames) == 33
