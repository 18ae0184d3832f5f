"""Draw page 1: rain at night, a lit window and a small wet visitor."""

from __future__ import annotations

from drawing import film, room
from drawing.ball import Pose
from drawing.bird import Robin
from drawing.ink import arc, curve, points, rect
from drawing.kana import write
from drawing.page import Page


def _top(x: float) -> float:
    """Return y of the slanted edge under the night sky at x."""
    return 700 - 0.06 * x


def draw() -> Page:
    page = Page(0)
    _night(page)
    _sill(page)
    _room(page)
    _hops(page)
    return page


def _night(page: Page) -> None:
    s = page.sheet
    with page.panel((-20, -20), (1220, -20), (1220, _top(1220)), (-20, _top(-20)), paper=0) as panel:
        s.tone(rect(0, 0, 1200, 720), level=room.fade(130, 640, 0.0, 0.42), value=255)
        room.moon(s, 985, 190, 96)
        room.cloud(s, 1060, 262, 92, 0.78, value=255)
        room.cloud(s, 880, 300, 58, 0.9, value=255)
        room.rain(s, (0, 0, 1300, 680), 260, 84, 255, 0.2, 2.2)
        ridges = room.roofs(s, 585, 1200, (742, 548))
        s.tone(arc(769, 582, 150, 150), level=room.glow(769, 582, 150, 30, 0.5), value=255)
        s.fill(rect(742, 548, 796, 614), value=255)
        room.line(s, (769, 548), (769, 614), 4)
        room.line(s, (742, 578), (796, 578), 4)
        x, y = min(ridges, key=lambda ridge: abs(ridge[0] - 480))
        Robin(s, x, y - 38, 29, Pose(yaw=62, look=34, tuft=1), rim=3).draw()
        room.rain(s, (0, 380, 1300, 680), 70, 90, 255, 0.2, 2.6)
    title = write(s, "KOMADORI", 70, 84, 104, ink=255, rim=0, lean=3, weight=0.17)
    page.say(panel, "other", "KOMADORI", title)
    small = write(s, "コマドリ", 84, 226, 46, ink=255, rim=0, lean=3, weight=0.16)
    page.say(panel, "other", "コマドリ", small, language="ja")
    page.note(panel, ["One window was still lit."], 70, 560)


def _sill(page: Page) -> None:
    s = page.sheet
    left, right = 50, 560
    with page.panel((left, _top(left) + 28), (right, _top(right) + 28), (right, 1650), (left, 1650)) as panel:
        s.tone(rect(left, 690, right, 1650), level=room.fade(700, 1650, 0.5, 0.16))
        _, sill = room.window(s, 150, 800, 470, 1440, open_by=0.9)
        room.curtain(s, 40, 178, 690, 1680, sway=10)
        puddle = arc(318, sill + 14, 130, 9)
        s.fill(puddle, value=255)
        s.contour(puddle, 2.2)
        Robin(
            s, 318, sill - 143, 116, Pose(yaw=14, look=8, nod=4, rough=0.45, tuft=-1, brow=1.0, tall=0.97), rim=3
        ).draw()
        for x, y in ((178, 1250), (462, 1226), (196, 1346), (448, 1350)):
            drop = curve(points((x, y - 11), (x + 6, y + 3), (x, y + 9), (x - 6, y + 3)), closed=True, step=6)
            s.fill(drop, value=255)
            s.contour(drop, 2.4)
        for x, run in ((262, 60), (392, 96)):
            s.stroke(points((x, sill + 28), (x + 1, sill + 28 + run)), 4.4, (0.5, 0.9))
        s.tone(rect(left, 1492, right, 1650), level=room.fade(1492, 1650, 0.05, 0.3))
    page.sound(panel, "プルプル", 112, 1110, 50, down=True)
    page.speech(panel, ["May I", "come in?"], (500, 968), (404, 1166))


def _room(page: Page) -> None:
    s = page.sheet
    left, right = 592, 1150
    with page.panel((left, _top(left) + 28), (right, _top(right) + 28), (right, 1196), (left, 1132)) as panel:
        s.fill(rect(left, 640, right, 1200), value=255)
        room.desk(s, 1010, left, right, 1210)
        light = room.lamp(s, 720, 1046, 170)
        room.papers(s, 800, 1110, 120)
        room.pot(s, 645, 1052, 62)
        film.flat_strip(s, left - 20, right + 20, 1112, 60, 9, curl=0.16)
        film.camera(s, 1020, 880, 82, drop=152)
        s.tone(rect(left, 640, right, 1210), level=room.glow(light[0] + 20, light[1] + 130, 130, 480, 0.72))
        cone = points(
            (light[0] - 40, light[1]), (light[0] + 40, light[1]), (light[0] + 190, 1010), (light[0] - 90, 1010)
        )
        s.tone(cone, level=0.0)
    page.note(panel, ["Nobody answered."], 618, 712)


def _hops(page: Page) -> None:
    s = page.sheet
    with page.panel((592, 1160), (1150, 1224), (1150, 1650), (592, 1650)) as panel:
        room.desk(s, 1500, 592, 1150, 1650)
        s.tone(rect(592, 1150, 1150, 1500), level=room.fade(1160, 1500, 0.42, 0.0))
        for x0, x1, high in ((600, 726, 120), (726, 880, 150), (880, 1020, 110)):
            hop = arc((x0 + x1) / 2, 1560, (x1 - x0) / 2, high, 184, 356, 40)
            for k in range(0, 38, 5):
                s.stroke(hop[k : k + 3], 3.6, (0.8, 0.8))
        for x in (726, 880):
            for dx in (-16, 0, 16):
                s.stroke(points((x + dx, 1568), (x + dx * 1.8, 1580 - abs(dx) * 0.3)), 3.4, (0.8, 0.3))
        s.tone(arc(1040, 1622, 74, 10), level=0.5)
        Robin(s, 1036, 1506, 72, Pose(yaw=62, look=38, nod=6, roll=-8, legs="hang", eyes="open", tuft=1)).draw()
    page.sound(panel, "ピョン", 624, 1262, 62, angle=-10)
    page.speech(panel, ["I don't fly,", "you see.", "I hop."], (945, 1330), (1016, 1428))
