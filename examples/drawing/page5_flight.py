"""Draw page 5: the hop that forgot to land, and the morning after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drawing import film, room
from drawing.ball import Pose
from drawing.bird import Robin
from drawing.ink import Points, Sheet, arc, curve, points, rect, turn
from drawing.page import Page
from drawing.wings import leaf


def draw() -> Page:
    page = Page(4)
    _flight(page)
    _morning(page)
    _queue(page)
    return page


def _flight(page: Page) -> None:
    s = page.sheet
    with page.panel((-20, -20), (1220, -20), (1220, 1090), (-20, 1040)) as panel:
        _dawn(s)
        _ribbon(s)
        Robin(
            s,
            640,
            470,
            168,
            Pose(
                yaw=16, look=10, nod=8, roll=-10, wings="glide", legs="hang", eyes="happy", beak=1, tuft=1, blush=True
            ),
        ).draw()
        for x, y, a, k in ((345, 235, 30, 0.9), (960, 760, -40, 0.8), (470, 96, 70, 0.7), (1090, 420, -20, 0.9)):
            _feather(s, x, y, a, 66 * k)
    page.note(panel, ["A hop,"], 60, 70, size=34)
    page.note(panel, ["and a hop,"], 110, 136, size=34)
    page.sound(panel, "バサッ", 842, 48, 104, angle=5, grow=1.04)
    page.note(panel, ["and one hop that forgot to land."], 600, 960, size=34)


def _dawn(s: Sheet) -> None:
    sun = (860, 900)
    s.tone(rect(0, 0, 1200, 1100), level=room.fade(0, 900, 0.46, 0.02))
    for k in range(36):
        a = np.radians(180 + k * 5 + 2)
        wedge = [
            sun,
            (sun[0] + np.cos(a) * 1500, sun[1] + np.sin(a) * 1500),
            (sun[0] + np.cos(a + 0.04) * 1500, sun[1] + np.sin(a + 0.04) * 1500),
        ]
        if k % 2:
            s.fill(points(*wedge), value=255)
    s.fill(arc(*sun, 150, 150, 0, 360, 120), value=255)
    s.contour(arc(*sun, 150, 150, 0, 360, 120), 3)
    room.roofs(s, 1010, 1200)


def _ribbon(s: Sheet) -> None:
    """Draw the strip of film that rises behind the bird like a kite's tail."""
    way = curve(
        points(
            (-60, 1010), (160, 900), (360, 800), (300, 640), (140, 600), (90, 740), (260, 830), (480, 760), (640, 560)
        ),
        step=30,
    )
    d = np.gradient(way, axis=0)
    side = np.stack([-d[:, 1], d[:, 0]], axis=1) / np.hypot(*d.T)[:, None]
    width = np.linspace(62, 26, len(way))[:, None]

    def content(i: int, cell: Points) -> None:
        x, y = cell.mean(0)
        r = float(np.ptp(cell[:, 1]) + np.ptp(cell[:, 0])) * 0.13
        Robin(
            s,
            x,
            y + r * 0.2,
            r,
            Pose(yaw=50 + i * 4, look=30, legs="none", wings="folded" if i % 3 < 2 else "up"),
            shade=1,
        ).draw()

    top, low = way - side * width, way + side * width
    for start, end, frames in ((0, 122, 8), (120, len(way), 6)):
        film.strip(s, top[start:end], low[start:end], frames, content, grow=0.95, rim=255)


def _feather(s: Sheet, x: float, y: float, angle: float, length: float) -> None:
    shape = leaf(points((x, y))[0], angle, length, length * 0.46, 0.12)
    s.fill(shape, value=255)
    s.tone(shape, level=0.3)
    s.contour(shape, 3)
    quill = points((-0.16, 0.0), (0.3, 0.02), (0.84, 0.06)) * length
    s.stroke(curve(turn(quill, angle) + np.array([x, y])), 3, (1, 0.2))


def _morning(page: Page) -> None:
    s = page.sheet
    with page.panel((50, 1070), (430, 1086), (430, 1650), (50, 1650)):
        s.tone(rect(50, 1060, 430, 1300), level=room.fade(1070, 1300, 0.24, 0.0))
        room.desk(s, 1290, 50, 430, 1650)
        room.mug(s, 150, 1330, 90)
        top = curve(points((-70, 1440), (60, 1462), (200, 1440), (320, 1372), (414, 1352)))
        low = top + np.array([0, 158])

        def content(i: int, cell: Points) -> None:
            x, y = cell.mean(0)
            if i < 3:
                Robin(
                    s,
                    x,
                    y + 4,
                    32,
                    Pose(
                        yaw=50, look=36, wings=("folded", "reach", "up")[i], legs="hang", eyes="happy" if i else "open"
                    ),
                ).draw()
            else:
                _feather(s, x - 22, y + 16, -24, 46)

        film.strip(s, top, low, 4, content)


def _chick(s: Sheet, x: float, y: float, r: float, pose: Pose) -> None:
    Robin(s, x, y - r * 1.4, r, pose).draw()


def _queue(page: Page) -> None:
    s = page.sheet
    with page.panel((456, 1087), (1150, 1116), (1150, 1650), (456, 1650)) as panel:
        s.tone(rect(456, 1080, 1150, 1520), level=_morning_light)
        room.desk(s, 1530, 456, 1150, 1650)
        film.flat_strip(s, 420, 1200, 1582, 120, 7, curl=0.1)
        film.camera(s, 1020, 1420, 80, drop=190)
        Robin(s, 1024, 1236, 62, Pose(yaw=-52, look=-36, wings="reach", eyes="happy", beak=0.8, tuft=1)).draw()
        rows = ((512, 36, 34, 10), (600, 44, 38, 4), (680, 32, 44, 16), (764, 46, 30, 6), (862, 38, 40, -2))
        for n, (x, r, yaw, nod) in enumerate(rows):
            _chick(
                s,
                x,
                1612,
                r,
                Pose(
                    yaw=yaw,
                    look=yaw - 8,
                    nod=nod,
                    eyes=("open", "shine", "open", "happy", "shine")[n],
                    beak=0.5 if n == 0 else 0,
                    tuft=1 if n % 2 else 0,
                    rough=0.35,
                ),
            )
    page.speech(panel, ["Is this where", "you learn to fly?"], (640, 1196), (536, 1462), speaker=None, size=33)
    page.sound(panel, "カシャ", 722, 1426, 40, angle=-6)
    page.speech(panel, ["One at a time,", "please."], (800, 1326), (954, 1262), size=33)


def _morning_light(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip(0.22 - (x - 456) / 2600 - (y - 1087) / 2400, 0, 1).astype(np.float32)
