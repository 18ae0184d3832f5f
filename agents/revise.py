"""A project and edits in; a new revision, what was bent for it, and which shots are stale by it out. Films nothing.

Whoever edits comes through here: a person, a script, a model, a command. Undo and redo go back and forth over all of
it, the reading included, and make nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import get_args

from agents import carry, mend, permits
from agents.board import onlooker
from agents.edits import ChooseTake, Plan, Reading, SetAspect, which, words
from agents.edits.applied import all_applied
from agents.edits.board import Board
from agents.executors.local import hands
from agents.fixes import AddBalloon, DeleteBalloon, MoveBalloon, SetKind
from agents.fixes import words as fixes
from agents.fixes.panels import PanelFix
from agents.shots import in_force, standing
from agents.stages import composite, storyboard
from agents.workshop import Progress
from storage.errors import ProjectError, SettingsError
from storage.library import Library
from storage.records import Author, Correction, Revision
from storage.shapes import Screen, ShotPlan

Say = Callable[[Progress], None]
_PICTURED = (*get_args(PanelFix), AddBalloon, DeleteBalloon, MoveBalloon, SetKind)
"""Fixes of the reading that change what is seen."""


@dataclass(frozen=True)
class Outcome:
    """What was done, in words, and what had to be bent; the shots that have no film now, and how long they last.

    `seconds` is about how long it takes to film them; `fresh` those that had a film before, `changed` those whose plan
    is another now.
    """

    said: tuple[str, ...]
    notes: tuple[str, ...] = ()
    shots: int = 0
    stale: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    film: float = 0.0
    seconds: float = 0.0
    revision: int = 0

    def price(self) -> str:
        """What it costs to film, in words."""
        if not self.stale:
            return "nothing is to be filmed"
        shots = which.words([_Named(name) for name in self.stale])  # type: ignore[misc]
        return f"{shots} to film, {self.film:.1f} s of film, about {max(1, round(self.seconds))} s, no money"


@dataclass(frozen=True)
class _Named:
    id: str


@dataclass(frozen=True)
class _Before:
    """What had no film, and what was planned, before something was done."""

    stale: set[str] = field(default_factory=set)
    plans: list[ShotPlan] = field(default_factory=list)


def revise(
    project: Path,
    wanted: Sequence[Plan | Reading],
    *,
    author: Author = "hand",
    message: str = "",
    say: Say = lambda progress: None,
) -> Outcome:
    """Do edits, all or none, as one revision (and one correction for each fix of the reading).

    Raises SettingsError for an edit that cannot be done, ProjectError where nothing is planned, ProjectLocked.
    """
    with Library.open(project) as library:
        return in_library(library, wanted, author=author, message=message, say=say)


def in_library(
    library: Library,
    wanted: Sequence[Plan | Reading],
    *,
    author: Author = "hand",
    message: str = "",
    say: Say = lambda progress: None,
) -> Outcome:
    """The same in a project that is open."""
    before = _before(library)
    readings = [edit for edit in wanted if isinstance(edit, Reading)]
    plans = [edit for edit in wanted if not isinstance(edit, Reading)]
    if readings:
        _refuse_locked(library, readings)
    mark = library.head(), library.correction()
    said: list[str] = []
    try:
        if readings:
            said += mend.mend(library, readings, author=author, say=say)
        notes, done = _planned(library, plans, author=author, message=message)
    except BaseException:
        _back_to(library, *mark)
        raise
    return _outcome(library, [*said, *done], notes, before)


def forecast(library: Library, wanted: Sequence[Plan | Reading]) -> Outcome:
    """What edits of the plan would make stale; makes nothing. Raises SettingsError for an edit that cannot be done."""
    plans = [edit for edit in wanted if not isinstance(edit, Reading)]
    board = board_of(library, plans)
    after = all_applied(board, plans)
    permits.refuse_changes(library.settings(), board, after)
    notes = list(after.notes)
    if len(plans) < len(wanted):
        notes.append("the pages it mends are planned anew")
    return _outcome(library, [words.written(edit) for edit in wanted], notes, _before(library), after)


def undo(project: Path, steps: int = 1, say: Say = lambda progress: None) -> Outcome:
    """Take back what was done last, of the plan or of the reading; ProjectError when there is nothing."""
    with Library.open(project) as library:
        return undo_in(library, steps, say)


def redo(project: Path, steps: int = 1, say: Say = lambda progress: None) -> Outcome:
    """Do again what was undone last; ProjectError when there is nothing."""
    with Library.open(project) as library:
        return redo_in(library, steps, say)


def undo_in(library: Library, steps: int = 1, say: Say = lambda progress: None) -> Outcome:
    """The same as `undo` in a project that is open."""
    return _stepped(library, steps, _undone, say)


def redo_in(library: Library, steps: int = 1, say: Say = lambda progress: None) -> Outcome:
    """The same as `redo` in a project that is open."""
    return _stepped(library, steps, _redone, say)


def stand_at(library: Library, number: int) -> None:
    """Make a revision the one to be filmed, and film for its screen. ProjectError when it is unknown."""
    library.move_head(number)
    _settle(library)


def board_of(library: Library, wanted: Iterable[Plan] = ()) -> Board:
    """The storyboard as edits see it. ProjectError where nothing is planned."""
    transcript = library.transcript()
    if library.head() is None or transcript is None:
        raise ProjectError(f"{library.folder} has no storyboard yet", "run: main.py animate SOURCE")
    shop = onlooker(library)
    shots = library.shots()
    names = {name for edit in wanted if isinstance(edit, ChooseTake) for name, _ in which.parse(edit.which).names}
    takes = {(name, number): plan for name in names for number, plan in plans_of_takes(library, name).items()}
    gone = {shot.id: shot for shot in library.left_out()}
    return Board(shots, transcript, shop.settings.screen, gone, takes=takes)


def plans_of_takes(library: Library, name: str) -> dict[int, ShotPlan]:
    """The plan that filmed each take of a shot, by the take's number, for takes of this reading and these settings."""
    shop = onlooker(library)
    takes = {take.key: take for take in library.takes(name)}
    known = {panel.id for page in shop.library.transcript().pages for panel in page.panels}  # type: ignore[union-attr]
    found: dict[int, ShotPlan] = {}
    for plan in library.plans_of(name):
        if not known.issuperset(plan.panels):
            continue
        for seed in {take.seed for take in takes.values()} | {plan.seed}:
            asked = plan.model_copy(update={"seed": seed})
            for shot in in_force(shop, {}, [asked]):
                jobs = composite.jobs(shop, shot)
                if jobs and jobs[0].key in takes and not takes[jobs[0].key].facts.get("fallback"):
                    found.setdefault(takes[jobs[0].key].number, asked)
    return found


