"""Lay a straight camera path along a panel that is longer than the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents.planning import framing
from agents.planning.panels import PanelSubject, ReadingNeed
from storage.domain import Box
from tools import geometry

SHAVED = 0.02
"""Share of a panel's length that the path may leave out at either end."""

MIN_PART_STEP = 0.55
"""Least way between two parts of a panel that are cut together, as a share of the view: less looks like a jump."""
NUDGE = 0.08
"""Share of the view by which a part moves so that a line is wholly in it."""

PathStop = tuple[float, tuple[ReadingNeed, ...]]


@dataclass(frozen=True)
class PanPath:
    """A straight path of a camera box along a panel; positions run from 0 (where reading starts) to `span`.

    Attributes:
        origin: Camera box at position 0, in page pixels.
        length: Size of the camera box along the path, in page pixels.
        span: Length of the path, in page pixels.
        wide: Whether the path is horizontal.
        sign: 1 for a path to the right or down, -1 for one to the left or up.
    """

    origin: Box
    length: float
    span: float
    wide: bool
    sign: int

    @classmethod
    def lay(cls, subject: PanelSubject, width: float, aspect: float, *, wide: bool, backward: bool) -> PanPath:
        """Lay the path for a box of `width` page pixels; `backward` turns it against the reading direction."""
        box = subject.box
        view = framing.center_box(framing.center_outside(box, subject.strangers), width, aspect)
        if subject.needs:
            wanted = geometry.union_box(need.box for need in subject.needs)
            across = (view.x0, wanted.y0, view.x1, wanted.y1) if wide else (wanted.x0, view.y0, wanted.x1, view.y1)
            view = framing.shift_to_hold(view, Box(*across))
        view = _slide_across(view, subject, wide=wide)
        length, full = (view.width, box.width) if wide else (view.height, box.height)
        low, high = (box.x0, box.x1) if wide else (box.y0, box.y1)
        sign = -1 if wide and subject.order.startswith("rtl") else 1
        sign = -sign if backward else sign
        start = low + SHAVED * full if sign > 0 else high - SHAVED * full - length
        origin = framing.shift_box(view, start - view.x0, 0) if wide else framing.shift_box(view, 0, start - view.y0)
        return cls(origin, length, max(0.0, full * (1 - 2 * SHAVED) - length), wide, sign)

    @property
    def direction(self) -> str:
        """Direction of the path, in words."""
        if not self.wide:
            return "down" if self.sign > 0 else "up"
        return "left to right" if self.sign > 0 else "right to left"

    def view(self, at: float) -> Box:
        """Return the camera box at a position on the path."""
        step = at * self.sign
        return framing.shift_box(self.origin, step, 0) if self.wide else framing.shift_box(self.origin, 0, step)

    def fits(self, need: ReadingNeed) -> bool:
        """Return whether a line can be wholly in view somewhere on the path."""
        box, view = need.box, self.origin
        if self.wide:
            return box.width <= self.length and view.y0 <= box.y0 + 0.5 and box.y1 <= view.y1 + 0.5
        return box.height <= self.length and view.x0 <= box.x0 + 0.5 and box.x1 <= view.x1 + 0.5

    def interval(self, need: ReadingNeed) -> tuple[float, float]:
        """Return the positions between which a line is in view: its balloon if that fits, else its lettering."""
        box = need.nice if (need.nice.width if self.wide else need.nice.height) <= self.length else need.box
        low, high = (box.x0, box.x1) if self.wide else (box.y0, box.y1)
        start = self.origin.x0 if self.wide else self.origin.y0
        a, b = high - self.length - start, low - start
        return (a, b) if self.sign > 0 else (-b, -a)

    def places(self, needs: Sequence[ReadingNeed]) -> list[PathStop] | None:
        """Return where the camera rests and what is read there: as few stops as show all lines and both ends."""
        groups: list[tuple[float, float, list[ReadingNeed]]] = []
        for need in needs:
            low, high = self.interval(need)
            if groups and max(groups[-1][0], low) <= min(groups[-1][1], high):
                last = groups[-1]
                groups[-1] = (max(last[0], low), min(last[1], high), [*last[2], need])
            else:
                groups.append((low, high, [need]))
        places: list[PathStop] = []
        for index, (low, high, read) in enumerate(groups):
            preferred = 0.0 if not places else self.span if index == len(groups) - 1 else places[-1][0]
            places.append((framing.clamp(low, preferred, high), tuple(read)))
        return _with_ends(places, self.span)

    def parts(self, needs: Sequence[ReadingNeed], count: int) -> list[PathStop] | None:
        """Return positions at equal distances whose views together show the whole path, with what is read at each.

        A line is read at the first position that shows it; a position moves a little where a line asks for it.

        Args:
            needs: The lines in reading order.
            count: The number of positions, from 2 on.

        Returns:
            The stops in order; None where a line fits none of them, or two of them look almost alike: a jump cut.
        """
        slack = NUDGE * self.length
        ranges = [(at - slack, at + slack) for at in (self.span * index / (count - 1) for index in range(count))]
        read: list[list[ReadingNeed]] = [[] for _ in ranges]
        index = 0
        for need in needs:
            low, high = self.interval(need)
            while index < count and max(low, ranges[index][0]) > min(high, ranges[index][1]):
                index += 1
            if index == count:
                return None
            ranges[index] = max(low, ranges[index][0]), min(high, ranges[index][1])
            read[index].append(need)
        places = [framing.clamp(low, self.span * index / (count - 1), high) for index, (low, high) in enumerate(ranges)]
        steps = [b - a for a, b in pairwise(places)]
        if min(steps) < MIN_PART_STEP * self.length or max(steps) > self.length:
            return None
        return [(at, tuple(lines)) for at, lines in zip(places, read, strict=True)]

    def runs_back(self, needs: Sequence[ReadingNeed]) -> bool:
        """Return whether the lines themselves lie along this path, from its near end to its far end."""
        if len(needs) < 2:
            return False
        (a, b), (c, d) = self.interval(needs[0]), self.interval(needs[-1])
        return (c + d) - (a + b) > self.span


