"""Apply corrections to a project so that they can be undone, and replan its storyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from pathlib import Path

from agents.comprehension import proposals
from agents.corrections import (
    Accept,
    CastCorrection,
    MergeCharacters,
    PageCorrection,
    RenameCharacter,
    VoiceCorrection,
    grammar,
)
from agents.corrections.apply import apply_correction
from agents.corrections.characters import changed_voice, character_of, page_of, voice_owner
from agents.editing.plan_inputs import correction_of_plan, move_to_revision
from agents.editing.shot_status import read_only_context
from agents.executors.local import LocalExecutor
from agents.graph import run_stages
from agents.run_context import Progress, RunContext
from agents.shots import shots_to_film
from agents.stages import composite, understand
from storage.corrections import CorrectionDraft
from storage.domain import PageTranscript, Transcript
from storage.errors import ProjectError
from storage.library import Library
from storage.records import Author, Correction, Revision, root_plan
from storage.settings import Settings
from storage.sound import CharacterVoice

Say = Callable[[Progress], None]


@dataclass(frozen=True)
class CorrectionReport:
    """The effect of corrections: what was done, in words, and how many shots are planned and stale."""

    summary: tuple[str, ...]
    """What was done, in words."""
    shots: int
    """Number of planned shots."""
    stale: int
    """Number of planned shots without a film."""
    stale_before: int
    """The same number before the corrections."""


def correct_project(
    project: Path,
    corrections: Sequence[PageCorrection | CastCorrection],
    *,
    author: Author = "hand",
    say: Say = lambda progress: None,
) -> CorrectionReport:
    """Apply corrections to a project, all or none, and replan its storyboard if it has one.

    Each becomes a correction of its own that can be undone.

    Raises:
        SettingsError: A correction is not possible.
        ProjectError: Nothing has been read yet.
    """
    return _run_and_replan(project, lambda library: _correct(library, corrections, author, say), say)


def correct_library(
    library: Library,
    corrections: Sequence[PageCorrection | CastCorrection],
    *,
    author: Author,
    say: Say = lambda progress: None,
) -> list[str]:
    """Apply corrections to an open project as `correct_project` does, and return what was done, in words."""
    said = _correct(library, corrections, author, say)
    replan(library, say)
    return said


def undo(project: Path, steps: int = 1, say: Say = lambda progress: None) -> CorrectionReport:
    """Undo the newest corrections, and replan the storyboard.

    Raises:
        ProjectError: There are fewer corrections than steps; those that exist are undone.
    """
    return _run_and_replan(project, lambda library: [_undo_newest(library) for _ in range(steps)], say)


def redo(project: Path, steps: int = 1, say: Say = lambda progress: None) -> CorrectionReport:
    """Redo the corrections that were undone last, and replan the storyboard.

    Raises:
        ProjectError: There are fewer corrections than steps; those that exist are redone.
    """
    return _run_and_replan(project, lambda library: [_redo_newest(library) for _ in range(steps)], say)


def count_stale(library: Library) -> tuple[int, int]:
    """Return how many shots are planned, and how many of them have no film."""
    if library.head() is None:
        return 0, 0
    context = read_only_context(library)
    shots = composite.resolve_shots(context, shots_to_film(context, {}))
    return len(shots), sum(resolved.segment is None for resolved in shots)


def _correct(
    library: Library, corrections: Sequence[PageCorrection | CastCorrection], author: Author, say: Say
) -> list[str]:
    update_reading(library, say)
    standing = library.require_transcript()
    silent = standing.without_voices().pages  # corrected pages hold no lengths of speech
    states = [standing.model_copy(update={"pages": silent})]
    for one in corrections:  # the first error stops all of them, before any is stored
        states.append(apply_with_proposals(library, states[-1], one))
    drafted = [
        _draft_correction(library, one, *around, author)
        for one, around in zip(corrections, pairwise(states), strict=True)
    ]
    added = library.add_corrections([draft for draft, _ in drafted])
    return [
        f"{draft.message}{result}" if state else f"{draft.message}: that is so already"
        for (draft, result), state in zip(drafted, added, strict=True)
    ]


def apply_with_proposals(
    library: Library, transcript: Transcript, correction: PageCorrection | CastCorrection
) -> Transcript:
    """Apply one correction to a transcript; `Accept` uses the texts that the project's model proposed."""
    steps = (
        proposals.accepted_corrections(library, transcript, correction)
        if isinstance(correction, Accept)
        else [correction]
    )
    return reduce(apply_correction, steps, transcript)


def _run_and_replan(project: Path, change: Callable[[Library], list[str]], say: Say) -> CorrectionReport:
    with Library.open(project) as library:
        head, before = library.correction(), _count_stale_before(library)
        try:
            said = change(library)
        finally:
            if library.correction() != head:  # also if the second of two undo steps failed, because the first is done
                replan(library, say)
        return CorrectionReport(tuple(said), *count_stale(library), before)


