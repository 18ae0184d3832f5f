"""Rebase people's edits onto a new plan, and report those that cannot be kept.

The edits in the log are replayed on the new plan, on the shots that film the same panels (agents/editing/replay.py), so
that pages may be inserted, removed, swapped and retouched. Page by page, the shots themselves are kept where the pages
are the same and only the aspect ratio is another, or where a director only went on with pages that were left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agents.editing import edit_log, grammar
from agents.editing.plan_inputs import PlanHistory
from agents.editing.reframe import describe_locks, reframe_all, reframe_shot
from agents.editing.replay import Patch, Replay, rename_taken, shots_of_page, without_labels
from agents.editing.storyboard import EditableStoryboard
from agents.run_context import RunContext
from storage.domain import ShotPlan, Transcript, VideoFormat
from storage.records import LossCause, LostEdit, Revision, RevisionDraft, root_plan

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

_CAUSES: dict[LossCause, str] = {
    "panel_gone": "its panel is gone",
    "balloon_gone": "its balloon is gone",
    "planned_otherwise": "its panels are divided among shots in another way now",
    "refused": "it would break a rule of the plan now",
}


def rebase_edits(
    context: RunContext,
    before: Revision | None,
    fresh: Sequence[ShotPlan],
    history: PlanHistory,
    *,
    theirs: bool = False,
) -> RevisionDraft | None:
    """Rebase people's edits onto the plan that a director has just made, and report those that are lost.

    Args:
        context: The run's context.
        before: The revision with the edits; None before the first plan.
        fresh: The new plan, which need not be in the library yet.
        history: The earlier plans, matched with the present reading.
        theirs: The director only went on with pages that were left, and pages that people changed stay as they are.

    Returns:
        The revision that follows the new plan; None if nothing is carried over or lost.
    """
    library, screen = context.library, context.settings.screen
    root = root_plan(library.revisions(), before.number if before else None)
    transcript = library.transcript()
    if before is None or root is None or root.number == before.number or transcript is None:
        return None
    base, ours = library.shots(root.number), library.shots(before.number)
    turned = _has_other_aspect(ours, screen)
    inputs = history.inputs_of(root)
    lost: list[LostEdit] = []
    if inputs is None:  # an older version stopped between reading and planning
        carried, lost = tuple(fresh), edit_log.losses_without_reading(library, before)
    elif theirs or (turned and inputs.transcript == transcript):
        carried = keep_pages(base, ours, fresh, transcript, screen)
        locked = [shot for shot in ours if shot.locked]
        if locked and turned:
            context.note("storyboard", describe_locks(locked, "this aspect"))
    else:
        board = EditableStoryboard(tuple(fresh), transcript, screen)
        carried, lost = replay_edits(library, before, board, history)
    _report_losses(context, lost, before)
    return _draft_rebased(carried, before, lost) if list(carried) != list(fresh) or lost else None


def replay_edits(
    library: Library, before: Revision, board: EditableStoryboard, history: PlanHistory
) -> tuple[tuple[ShotPlan, ...], list[LostEdit]]:
    """Replay all edits that made the shots of a revision on a new plan.

    Args:
        library: The project's library.
        before: The revision.
        board: The new plan.
        history: The earlier plans, matched with the present reading.

    Returns:
        The shots, and the edits that could not be applied.
    """
    replay = Replay(board)
    for step in edit_log.read_steps(library, before, history):
        if isinstance(step, Patch):
            replay.apply_patch(step)
        else:
            replay.apply(step)
    return replay.board.shots, replay.lost


def rebase_back(context: RunContext, before: Revision, known: int) -> RevisionDraft | None:
    """Rebase edits made in another aspect ratio onto the revision to which the film returns.

    Shots that people changed meanwhile are reframed for this aspect ratio; all others are as they were.

    Args:
        context: The run's context.
        before: The revision with the edits.
        known: The revision to which the film returns.

    Returns:
        The revision that follows it; None if nothing is carried over.
    """
    library, screen, transcript = context.library, context.settings.screen, context.library.transcript()
    line = library.revisions()
    if before.screen is None or screen.has_aspect(before.screen.aspect) or transcript is None:
        return None
    ours, fresh = library.shots(before.number), library.shots(known)
    by_people = (
        root_plan(line, before.number) == root_plan(line, known) and _first_in_aspect(line, before).parent == known
    )
    turned = reframe_all(EditableStoryboard(fresh, transcript, screen), before.screen).shots
    pages = _changed_pages(turned, ours)
    if not (by_people and pages and _is_still_read(ours, transcript)):
        return None
    board, mine = (
        EditableStoryboard(tuple(ours), transcript, before.screen),
        [shot for shot in ours if shot.page in pages],
    )
    as_it_was = {
        shot.id: was for shot in mine for then, was in zip(turned, fresh, strict=True) if _is_same_shot(shot, then)
    }
    shots = [as_it_was.get(shot.id) or reframe_shot(board, shot, screen) for shot in mine]
    shots += [shot for shot in fresh if shot.page not in pages]
    return _draft_rebased(sorted(shots, key=lambda shot: (shot.page, shot.ordinal)), before)


def edited_pages(library: Library) -> frozenset[int]:
    """Return the pages whose shots people changed since they were planned."""
    head = library.head()
    root = root_plan(library.revisions(), head.number if head else None)
    if head is None or root is None:
        return frozenset()
    return _changed_pages(library.shots(root.number), library.shots(head.number))


def keep_pages(
    base: Sequence[ShotPlan],
    ours: Sequence[ShotPlan],
    fresh: Sequence[ShotPlan],
    transcript: Transcript,
    screen: VideoFormat,
) -> tuple[ShotPlan, ...]:
    """Put the pages that people changed into a new plan of the same reading, whole and as they are.

    For another aspect ratio all pages are kept and reframed.

    Args:
        base: The director's plan before the edits.
        ours: The shots after the edits.
        fresh: The director's new plan.
        transcript: The reading.
        screen: The video format to frame for.

    Returns:
        The shots, numbered by their positions.
    """
    board = EditableStoryboard(tuple(ours), transcript, screen)
    turned = _has_other_aspect(ours, screen)
    kept = {
        page
        for page in {shot.page for shot in fresh}
        if turned or _without_places(shots_of_page(base, page)) != _without_places(shots_of_page(ours, page))
    }
    shots: list[ShotPlan] = []
    for page in dict.fromkeys(shot.page for shot in fresh):
        mine = shots_of_page(ours, page)
        if page in kept and _is_still_read(mine, transcript):
            shots += [reframe_shot(board, shot, screen) for shot in mine]
        else:
            shots += rename_taken(shots_of_page(fresh, page), {shot.id for shot in ours if shot.page != page})
    return tuple(shot.model_copy(update={"ordinal": at}) for at, shot in enumerate(shots))


def _report_losses(context: RunContext, lost: Sequence[LostEdit], before: Revision) -> None:
    """Name the edits of people that are lost now and were not lost before, with the commands that do them again."""
    line = edit_log.line_of(context.library.revisions(), before.number)
    authors = {revision.number: revision.author for revision in line}
    earlier = next((revision.lost for revision in reversed(line) if revision.kind == "rebase"), ())
    known = {
        (earlier_loss.revision, earlier_loss.position, shot)
        for earlier_loss in earlier
        for shot in (earlier_loss.shots or ("",))
    }
    for loss in lost:
        is_new = any((loss.revision, loss.position, shot) not in known for shot in (loss.shots or ("",)))
        if is_new and authors.get(loss.revision) != "critic":
            command = grammar.format_edit(grammar.edit_from_data(loss.edit))
            context.note("storyboard", f"not carried over: {command} ({_CAUSES[loss.cause]})")


def _draft_rebased(shots: Sequence[ShotPlan], before: Revision, lost: Sequence[LostEdit] = ()) -> RevisionDraft:
    message = f"what was changed, carried over from revision {before.number}"
    placed = tuple(shot.model_copy(update={"ordinal": at}) for at, shot in enumerate(shots))
    return RevisionDraft(placed, "", before.author, message, kind="rebase", origin=before.number, lost=tuple(lost))


def _changed_pages(base: Sequence[ShotPlan], ours: Sequence[ShotPlan]) -> frozenset[int]:
    """Return the pages whose shots differ."""
    pages = {shot.page for shot in (*base, *ours)}
    return frozenset(
        page
        for page in pages
        if [*map(without_labels, shots_of_page(base, page))] != [*map(without_labels, shots_of_page(ours, page))]
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


def _without_places(shots: Iterable[ShotPlan]) -> list[ShotPlan]:
    return [shot.model_copy(update={"ordinal": 0}) for shot in shots]


def _is_same_shot(shot: ShotPlan, other: ShotPlan) -> bool:
    return shot.id == other.id and without_labels(shot) == without_labels(other)


def _is_still_read(shots: Iterable[ShotPlan], transcript: Transcript) -> bool:
    panels = {panel.id for page in transcript.pages for panel in page.panels}
    lines = {text.id for page in transcript.pages for text in page.balloons}
    return all(panels.issuperset(shot.panels) and lines.issuperset(shot.balloons) for shot in shots)
