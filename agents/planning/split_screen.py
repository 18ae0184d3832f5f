"""Combine narrow neighbouring panels into one shot that reveals them one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agents.planning import framing, timing
from agents.planning.camera_moves import MoveContext
from agents.planning.panels import PanelSubject, ReadingNeed
from agents.planning.timing import Stop, TimedPath
from storage.domain import Box
from tools import geometry

MAX_ALONE_SHARE = 0.58
"""A panel that alone fills no more than this share of the screen may share it."""
MIN_COMMON_SIDE = 0.8
"""Share of the longer side that two neighbours must have in common."""
APPEAR_SHARE = 0.3
"""Share of a glide after which the next panel appears."""
APPEAR_SECONDS = 0.3
"""Seconds that a panel takes to appear."""
MIN_SILENT_SECONDS = 1.3
"""Seconds for a silent panel that shares the screen."""


@dataclass(frozen=True)
class SplitScreen:
    """A shot of several panels; `reveals` are the seconds at which they appear."""

    subjects: tuple[PanelSubject, ...]
    path: TimedPath
    reveals: tuple[float, ...]
    words: str

    @property
    def lit_share(self) -> float:
        """Share of its views, on average, that shows the page as far as it was read by then, 0..1."""
        views = (self.path.keys[2 * index][1] for index in range(len(self.subjects)))
        return sum(s.lit_share(view) for s, view in zip(self.subjects, views, strict=True)) / len(self.subjects)


def plan_split_screen(contexts: Sequence[MoveContext]) -> SplitScreen | None:
    """Film consecutive panels on one screen if they are side by side (or stacked, on a tall screen).

    Returns:
        The shot, or None where the panels do not suit one.
    """
    subjects = [context.subject for context in contexts]
    aspect = contexts[0].aspect
    row = aspect >= 1
    if not all(_may_share(subject, aspect) for subject in subjects) or sum(s.reading for s in subjects) > 9:
        return None
    if not all(_neighbours(a, b, row=row) for a, b in pairwise(subjects)):
        return None
    whole = geometry.union_box(subject.reach for subject in subjects)
    if not _fills_screen_better(whole, aspect, subjects):
        return None
    view = framing.fit_box(whole, aspect, 0.02)
    context = contexts[0]
    width = max(view.width, context.closest_width)
    if width > context.width_of(1.0):  # too far away to be looked at, let alone read
        return None
    views = [framing.center_box(_view_center(subject, whole, row=row), width, aspect) for subject in subjects]
    return _time_shot(contexts, views, row=row)


def _may_share(subject: PanelSubject, aspect: float) -> bool:
    """Return whether a panel is narrow, alone and short enough to read to share the screen."""
    shape = subject.reach.aspect
    fills = min(shape / aspect, aspect / shape)
    lies_right = shape < aspect if aspect >= 1 else shape > aspect
    return (
        lies_right
        and fills < MAX_ALONE_SHARE
        and len(subject.needs) <= 2
        and not subject.strangers
        and not subject.holds_another
    )


def _neighbours(a: PanelSubject, b: PanelSubject, *, row: bool) -> bool:
    """Return whether `b` follows `a` in the row (or below it in the stack) with about the same size across."""
    one, other = (_swap_axes(a.box), _swap_axes(b.box)) if row else (a.box, b.box)
    common = min(one.x1, other.x1) - max(one.x0, other.x0)
    if common < MIN_COMMON_SIDE * max(one.width, other.width):
        return False
    ahead = b.box.center[0] < a.box.center[0] if a.order.startswith("rtl") else b.box.center[0] > a.box.center[0]
    follows = ahead if row else b.box.center[1] > a.box.center[1]
    return (
        follows
        and geometry.gap(a.box, b.box) < 0.05 * a.unit
        and geometry.overlap_area(a.box, b.box) < 0.02 * a.box.area
    )


def _swap_axes(box: Box) -> Box:
    """Return the box with x and y swapped."""
    return Box(box.y0, box.x0, box.y1, box.x1)


def _fills_screen_better(whole: Box, aspect: float, subjects: Sequence[PanelSubject]) -> bool:
    """Return whether the panels together fill clearly more of the screen than the best of them alone."""
    together = min(whole.aspect / aspect, aspect / whole.aspect)
    alone = max(min(s.reach.aspect / aspect, aspect / s.reach.aspect) for s in subjects)
    return together > max(0.62, 1.25 * alone) or together > max(0.36, 2.2 * alone)


def _view_center(subject: PanelSubject, whole: Box, *, row: bool) -> tuple[float, float]:
    """Return the view's centre while a panel is read: well inside the panel, towards the middle of all panels."""
    box = subject.box
    x, y = whole.center
    if row:
        return framing.clamp(box.x0 + 0.3 * box.width, x, box.x1 - 0.3 * box.width), framing.clamp(
            box.y0 + 1, y, box.y1 - 1
        )
    return framing.clamp(box.x0 + 1, x, box.x1 - 1), framing.clamp(
        box.y0 + 0.3 * box.height, y, box.y1 - 0.3 * box.height
    )


