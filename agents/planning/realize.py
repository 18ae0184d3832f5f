"""Turn the shot requests for a page into shots, each as close to its request as the panel allows.

The framings come from the same functions that the rules use. Times come from reading time and calm camera moves,
never from a request, which can only stretch the part that is a matter of taste.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from agents.planning import PanelLook, camera_moves, framing, rule_based, split_screen, timing
from agents.planning.camera_moves import CameraMove, MoveContext, MovePart
from agents.planning.panels import PanelSubject, PlanningStyle, ReadingNeed, StrayLine, gather_subjects
from agents.planning.shot_drafts import ShotDraft, draft_bare_panel, draft_panel, draft_split_screen, draft_stray_line
from agents.planning.shot_schema import NEAR, Framing, ShotRequest
from agents.planning.timing import Stop
from storage.domain import Box, Order, PageTranscript, VideoFormat
from tools import geometry

KINDS: dict[Framing, tuple[str, ...]] = {
    "push-in": ("push",),
    "pull-out": ("pull",),
    "pan": ("pan", "tilt", "scroll"),
    "tilt": ("tilt", "scroll", "pan"),
}
GLANCE = 1.7
"""Seconds for a close shot of lettering that was already read."""
NEARER = 0.85
"""A close shot's camera box has at most this share of the width of the one that shows the panel whole."""


@dataclass(frozen=True)
class PlannedPage:
    """A page with all that its plan depends on."""

    page: PageTranscript
    order: Order
    screen: VideoFormat
    looks: Mapping[str, PanelLook]
    style: PlanningStyle


def realize_requests(page: PlannedPage, wishes: Sequence[ShotRequest]) -> list[ShotDraft]:
    """Return the shots of a page. A panel that does not allow a request is filmed by the rules.

    Such a shot names the rules as its director.
    """
    subjects, strays = gather_subjects(page.page, page.order, page.looks, page.screen.aspect, page.style)
    lenses = [
        MoveContext(s, page.screen, page.style, rule_based.is_in_fast_run(subjects, i)) for i, s in enumerate(subjects)
    ]
    takes: list[ShotDraft] = []
    done = 0
    for group in _groups(wishes):
        first, last = group[0].panels[0], group[0].panels[-1]
        takes += _strays(page, [stray for stray in strays if done <= stray.after <= first])
        done = first + 1
        if first and first == last and subjects[first].is_bare:
            takes.append(draft_bare_panel(lenses[first], subjects[first - 1]))  # nothing to frame, whatever is wished
            continue
        new = list(_group(lenses[first : last + 1], group, [take.kind for take in takes]))
        if first == 0 and not any(take.opens_page for take in takes) and new:
            new[0] = replace(new[0], opens_page=subjects[0])
        takes += new
    return takes + _strays(page, [stray for stray in strays if stray.after >= done])


def allowed_framings(page: PlannedPage) -> list[tuple[Framing, ...]]:
    """Return the framings that each panel has room for, in reading order, besides hold and whole."""
    subjects, _ = gather_subjects(page.page, page.order, page.looks, page.screen.aspect, page.style)
    found: list[tuple[Framing, ...]] = []
    for subject in subjects:
        lens = MoveContext(subject, page.screen, page.style)
        kinds = {idea.kind for idea in camera_moves.possible_moves(lens)} if page.style.motion else set()
        fills: tuple[Framing, ...] = ("fill",) if camera_moves.still_frame(lens)[1] == camera_moves.FILLS else ()
        found.append(fills + tuple(framing for framing, (first, *_) in KINDS.items() if first in kinds))
    return found


def _groups(wishes: Sequence[ShotRequest]) -> list[list[ShotRequest]]:
    """Group consecutive requests for the same panels."""
    return [list(group) for _, group in groupby(wishes, key=lambda wish: wish.panels)]


def _strays(page: PlannedPage, strays: Sequence[StrayLine]) -> list[ShotDraft]:
    """Draft the shots of stray lines."""
    return [draft_stray_line(stray, page.page, page.screen, page.style) for stray in strays]


def _group(lenses: Sequence[MoveContext], wishes: Sequence[ShotRequest], kinds: Sequence[str]) -> Iterator[ShotDraft]:
    """Draft the shots of one group of requests: one panel, a split screen, or panel by panel."""
    if len(lenses) == 1:
        yield from _of_one(lenses[0], wishes, kinds)
        return
    paced = [_paced(lens, wishes[0]) for lens in lenses]
    together = split_screen.plan_split_screen(paced) if len(paced) <= 3 and paced[0].style.motion else None
    if together:
        yield _signed(draft_split_screen(together, lenses[0].subject.page, None), wishes[0], wishes[0].reason)
        return
    for lens in paced:  # they do not stand so that they can share the screen
        yield from draft_panel(rule_based.best_move(lens, kinds, first=False, last=False), lens, None)


