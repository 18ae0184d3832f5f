"""Turn the shot requests for a page into shots, each as close to its request as the panel allows.

The framings come from the same functions that the rules use. Times come from reading time and calm camera moves,
never from a request, which can only stretch the part that is a matter of taste.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from agents.planning import LookMeasures, camera_moves, framing, rule_based, split_screen, timing
from agents.planning.camera_moves import CameraMove, MoveContext, MovePart
from agents.planning.effect_times import divide_effects, with_effects
from agents.planning.panels import PanelSubject, PlanningStyle, ReadingNeed, StrayLine, gather_subjects
from agents.planning.shot_drafts import ShotDraft, draft_bare_panel, draft_panel, draft_split_screen, draft_stray_line
from agents.planning.shot_schema import CLOSE_FRAMINGS, Framing, ShotRequest
from agents.planning.sound_times import divide_sound
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
    looks: Mapping[str, LookMeasures]
    style: PlanningStyle


def realize_requests(page: PlannedPage, requests: Sequence[ShotRequest]) -> list[ShotDraft]:
    """Return the shots of a page. A panel that does not allow a request is filmed by the rules.

    Such a shot names the rules as its director.
    """
    subjects, strays = gather_subjects(page.page, page.order, page.looks, page.screen.aspect, page.style)
    contexts = [
        MoveContext(s, page.screen, page.style, rule_based.is_in_fast_run(subjects, i)) for i, s in enumerate(subjects)
    ]
    drafts: list[ShotDraft] = []
    done = 0
    for group in _group_by_panels(requests):
        first, last = group[0].panels[0], group[0].panels[-1]
        drafts += _draft_strays(page, [stray for stray in strays if done <= stray.after <= first])
        done = first + 1
        if first and first == last and subjects[first].is_bare:
            drafts.append(
                draft_bare_panel(contexts[first], subjects[first - 1])
            )  # nothing to frame, whatever is requested
            continue
        new = list(_realize_group(contexts[first : last + 1], group, [draft.kind for draft in drafts]))
        if first == 0 and not any(draft.opens_page for draft in drafts) and new:
            new[0] = replace(new[0], opens_page=subjects[0])
        drafts += new
    return drafts + _draft_strays(page, [stray for stray in strays if stray.after >= done])


def allowed_framings(page: PlannedPage) -> list[tuple[Framing, ...]]:
    """Return the framings that each panel has room for, in reading order, besides hold and whole."""
    subjects, _ = gather_subjects(page.page, page.order, page.looks, page.screen.aspect, page.style)
    found: list[tuple[Framing, ...]] = []
    for subject in subjects:
        context = MoveContext(subject, page.screen, page.style)
        kinds = {move.kind for move in camera_moves.possible_moves(context)} if page.style.motion else set()
        fills: tuple[Framing, ...] = (
            ("fill",) if camera_moves.still_frame(context)[1] == camera_moves.FILLS_SCREEN else ()
        )
        found.append(fills + tuple(framing for framing, (first, *_) in KINDS.items() if first in kinds))
    return found


def _group_by_panels(requests: Sequence[ShotRequest]) -> list[list[ShotRequest]]:
    """Group consecutive requests for the same panels."""
    return [list(group) for _, group in groupby(requests, key=lambda request: request.panels)]


def _draft_strays(page: PlannedPage, strays: Sequence[StrayLine]) -> list[ShotDraft]:
    """Draft the shots of stray lines."""
    return [draft_stray_line(stray, page.page, page.screen, page.style) for stray in strays]


def _realize_group(
    contexts: Sequence[MoveContext], requests: Sequence[ShotRequest], kinds: Sequence[str]
) -> Iterator[ShotDraft]:
    """Draft the shots of one group of requests: one panel, a split screen, or panel by panel."""
    if len(contexts) == 1:
        yield from _realize_panel(contexts[0], requests, kinds)
        return
    paced = [_with_pace(context, requests[0]) for context in contexts]
    together = split_screen.plan_split_screen(paced) if len(paced) <= 3 and paced[0].style.motion else None
    if together:
        yield _attribute_to_model(
            draft_split_screen(together, contexts[0].subject.page, None), requests[0], requests[0].reason
        )
        return
    for context in paced:  # they do not stand so that they can share the screen
        yield from draft_panel(rule_based.best_move(context, kinds, first=False, last=False), context, None)


def _realize_panel(context: MoveContext, requests: Sequence[ShotRequest], kinds: Sequence[str]) -> Iterator[ShotDraft]:
    """Draft the shots of one panel. A close shot that cannot hold its lines is silent, or left out."""
    silent: set[int] = set()
    for _ in range(len(requests) + 1):
        shares = _assign_lines(context.subject, requests, silent)
        near = {
            at: _close_shot(context, request, shares[at])
            for at, request in enumerate(requests)
            if request.framing in CLOSE_FRAMINGS
        }
        failed = {at for at, part in near.items() if part is None and shares[at]}
        if not failed:
            break
        silent |= failed
    for at, request in enumerate(requests):
        if request.framing in CLOSE_FRAMINGS:
            part = near[at]
            if part is not None:
                yield _draft_part(context, part, request)
            continue
        own_context = _with_pace(replace(context, subject=replace(context.subject, needs=shares[at])), request)
        move = _requested_move(own_context, request)
        if move is None:
            yield from draft_panel(rule_based.best_move(own_context, kinds, first=False, last=False), own_context, None)
        else:
            lengths = [part.path.seconds for part in move.parts]
            options = request.render_options
            part_of = {need.line.id: number for number, part in enumerate(move.parts) for need in part.needs}
            effects = divide_effects(options.effects, lengths, lengths)
            sounds = divide_sound(request.sound, lengths, lengths, part_of)
            for part, moving, sound in zip(move.parts, effects, sounds, strict=True):
                own_request = replace(request, render_options=with_effects(options, moving), sound=sound)
                yield _draft_part(own_context, part, own_request)


def _assign_lines(
    subject: PanelSubject, requests: Sequence[ShotRequest], silent: set[int]
) -> list[tuple[ReadingNeed, ...]]:
    """Assign each line to one request, in reading order; close shots get the lines that they look at."""
    shares: list[list[ReadingNeed]] = [[] for _ in requests]
    at = 0
    for need in subject.needs:
        taken = next((i for i in range(at, len(requests)) if i not in silent and _looks_at(requests[i], need)), None)
        if taken is not None:
            at = taken
        elif requests[at].framing in CLOSE_FRAMINGS:
            at = next((i for i in range(at, len(requests)) if requests[i].framing not in CLOSE_FRAMINGS), at)
        shares[at].append(need)
    return [tuple(share) for share in shares]


def _looks_at(request: ShotRequest, need: ReadingNeed) -> bool:
    """Return whether a close shot looks at a line."""
    if request.framing == "closer-on-balloon":
        return request.balloon is not None and request.balloon.id == need.line.id
    return request.framing == "close-on" and request.box is not None and framing.holds(request.box, need.line.box)


def _close_shot(context: MoveContext, request: ShotRequest, needs: tuple[ReadingNeed, ...]) -> MovePart | None:
    """Return a close shot that holds its lines and is clearly closer than the whole panel; None if impossible."""
    subject = context.subject
    target = request.box or (request.balloon.box if request.balloon else subject.box)
    wanted = geometry.union_box([target, *(need.nice for need in needs)])
    base, _ = camera_moves.still_frame(context)
    least = context.width_of(context.style.tightest) if request.framing == "close-on" else context.closest_width
    view = framing.fit_box(wanted, context.aspect, 0.06)
    view = framing.scale_box(view, max(1.0, least / view.width))
    if view.width > NEARER * base.width:
        return None
    view = _shift_onto_panel(view, subject)
    if not camera_moves.is_its_own(view, subject) or not all(framing.holds(view, need.box) for need in needs):
        return None
    paced = _with_pace(replace(context, subject=replace(subject, needs=needs)), request)
    least_seconds = 2.0 if needs else max(timing.MIN_SECONDS, GLANCE * paced.style.pace)
    path = timing.time_stops([Stop(view, needs)], context.screen, least=least_seconds, beat=paced.beat)
    return MovePart("closer", path, needs, "near")


def _shift_onto_panel(view: Box, subject: PanelSubject) -> Box:
    """Return the view moved so that it shows as little as possible beyond the panel."""
    box = subject.reach
    x0 = framing.clamp(box.x0, view.x0, box.x1 - view.width)
    y0 = framing.clamp(box.y0, view.y0, box.y1 - view.height)
    return framing.shift_box(view, x0 - view.x0, y0 - view.y0)


def _requested_move(context: MoveContext, request: ShotRequest) -> CameraMove | None:
    """Return the cheapest move of the requested framing; None where the panel allows none."""
    if request.is_from_rules:
        return None
    if request.framing in ("hold", "fill") or (not context.style.motion and request.framing != "whole"):
        return next(camera_moves.possible_moves(context))
    if request.framing == "whole":
        needs = context.subject.needs
        view = camera_moves.frame_with_air(context)
        view = framing.scale_box(view, max(1.0, context.width_of(context.style.tightest) / view.width))
        timed = timing.time_stops([Stop(view, needs)], context.screen, least=context.least, beat=context.beat)
        return CameraMove((MovePart("hold", timed, needs, "stands whole"),))
    found = [move for move in camera_moves.possible_moves(context) if move.kind in KINDS[request.framing]]
    exact = [move for move in found if move.kind == KINDS[request.framing][0]] or found
    return min(exact, key=lambda move: rule_based.move_cost(move, context, ()), default=None)


def _with_pace(context: MoveContext, request: ShotRequest) -> MoveContext:
    """Return the context with its pace multiplied by the request's."""
    return replace(context, style=replace(context.style, pace=context.style.pace * request.pace))


def _draft_part(context: MoveContext, part: MovePart, request: ShotRequest) -> ShotDraft:
    """Draft one shot of a request."""
    subject = context.subject
    draft = ShotDraft(subject.page, (subject.panel.id,), part.path, part.needs, part.kind, part.words)
    return _attribute_to_model(draft, request, request.reason)


def _attribute_to_model(draft: ShotDraft, request: ShotRequest, words: str) -> ShotDraft:
    """Return the draft with the request's prompt, options, people and sound, directed by the model."""
    return replace(
        draft,
        words=words,
        prompt=request.prompt,
        director="llm",
        dissolves=request.dissolve,
        render_options=request.render_options,
        people=request.people,
        sound=request.sound,
    )