def replayed(library: Library) -> tuple[ShotPlan, ...]:
    """The head as its log says: the newest plan by a director, with every edit since done anew."""
    line = list(library.line())
    start = max(at for at, one in enumerate(line) if not one.edits)
    transcript = library.transcript()
    assert transcript is not None
    gone: dict[str, ShotPlan] = {}
    for one in line[: start + 1]:
        gone |= {shot.id: shot for shot in library.shots(one.number)}
    first = line[start]
    shots = library.shots(first.number)
    board = Board(shots, transcript, first.screen or Screen(), gone)
    for one in line[start + 1 :]:
        board = all_applied(board, [words.read(edit) for edit in one.edits])  # type: ignore[misc]
        names = {shot.id for shot in board.shots}
        board = Board(board.shots, transcript, board.screen, {n: s for n, s in board.gone.items() if n not in names})
    return board.shots


def _planned(library: Library, plans: Sequence[Plan], *, author: Author, message: str) -> tuple[list[str], list[str]]:
    if not plans:
        return [], []
    board = board_of(library, plans)
    after = all_applied(board, plans)
    permits.refuse_changes(library.settings(), board, after)
    done = [words.written(edit) for edit in plans]
    if after.shots == board.shots and after.screen == board.screen:
        return list(after.notes), [f"{one}: that is so already" for one in done]
    key = ""
    if any(isinstance(edit, SetAspect) for edit in plans):
        shop = onlooker(library)
        key = storyboard.key_of(shop, after.screen)
        library.set_settings(shop.settings.model_copy(update={"screen": after.screen}))
    edits = [edit.model_dump(mode="json", exclude_defaults=False) for edit in plans]
    library.add_revision(after.shots, key=key, author=author, message=message or "; ".join(done), edits=edits)
    return list(after.notes), done


def _refuse_locked(library: Library, readings: Sequence[Reading]) -> None:
    """What shows or hides something on a page with a locked shot would touch it."""
    locked = [shot for shot in library.shots() if shot.locked] if library.head() else []
    for edit in readings:
        page = getattr(edit, "page", 0)
        touched = [shot for shot in locked if shot.page + 1 == page]
        if touched and isinstance(edit, _PICTURED):
            raise SettingsError(
                f"{fixes.written(edit)}: {which.words(touched)} of that page would change, and is locked",
                f"say first: {which.words(touched[:1])} unlock",
            )


def _stepped(library: Library, steps: int, step: Callable[[Library, Say], str], say: Say) -> Outcome:
    before = _before(library)
    said = [step(library, say) for _ in range(steps)]
    return _outcome(library, said, [], before)


