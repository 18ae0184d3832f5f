"""Gather the panels of a page as subjects to film: their lines, size and look, and the overlaps to avoid."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from agents.planning import LookMeasures
from agents.planning.framing import fit_box, lit_share, panel_polygon
from storage.domain import Balloon, Box, LetteringMode, Order, PageImage, PageTranscript, Panel, Polygon
from storage.styles import StyleSheet
from tools import geometry, reading_time

LETTERING_MARGIN = 0.01
"""Clear space around lettering that counts as part of it, as a share of the page's width."""
MAX_WIDENING = 1.45
"""How many times larger a panel's camera box may get to hold lettering that lies outside the panel."""

SPEECH_DELAY = 0.25
"""Seconds from when a line may be read to when its voice begins: the eye finds the balloon first."""
BREATH_SECONDS = 0.2
"""Seconds after a voice before the next line."""
MAX_READING_SECONDS = 50.0
"""Most seconds that are granted to one line: a page of print is not read in a film."""
BARE_DETAIL = 0.03
"""A panel with less detail than this (0..1) is a beat, not a picture."""


@dataclass(frozen=True)
class PlanningStyle:
    """A director's style; the defaults are the standard one.

    Attributes:
        pace: Factor of every duration (1.2 is a slow film); reading times are never cut.
        motion: Factor of the push on still panels and of the preference for moves (0 holds all panels).
        closest: Least length of a camera box's shorter side, as a share of the page's width. Small pages are not
            magnified that far (`framing.MAX_MAGNIFICATION`).
        tightest: The same for panels so small that they would be lost.
        air: Space around a panel that is shown whole, as a share of it.
        dissolves: Largest share of shots that begin with a dissolve.
        lettering: Whether letters come up when they are read, or are there from the start.
        look: Look of the film, added to the prompts of generative models for every shot.
    """

    pace: float = 1.0
    motion: float = 1.0
    closest: float = 0.28
    tightest: float = 0.28
    air: float = 0.035
    dissolves: float = 0.08
    lettering: LetteringMode = "timed"
    look: str = ""

    @classmethod
    def of(cls, sheet: StyleSheet) -> PlanningStyle:
        """Return the planning style that a film's style sheet asks for."""
        return cls(pace=sheet.pace, motion=sheet.motion, dissolves=sheet.dissolves, lettering=sheet.lettering,
                   look=sheet.look)  # fmt: skip


@dataclass(frozen=True)
class ReadingNeed:
    """What it takes to read a line.

    Attributes:
        line: The balloon.
        box: What must be wholly in view, in page pixels.
        nice: The balloon with some room around it, in page pixels.
        seconds: How long `box` must be in view, so that the line can be read, and said where it has a voice.
        glyph: Estimated height of a letter in page pixels.
    """

    line: Balloon
    box: Box
    nice: Box
    seconds: float
    glyph: float

    def legible(self, film_scale: float) -> bool:
        """Return whether its letters are at least 22 pixels high in a film of 1080 lines."""
        return self.glyph * film_scale >= 22


@dataclass(frozen=True)
class PanelSubject:
    """A panel to be filmed.

    Attributes:
        panel: The panel.
        page: Its page.
        order: Reading order.
        needs: The lines that are read in it.
        look: How it looks, where that was measured.
        strangers: Panels after the next one that overlap it. The camera's centre stays out of them, or they would
            seem to come before the next panel.
        unlit: The shapes of the panels after it, which are dimmed while it is shown.
        follower: The next panel, where it overlaps this one. The camera's centre should stay out of it too.
        reach: The panel's box together with the lettering that extends beyond it.
    """

    panel: Panel
    page: PageTranscript
    order: Order
    needs: tuple[ReadingNeed, ...] = ()
    look: LookMeasures | None = None
    unlit: tuple[Polygon, ...] = ()
    strangers: tuple[Box, ...] = ()
    follower: tuple[Box, ...] = ()
    reach: Box = field(default=Box(0, 0, 1, 1))

    @property
    def unit(self) -> float:
        """Width of one page in pixels."""
        return page_unit(self.page)

    @property
    def box(self) -> Box:
        """Box of the panel in page pixels."""
        return self.panel.box

    def lit_share(self, view: Box) -> float:
        """Return the share of a view that shows this panel, those before it and the paper between them, 0..1."""
        return lit_share(view, Box(0, 0, self.page.width, self.page.height), self.unlit)

    @cached_property
    def size(self) -> float:
        """Share of the page that the panel takes (on a vertical strip, of a part two widths high)."""
        return min(1.0, self.box.area / (self.unit * min(self.page.height, 2 * self.unit)))

    @cached_property
    def reading(self) -> float:
        """Seconds to read all its lines."""
        return sum(need.seconds for need in self.needs)

    @cached_property
    def letters(self) -> int:
        """Number of characters to read."""
        return sum(reading_time.count_characters(need.line.text) for need in self.needs)

    @property
    def is_bare(self) -> bool:
        """Whether it has neither picture nor words: a beat of black, or of paper."""
        return self.look is not None and self.look.detail < BARE_DETAIL and not self.needs

    @cached_property
    def holds_another(self) -> bool:
        """Whether another panel is inset in this one."""
        others = (p.box for p in self.page.panels if p.id != self.panel.id)
        return any(geometry.overlap_area(b, self.box) > 0.6 * b.area and b.area < 0.7 * self.box.area for b in others)

    @property
    def is_small(self) -> bool:
        """Whether it may belong to a fast run: small, and with almost nothing to read."""
        return self.size < 0.11 and len(self.needs) <= 1 and self.letters <= 8