def _slide_across(view: Box, subject: PanelSubject, *, wide: bool) -> Box:
    """Return the view moved across its path to where it shows most of the page that is lit.

    It goes on holding all of the panel, or of its lettering, that it holds across the path.
    """
    box = subject.box
    at, length = (view.y0, view.height) if wide else (view.x0, view.width)
    sides = [(b.y0, b.y1) if wide else (b.x0, b.x1) for b in (box, *(need.box for need in subject.needs))]
    panel, *_ = sides
    held = [side for side in sides if at <= side[0] + 0.5 and side[1] <= at + length + 0.5]
    if panel not in held:
        return view
    rim = 0.05 * (panel[1] - panel[0])
    whole = min(start for start, _ in held), max(end for _, end in held)
    places = framing.slides(at, length, whole, (panel[0] + rim, panel[1] - rim))

    def lit(place: float) -> float:
        """Return how much of the page is lit at both ends of the path."""
        if wide:
            ends = [Box(x, place, x + view.width, place + length) for x in (box.x0, box.x1 - view.width)]
        else:
            ends = [Box(place, y, place + length, y + view.height) for y in (box.y0, box.y1 - view.height)]
        return sum(subject.lit_share(end) for end in ends)

    best = max(places, key=lit)
    return framing.shift_box(view, 0, best - at) if wide else framing.shift_box(view, best - at, 0)


def _with_ends(places: list[PathStop], span: float) -> list[PathStop] | None:
    """Add stops at the ends of the path; None where the path would turn back too far."""
    slack = 0.05 * span
    if not places or places[0][0] > slack:
        places = [(0.0, ()), *places]
    if places[-1][0] < span - slack:
        places = [*places, (span, ())]
    back = sum(max(0.0, a[0] - b[0]) for a, b in pairwise(places))
    return places if back <= 0.15 * span else None