def _time_shot(contexts: Sequence[MoveContext], views: Sequence[Box], *, row: bool) -> SplitScreen | None:
    """Time the shot; None where a line does not fit into its panel's view."""
    subjects = tuple(context.subject for context in contexts)
    screen, beat = contexts[0].screen, contexts[-1].beat
    needs = [need for subject in subjects for need in subject.needs]
    if not all(framing.holds(view, need.box) for view, s in zip(views, subjects, strict=True) for need in s.needs):
        return None
    stops: list[Stop] = []
    for index, (context, view) in enumerate(zip(contexts, views, strict=True)):
        wanted = context.subject.reading + 0.1 if context.subject.needs else MIN_SILENT_SECONDS * context.style.pace
        if index:
            glide = timing.move_seconds(views[index - 1], view, screen)
            wanted -= (1 - APPEAR_SHARE) * glide - APPEAR_SECONDS
        stops.append(Stop(view, context.subject.needs, max(timing.REST_SECONDS, wanted)))
    stops[-1] = replace(stops[-1], seconds=stops[-1].seconds + beat)
    for _ in range(4):
        path, reveals = _lay_out(stops, contexts)
        lacks = timing.read_until(path, needs, _visible_seconds(subjects, reveals))[1]
        if not any(lack > 0.02 for lack in lacks):
            break
        stops = _lengthen_stops(stops, subjects, lacks)
    where = "side by side" if row else "one above the other"
    return SplitScreen(subjects, path, reveals, f"{len(subjects)} narrow panels {where}, revealed one after the other")


def _lay_out(stops: Sequence[Stop], contexts: Sequence[MoveContext]) -> tuple[TimedPath, tuple[float, ...]]:
    """Lay out the stops in time, and return the path with the second at which each panel appears."""
    path = timing.lay_out_stops(stops, contexts[0].screen)
    reveals = [0.0]
    for index in range(1, len(stops)):
        leaves, arrives = path.keys[2 * index - 1][0], path.keys[2 * index][0]
        reveals.append(leaves + APPEAR_SHARE * (arrives - leaves))
    return path, tuple(reveals)


def _visible_seconds(subjects: Sequence[PanelSubject], reveals: Sequence[float]) -> list[float]:
    """Return the second at which the panel of each line is fully visible."""
    return [
        at + (APPEAR_SECONDS if at else 0.0)
        for subject, at in zip(subjects, reveals, strict=True)
        for _ in subject.needs
    ]


def _lengthen_stops(stops: Sequence[Stop], subjects: Sequence[PanelSubject], lacks: Sequence[float]) -> list[Stop]:
    """Lengthen each stop by the reading time that its lines lack."""
    rest = iter(lacks)
    added: list[Stop] = []
    for stop, subject in zip(stops, subjects, strict=True):
        short = sum(next(rest) for _ in subject.needs)
        added.append(replace(stop, seconds=stop.seconds + short))
    return added


def needs_of(shot: SplitScreen) -> tuple[ReadingNeed, ...]:
    """Return all lines that are read in a split-screen shot, in order."""
    return tuple(need for subject in shot.subjects for need in subject.needs)
