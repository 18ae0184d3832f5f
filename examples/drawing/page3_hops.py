"""Draw page 3: hop, click, hop, click. The page itself is a strip of film."""

from __future__ import annotations

import numpy as np

from drawing import film, room
from drawing.ball import Pose
from drawing.bird import Robin
from drawing.ink import Points, arc, curve, points, rect
from drawing.page import Page

LEFT, RIGHT = 60, 1140


def draw() -> Page:
    page = Page(2, paper=0)
    _holes(page)
    _two(page)
    _three(page)
    _all_night(page)
    _asleep(page)
    return page


def _holes(page: Page) -> None:
    for k in range(17):
        y = 26 + k * 100
        for x in (14, 1156):
            hole = rect(x, y, x + 30, y + 46)
            page.sheet.fill(hole, value=255)


def _ground(page: Page, x0: float, x1: float, y: float) -> None:
    """Draw a strip of film to stand on."""
    film.flat_strip(page.sheet, x0 - 30, x1 + 30, y, 60, max(2, round((x1 - x0) / 150)), curl=0.12)


def _arc(page: Page, x0: float, x1: float, y: float, high: float) -> None:
    hop = arc((x0 + x1) / 2, y, abs(x1 - x0) / 2, high, 184, 356, 60)
    if x1 < x0:
        hop = hop[::-1]
    for k in range(0, 56, 7):
        page.sheet.stroke(hop[k : k + 4], 3.6, (0.8, 0.8))


def _two(page: Page) -> None:
    s = page.sheet
    with page.panel((LEFT, 50), (590, 440), frame=255) as panel:
        _ground(page, LEFT, 590, 372)
        s.tone(rect(LEFT, 50, 590, 372), level=room.fade(50, 330, 0.4, 0.0))
        _arc(page, 190, 400, 360, 150)
        Robin(s, 415, 236, 84, Pose(yaw=58, look=40, legs="hang", roll=-6, brow=0.6)).draw()
    page.note(panel, ["A hop."], 80, 70)
    with page.panel((610, 50), (RIGHT, 440), frame=255, paper=255) as panel:
        _flash(page, 940, 150, 20, 430)
        _ground(page, 610, RIGHT, 372)
        Robin(s, 800, 258, 84, Pose(yaw=24, look=12, nod=6, eyes="wide", tuft=1)).draw()
    page.sound(panel, "カシャ", 872, 84, 66, angle=4)
    page.note(panel, ["A click."], 630, 70)


def _flash(page: Page, x: float, y: float, near: float, far: float) -> None:
    s = page.sheet
    for k in range(40):
        a = np.radians(k * 9 + s.hand.uniform(-2, 2))
        start = near + s.hand.uniform(110, 170)
        s.stroke(
            points((x + np.cos(a) * start, y + np.sin(a) * start), (x + np.cos(a) * far, y + np.sin(a) * far)),
            2.4,
            (0.1, 0.9),
        )


def _three(page: Page) -> None:
    s = page.sheet
    poses = (
        (Pose(yaw=52, look=34, legs="swept", roll=-12, eyes="happy", beak=0.5, wings="reach"), 250, "A hop."),
        (Pose(yaw=10, look=-4, eyes="happy", roll=10, wings="reach", blush=True, legs="step"), 600, "A click!"),
        (
            Pose(yaw=-8, look=6, eyes="shine", wings="out", legs="step", beak=0.9, tuft=1, tall=1.05, blush=True),
            950,
            "A hop!",
        ),
    )
    edges = ((LEFT, 402), (422, 778), (798, RIGHT))
    for n, ((x0, x1), (pose, x, words)) in enumerate(zip(edges, poses, strict=True)):
        with page.panel((x0, 460), (x1, 862), frame=255) as panel:
            if n == 1:
                s.fill(rect(x0, 460, x1, 862), value=0)
                s.tone(rect(x0, 460, x1, 862), level=room.glow(x, 690, 220, 130, 1.0), value=255)
                s.fill(arc(x, 690, 136, 136, 0, 360, 100), value=255)
            else:
                s.tone(rect(x0, 460, x1, 862), level=room.fade(460, 780, 0.36, 0.0))
            _ground(page, x0, x1, 798)
            if n == 0:
                _arc(page, 108, 236, 790, 130)
            Robin(s, x - 6 + (n == 0) * 20, 690 if n else 660, 72 if n < 2 else 78, pose).draw()
        page.note(panel, [words], x0 + 16, 478)


def _all_night(page: Page) -> None:
    s = page.sheet
    with page.panel((LEFT, 882), (RIGHT, 1236), frame=255) as panel:
        _ground(page, LEFT, RIGHT, 1160)
        s.tone(rect(LEFT, 882, RIGHT, 1160), level=room.fade(882, 1100, 0.3, 0.0))
        spots = (
            (172, 1086, Pose(yaw=64, look=50, tall=0.86)),
            (352, 1024, Pose(yaw=60, look=44, legs="hang", tall=1.1, roll=-8, wings="reach")),
            (508, 1084, Pose(yaw=62, look=40, tall=0.88, eyes="happy")),
            (664, 992, Pose(yaw=64, look=44, legs="swept", roll=-12, wings="out", eyes="happy", beak=0.6)),
            (826, 1082, Pose(yaw=62, look=42, tall=0.88)),
            (990, 988, Pose(yaw=60, look=30, legs="swept", roll=-14, wings="up", eyes="happy", beak=0.9, tuft=1)),
        )
        for x0, x1, high in ((190, 490, 128), (530, 806, 150), (846, 1130, 160)):
            _arc(page, x0, x1, 1142, high)
        for x, y, pose in spots:
            Robin(s, x, y, 53, pose).draw()
    page.note(panel, ["All night long."], 80, 900)


def _asleep(page: Page) -> None:
    s = page.sheet
    with page.panel((LEFT, 1256), (RIGHT, 1650), frame=255, paper=0):
        s.tone(rect(LEFT, 1256, RIGHT, 1650), level=0.12, value=255)
        pool = arc(610, 1574, 340, 66, 0, 360, 120)
        cone = points((548, 1256), (672, 1256), (950, 1574), (270, 1574))
        s.fill(cone, value=255)
        s.fill(pool, value=255)
        s.tone(cone, level=room.fade(1256, 1560, 0.34, 0.04))
        _ground(page, LEFT, RIGHT, 1548)
        for x0, x1 in ((LEFT, 300), (920, RIGHT)):
            s.tone(rect(x0, 1548, x1, 1612), level=0.62)
        Robin(
            s, 600, 1492, 76, Pose(yaw=40, look=38, nod=-12, eyes="closed", tall=0.86, legs="none", tuft=-1, rough=0.12)
        ).draw()
        window = rect(860, 1290, 1040, 1440)
        s.fill(window, value=255)
        s.tone(window, level=0.5)
        room.moon(s, 990, 1336, 26)
        room.line(s, (950, 1290), (950, 1440), 8)
        room.line(s, (860, 1366), (1040, 1366), 8)
        _zzz(page, curve(points((690, 1440), (730, 1400), (742, 1352))))


def _zzz(page: Page, way: Points) -> None:
    for k, size in ((0, 18), (len(way) // 2, 24), (len(way) - 1, 32)):
        x, y = way[k]
        z = points((x, y), (x + size, y), (x, y + size), (x + size, y + size))
        page.sheet.stroke(z, 9, (1, 1), value=255)
        page.sheet.stroke(z, 4.5, (1, 1))
