"""Draw the inked robin in a given pose."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drawing.ball import Ball
from drawing.face import crest, draw_beak, draw_face
from drawing.ink import Field, Points, curve, points
from drawing.wings import WINGS, tail, wing

FACE = [(0, 80), (54, 64), (78, 30), (74, -4), (62, -24), (34, -36), (0, -39)]
BAND = [(0, -36), (36, -33), (64, -20), (80, -14), (66, -34), (38, -47), (0, -51)]
BELLY = [(0, -34), (48, -32), (84, -22), (120, -36), (180, -46)]
WING = [(62, 4), (84, 20), (112, 16), (140, 2), (172, -26), (150, -34), (118, -42), (84, -36), (66, -18)]


class Robin(Ball):
    """One robin, drawn back to front."""

    def draw(self) -> Robin:
        tail_behind = self.on(180, -24)[2] < 0.12
        beak = self.on(0, -4, head=True)[2]
        if self.rim:
            self._halo()
        if tail_behind:
            self._tail()
        self._legs()
        self._open_wings(near=False)
        if beak < 0.35:
            draw_beak(self)
        self._body()
        self._open_wings(near=True)
        if not tail_behind:
            self._tail()
        for line in crest(self):
            self.sheet.stroke(line, self.line * 2.1, (1, 0.1))
        if beak >= 0.35:
            draw_beak(self)
        if not self.dark and beak > -0.1:
            draw_face(self)
        return self

    def _halo(self) -> None:
        """Draw white around everything, so that the bird stands out in a dark room."""
        wide = 2 * self.rim
        solid = [self.outline(), *self._tail_feathers()]
        for shoulder, mirror, _ in self._shoulders():
            long, short, _ = wing(shoulder, WINGS[self.pose.wings], mirror)
            solid += [self.page(feather) for feather in long + short]
        for shape in solid:
            self.sheet.contour(shape, self.line + wide, value=255)
        for line in self._leg_lines():
            self.sheet.stroke(line, self.line * 1.25 + wide, (1, 1), value=255)
        for line in crest(self):
            self.sheet.stroke(line, self.line * 1.6 + wide, (1, 0.8), value=255)

    def _body(self) -> None:
        s, out = self.sheet, self.outline()
        self.plain(out)
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
        """Shade the crown and the edges darker and the cheek lighter."""
        cx, cy = self.page(self.on(0, -26, head=True)[:2])[0]
        reach = self.size * 1.35

        def level(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
            d = np.hypot(x - cx, y - cy) / reach
            return np.clip(0.34 * d - 0.04, 0.0, 0.36).astype(np.float32)

        return level

    def _plumage(self) -> None:
        """Draw ticks on the breast and hatching where the ball turns away from the light."""
        s = self.sheet
        for k in range(8):
            a = 36 + k * 6
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

    def _shoulders(self) -> list[tuple[Points, bool, bool]]:
        """Return for each open wing its root, whether it points to the left, and whether it is on the near side."""
        if self.pose.wings == "folded":
            return []
        found = []
        for side in (1, -1):
            shoulder = self.on(side * 78, 22, 0.92)
            mirror = shoulder[0] < 0 if abs(shoulder[0]) > 0.25 else np.sin(np.radians(self.pose.yaw)) > 0
            found.append((shoulder[:2], bool(mirror), bool(shoulder[2] > 0.34)))
        return found

    def _open_wings(self, near: bool) -> None:
        """Draw the open wings. The far one lies behind the body; seen from the front, both do."""
        for shoulder, mirror, is_near in self._shoulders():
            if is_near == near:
                self._feathers(shoulder, mirror)

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
                self.plain(p)
                if not self.dark:
                    s.tone(p, level=shade, pitch=self.pitch)
                    s.contour(p, self.line * 0.62)
        p = self.page(arm)
        self.plain(p)
        if not self.dark:
            s.tone(p, level=0.5, pitch=self.pitch)
            s.stroke(p[: len(p) // 2 + 2], self.line * 0.7, (0.2, 0.2))

    def _tail_feathers(self) -> list[Points]:
        root, end = self.on(180, -26, 0.86), self.on(180, -12, 1.9)
        way = end[:2] - root[:2]
        length = max(float(np.hypot(*way)), 0.62)
        degrees = np.degrees(np.arctan2(way[1], way[0])) if np.hypot(*way) > 0.25 else 90
        return [self.page(feather) for feather in tail(root[:2], float(degrees), length, 13)]

    def _tail(self) -> None:
        for p in self._tail_feathers():
            self.plain(p)
            if not self.dark:
                self.sheet.tone(p, level=0.68, pitch=self.pitch)
                self.sheet.contour(p, self.line * 0.75)

    def _legs(self) -> None:
        for line in self._leg_lines():
            self.sheet.stroke(line, self.line * 1.25, (1, 0.5))

    def _leg_lines(self) -> list[Points]:
        if self.pose.legs == "none":
            return []
        legs = self._standing if self.pose.legs in ("stand", "step") else self._hanging
        facing = float(np.sin(np.radians(self.pose.yaw)))
        lines = []
        for side in (-1, 1):
            hip = self.on(side * 34, -68, 0.96)
            lines += legs(float(hip[0]), float(hip[1]), side, facing)
        return [self.page(line) for line in lines]

    def _standing(self, x: float, y: float, side: int, facing: float) -> list[Points]:
        ahead = 0.16 * side * (facing or 1) if self.pose.legs == "step" else 0.0
        foot = (x + 0.05 * facing + ahead, y + 0.42)
        lines = [curve(points((x, y), (x - 0.09 * facing, y + 0.2), foot))]
        for d in (0.19 * facing + 0.13 * side, 0.2 * facing, 0.2 * facing - 0.14):
            lines.append(curve(points(foot, (foot[0] + d / 2, foot[1] + 0.02), (foot[0] + d, foot[1] + 0.06))))
        heel = (foot[0] - 0.16 * facing, foot[1] + 0.06)
        lines.append(curve(points(foot, (foot[0] - 0.1 * facing, foot[1] + 0.05), heel)))
        return lines

    def _hanging(self, x: float, y: float, side: int, facing: float) -> list[Points]:
        swept = self.pose.legs == "swept"
        back = -0.34 * facing if swept else 0.03 * side
        foot = (x + back, y + (0.3 if swept else 0.42))
        lines = [curve(points((x, y), (x + back * 0.3 + 0.02, y + 0.2), foot))]
        for d in (-0.1, 0.0, 0.1):
            tip = (foot[0] + d + back * 0.35, foot[1] + 0.15 - abs(d) * 0.4)
            lines.append(curve(points(foot, ((foot[0] + tip[0]) / 2 + d * 0.4, (foot[1] + tip[1]) / 2), tip)))
        return lines
