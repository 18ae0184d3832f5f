"""Record what a director's plan was made from, restore it with the plan, and match it with the present pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from agents.editing.translation import map_shots
from storage.artifacts import Artifacts
from storage.domain import ShotPlan, Transcript, VideoFormat
from storage.errors import StorageError
from storage.records import PlanInputs, Revision, root_plan
from storage.settings import Settings
from storage.shot_ids import next_id
from tools import png
from tools.plates import Image
from tools.reading import matching
from tools.reading.matching import ReadingMatch

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

PLANNING_SETTINGS = ("order", "pages", "director", "model", "style", "cast", "voice")
"""Settings that shape the plan, beside the video format and the backends in `READING_BACKENDS`."""
READING_BACKENDS = ("transcribe", "likeness")
"""Capabilities whose backends and options shape the transcript."""


def current_inputs(library: Library, settings: Settings, transcript: Transcript) -> PlanInputs:
    """Return what a plan made now is made from."""
    correction = library.correction()
    values = settings.model_dump(mode="json")
    kept: dict[str, object] = {name: values[name] for name in PLANNING_SETTINGS}
    kept["backends"] = {name: values["backends"][name] for name in READING_BACKENDS}
    kept["options"] = {name: options for name, options in values["options"].items() if _shapes_reading(name)}
    return PlanInputs(
        info=library.info(), pages=library.pages(), transcript=transcript,
        correction=correction.number if correction else None, settings=kept,
    )  # fmt: skip


def settings_with(inputs: PlanInputs, screen: VideoFormat | None, now: Settings) -> Settings:
    """Return the present settings with those that shape a plan as they were.

    Args:
        inputs: What the plan was made from.
        screen: The video format of the plan. Its size counts only where the aspect or the frame rate is another now.
        now: The present settings.
    """
    values = now.model_dump(mode="json")
    then = {name: value for name, value in inputs.settings.items() if name in PLANNING_SETTINGS}
    options = {name: value for name, value in values["options"].items() if not _shapes_reading(name)}
    for name, found in (("backends", values["backends"]), ("options", options)):
        recorded = inputs.settings.get(name)
        then[name] = {**found, **recorded} if isinstance(recorded, dict) else values[name]
    if screen and not (now.screen.has_aspect(screen.aspect) and now.screen.fps == screen.fps):
        then["screen"] = screen.model_dump(mode="json")
    try:
        return Settings.model_validate({**values, **then})
    except ValidationError:
        return now  # a setting of another version


def record_missing_inputs(library: Library) -> None:
    """Record what the plan in force was made from, where an older version made it; call it before anything is read."""
    head = library.head()
    root = root_plan(library.revisions(), head.number) if head else None
    if root is None or root.inputs is not None:
        return
    transcript, settings = library.transcript(), library.settings()
    if transcript is None or settings is None:
        return
    panels = {panel.id for page in transcript.pages for panel in page.panels}
    if not all(panels.issuperset(shot.panels) for shot in library.shots(root.number)):
        return  # it was stopped between reading and planning
    correction = correction_of_plan(library, root)
    inputs = current_inputs(library, settings, transcript)
    library.record_plan_inputs(root.number, inputs.model_copy(update={"correction": correction}))


def move_to_revision(library: Library, number: int) -> bool:
    """Make a revision the one in force, together with all that its plan was made from.

    Of a plan by an older version only the aspect ratio and the corrections are known; the pages stay as they are then.

    Returns:
        Whether all of it is restored; else the book must be read again.

    Raises:
        ProjectError: There is no such revision.
    """
    revisions, head, settings = library.revisions(), library.head(), library.settings()
    revision = next((known for known in revisions if known.number == number), None)
    root, now = root_plan(revisions, number), root_plan(revisions, head.number if head else None)
    inputs = library.plan_inputs(number)
    if root == now or root is None or revision is None or settings is None:
        library.move_head(number, format_mismatch(library, revision) if revision else None)
    elif inputs is None or not all(library.artifacts.has(page.artifact) for page in inputs.pages):
        library.move_with_corrections(number, correction_of_plan(library, root), format_mismatch(library, revision))
        return False
    else:
        library.restore_plan(number, inputs, settings_with(inputs, revision.screen, settings))
    return True


def format_mismatch(library: Library, revision: Revision) -> VideoFormat | None:
    """Return the video format of a revision if its aspect ratio differs from the project's, else None."""
    settings = library.settings()
    if revision.screen is None or settings is None:
        return None
    return None if settings.screen.has_aspect(revision.screen.aspect) else revision.screen


