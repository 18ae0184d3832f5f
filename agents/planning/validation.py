"""Find every way in which planned shots break the contract of `Director.plan`. Repairs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from agents.planning import framing, timing
from agents.planning.panels import ReadingNeed, need_of, page_unit
from agents.planning.violation import Violation
from storage.domain import Box, PageTranscript, Panel, ShotPlan, Transcript, VideoFormat
from tools import geometry
from tools.video.camera_path import camera_at

MIN_PANEL_SHARE = 0.92
"""Least share of a panel that its shots together must show."""
MIN_FILLED_SHARE = 0.5
"""Least share of the picture in a camera box, compared with a box around the whole panel."""
CLOSE_ENOUGH = 0.45
"""Length of a camera box's shorter side, as a share of the page's width, that need not get closer."""
MIN_VIEW_SIDE = 0.24
"""Least length of a camera box's shorter side, as a share of the page's width."""
MAX_ACCELERATION = 0.115
"""Most film pixels of a move divided by its squared duration in frames of 1/24 s."""
MAX_SPEED = 430.0
"""Most film pixels a second (1080 lines)."""
MIN_SECONDS = 1.2
MAX_DISSOLVE_SHARE = 0.15
VIEW_SAMPLES = 9


def violations(plan: Sequence[ShotPlan], transcript: Transcript, screen: VideoFormat) -> list[Violation]:
    """Find the violations of a plan; an empty list means that it keeps the contract of `Director.plan`.

    Where shots name pages, panels or balloons that do not exist, only that is reported, because all other checks
    need them.
    """
    pages = {page.index: page for page in transcript.pages}
    found = list(_check_numbering(plan))
    known = [shot for shot in plan if shot.page in pages]
    found += [Violation("unknown_page", shot.id, measured=shot.page + 1) for shot in plan if shot.page not in pages]
    for shot in known:
        found += _check_references(shot, pages[shot.page])
    if found:  # what follows needs names that mean something
        return found
    for shot in known:
        found += _check_camera(shot, pages[shot.page], screen)
        found += _check_reading(shot, pages[shot.page])
    for page in transcript.pages:
        found += _check_page(page, [shot for shot in known if shot.page == page.index])
    return found + list(_check_transitions(plan))


def _check_numbering(plan: Sequence[ShotPlan]) -> Iterator[Violation]:
    """Check ordinals, ids and the order of pages."""
    for ordinal, shot in enumerate(plan):
        if shot.ordinal != ordinal:
            yield Violation("wrong_ordinal", shot.id, measured=shot.ordinal, needed=ordinal)
    for name in _find_duplicates(shot.id for shot in plan):
        yield Violation("duplicate_id", name)
    for before, shot in pairwise(plan):
        if shot.page < before.page:
            yield Violation("page_order", shot.id, measured=shot.page + 1, needed=before.page + 1)


def _find_duplicates(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def _check_references(shot: ShotPlan, page: PageTranscript) -> Iterator[Violation]:
    """Check that a shot's panels and balloons exist on its page."""
    panels = {panel.id: panel for panel in page.panels}
    texts = {line.id: line for line in page.balloons}
    if not shot.panels:
        yield Violation("no_panel", shot.id)
    yield from (Violation("unknown_panel", shot.id, name) for name in shot.panels if name not in panels)
    yield from (Violation("unknown_balloon", shot.id, name) for name in shot.balloons if name not in texts)
    if list(shot.reveals) != sorted(shot.reveals):
        yield Violation("reveal_order", shot.id)


def _check_camera(shot: ShotPlan, page: PageTranscript, screen: VideoFormat) -> Iterator[Violation]:
    """Check a shot's aspect ratio, duration, closeness and moves."""
    for key in shot.camera:
        if not screen.has_aspect(key.box.aspect):
            yield Violation("wrong_aspect", shot.id, measured=key.box.aspect, needed=screen.aspect)
            return
    if shot.seconds < MIN_SECONDS:
        yield Violation("too_short", shot.id, measured=shot.seconds, needed=MIN_SECONDS)
    near = min(min(key.box.width, key.box.height) for key in shot.camera)
    if near < MIN_VIEW_SIDE * page_unit(page):
        yield Violation("too_near", shot.id, measured=near, needed=MIN_VIEW_SIDE * page_unit(page))
    yield from _check_moves(shot, screen)
    yield from _check_emptiness(shot, page, screen)


def _check_moves(shot: ShotPlan, screen: VideoFormat) -> Iterator[Violation]:
    """Check the speed and the acceleration of a shot's moves."""
    for a, b in pairwise(shot.camera):
        way = framing.film_distance(a.box, b.box, screen)
        seconds = (b.t - a.t) * shot.seconds
        if way < 1.0:
            continue
        speed = way / max(seconds, 1e-6) * (1.0 if shot.ease == "linear" else 1.5)
        sharp = 0.0 if shot.ease == "linear" else way / max(seconds * 24, 1e-6) ** 2
        if speed > MAX_SPEED or sharp > MAX_ACCELERATION:
            need = timing.move_seconds(a.box, b.box, screen, shot.ease)
            yield Violation("too_fast", shot.id, measured=seconds, needed=need)