def _of_one(lens: MoveContext, wishes: Sequence[ShotRequest], kinds: Sequence[str]) -> Iterator[ShotDraft]:
    """Draft the shots of one panel. A close shot that cannot hold its lines is silent, or left out."""
    silent: set[int] = set()
    for _ in range(len(wishes) + 1):
        shares = _shares(lens.subject, wishes, silent)
        near = {at: _near(lens, wish, shares[at]) for at, wish in enumerate(wishes) if wish.framing in NEAR}
        failed = {at for at, part in near.items() if part is None and shares[at]}
        if not failed:
            break
        silent |= failed
    for at, wish in enumerate(wishes):
        if wish.framing in NEAR:
            part = near[at]
            if part is not None:
                yield _take(lens, part, wish)
            continue
        mine = _paced(replace(lens, subject=replace(lens.subject, needs=shares[at])), wish)
        idea = _wished(mine, wish)
        if idea is None:
            yield from draft_panel(rule_based.best_move(mine, kinds, first=False, last=False), mine, None)
        else:
            yield from (_take(mine, part, wish) for part in idea.parts)


def _shares(subject: PanelSubject, wishes: Sequence[ShotRequest], silent: set[int]) -> list[tuple[ReadingNeed, ...]]:
    """Assign each line to one request, in reading order; close shots get the lines that they look at."""
    shares: list[list[ReadingNeed]] = [[] for _ in wishes]
    at = 0
    for need in subject.needs:
        taken = next((i for i in range(at, len(wishes)) if i not in silent and _looks_at(wishes[i], need)), None)
        if taken is not None:
            at = taken
        elif wishes[at].framing in NEAR:
            at = next((i for i in range(at, len(wishes)) if wishes[i].framing not in NEAR), at)
        shares[at].append(need)
    return [tuple(share) for share in shares]


def _looks_at(wish: ShotRequest, need: ReadingNeed) -> bool:
    """Return whether a close shot looks at a line."""
    if wish.framing == "closer-on-balloon":
        return wish.balloon is not None and wish.balloon.id == need.line.id
    return wish.framing == "close-on" and wish.box is not None and framing.holds(wish.box, need.line.box)


def _near(lens: MoveContext, wish: ShotRequest, needs: tuple[ReadingNeed, ...]) -> MovePart | None:
    """Return a close shot that holds its lines and is clearly closer than the whole panel; None if impossible."""
    subject = lens.subject
    target = wish.box or (wish.balloon.box if wish.balloon else subject.box)
    wanted = geometry.union_box([target, *(need.nice for need in needs)])
    base, _ = camera_moves.still_frame(lens)
    least = lens.width_of(lens.style.tightest if wish.framing == "close-on" else lens.style.closest)
    view = framing.fit_box(wanted, lens.aspect, 0.06)
    view = framing.scale_box(view, max(1.0, least / view.width))
    if view.width > NEARER * base.width:
        return None
    view = _on_the_panel(view, subject)
    if not camera_moves.is_its_own(view, subject) or not all(framing.holds(view, need.box) for need in needs):
        return None
    paced = _paced(replace(lens, subject=replace(subject, needs=needs)), wish)
    least_seconds = 2.0 if needs else max(timing.SHORTEST, GLANCE * paced.style.pace)
    path = timing.time_stops([Stop(view, needs)], lens.screen, least=least_seconds, beat=paced.beat)
    return MovePart("closer", path, needs, "near")


def _on_the_panel(view: Box, subject: PanelSubject) -> Box:
    """Return the view moved so that it shows as little as possible beyond the panel."""
    box = subject.reach
    x0 = framing.clamp(box.x0, view.x0, box.x1 - view.width)
    y0 = framing.clamp(box.y0, view.y0, box.y1 - view.height)
    return framing.shift_box(view, x0 - view.x0, y0 - view.y0)


def _wished(lens: MoveContext, wish: ShotRequest) -> CameraMove | None:
    """Return the cheapest move of the requested framing; None where the panel allows none."""
    if wish.is_from_rules:
        return None
    if wish.framing in ("hold", "fill") or (not lens.style.motion and wish.framing != "whole"):
        return next(camera_moves.possible_moves(lens))
    if wish.framing == "whole":
        needs = lens.subject.needs
        view = camera_moves.frame_with_air(lens)
        view = framing.scale_box(view, max(1.0, lens.width_of(lens.style.tightest) / view.width))
        timed = timing.time_stops([Stop(view, needs)], lens.screen, least=lens.least, beat=lens.beat)
        return CameraMove((MovePart("hold", timed, needs, "stands whole"),))
    found = [idea for idea in camera_moves.possible_moves(lens) if idea.kind in KINDS[wish.framing]]
    exact = [idea for idea in found if idea.kind == KINDS[wish.framing][0]] or found
    return min(exact, key=lambda idea: rule_based.move_cost(idea, lens, ()), default=None)


def _paced(lens: MoveContext, wish: ShotRequest) -> MoveContext:
    """Return the context with its pace multiplied by the request's."""
    return replace(lens, style=replace(lens.style, pace=lens.style.pace * wish.pace))


def _take(lens: MoveContext, part: MovePart, wish: ShotRequest) -> ShotDraft:
    """Draft one shot of a request."""
    subject = lens.subject
    take = ShotDraft(subject.page, (subject.panel.id,), part.path, part.needs, part.kind, part.words)
    return _signed(take, wish, wish.reason)


def _signed(take: ShotDraft, wish: ShotRequest, words: str) -> ShotDraft:
    """Return the draft with the request's prompt, options and people, directed by the model."""
    return replace(
        take, words=words, prompt=wish.prompt, director="llm", dissolves=wish.dissolve, treatment=wish.treatment,
        people=wish.people,
    )  # fmt: skip
