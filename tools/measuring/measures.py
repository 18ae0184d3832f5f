"""Measure a finished segment, and the look of a panel on its page, from the pixels alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, CameraKey, Ease, VideoFormat
from tools.geometry import box_polygon
from tools.measuring.faults import FaultKind, TakeFault
from tools.pixels import intersect_box, to_grey, whole_pixels
from tools.plates import Image, Mask
from tools.video import clips
from tools.video.camera_path import camera_path

_Move = NDArray[np.float64]
_WIDTH_PIXELS = 480
"""The width in pixels at which segments are measured."""
MAX_EMPTY, MAX_FROZEN, MAX_UNSTEADY = 0.3, 0.5, 0.3
"""Shares, 0..1: of frames without a picture, of moving steps that stand still, of holds that move."""
MAX_JUMP = 40.0
"""Film pixels by which a step may miss its place."""
_STRIDE_FRAMES = 3
"""Frames between two that are compared; a jump between them is still found."""


def measure_segment(
    path: Path, *, screen: VideoFormat, frames: int, camera: Sequence[CameraKey], ease: Ease = "in-out"
) -> dict[str, float]:
    """Measure a segment against its plan.

    Args:
        path: The video file.
        screen: The planned video format.
        frames: The planned number of frames.
        camera: The planned camera keys.
        ease: How the camera moves between two keys.

    Returns:
        Values by name. frames: number of frames. frames_off: frames too many, or too few (negative). size_off,
        rate_off: 1 if size or frame rate are wrong. black, empty: share of frames without light, and of one even tone.
        measured: share of steps in which motion could be tracked. frozen: share of moving steps that stand still.
        drifting: share of holds that move. jump: film pixels by which the worst step misses its place.

    Raises:
        SourceError: The file is no video.
    """
    facts = clips.probe_clip(path)
    seen = clips.read_frames(path, width=_WIDTH_PIXELS, every=_STRIDE_FRAMES)
    tones = [(number * _STRIDE_FRAMES, to_grey(frame)) for number, frame in enumerate(seen)]
    boxes = camera_path(camera, facts.frames, ease)
    steps = [
        step
        for (i, before), (j, after) in pairwise(tones)
        if (step := _compare_step(before, after, boxes[i], boxes[j], facts.width)) is not None
    ]
    moving, holding = [s for s in steps if s.planned > 1.0], [s for s in steps if s.planned < 0.05]
    return {
        "frames": float(facts.frames),
        "frames_off": float(facts.frames - frames),
        "size_off": float((facts.width, facts.height) != (screen.width, screen.height)),
        "rate_off": float(facts.fps != screen.fps),
        "black": _true_share([tone.mean() < 4 for _, tone in tones]),
        "empty": _true_share([tone.std() < 1.5 for _, tone in tones]),
        "measured": len(steps) / max(1, len(tones) - 1),
        "frozen": _true_share([s.seen < 0.3 * s.planned for s in moving]),
        "drifting": _true_share([s.seen > 1.5 for s in holding]),
        "jump": max((s.off for s in steps), default=0.0),
    }


def is_bare(page: Image, box: Box) -> bool:
    """Return whether a box of the page holds no picture: all white, all black, or one even tone.

    Args:
        page: (h, w, 3) RGB uint8.
        box: The box in page pixels.
    """
    x0, y0, x1, y1 = (round(edge) for edge in intersect_box(box, Box(0, 0, page.shape[1], page.shape[0])))
    inset = max(1, min(x1 - x0, y1 - y0) // 12)  # the frame line is no picture
    inside = page[y0 + inset : y1 - inset, x0 + inset : x1 - inset]
    return inside.size == 0 or float(to_grey(inside).std()) < 3.0


def segment_faults(segment_measures: Mapping[str, float]) -> list[TakeFault]:
    """List the faults of a segment.

    Args:
        segment_measures: Values of `measure_segment`; a missing value is no fault.
    """
    get = segment_measures.get
    off, empty = get("frames_off", 0.0), max(get("black", 0.0), get("empty", 0.0))
    found = [TakeFault("too_long" if off > 0 else "too_short", abs(off))] if off else []
    if get("size_off", 0.0) or get("rate_off", 0.0):
        found.append(TakeFault("wrong_format", 1.0))
    shares: tuple[tuple[FaultKind, float, float], ...] = (
        ("empty", empty, MAX_EMPTY),
        ("frozen", get("frozen", 0.0), MAX_FROZEN),
        ("unsteady", get("drifting", 0.0), MAX_UNSTEADY),
        ("jump", get("jump", 0.0), MAX_JUMP),
    )
    return [*found, *(TakeFault(kind, value, bound) for kind, value, bound in shares if value > bound)]


@dataclass(frozen=True)
class _Step:
    """Mean shift of the picture's corners in film pixels: as planned, as measured, and the distance between both."""

    planned: float
    seen: float
    off: float