def _check_emptiness(shot: ShotPlan, page: PageTranscript, screen: VideoFormat) -> Iterator[Violation]:
    """Check that a shot does not look past its panels."""
    panels = [panel for panel in page.panels if panel.id in shot.panels]
    lettering = [line.box for line in page.balloons if line.id in shot.balloons]
    worst = 1.0
    for i in range(VIEW_SAMPLES):
        t = i / (VIEW_SAMPLES - 1)
        view = camera_at(shot.camera, t, shot.ease)
        shown = _visible_panels(shot, panels, t)
        if any(
            framing.contains_point(view.center, geometry.grow(box, view.width / 4, view.height / 4))
            for box in lettering
        ):
            continue  # it looks at lettering, wherever that stands
        there = framing.filled_share(view, [framing.panel_polygon(panel) for panel in shown])
        worst = min(worst, there / max(_fillable_share(panel, page, screen) for panel in shown))
    if worst < MIN_FILLED_SHARE:
        yield Violation("off_panel", shot.id, measured=worst, needed=MIN_FILLED_SHARE)


def _fillable_share(panel: Panel, page: PageTranscript, screen: VideoFormat) -> float:
    """Return the share of the screen that a whole panel fills, no closer than is pleasant."""
    whole = framing.fit_box(panel.box, screen.aspect)
    pleasant = framing.closest_side(CLOSE_ENOUGH, page_unit(page)) / min(whole.width, whole.height)
    return framing.filled_share(framing.scale_box(whole, max(1.0, pleasant)), [framing.panel_polygon(panel)])


def _visible_panels(shot: ShotPlan, panels: Sequence[Panel], t: float) -> list[Panel]:
    """Return the panels that are visible at time `t` (0..1) of a shot."""
    if not shot.reveals:
        return list(panels)
    since = dict(zip(shot.panels, shot.reveals, strict=True))
    return [panel for panel in panels if since[panel.id] <= t + 1e-6] or list(panels[:1])


def _check_reading(shot: ShotPlan, page: PageTranscript) -> Iterator[Violation]:
    """Check that every line of a shot can be read."""
    needs, opens = _reading_needs(shot, page)
    _, lacks = timing.read_until(timing.path_of(shot, shot.seconds), needs, opens)
    for need, lack in zip(needs, lacks, strict=True):
        if lack > 0.12:
            yield Violation("unread", shot.id, need.line.id, measured=need.seconds - lack, needed=need.seconds)


def _reading_needs(shot: ShotPlan, page: PageTranscript) -> tuple[list[ReadingNeed], list[float]]:
    """Return the lines of a shot with the seconds at which their panels appear."""
    lines = {line.id: line for line in page.balloons}
    needs = [need_of(lines[name], page_unit(page)) for name in shot.balloons]
    return needs, timing.appearance_times(shot, [need.line for need in needs], shot.seconds)


def _check_page(page: PageTranscript, shots: Sequence[ShotPlan]) -> Iterator[Violation]:
    """Check that a page's lines and panels are all shown, and in reading order."""
    balloon_ids = [name for shot in shots for name in shot.balloons]
    yield from (Violation("balloon_not_shown", subject=line.id) for line in page.balloons if line.id not in balloon_ids)
    order = {line.id: line.order for line in page.balloons}
    for shot in shots:
        for panel in shot.panels:
            line_orders = [
                order[line.id]
                for name in shot.balloons
                for line in page.balloons
                if line.id == name and line.panel == panel
            ]
            if line_orders != sorted(line_orders):
                yield Violation("balloon_order", shot.id, panel)
    panels = sorted(page.panels, key=lambda panel: panel.order)
    shown = {panel.id for panel in panels if any(panel.id in shot.panels for shot in shots)}
    yield from (Violation("panel_not_shown", subject=panel.id) for panel in panels if panel.id not in shown)
    first = list(dict.fromkeys(name for shot in shots for name in shot.panels))
    right = [panel.id for panel in panels if panel.id in shown]
    early = (name for name, other in zip(first, right, strict=False) if name != other)
    yield from (Violation("panel_order", subject=name) for name in islice(early, 1))
    yield from _check_panels_seen(shots, [panel for panel in panels if panel.id in shown])


def _check_panels_seen(shots: Sequence[ShotPlan], panels: Sequence[Panel]) -> Iterator[Violation]:
    """Check that each panel is seen almost whole, and once had the view's centre in it."""
    for panel in panels:
        views = [view for shot in shots if panel.id in shot.panels for view in _sample_views(shot)]
        seen = framing.share_seen_in_all(views, panel.box)
        if seen < MIN_PANEL_SHARE - 0.005:
            yield Violation("panel_cropped", subject=panel.id, measured=seen, needed=MIN_PANEL_SHARE)
        if not any(framing.contains_point(view.center, panel.box) for view in views):
            yield Violation("panel_off_center", subject=panel.id)


def _sample_views(shot: ShotPlan) -> list[Box]:
    """Return camera boxes of a shot, sampled four times a second."""
    count = max(2, round(shot.seconds * 4))
    return list(dict.fromkeys(camera_at(shot.camera, i / (count - 1), shot.ease) for i in range(count)))


def _check_transitions(plan: Sequence[ShotPlan]) -> Iterator[Violation]:
    """Check that dissolves are rare."""
    dissolves = sum(shot.transition == "dissolve" for shot in plan)
    if dissolves > 1 and dissolves > MAX_DISSOLVE_SHARE * len(plan):
        yield Violation("too_many_dissolves", measured=dissolves, needed=max(1, int(MAX_DISSOLVE_SHARE * len(plan))))
