"""Rebase people's edits onto a new plan, page by page.

A page that is planned as before keeps the edits that people made of it. On a page with a new plan the edits are dropped
and reported. A page with a locked shot stays as people left it, as long as its panels and balloons still exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.editing import selectors
from agents.editing.reframe import describe_locks, reframe_all, reframe_shot
from agents.editing.storyboard import EditableStoryboard
from agents.run_context import RunContext
from storage.domain import ShotPlan, Transcript, VideoFormat
from storage.library import Library
from storage.records import Revision


def rebase_edits(ctx: RunContext, before: Revision | None, *, theirs: bool = False) -> None:
    """Rebase people's edits, as of revision `before`, onto the plan that a director has just made.

    If `theirs` is set, the director only went on with pages that were left, and pages that people changed stay as they
    are.
    """
    library = ctx.library
    line = [one for one in library.revisions() if before is not None and one.number <= before.number]
    root = director_plan(line, before)
    transcript, head = library.transcript(), library.head()
    if before is None or root is None or root.number == before.number or transcript is None or head is None:
        return
    base, ours, fresh = library.shots(root.number), library.shots(before.number), library.shots()
    carried, lost = merge_shots(base, ours, fresh, transcript, ctx.settings.screen, theirs=theirs)
    locked = [shot for shot in ours if shot.locked]
    if locked and _has_other_aspect(ours, ctx.settings.screen):
        ctx.note("storyboard", describe_locks(locked, "this aspect"))
    if lost:
        ctx.note("storyboard", f"planned anew, without what was changed of it: {selectors.describe_shots(lost)}")
    if list(carried) != list(fresh):
        _add_rebased(library, carried, before)


def rebase_back(ctx: RunContext, before: Revision) -> None:
    """Rebase edits made in another aspect ratio, as of `before`, after the film returned to its earlier one.

    Shots that people changed meanwhile are reframed for this aspect ratio; all others are as they were.
    """
    library, screen, transcript = ctx.library, ctx.settings.screen, ctx.library.transcript()
    head, line = library.head(), library.revisions()
    if before.screen is None or screen.has_aspect(before.screen.aspect) or transcript is None or head is None:
        return
    ours, fresh = library.shots(before.number), library.shots()
    by_people = (
        director_plan(line, before) == director_plan(line, head)
        and _first_in_aspect(line, before).parent == head.number
    )
    turned = reframe_all(EditableStoryboard(fresh, transcript, screen), before.screen).shots
    pages = _changed_pages(turned, ours)
    if not (by_people and pages and _is_still_read(ours, transcript)):
        return
    board, mine = (
        EditableStoryboard(tuple(ours), transcript, before.screen),
        [shot for shot in ours if shot.page in pages],
    )
    as_it_was = {
        shot.id: was for shot in mine for then, was in zip(turned, fresh, strict=True) if _is_same_shot(shot, then)
    }
    shots = [as_it_was.get(shot.id) or reframe_shot(board, shot, screen) for shot in mine]
    shots += [shot for shot in fresh if shot.page not in pages]
    _add_rebased(library, sorted(shots, key=lambda shot: (shot.page, shot.ordinal)), before)


def edited_pages(library: Library) -> frozenset[int]:
    """Return the pages whose shots people changed since they were planned."""
    head = library.head()
    root = director_plan(library.revisions(), head)
    if head is None or root is None:
        return frozenset()
    return _changed_pages(library.shots(root.number), library.shots(head.number))


def director_plan(line: Sequence[Revision], at: Revision | None) -> Revision | None:
    """Return the director's plan that a revision is based on, or the revision itself if it is one."""
    known = {one.number: one for one in line}
    while at is not None and at.kind != "plan":
        at = known.get(at.parent or 0)
    return at