def _undone(library: Library, say: Say) -> str:
    head, correction = library.head(), library.correction()
    step = _step_of(library, head)
    if correction and (step is None or _reading_after(library, step, correction)):
        said = library.undo_correction().message
        if head is not None:
            mend.plan(library, say)
        return said
    if step is None or step.parent is None:
        raise ProjectError("there is nothing to undo", "this is the first storyboard of the project")
    library.move_head(step.parent)
    _settle(library)
    return step.message


def _redone(library: Library, say: Say) -> str:
    head, correction = library.head(), library.correction()
    since = max((one.created for one in (head, correction) if one is not None), default=None)
    later = [one for one in library.revisions() if head and one.parent == head.number and _after(one.created, since)]
    fixes_later = [
        one
        for one in library.corrections()
        if one.parent == (correction.number if correction else None) and _after(one.created, since)
    ]
    revision, fix = later[-1] if later else None, fixes_later[-1] if fixes_later else None
    if fix and (revision is None or fix.created <= revision.created):
        library.redo_correction()
        following = [one for one in later if one.author == "director" and _after(one.created, fix.created)]
        if following:
            library.move_head(_carried(library, following[0]).number)
        if head is not None:
            mend.plan(library, say)
        return fix.message
    if revision is None:
        raise ProjectError("there is nothing to redo", "this is the newest state on its line")
    library.move_head(_carried(library, revision).number)
    _settle(library)
    return revision.message


def _step_of(library: Library, head: Revision | None) -> Revision | None:
    """The revision that a person sees as the last step: a plan that carries changes over belongs to the one before."""
    if head is not None and head.key == carry.KEY:
        return next(one for one in library.revisions() if one.number == head.parent)
    return head


def _carried(library: Library, revision: Revision) -> Revision:
    """The revision that carries changes over to this one, where there is one."""
    return next(
        (one for one in library.revisions() if one.parent == revision.number and one.key == carry.KEY), revision
    )


def _reading_after(library: Library, step: Revision, correction: Correction) -> bool:
    """Whether the reading was corrected after the plan was changed; a plan made for a correction is part of it."""
    if correction.created > step.created:
        return True
    parent = next((one for one in library.revisions() if one.number == step.parent), None)
    return step.author == "director" and parent is not None and correction.created > parent.created


def _after(moment: datetime, since: datetime | None) -> bool:
    return since is None or moment >= since


def _settle(library: Library) -> None:
    """After the head has moved: film for the screen that it is framed for."""
    head, settings = library.head(), library.settings()
    if head is None or head.screen is None or settings is None:
        return
    if abs(head.screen.aspect / settings.screen.aspect - 1) > 0.005:
        library.set_settings(settings.model_copy(update={"screen": head.screen}))


def _back_to(library: Library, head: Revision | None, correction: Correction | None) -> None:
    """Leave the project as it was: an edit of several could not be done."""
    while (now := library.correction()) is not None and now != correction:
        library.undo_correction()
    moved = head is not None and (now_head := library.head()) is not None and now_head.number != head.number
    if moved and head is not None:
        library.move_head(head.number)
        _settle(library)
        mend.plan(library, lambda progress: None)


def _before(library: Library) -> _Before:
    if library.head() is None:
        return _Before()
    plans = [plan.model_copy(update={"ordinal": 0}) for plan in library.shots()]
    try:
        shop = onlooker(library)
        stale = {shot.id for shot in in_force(shop, {}) if standing(shop, composite.jobs(shop, shot)) is None}
    except ProjectError:
        stale = set()
    return _Before(stale, plans)


def _outcome(
    library: Library, said: Sequence[str], notes: Sequence[str], before: _Before, draft: Board | None = None
) -> Outcome:
    from agents import estimate

    head, shop = library.head(), onlooker(library)
    if head is None:
        return Outcome(tuple(said), tuple(notes))
    plans = library.shots() if draft is None else draft.shots
    screen = shop.settings.screen if draft is None else draft.screen
    shop.settings = shop.settings.model_copy(update={"screen": screen})
    stale = [shot.plan for shot in in_force(shop, {}, plans) if standing(shop, composite.jobs(shop, shot)) is None]
    film = sum(plan.seconds for plan in stale)
    work = estimate.Work(0, len(stale), film, "")
    seconds = estimate.seconds_of(work, estimate.pace_of(library), screen) / hands() if stale else 0.0
    names = tuple(plan.id for plan in stale)
    fresh = tuple(name for name in names if name not in before.stale)
    changed = tuple(plan.id for plan in plans if plan.model_copy(update={"ordinal": 0}) not in before.plans)
    return Outcome(tuple(said), tuple(notes), len(plans), names, fresh, changed, film, seconds, head.number)