def correction_of_plan(library: Library, plan: Revision) -> int | None:
    """Return the number of the corrections that a plan was made with; None if there were none.

    Where that was not recorded, they are the newest ones before the plan.
    """
    if inputs := library.plan_inputs(plan.number):
        return inputs.correction
    earlier = [correction.number for correction in library.correction_ancestry() if correction.created <= plan.created]
    return earlier[-1] if earlier else None


class PlanHistory:
    """The earlier plans of a project, matched with its present pages and transcript."""

    def __init__(self, library: Library, transcript: Transcript) -> None:
        self._library, self._transcript = library, transcript
        self._images = {page.index: page.artifact for page in library.pages()}
        self._matches: dict[str | None, ReadingMatch] = {}
        self._inputs: dict[str | None, PlanInputs | None] = {}

    def inputs_of(self, plan: Revision) -> PlanInputs | None:
        """Return what a director's plan was made from; None if that was not recorded."""
        if plan.inputs not in self._inputs:
            self._inputs[plan.inputs] = self._library.plan_inputs(plan.number)
        return self._inputs[plan.inputs]

    def match_of(self, plan: Revision) -> ReadingMatch:
        """Return the counterparts of a plan's pages, panels and balloons; none if its inputs were not recorded."""
        if plan.inputs not in self._matches:
            inputs = self.inputs_of(plan)
            self._matches[plan.inputs] = self._match(inputs) if inputs else ReadingMatch()
        return self._matches[plan.inputs]

    def _match(self, inputs: PlanInputs) -> ReadingMatch:
        old_images = {page.index: page.artifact for page in inputs.pages}
        view = partial(view_page, self._library.artifacts)
        return matching.match_readings(inputs.transcript, self._transcript, old_images, self._images, view)


def view_page(artifacts: Artifacts, artifact: str) -> Image:
    """Return the pixels of a page, RGB; a blank picture, which is like no other page, if its file is gone or damaged.

    Pages that are matched may not be in the book any more, so that nothing would make their files again.
    """
    try:
        return png.read_png(artifacts.open(artifact))
    except StorageError:
        return np.full((8, 8, 3), 255, np.uint8)


def keep_shot_ids(
    fresh: Sequence[ShotPlan], earlier: Sequence[tuple[Sequence[ShotPlan], ReadingMatch]], taken: set[str]
) -> tuple[ShotPlan, ...]:
    """Return a new plan whose shots have the ids that shots of the same panels had in earlier plans.

    Args:
        fresh: The new plan.
        earlier: Earlier plans, newest first, each with the counterparts of its panels.
        taken: Further ids that no new shot may get.
    """
    names: dict[str, str] = {}
    for shots, match in earlier:
        by_id, panels = {shot.id: shot for shot in fresh}, {shot.id: shot.panels for shot in shots}
        for old, found in map_shots(shots, fresh, match).items():
            is_same = len(found) == 1 and {match.panels.get(name) for name in panels[old]} == set(
                by_id[found[0]].panels
            )
            if is_same and found[0] not in names and old not in names.values():
                names[found[0]] = old
    used = taken | {shot.id for shots, _ in earlier for shot in shots} | set(names.values())
    names |= {shot.id: shot.id for shot in fresh if shot.id not in names and shot.id not in used}
    used |= set(names.values())
    for shot in fresh:
        if shot.id not in names:
            names[shot.id] = next_id(used)
            used.add(names[shot.id])
    return tuple(shot.model_copy(update={"id": names[shot.id]}) for shot in fresh)


def earlier_plans(
    library: Library, line: Sequence[Revision], history: PlanHistory
) -> list[tuple[Sequence[ShotPlan], ReadingMatch]]:
    """Return the director's plans of a line of revisions whose inputs are recorded, newest first."""
    plans = [plan for plan in reversed(line) if plan.kind == "plan" and history.inputs_of(plan)]
    return [(library.shots(plan.number), history.match_of(plan)) for plan in plans]


def _shapes_reading(option: str) -> bool:
    return option.partition(".")[0] in READING_BACKENDS
