"""The robin: a pose goes in, an inked bird comes out. A ball seen from any side, with all its features on the ball."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drawing.ink import Field, Points, Sheet, arc, curve, points, turn
from drawing.wings import WINGS, tail, wing

DEPTH = 1.14  # a bird is longer from beak to tail than from side to side
FACE = [(0, 80), (54, 64), (78, 30), (74, -4), (62, -24), (34, -36), (0, -39)]
BAND = [(0, -36), (36, -33), (64, -20), (80, -14), (66, -34), (38, -47), (0, -51)]
BELLY = [(0, -34), (48, -32), (84, -22), (120, -36), (180, -46)]
WING = [(62, 4), (84, 20), (112, 16), (140, 2), (172, -26), (150, -34), (118, -42), (84, -36), (66, -18)]


@dataclass(frozen=True)
class Pose:
    """How the robin stands. Angles in degrees."""

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
    far: bool = True  # draw the far wing when the wings are open


class Robin:
    """One robin at x, y (middle of the ball, page pixels) with `size` pixels of radius."""

    def __init__(self, sheet: Sheet, x: float, y: float, size: float, pose: Pose, shade: float = 0) -> None:
        self.sheet, self.at, self.size, self.pose = sheet, np.array([x, y], dtype=float), size, pose
        self.dark, self.shade = shade > 0, shade  # a silhouette: 1 is black, less is a shadow in tone
        self.pitch = float(np.clip(size * 0.085, 4.2, 6.5))
        self.line = max(1.6, size * 0.042)
        yaw = np.radians(pose.yaw)
        self.wide = float(np.hypot(np.cos(yaw), DEPTH * np.sin(yaw)))

    # where things are

    def page(self, unit: Points) -> Points:
        """Bird units (radius 1, y down) to page pixels; the ball is a little heavier below."""
        p = np.asarray(unit, dtype=np.float64).reshape(-1, 2)
        x = p[:, 0] * (1 + 0.09 * np.clip(p[:, 1], -1, 1)) / np.sqrt(self.pose.tall)
        return turn(np.stack([x, p[:, 1] * self.pose.tall], axis=1), self.pose.roll) * self.size + self.at

    def on(self, yaw: float, pitch: float, r: float = 1.0, head: bool = False) -> NDArray[np.float64]:
        """A place on the ball as x, y, z in bird units; z > 0 is on our side."""
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
        """A patch of plumage as a closed outline in bird units; what lies behind the ball is folded onto its rim."""
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
        a = np.linspace(0, 2 * np.pi, 361)[:-1]
        r = 1 + self.pose.rough * 0.17 * (np.abs(((a * 19 / np.pi) % 2) - 1) ** 1.8 - 0.3) * (
            0.85 + 0.15 * np.sin(a * 7 + 1)
        )
        return self.page(np.stack([np.cos(a) * r * self.wide, np.sin(a) * r], axis=1))

    # the drawing, back to front

    def draw(self) -> Robin:
        tail_behind = self.on(180, -24)[2] < 0.12
        beak = self.on(0, -4, head=True)[2]
        if tail_behind:
            self._tail()
        self._legs()
        self._open_wings(near=False)
        if beak < 0.35:
            self._beak()
        self._body()
        self._open_wings(near=True)
        if not tail_behind:
            self._tail()
        self._tuft()
        if beak >= 0.35:
            self._beak()
        if not self.dark and beak > -0.1:
            self._face()
        return self

    def _plain(self, shape: Points) -> None:
        """A part before its plumage: white, or the one tone of a silhouette."""
        self.sheet.fill(shape, value=0 if self.shade >= 1 else 255)
        if 0 < self.shade < 1:
            self.sheet.tone(shape, level=self.shade)

    def _body(self) -> None:
        s, out = self.sheet, self.outline()
        self._plain(out)
        if self.dark:
            return
        with s.within(out):
            s.tone(out, level=0.42, pitch=self.pitch)
            belly = self.patch(BELLY, False, True)
            if belly is not None:
                s.fill(self.page(belly), value=255)
            band = self.patch(BAND, False, True)
            if band is not None:
                s.fill(self.page(band))
            face = self.patch(FACE, True, True)
            if face is not None:
                p = self.page(face)
                s.fill(p, value=255)
                s.tone(p, level=self._warm(), pitch=self.pitch)
            self._plumage()
        if self.pose.wings == "folded":
            for side in (1, -1):
                self._folded_wing(side)
        s.contour(out, self.line)

    def _warm(self) -> Field:
        """Darker towards the crown and the edges, light on the cheek."""
        cx, cy = self.page(self.on(0, -26, head=True)[:2])[0]
        reach = self.size * 1.35

        def level(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
            d = np.hypot(x - cx, y - cy) / reach
            return np.clip(0.34 * d - 0.04, 0.0, 0.36).astype(np.float32)

        return level

    def _plumage(self) -> None:
        """Ticks on the breast and hatching where the ball turns away from the light."""
        s = self.sheet
        for k in range(8):
            a = 24 + k * 7
            start = np.array([np.cos(np.radians(a)) * 0.97 * self.wide, np.sin(np.radians(a)) * 0.97])
            s.stroke(
                self.page(np.array([start, start + np.array([-0.13 + 0.012 * k, -0.05])])), self.line * 0.5, (1, 0.1)
            )
        for x, y in ((-0.12, 0.78), (0.1, 0.84), (0.3, 0.76)):
            tick = curve(points((x - 0.05, y - 0.03), (x, y + 0.03), (x + 0.05, y - 0.03)))
            s.stroke(self.page(tick), self.line * 0.45, (0.3, 0.3))

    def _folded_wing(self, side: int) -> None:
        edge = [(side * yaw, pitch) for yaw, pitch in WING]
        shape = self.patch(edge, False, False, 0.4)
        if shape is None or self.dark:
            return
        s, p = self.sheet, self.page(shape)
        with s.within(self.outline()):
            s.fill(p, value=255)
            s.tone(p, level=0.62, pitch=self.pitch)
        s.stroke(np.vstack([p, p[:2]]), self.line * 0.85, (0.8, 0.8))
        for shift in (0.0, 12.0):
            quill = np.array(
                [
                    self.on(side * yaw, pitch + shift * 0.5)
                    for yaw, pitch in ((92, -22 + shift), (124, -26 + shift), (152, -28 + shift / 2))
                ]
            )
            if (quill[:, 2] > 0.05).all():
                s.stroke(self.page(curve(quill[:, :2])), self.line * 0.7, (0.3, 0.2))

    def _open_wings(self, near: bool) -> None:
        """Of two open wings the one turned away lies behind the body; seen from the front, both do."""
        if self.pose.wings == "folded":
            return
        for side in (1, -1):
            shoulder = self.on(side * 78, 22, 0.92)
            is_near = shoulder[2] > 0.34
            if is_near != near or (not is_near and not self.pose.far):
                continue
            mirror = shoulder[0] < 0 if abs(shoulder[0]) > 0.25 else np.sin(np.radians(self.pose.yaw)) > 0
            self._feathers(shoulder[:2], bool(mirror))

    def _feathers(self, shoulder: Points, mirror: bool) -> None:
        s = self.sheet
        long, short, arm = wing(shoulder, WINGS[self.pose.wings], mirror)
        root = self.page(shoulder)[0]
        reach = WINGS[self.pose.wings].length * self.size * 1.25

        def level(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.clip(0.16 + 0.62 * (np.hypot(x - root[0], y - root[1]) / reach) ** 1.6, 0, 0.85).astype(
                np.float32
            )

        for row, shade in ((long, level), (short, 0.36)):
            for feather in row:
                p = self.page(feather)
                self._plain(p)
                if not self.dark:
                    s.tone(p, level=shade, pitch=self.pitch)
                    s.contour(p, self.line * 0.62)
        p = self.page(arm)
        self._plain(p)
        if not self.dark:
            s.tone(p, level=0.5, pitch=self.pitch)
            s.stroke(p[: len(p) // 2 + 2], self.line * 0.7, (0.2, 0.2))

    def _tail(self) -> None:
        root, end = self.on(180, -26, 0.86), self.on(180, -12, 1.9)
        way = end[:2] - root[:2]
        length = max(float(np.hypot(*way)), 0.62)
        degrees = np.degrees(np.arctan2(way[1], way[0])) if np.hypot(*way) > 0.25 else 90
        for feather in tail(root[:2], float(degrees), length, 13):
            p = self.page(feather)
            self._plain(p)
            if not self.dark:
                self.sheet.tone(p, level=0.68, pitch=self.pitch)
                self.sheet.contour(p, self.line * 0.75)

    def _legs(self) -> None:
        kind = self.pose.legs
        if kind == "none":
            return
        for side in (-1, 1):
            hip = self.on(side * 34, -68, 0.96)
            x, y = float(hip[0]), float(hip[1])
            facing = float(np.sin(np.radians(self.pose.yaw)))
            if kind in ("stand", "step"):
                ahead = 0.16 * side * (facing or 1) if kind == "step" else 0.0
                foot = (x + 0.05 * facing + ahead, y + 0.42)
                knee = (x - 0.09 * facing, y + 0.2)
                toes = [foot[0] + d for d in (0.19 * facing + 0.13 * side, 0.2 * facing, 0.2 * facing - 0.14)]
                lines = [curve(points((x, y), knee, foot))]
                lines += [curve(points(foot, ((foot[0] + t) / 2, foot[1] + 0.02), (t, foot[1] + 0.06))) for t in toes]
                lines.append(
                    curve(
                        points(
                            foot, (foot[0] - 0.1 * facing, foot[1] + 0.05), (foot[0] - 0.16 * facing, foot[1] + 0.06)
                        )
                    )
                )
            else:
                back = -0.34 * facing if kind == "swept" else 0.03 * side
                foot = (x + back, y + (0.3 if kind == "swept" else 0.42))
                lines = [curve(points((x, y), (x + back * 0.3 + 0.02, y + 0.2), foot))]
                for d in (-0.1, 0.0, 0.1):
                    tip = (foot[0] + d + back * 0.35, foot[1] + 0.15 - abs(d) * 0.4)
                    lines.append(curve(points(foot, ((foot[0] + tip[0]) / 2 + d * 0.4, (foot[1] + tip[1]) / 2), tip)))
            for line in lines:
                self.sheet.stroke(self.page(line), self.line * 1.25, (1, 0.5))

    def _tuft(self) -> None:
        crown = self.on(0, 86, 0.97, head=True)[:2]
        lean = 0.35 * np.sin(np.radians(self.pose.yaw if self.pose.look is None else self.pose.look))
        rise = {-1: -0.02, 0: 0.2, 1: 0.32}.get(int(self.pose.tuft), 0.2)
        for dx, high in ((-0.1, 0.7), (0.05, 1.0), (0.16, 0.6)):
            tip = crown + np.array([dx - lean * (1.2 - self.pose.tuft * 0.6), -rise * high])
            root = crown + np.array([dx * 0.25, 0.06])
            bow = (root + tip) / 2 + [0.05, -0.04]
            self.sheet.stroke(self.page(curve(np.array([root, bow, tip]))), self.line * 2.1, (1, 0.1))

    # the face

    def _face(self) -> None:
        for side in (-1, 1):
            eye = self.on(side * 34, 8, head=True)
            if eye[2] < 0.42:
                continue
            self._eye(eye, side)
            cheek = self.on(side * 46, -17, head=True)
            if self.pose.blush and cheek[2] > 0.1:
                for dx in (-0.09, 0.0, 0.09):
                    line = points((cheek[0] + dx + 0.035, cheek[1] - 0.055), (cheek[0] + dx - 0.035, cheek[1] + 0.055))
                    self.sheet.stroke(self.page(line), self.line * 0.7, (0.6, 0.4))

    def _eye(self, eye: NDArray[np.float64], side: int) -> None:
        s, kind = self.sheet, self.pose.eyes
        thin = float(np.clip(eye[2], 0.5, 1.0)) ** 0.5
        x, y = float(eye[0]), float(eye[1])

        def oval(rx: float, ry: float, dx: float = 0, dy: float = 0) -> Points:
            return self.page(arc(x + dx * thin, y + dy, rx * thin, ry))

        if kind in ("closed", "happy"):
            start, end, dy = (15, 165, -0.03) if kind == "closed" else (195, 345, 0.06)
            s.stroke(self.page(arc(x, y + dy, 0.17 * thin, 0.13, start, end)), self.line * 1.35, (0.4, 0.4))
        elif kind == "wide":
            s.fill(oval(0.235, 0.25), value=0)
            s.fill(oval(0.205, 0.22), value=255)
            s.fill(oval(0.085, 0.1), value=0)
            s.fill(oval(0.03, 0.03, -0.03, -0.035), value=255)
        else:
            big = 1.22 if kind == "shine" else 1.0
            s.fill(oval(0.186 * big, 0.228 * big), value=255)
            s.fill(oval(0.16 * big, 0.202 * big), value=0)
            s.fill(oval(0.06 * big, 0.068 * big, -0.05, -0.08), value=255)
            s.fill(oval(0.026 * big, 0.028 * big, 0.05, 0.075), value=255)
            if kind == "shine":
                s.tone(oval(0.11, 0.07, 0.0, 0.11), level=0.45, value=255)
            if kind == "half":
                lid = self.page(arc(x, y, 0.19 * thin, 0.22, 180, 360))
                s.fill(lid, value=255)
                s.tone(lid, level=0.34)
                s.stroke(self.page(points((x - 0.18 * thin, y), (x + 0.18 * thin, y))), self.line, (0.6, 0.6))
        if self.pose.brow:
            inward = -side if self.on(0, 0, head=True)[2] > 0 else side
            ends = points((x - 0.12, y - 0.29), (x, y - 0.33), (x + 0.12, y - 0.29))
            ends[:, 1] += np.array([-1, 0, 1]) * 0.09 * -inward * self.pose.brow
            s.stroke(self.page(curve(ends)), self.line * 1.2, (0.5, 0.4))

    def _beak(self) -> None:
        gape = self.pose.beak
        base = [self.on(yaw, pitch, 0.97, head=True)[:2] for yaw, pitch in ((-10, -3), (10, -3))]
        top, low = (self.on(0, pitch, 0.98, head=True)[:2] for pitch in (7, -13 - 9 * gape))
        up = self.on(0, -2 + 8 * gape, 1.3, head=True)[:2]
        down = self.on(0, -5 - 20 * gape, 1.24, head=True)[:2]
        s = self.sheet
        if gape and not self.dark:
            mouth = self._hull([*base, up, down, low])
            s.fill(mouth, value=255)
            s.tone(mouth, level=0.3)
            s.contour(mouth, self.line * 0.8)
        else:
            s.fill(self._hull([*base, low, down]))
        if 0 < self.shade < 1:
            self._plain(self._hull([*base, low, up, top]))
            return
        s.fill(self._hull([*base, top, up]))
        if not self.dark:
            shine = np.array([top * 0.75 + up * 0.25, top * 0.45 + up * 0.55])
            s.stroke(self.page(shine + np.array([0, 0.035])), self.line * 0.45, (0.5, 0.3), value=255)

    def _hull(self, unit: list[Points]) -> Points:
        p = self.page(np.array(unit)).astype(np.float32)
        return cv2.convexHull(p).reshape(-1, 2).astype(np.float64)
