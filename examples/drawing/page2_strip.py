"""Draw page 2: a strip of empty film frames, a first foot on it, and something that clicks."""

from __future__ import annotations

import numpy as np

from drawing import film, room
from drawing.ball import Pose
from drawing.bird import Robin
from drawing.ink import Sheet, arc, curve, points, rect
from drawing.page import Page


def draw() -> Page:
    page = Page(1)
    _strip(page)
    _nobody(page)
    _foot(page)
    _click(page)
    _eek(page)
    return page


def _strip(page: Page) -> None:
    s = page.sheet
    with page.panel((50, 50), (1150, 500)) as panel:
        room.desk(s, 196, 50, 1150, 510)
        s.tone(rect(50, 50, 1150, 196), level=room.fade(50, 196, 0.86, 0.56))
        room.bottle(s, 788, 232, 70)
        room.pot(s, 1066, 226, 62)
        light = room.lamp(s, 956, 226, 112, side=-1)
        top = curve(points((1190, 262), (900, 292), (600, 342), (330, 396), (20, 452)))
        low = curve(points((1190, 292), (920, 346), (650, 428), (430, 520), (180, 640)))
        film.strip(s, top, low, 11, grow=1.13)
        s.tone(rect(50, 198, 1150, 510), level=room.glow(light[0] - 60, light[1] + 180, 260, 800, 0.6))
        s.tone(arc(252, 468, 110, 18), level=0.6)
        Robin(s, 250, 300, 114, Pose(yaw=78, look=46, nod=2, tuft=1), rim=4).draw()
    page.speech(panel, ["So many", "little windows..."], (560, 118), (352, 232), size=38)


def _nobody(page: Page) -> None:
    s = page.sheet
    with page.panel((50, 526), (640, 526), (560, 1000), (50, 1000)) as panel:
        s.tone(rect(50, 526, 640, 860), level=room.fade(526, 860, 0.5, 0.06))
        top = curve(points((20, 862), (220, 886), (430, 858), (700, 800)))
        low = top + np.array([6, 206])
        film.strip(s, top, low, 3)
        s.tone(arc(336, 936, 140, 26), level=0.3)
        Robin(s, 330, 770, 126, Pose(yaw=34, look=22, nod=-24, eyes="open", roll=8, brow=0.7, beak=0.25)).draw()
    page.speech(panel, ["...and", "nobody home."], (190, 598), (268, 676), size=34)


def _foot(page: Page) -> None:
    s = page.sheet
    with page.panel((668, 526), (1150, 526), (1150, 1000), (588, 1000)):
        s.fill(rect(560, 520, 1160, 1010), value=255)
        top = curve(points((300, 800), (620, 812), (900, 776), (1180, 704), (1500, 690)))
        low = top + np.array([10, 318])
        film.strip(s, top, low, 3)
        s.tone(rect(560, 520, 1160, 800), level=room.fade(526, 790, 0.62, 0.0))
        _big_foot(s)


def _big_foot(s: Sheet) -> None:
    """Draw the robin's belly at the panel's top and one leg with its toes spread on the white."""
    belly = arc(900, 440, 270, 210, 0, 360, 120)
    s.fill(belly, value=255)
    with s.within(belly):
        for k in range(9):
            x = 720 + k * 44
            y = 636 - abs(k - 4) * 9
            s.stroke(curve(points((x - 12, y - 26), (x, y - 10), (x + 12, y - 26))), 3.2, (0.2, 0.2))
    s.contour(belly, 7)
    shadow = arc(876, 930, 150, 24)
    s.tone(shadow, level=0.42)
    toes = (((752, 910), (816, 866)), ((820, 954), (838, 900)), ((928, 952), (906, 906)), ((984, 880), (932, 860)))
    for extra, value in ((16, 255), (0, 0)):
        s.stroke(curve(points((930, 640), (954, 722), (920, 784), (880, 862))), 20 + extra, (0.9, 0.85), value)
        for tip, bow in toes:
            s.stroke(curve(points((880, 862), bow, tip)), 18 + extra, (0.9, 0.55), value)
            claw = curve(
                points(tip, (tip[0] + (tip[0] - 880) * 0.1, tip[1] + 4), (tip[0] + (tip[0] - 880) * 0.16, tip[1] + 22))
            )
            s.stroke(claw, 9 + extra, (0.9, 0.05), value)
    for x, y in ((706, 850), (1010, 830), (1036, 880)):
        s.stroke(points((x, y), (x + (x - 870) * 0.16, y - 22)), 4, (0.8, 0.2))


def _click(page: Page) -> None:
    s = page.sheet
    with page.panel((50, 1026), (480, 1026), (540, 1650), (50, 1650), paper=0) as panel:
        s.tone(rect(50, 1026, 560, 1650), level=room.glow(290, 1330, 250, 480, 0.6), value=255)
        glass = film.lens(s, 272, 1340, 206)
        s.fill(glass, value=0)
        with s.within(glass):
            s.tone(glass, level=lambda x, y: np.clip(0.42 - np.hypot(x - 272, y - 1390) / 330, 0, 0.4), value=255)
            s.fill(points((130, 1420), (420, 1400), (420, 1500), (130, 1520)), value=255)
            film.strip(s, points((120, 1430), (430, 1412)), points((120, 1482), (430, 1462)), 5)
            Robin(s, 276, 1366, 62, Pose(yaw=-12, look=-6, eyes="wide", tuft=1)).draw()
            s.fill(
                curve(points((178, 1256), (226, 1222), (262, 1212), (220, 1246), (190, 1290)), closed=True), value=255
            )
            s.fill(arc(168, 1318, 9, 14), value=255)
    page.sound(panel, "カシャッ", 84, 1056, 108, angle=-3)


def _eek(page: Page) -> None:
    s = page.sheet
    with page.panel((508, 1026), (1150, 1026), (1150, 1650), (568, 1650)) as panel:
        cx, cy = 850, 1390
        for k in range(110):
            a = np.radians(k * 360 / 110 + s.hand.uniform(-1.4, 1.4))
            near, far = s.hand.uniform(265, 330), 620
            edge = points(
                (cx + np.cos(a) * far, cy + np.sin(a) * far), (cx + np.cos(a) * near, cy + np.sin(a) * near * 0.92)
            )
            s.stroke(edge, s.hand.uniform(3, 9), (1, 0.05), shake=0)
        film.flat_strip(s, 480, 1200, 1584, 100, 4, curl=0.13)
        s.tone(arc(852, 1608, 96, 15), level=0.5)
        Robin(
            s,
            cx,
            cy - 8,
            128,
            Pose(yaw=-14, look=-4, eyes="wide", rough=1, tuft=1, beak=1, wings="flinch", legs="hang", tall=1.08),
        ).draw()
        for x, y, dx, dy in ((1032, 1236, 26, -22), (1064, 1284, 30, -10), (668, 1236, -26, -22)):
            s.stroke(points((x, y), (x + dx, y + dy)), 6, (0.4, 0.8))
    page.speech(panel, ["Eek!"], (1010, 1124), (912, 1262), size=60, kind="burst")
