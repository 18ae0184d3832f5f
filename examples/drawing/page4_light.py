"""Draw page 4: a kick in a dream, a beam of light, and somebody on the wall."""

from __future__ import annotations

from drawing import film, room
from drawing.ball import Pose
from drawing.bird import Robin
from drawing.ink import arc, curve, points, rect, turn
from drawing.page import Page


def draw() -> Page:
    page = Page(3)
    _kick(page)
    _beam(page)
    _screen(page)
    _eye(page)
    _me(page)
    return page


def _kick(page: Page) -> None:
    s = page.sheet
    with page.panel((50, 50), (1150, 50), (1150, 360), (50, 330)) as panel:
        s.tone(rect(50, 50, 1150, 380), level=room.glow(396, 230, 180, 640, 0.7))
        box = turn(rect(640, 112, 1220, 420), 3, (640, 240))
        s.fill(box, value=255)
        s.tone(box, level=0.3)
        s.contour(box, 5)
        plate = turn(rect(678, 152, 800, 300), 5, (740, 226))
        s.fill(plate, value=255)
        s.contour(plate, 4)
        s.fill(points((700, 190), (772, 190), (776, 268), (696, 268)))
        s.fill(points((706, 196), (766, 196), (764, 226), (708, 226)), value=255)
        for k in range(6):
            room.line(s, (866 + k * 44, 182 + k * 2), (860 + k * 44, 296 + k * 2), 12)
        s.tone(arc(400, 326, 120, 14), level=0.55)
        Robin(
            s,
            396,
            222,
            106,
            Pose(yaw=40, look=32, nod=8, eyes="closed", roll=-24, legs="none", tuft=-1, tall=0.94),
        ).draw()
        leg = curve(points((468, 292), (548, 300), (622, 262), (684, 232)))
        s.stroke(leg, 8, (1, 0.8))
        for tip in ((704, 208), (712, 232), (704, 254)):
            s.stroke(points((682, 232), tip), 7, (1, 0.4))
    page.sound(panel, "カチッ", 846, 74, 84, angle=5)


def _beam(page: Page) -> None:
    s = page.sheet
    with page.panel((-20, 358), (1220, 392), (1220, 800), (-20, 800), paper=0) as panel:
        source = (398, 624)
        far = points((1240, 408), (1240, 812))
        film.beam(s, source, far, dust=90, spread=0.12)
        s.fill(rect(0, 738, 520, 810), value=255)
        s.tone(rect(0, 738, 520, 810), level=0.66)
        film.projector(s, 216, 636, 124)
        Robin(s, 700, 636, 70, Pose(yaw=60, look=30, nod=4, rough=0.4, tuft=1, eyes="wide", legs="stand"), rim=4).draw()
        s.fill(rect(520, 742, 880, 810))
        film.flat_strip(s, 540, 860, 738, 70, 3)
    page.sound(panel, "カタカタ", 560, 424, 70, angle=-4, ink=255, rim=0)


def _screen(page: Page) -> None:
    s = page.sheet
    with page.panel((50, 828), (1150, 828), (1150, 1330), (50, 1380), paper=0) as panel:
        s.tone(rect(50, 828, 1150, 1390), level=room.glow(600, 1010, 620, 330, 0.3), value=255)
        screen = points((250, 862), (990, 862), (976, 1216), (264, 1216))
        s.fill(screen, value=255)
        with s.within(screen):
            for k, (x, y) in enumerate(((334, 1128), (452, 1074))):
                Robin(
                    s,
                    x,
                    y,
                    38 + 6 * k,
                    Pose(yaw=66, look=46, wings="reach" if k else "folded", legs="hang", roll=-6 * k),
                ).draw()
            Robin(
                s, 668, 1010, 96, Pose(yaw=56, look=40, wings="up", legs="swept", eyes="happy", beak=0.8, roll=-18)
            ).draw()
            for x, y, run in ((510, 950, 70), (490, 1000, 60)):
                s.stroke(points((x, y), (x - run, y + run * 0.3)), 3.6, (0.6, 0.1))
            for x in (330, 430, 900):  # the sheet hangs in folds that run out
                s.stroke(curve(points((x, 866), (x + 6, 920), (x - 10, 990))), 1.8, (0.9, 0.1))
        s.fill(rect(40, 1296, 1160, 1400), value=0)
        Robin(s, 560, 1268, 92, Pose(yaw=176, look=168, nod=16, tuft=1)).draw()
    page.speech(panel, ["There IS", "somebody", "home!"], (196, 1278), (462, 1236), size=36)


def _eye(page: Page) -> None:
    """Draw the inset: what the robin sees, reflected in its eye."""
    s = page.sheet
    s.fill(rect(786, 1066, 1118, 1312), value=255)
    with page.panel((798, 1078), (1106, 1300)) as panel:
        s.tone(rect(798, 1078, 1106, 1300), level=0.24)
        eye = arc(966, 1206, 96, 104, 0, 360, 160)
        s.fill(arc(966, 1206, 110, 118, 0, 360, 160), value=255)
        s.fill(eye, value=0)
        with s.within(eye):
            glass = points((908, 1174), (1032, 1166), (1030, 1244), (910, 1248))
            s.fill(glass, value=255)
            Robin(s, 974, 1212, 22, Pose(yaw=56, look=40, wings="up", legs="none", eyes="happy", roll=-18)).draw()
        s.fill(arc(930, 1138, 28, 20), value=255)
    page.speech(panel, ["Wait."], (806, 1250), None, size=34)


def _me(page: Page) -> None:
    s = page.sheet
    with page.panel((50, 1408), (1150, 1358), (1150, 1650), (50, 1650)) as panel:
        s.tone(rect(50, 1350, 1150, 1660), level=room.glow(640, 1520, 330, 780, 0.5))
        Robin(s, 400, 1540, 100, Pose(yaw=4, wings="glide", legs="none"), shade=0.3).draw()
        film.flat_strip(s, 20, 1180, 1608, 70, 8, curl=0.13)
        Robin(s, 800, 1510, 78, Pose(yaw=-4, look=-34, nod=8, wings="reach", eyes="shine", blush=True, tuft=1)).draw()
    page.speech(panel, ["That's me."], (1000, 1440), (876, 1478), size=36)