def _undo_newest(library: Library) -> str:
    """Undo the newest correction, with the plan that was made for it where nothing was changed since then.

    Corrections that were only carried over to a retouched page belong to the ones before; the next reading carries the
    others over again.
    """
    correction, head, revisions = _newest_asked_for(library), library.head(), library.revisions()
    plan = root_plan(revisions, head.number if head else None)
    before = root_plan(revisions, plan.parent) if plan else None
    if head and plan and plan.parent and before and correction and head.number in _unchanged(plan, revisions):
        around = correction_of_plan(library, before), correction_of_plan(library, plan)
        if around == (correction.parent, correction.number):
            move_to_revision(library, plan.parent)
            return correction.message
    if correction is None:
        raise ProjectError("there is no correction to undo", "the pages stand as they were read")
    library.move_correction(correction.parent)
    return correction.message


def _redo_newest(library: Library) -> str:
    """Redo the newest correction, with the plan that was made for it."""
    correction, head, revisions = _newest_asked_for(library), library.head(), library.revisions()
    now = library.correction()  # a carried-over state may stand after it
    numbers = {state.number if state else None for state in (correction, now)}
    fixes = [fix for fix in library.corrections() if fix.parent in numbers and fix.kind != "rebase"]
    if not fixes:
        raise ProjectError("there is no correction to redo", "this is the newest one on its line")
    plans = [revision for revision in revisions if head and revision.parent == head.number and revision.kind == "plan"]
    if plans and correction_of_plan(library, plans[-1]) == fixes[-1].number:
        move_to_revision(library, max(_unchanged(plans[-1], revisions)))
    else:
        library.move_correction(fixes[-1].number)
    return fixes[-1].message


def _newest_asked_for(library: Library) -> Correction | None:
    """Return the newest correction in force that somebody asked for, and that was not only carried over."""
    return next((state for state in reversed(library.correction_ancestry()) if state.kind != "rebase"), None)


def _unchanged(plan: Revision, revisions: Sequence[Revision]) -> list[int]:
    """Return the numbers of a plan and of the revision that carries older edits over to it."""
    return [
        plan.number,
        *(revision.number for revision in revisions if revision.parent == plan.number and revision.kind == "rebase"),
    ]


def _count_stale_before(library: Library) -> int:
    try:
        return count_stale(library)[1]
    except ProjectError:
        return 0  # the last change was interrupted before it replanned, so this one replans for both


def replan(library: Library, say: Say) -> None:
    """Lay the corrections over the pages as read, and replan the shots if there is a storyboard."""
    _run_until(library, "storyboard" if library.head() else "understand", say)


def update_reading(library: Library, say: Say) -> None:
    """Finish the reading where a command was stopped after it changed the pages or their corrections.

    What is corrected next is corrected on the transcript, which would take back what it does not have yet.
    """
    transcript, head, correction = library.require_transcript(), library.head(), library.correction()
    inputs = library.plan_inputs(head.number) if head else None
    now = library.pages(), transcript, correction.number if correction else None
    if inputs is None or (inputs.pages, inputs.transcript, inputs.correction) != now:
        _run_until(library, "cast", say)
        understand.recall(read_only_context(library))


def _run_until(library: Library, stage: str, say: Say) -> None:
    executor = LocalExecutor(library.artifacts.root)
    try:
        context = RunContext(library, library.settings() or Settings(), executor, on_progress=say)
        run_stages(context, until=stage)
    finally:
        executor.close()


def _draft_correction(
    library: Library, correction: PageCorrection | CastCorrection, before: Transcript, after: Transcript, author: Author
) -> tuple[CorrectionDraft, str]:
    """Return a correction to store, and what came of it, in words."""
    message = grammar.format_correction(correction)
    pages: dict[str, PageTranscript | None] = {}
    names, merged, result = dict[str, str](), dict[str, str | None](), ""
    voices: dict[str, CharacterVoice | None] = {}
    images = {image.index: image.artifact for image in library.pages()}
    if isinstance(correction, RenameCharacter):
        names = {character_of(before, correction.character).id: correction.name}
    elif isinstance(correction, MergeCharacters):
        merged = {character_of(before, correction.character).id: character_of(before, correction.into).id}
    elif isinstance(correction, VoiceCorrection):
        voices = {voice_owner(before, correction.character): changed_voice(before, correction)}
    elif isinstance(correction, Accept):
        accepted = [(old, new) for old, new in zip(before.pages, after.pages, strict=True) if old != new]
        for old, new in accepted:
            proposals.carry_over(library, old, new, before)
        pages = {images[new.index]: new for _, new in accepted}
        result = f" ({_quantity([text for pair in accepted for text in _changed_texts(*pair)], 'text')})"
    else:
        page = page_of(after, correction.page)
        pages = {images[page.index]: page}
        panels, balloons = _quantity(page.panels, "panel"), _quantity(page.balloons, "balloon")
        result = f" (page {correction.page} has {panels}, {balloons} now)"
    edits = (correction.model_dump(mode="json"),)
    return CorrectionDraft(pages, author, message, edits=edits, names=names, merged=merged, voices=voices), result


def _changed_texts(before: PageTranscript, after: PageTranscript) -> list[str]:
    """Return the texts that changed."""
    return [new.text for old, new in zip(before.balloons, after.balloons, strict=True) if old.text != new.text]


def _quantity(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