@dataclass(frozen=True)
class StrayLine:
    """Lettering outside all panels; its shot comes after the first `after` panels of the page."""

    need: ReadingNeed
    after: int
    panel: Panel


def page_unit(page: PageTranscript | PageImage) -> float:
    """Return the width of one page in pixels: half the width of a spread."""
    return page.width / 2 if page.width > 1.15 * page.height else float(page.width)


def gather_subjects(
    page: PageTranscript, order: Order, looks: Mapping[str, LookMeasures], aspect: float, style: PlanningStyle
) -> tuple[list[PanelSubject], list[StrayLine]]:
    """Assign every line of a page to a panel, or let it stand alone; both come in reading order."""
    panels = sorted(page.panels, key=lambda p: p.order)
    if not panels:
        return [], []
    known = {panel.id for panel in panels}
    needs_by_panel: dict[str, list[ReadingNeed]] = {panel.id: [] for panel in panels}
    reach = {panel.id: panel.box for panel in panels}
    strays: list[StrayLine] = []
    unit = page_unit(page)
    for line in sorted(page.balloons, key=lambda t: t.order):
        need = need_of(line, unit)
        home = line.panel if line.panel in known else _nearest(line.box, panels).id
        wider = geometry.union_box([reach[home], need.box])
        if _can_extend(wider, reach[home], aspect, unit, style):
            reach[home] = wider
            needs_by_panel[home].append(need)
        else:
            strays.append(_place_stray(need, home, panels, needs_by_panel))
    subjects = []
    for place, panel in enumerate(panels):
        follower, strangers = (
            _overlaps(panel, panels[place + 1 : place + 2]),
            _overlaps(panel, panels[place + 2 :]),
        )
        look, needs = looks.get(panel.id), tuple(needs_by_panel[panel.id])
        unlit = tuple(panel_polygon(later) for later in panels[place + 1 :])
        subjects.append(PanelSubject(panel, page, order, needs, look, unlit, strangers, follower, reach[panel.id]))
    return subjects, strays


def need_of(line: Balloon, unit: float) -> ReadingNeed:
    """Return what it takes to read a line; `unit` is the page's width in pixels."""
    margin = LETTERING_MARGIN * unit
    box = geometry.grow(line.box, margin, margin)
    nice = geometry.grow(box, margin, margin)
    if len(line.outline) >= 3:
        surroundings = geometry.grow(box, line.box.width * 0.4, line.box.height * 0.3)
        balloon = geometry.overlap_box(geometry.bounding_box(line.outline), surroundings)
        nice = geometry.union_box([box, balloon]) if balloon else nice
    count = max(1, reading_time.count_characters(line.text))
    glyph = math.sqrt(line.box.area / count) * 0.8 if line.text else unit * 0.022
    if line.kind == "sound":  # drawn more than written: it is seen, not read
        core = geometry.grow(line.box, -line.box.width * 0.2, -line.box.height * 0.2)
        return ReadingNeed(line, core, core, reading_time.FLOOR, math.inf)
    seconds = max(reading_time.reading_seconds(line.text, line.language), voiced_seconds(line))
    return ReadingNeed(line, box, nice, min(MAX_READING_SECONDS, seconds), glyph)


def voiced_seconds(line: Balloon) -> float:
    """Return how long a line needs to be said, with a breath before and after it; 0 where nobody speaks it."""
    return SPEECH_DELAY + line.spoken_seconds + BREATH_SECONDS if line.spoken_seconds else 0.0


def _can_extend(wider: Box, reach: Box, aspect: float, unit: float, style: PlanningStyle) -> bool:
    """Return whether a panel's camera box may grow to hold lettering that extends beyond the panel."""
    allowed_area = max(
        fit_box(reach, aspect).area, fit_box(Box(0, 0, style.closest * unit, style.closest * unit), aspect).area
    )
    return fit_box(wider, aspect).area <= MAX_WIDENING * allowed_area


def _nearest(box: Box, panels: list[Panel]) -> Panel:
    """Return the panel that overlaps a box most, or else is closest to it."""
    return min(panels, key=lambda p: (-geometry.overlap_area(p.box, box), geometry.gap(p.box, box), p.order))


def _place_stray(
    need: ReadingNeed, home: str, panels: list[Panel], needs_by_panel: dict[str, list[ReadingNeed]]
) -> StrayLine:
    """Place a stray line in reading order: before the panel whose lines all come later."""
    place = next(i for i, panel in enumerate(panels) if panel.id == home)
    orders = [n.line.order for n in needs_by_panel[home]]
    after = place if orders and need.line.order < min(orders) else place + 1
    return StrayLine(need, after, panels[place])


def _overlaps(panel: Panel, later: list[Panel]) -> tuple[Box, ...]:
    """Return the boxes that overlap a panel without covering it."""
    shares = ((other.box, geometry.overlap_area(other.box, panel.box) / panel.box.area) for other in later)
    return tuple(box for box, share in shares if 0 < share < 0.95)