def merge_shots(
    base: Sequence[ShotPlan],
    ours: Sequence[ShotPlan],
    fresh: Sequence[ShotPlan],
    transcript: Transcript,
    screen: VideoFormat,
    *,
    theirs: bool = False,
) -> tuple[tuple[ShotPlan, ...], list[ShotPlan]]:
    """Merge the edited shots into a new plan, page by page.

    Args:
        base: The director's plan before the edits.
        ours: The shots after the edits.
        fresh: The director's new plan.
        transcript: The present reading.
        screen: The video format to frame for.
        theirs: Keep every page that people changed, also if it was planned differently now.

    Returns:
        The merged shots, numbered by their positions, and the edited shots that are lost.
    """
    board = EditableStoryboard(tuple(ours), transcript, screen)
    turned = _has_other_aspect(ours, screen)
    shots: list[ShotPlan] = []
    lost: list[ShotPlan] = []
    taken = {shot.id for shot in ours}
    planned_before = {shot.id: _without_texts(shot) for shot in base}
    for page in dict.fromkeys(shot.page for shot in fresh):
        mine, new = _shots_of_page(ours, page), _shots_of_page(fresh, page)
        before = [*map(_without_texts, _shots_of_page(base, page))]
        stands = turned or before == [*map(_without_texts, new)] or any(shot.locked for shot in mine)
        stands = stands or (theirs and before != [*map(_without_texts, mine)])
        if stands and _is_still_read(mine, transcript):
            shots += [reframe_shot(board, shot, screen) for shot in mine]
            continue
        lost += [shot for shot in mine if planned_before.get(shot.id) != _without_texts(shot)]
        shots += _with_free_names(new, taken - {shot.id for shot in mine})
    return tuple(shot.model_copy(update={"ordinal": at}) for at, shot in enumerate(shots)), lost


def _add_rebased(library: Library, shots: Sequence[ShotPlan], before: Revision) -> None:
    message = f"what was changed, carried over from revision {before.number}"
    placed = [shot.model_copy(update={"ordinal": at}) for at, shot in enumerate(shots)]
    library.add_revision(placed, kind="rebase", origin=before.number, key="", author=before.author, message=message)


def _changed_pages(base: Sequence[ShotPlan], ours: Sequence[ShotPlan]) -> frozenset[int]:
    """Return the pages whose shots differ."""
    pages = {shot.page for shot in (*base, *ours)}
    return frozenset(
        page
        for page in pages
        if [*map(_without_texts, _shots_of_page(base, page))] != [*map(_without_texts, _shots_of_page(ours, page))]
    )


def _first_in_aspect(line: Sequence[Revision], at: Revision) -> Revision:
    """Return the revision in which the film got the aspect ratio that it has `at` a revision."""
    known, screen = {one.number: one for one in line}, at.screen
    while (
        screen and (before := known.get(at.parent or 0)) and before.screen and screen.has_aspect(before.screen.aspect)
    ):
        at = before
    return at


def _has_other_aspect(shots: Sequence[ShotPlan], screen: VideoFormat) -> bool:
    return bool(shots) and not screen.has_aspect(shots[0].camera[0].box.aspect)


def _shots_of_page(shots: Iterable[ShotPlan], page: int) -> list[ShotPlan]:
    return [shot for shot in shots if shot.page == page]


def _without_texts(shot: ShotPlan) -> ShotPlan:
    """Return a plan without its id, its position and its texts, for comparison."""
    return shot.model_copy(update={"id": "", "ordinal": 0, "reason": "", "director": "", "prompt": ""})


def _is_same_shot(shot: ShotPlan, other: ShotPlan) -> bool:
    return shot.id == other.id and _without_texts(shot) == _without_texts(other)


def _is_still_read(shots: Sequence[ShotPlan], transcript: Transcript) -> bool:
    panels = {panel.id for page in transcript.pages for panel in page.panels}
    lines = {text.id for page in transcript.pages for text in page.balloons}
    return all(panels.issuperset(shot.panels) and lines.issuperset(shot.balloons) for shot in shots)


def _with_free_names(shots: Sequence[ShotPlan], taken: set[str]) -> list[ShotPlan]:
    """Return the shots, with free names for those whose names are taken."""
    named, used = [], set(taken) | {shot.id for shot in shots}
    for shot in shots:
        name = shot.id
        if name in taken:
            name = next(n for letter in "abcdefghijklmnopqrstuvwxyz" if (n := shot.id + letter) not in used)
            used.add(name)
        named.append(shot.model_copy(update={"id": name}))
    return named