def _compare_step(before: Mask, after: Mask, here: Box, there: Box, width: int) -> _Step | None:
    """Compare the motion between two frames with that of the camera; None if too few points can be tracked."""
    height, small = before.shape
    scale = float(width / small)
    planned: _Move = np.array(
        [
            [here.width / there.width, 0, (here.x0 - there.x0) / there.width * small],
            [0, here.height / there.height, (here.y0 - there.y0) / there.height * height],
        ]
    )
    seen = _track_motion(before, after)
    if seen is None:
        return None
    corners = np.array([[0, 0, 1], [small, 0, 1], [0, height, 1], [small, height, 1]], np.float64)
    rest = corners[:, :2]

    def shift(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return float(np.sqrt(((a - b) ** 2).sum(axis=1)).mean()) * scale

    return _Step(
        shift(corners @ planned.T, rest), shift(corners @ seen.T, rest), shift(corners @ seen.T, corners @ planned.T)
    )


def _track_motion(before: Mask, after: Mask) -> _Move | None:
    """Return the similarity transform from `before` to `after`, from corners tracked by optical flow (Lucas-Kanade)."""
    if not cv2.absdiff(before, after).any():
        return np.eye(2, 3)
    points = cv2.goodFeaturesToTrack(before, 150, 0.01, 8)
    if points is None or len(points) < 12:
        return None
    moved_points, state, error = cv2.calcOpticalFlowPyrLK(
        before, after, points, np.empty_like(points), winSize=(17, 17)
    )
    tracked = (state.ravel() == 1) & (error.ravel() < 20)
    if tracked.sum() < 12:
        return None
    move, inliers = cv2.estimateAffinePartial2D(points[tracked], moved_points[tracked], ransacReprojThreshold=0.7)
    if move is None or float(np.asarray(inliers).mean()) < 0.5:
        return None
    return np.asarray(move, np.float64)


def _true_share(flags: Sequence[object]) -> float:
    return sum(map(bool, flags)) / len(flags) if flags else 0.0


@dataclass(frozen=True)
class PanelLook:
    """Numbers about the look of a panel, 0..1 unless stated otherwise.

    Attributes:
        tone: Mean brightness.
        contrast: Spread of the tones.
        detail: Amount of drawing.
        closeness: 1 for a close-up (few large shapes), 0 for a wide view (many small ones).
        focus: The point that draws the eye, in page pixels, outside lettering.
        border: Mean tone along the edge.
        evenness: Share of the edge that has this tone.
        rain: Whether rain is drawn in it (`tools.measuring.streaks`).
        layered: Whether its artist drew figures and a ground apart, both of which are seen.
    """

    tone: float
    contrast: float
    detail: float
    closeness: float
    focus: tuple[float, float]
    border: float
    evenness: float
    rain: bool = False
    layered: bool = False


def look_at_panel(page: Image, box: Box, lettering: Sequence[Box] = ()) -> PanelLook:
    """Measure the look of a panel.

    Args:
        page: (h, w, 3) RGB uint8.
        box: The panel in page pixels.
        lettering: The boxes of lettering on the page, which are left out.
    """
    inside = whole_pixels(intersect_box(box, Box(0, 0, page.shape[1], page.shape[0])))
    x0, y0, x1, y1 = (int(v) for v in inside)
    part = np.ascontiguousarray(page[y0:y1, x0:x1])
    if part.size == 0:
        return PanelLook(1.0, 0.0, 0.0, 0.0, box.center, 1.0, 1.0)
    tone = to_grey(part)
    # every panel is looked at from the same distance
    scale = min(1.0, 256 / max(tone.shape))
    size = max(8, round(tone.shape[1] * scale)), max(8, round(tone.shape[0] * scale))
    small = np.asarray(cv2.resize(tone, size, interpolation=cv2.INTER_AREA), np.float32)
    drawn = _drawable_mask(size, inside, lettering)
    strokes = _edge_mask(small) * drawn
    detail = float(np.clip(strokes.sum() / max(1.0, drawn.sum()) / 0.4, 0, 1))
    fx, fy = _find_focus(small, drawn)
    edge = _border_tones(tone)
    border = float(np.median(edge))
    return PanelLook(
        tone=float(tone.mean() / 255),
        contrast=float(min(1.0, tone.std() / 110)),
        detail=detail,
        closeness=_measure_closeness(small, strokes, drawn),
        focus=(inside.x0 + fx * inside.width, inside.y0 + fy * inside.height),
        border=border / 255,
        evenness=float((np.abs(edge - border) < 14).mean()),
    )


def _drawable_mask(size: tuple[int, int], inside: Box, lettering: Sequence[Box]) -> NDArray[np.float32]:
    """Return 1 where something may be drawn, 0 under lettering and close around it."""
    drawn = np.ones((size[1], size[0]), np.float32)
    sx, sy = size[0] / inside.width, size[1] / inside.height
    for box in lettering:
        grow = 0.15 * min(box.width, box.height)
        points = [
            ((x - inside.x0) * sx, (y - inside.y0) * sy)
            for x, y in box_polygon(Box(box.x0 - grow, box.y0 - grow, box.x1 + grow, box.y1 + grow))
        ]
        cv2.fillPoly(drawn, [np.array(points).round().astype(np.int32)], 0.0)
    return drawn


def _edge_mask(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 on edges and 0 on even areas; screentone counts as even."""
    calm = cv2.GaussianBlur(small, (0, 0), 1.1)
    gx, gy = cv2.Sobel(calm, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(calm, cv2.CV_32F, 0, 1) / 8
    return (np.hypot(gx, gy) > 16).astype(np.float32)


def _measure_closeness(small: NDArray[np.float32], strokes: NDArray[np.float32], drawn: NDArray[np.float32]) -> float:
    """Return how large the shapes are, 0..1, by the width of the areas between strokes."""
    free = ((strokes < 0.5) & (drawn > 0.5)).astype(np.uint8)
    distances = np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 3), np.float32)
    widths = distances[drawn > 0.5]
    if widths.size == 0 or not strokes.any():
        return 0.5
    typical = float(np.sqrt((widths**2).mean())) / (0.5 * min(small.shape))
    # 0.045 is a crowd, 0.25 a face that fills the panel
    return float(np.clip(np.log(typical / 0.045) / np.log(0.25 / 0.045), 0, 1))


def _find_focus(small: NDArray[np.float32], drawn: NDArray[np.float32]) -> tuple[float, float]:
    """Return the centre of local contrast, weighted to the middle, as shares of width and height."""
    h, w = small.shape
    longer = max(h, w)
    fine = np.abs(small - cv2.GaussianBlur(small, (0, 0), 0.02 * longer))
    energy = cv2.GaussianBlur(fine * drawn, (0, 0), 0.06 * longer)
    # an even texture draws no eye: only what stands out from its surroundings
    energy = np.clip(energy - 0.8 * cv2.GaussianBlur(energy, (0, 0), 0.25 * longer), 0, None)
    ys, xs = np.mgrid[0:h, 0:w]
    middle = np.exp(-2.0 * (((xs + 0.5) / w - 0.5) ** 2 + ((ys + 0.5) / h - 0.45) ** 2))
    weight = (energy * middle) ** 2
    total = float(weight.sum())
    if total < 1e-6:
        return 0.5, 0.5
    return float((weight * (xs + 0.5)).sum() / total / w), float((weight * (ys + 0.5)).sum() / total / h)


def _border_tones(tone: Mask) -> NDArray[np.float32]:
    """Return the tones in a strip along the edge of the panel, with screentone evened out."""
    calm = np.asarray(cv2.GaussianBlur(tone, (0, 0), 2.5), np.float32)
    depth = max(2, round(0.03 * min(tone.shape)))
    skip = min(3, min(tone.shape) // 4)  # the frame line itself
    calm = calm[skip : calm.shape[0] - skip, skip : calm.shape[1] - skip]
    return np.concatenate(
        [calm[:depth].ravel(), calm[-depth:].ravel(), calm[:, :depth].ravel(), calm[:, -depth:].ravel()]
    )
