"""Compute the box that the camera shows at each moment from its keys and easing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from storage.domain import Box, CameraKey, Ease


def ease_progress(u: float, ease: Ease) -> float:
    """Return the eased progress of a move.

    "in-out" is the cubic with zero speed at both ends: of all such moves it has the smallest mean squared acceleration.
    "in" starts slowly, "out" ends slowly, "linear" does neither.

    Args:
        u: The share of the time that has passed; values outside 0..1 are clamped.
        ease: The kind of easing.

    Returns:
        The share of the way, 0..1.
    """
    u = min(1.0, max(0.0, u))
    if ease == "in-out":
        return u * u * (3.0 - 2.0 * u)
    if ease == "in":
        return u * u * (1.5 - 0.5 * u)
    if ease == "out":
        return 1.0 - ease_progress(1.0 - u, "in")
    return u


def interpolate_box(start: Box, end: Box, e: float) -> Box:
    """Return the box at a share of a move between two boxes.

    The width changes by equal factors in equal steps, so that a zoom looks even; the sides move on straight lines, so
    that the point that a zoom aims at keeps its place.

    Args:
        start: The first box.
        end: The last box.
        e: The share of the way; values outside 0..1 are clamped.
    """
    if start == end or e <= 0.0:
        return start
    if e >= 1.0:
        return end
    growth = math.log(end.width / start.width)
    share = e if abs(growth) < 1e-9 else math.expm1(growth * e) / math.expm1(growth)
    return Box(
        start.x0 + (end.x0 - start.x0) * share, start.y0 + (end.y0 - start.y0) * share,
        start.x1 + (end.x1 - start.x1) * share, start.y1 + (end.y1 - start.y1) * share,
    )  # fmt: skip


def camera_at(camera: Sequence[CameraKey], t: float, ease: Ease) -> Box:
    """Return the box that the camera shows at `t` (0..1). Between two keys with the same box it does not move."""
    if t <= camera[0].t:
        return camera[0].box
    for a, b in pairwise(camera):
        if t < b.t:
            return interpolate_box(a.box, b.box, ease_progress((t - a.t) / (b.t - a.t), ease))
    return camera[-1].box


def camera_path(camera: Sequence[CameraKey], frames: int, ease: Ease) -> list[Box]:
    """Return the camera's box for each of `frames` frames; frame i is at t = i / (frames - 1)."""
    last = max(1, frames - 1)
    return [camera_at(camera, i / last, ease) for i in range(frames)]


def visited_box(camera: Sequence[CameraKey]) -> Box:
    """Return the box around everything that the camera shows."""
    boxes = [key.box for key in camera]
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
