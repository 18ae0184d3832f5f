"""Place parts of the robin on a ball in a given pose, and convert them to page pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drawing.ink import Points, Sheet, curve, turn

DEPTH = 1.14  # a bird is longer from beak to tail than from side to side
RUFFLES = 23


@dataclass(frozen=True)
class Pose:
    """The robin's pose. Angles are in degrees."""

    yaw: float = 0  # where the body faces: 0 towards us, 90 to the right, 180 away
    look: float | None = None  # where the head faces; None: as the body
    nod: float = 0  # up is positive
    roll: float = 0  # the whole bird leans, clockwise
    tall: float = 1  # stretched (> 1) or flattened (< 1)
    eyes: str = "open"  # open, wide, shine, closed, happy, half
    beak: float = 0  # how far open, 0..1
    wings: str = "folded"  # folded, or a name in WINGS
    legs: str = "stand"  # stand, step, hang, swept, none
    rough: float = 0  # ruffled feathers, 0..1
    tuft: float = 0  # the crest: 0 at ease, 1 on end, -1 drooping
    brow: float = 0  # inner end up (worried) is positive, down (cross) negative; 0: none
    blush: bool = False


class Ball:
    """A ball centred at x, y (page pixels) with a radius of `size` pixels, turned to the pose.

    `shade` draws it as a silhouette: 1 is black, less is a shadow in tone. `rim` adds a white edge for a dark room.
    """

    def __init__(
        self, sheet: Sheet, x: float, y: float, size: float, pose: Pose, shade: float = 0, rim: float = 0
    ) -> None:
        self.sheet, self.at, self.size, self.pose = sheet, np.array([x, y], dtype=float), size, pose
        self.dark, self.shade, self.rim = shade > 0, shade, rim
        self.pitch = float(np.clip(size * 0.07, 3.6, 4.8))
        self.line = max(1.6, size * 0.042)
        yaw = np.radians(pose.yaw)
        self.wide = float(np.hypot(np.cos(yaw), DEPTH * np.sin(yaw)))

    def page(self, unit: Points) -> Points:
        """Convert bird units (radius 1, y down) to page pixels; the ball is a little wider at the bottom."""
        p = np.asarray(unit, dtype=np.float64).reshape(-1, 2)
        x = p[:, 0] * (1 + 0.09 * np.clip(p[:, 1], -1, 1)) / np.sqrt(self.pose.tall)
        return turn(np.stack([x, p[:, 1] * self.pose.tall], axis=1), self.pose.roll) * self.size + self.at

    def on(self, yaw: float, pitch: float, r: float = 1.0, head: bool = False) -> NDArray[np.float64]:
        """Return a place on the ball as x, y, z in bird units; z > 0 faces the viewer."""
        a, b = np.radians(yaw), np.radians(pitch)
        x, y, z = r * np.cos(b) * np.sin(a), -r * np.sin(b), r * np.cos(b) * np.cos(a)
        facing = self.pose.yaw
        if head:
            n = np.radians(self.pose.nod)
            y, z = y * np.cos(n) - z * np.sin(n), z * np.cos(n) + y * np.sin(n)
            facing = self.pose.yaw if self.pose.look is None else self.pose.look
        z *= DEPTH
        t = np.radians(facing)
        return np.array([x * np.cos(t) + z * np.sin(t), y, z * np.cos(t) - x * np.sin(t)])

    def patch(self, edge: list[tuple[float, float]], head: bool, both: bool, least: float = 0.08) -> Points | None:
        """Return a patch of plumage as a closed outline in bird units.

        Parts behind the ball are folded onto its rim.
        """
        round_the_pole = edge[-1][0] == 180
        if round_the_pole:
            ring = [(-yaw, pitch) for yaw, pitch in reversed(edge)] + edge[1:]
        else:
            ring = edge + [(-yaw, pitch) for yaw, pitch in reversed(edge) if yaw] if both else edge
        smooth = curve(np.array(ring, dtype=float), closed=not round_the_pole, step=8)
        p = np.array([self.on(yaw, pitch, head=head) for yaw, pitch in smooth])
        if (p[:, 2] > 0).mean() < least:
            return None
        scaled = p[:, :2] / [self.wide, 1]
        norm = np.maximum(np.hypot(*scaled.T), 1e-6)
        scaled[p[:, 2] < 0] *= (1.02 / norm)[p[:, 2] < 0, None]
        return scaled * [self.wide, 1]

    def outline(self) -> Points:
        """Return the outline of the ball; ruffled feathers stick out unevenly, more at the bottom than at the top."""
        a = np.linspace(0, 2 * np.pi, 361)[:-1]
        tooth = a * RUFFLES / (2 * np.pi)
        size = 0.62 + 0.38 * np.sin(np.floor(tooth) * 12.99 + 1)
        spike = np.abs((tooth % 1) * 2 - 1) ** 1.7
        low = np.clip(0.62 + 0.5 * np.sin(a), 0.3, 1) if self.pose.rough < 1 else 1.0
        r = 1 + self.pose.rough * 0.16 * (spike - 0.3) * size * low
        return self.page(np.stack([np.cos(a) * r * self.wide, np.sin(a) * r], axis=1))

    def hull(self, unit: list[Points]) -> Points:
        """Return the convex outline around some places, in page pixels."""
        p = self.page(np.array(unit)).astype(np.float32)
        return cv2.convexHull(p).reshape(-1, 2).astype(np.float64)

    def plain(self, shape: Points) -> None:
        """Fill a part before its plumage is drawn: white, or the one tone of a silhouette."""
        self.sheet.fill(shape, value=0 if self.shade >= 1 else 255)
        if 0 < self.shade < 1:
            self.sheet.tone(shape, level=self.shade)
