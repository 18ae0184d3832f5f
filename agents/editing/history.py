"""Show the history of a project: which shots each revision changed, and all that happened to one shot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.conversation import shot_table
from agents.editing import effects, grammar, poses, redrawing, shot_status, sounds
from agents.editing.selectors import full_name, short_name
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import composite
from storage.domain import Shape, ShotPlan
from storage.errors import ProjectError
from storage.records import Correction, Revision, Take

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library


@dataclass(frozen=True)
class ShotChange:
    """A change of one shot by one revision; `before` is None for a new shot, `after` for a dropped one."""

    name: str
    before: ShotPlan | None
    after: ShotPlan | None

    @property
    def description(self) -> str:
        """A description of the change."""
        if self.before is None or self.after is None:
            return "left out" if self.after is None else "taken in"
        return "; ".join(_describe_differences(self.before, self.after)) or "another place in the film"


@dataclass(frozen=True)
class RevisionStep:
    """A revision with its changes, and whether it is in force."""

    revision: Revision
    in_force: bool
    changes: tuple[ShotChange, ...]
    shots: tuple[ShotPlan, ...] = ()
    """All shots of the revision."""
    fixes: tuple[Correction, ...] = ()
    """The corrections of the reading for which the revision was planned; empty for other revisions."""

    @property
    def edit_lines(self) -> tuple[str, ...]:
        """The edits of the revision, as lines of the grammar."""
        return tuple(grammar.format_edit(grammar.edit_from_data(edit)) for edit in self.revision.edits)

    @property
    def message(self) -> str:
        """The message of the revision, in a person's own words if there are any."""
        return self.revision.message


@dataclass(frozen=True)
class ShotEvent:
    """A change of one shot, and the take filmed from the shot in that state; None if it was never filmed."""

    step: RevisionStep
    change: ShotChange
    take: Take | None

    @property
    def who(self) -> str:
        """The author of the change; for a director also its name."""
        after, author = self.change.after, self.step.revision.author
        return f"{author} ({after.director})" if author == "director" and after else author

    @property
    def what(self) -> str:
        """A description of the change."""
        plan = self.change.after
        if self.change.before or plan is None or self.step.revision.edits:
            return self.change.description
        return f"planned: {plan.seconds:.1f} s, {shot_table.describe_moves(plan)}"

    @property
    def why(self) -> str:
        """The director's reason, or a person's message."""
        if self.step.fixes:
            return "; ".join(fix.message for fix in self.step.fixes)
        planned = self.step.revision.kind == "plan"
        return (planned and self.change.after and self.change.after.reason) or self.step.message


def revision_steps(library: Library) -> list[RevisionStep]:
    """Return every revision with its changes, oldest first.

    Raises:
        ProjectError: The project has no storyboard.
    """
    if library.head() is None:
        raise ProjectError(f"{library.folder} has no storyboard yet", "run: main.py animate SOURCE")
    line, revisions = {one.number for one in library.ancestry()}, library.revisions()
    plans = {revision.number: library.shots(revision.number) for revision in revisions}
    return [
        RevisionStep(
            one,
            one.number in line,
            differences(plans.get(one.parent or 0, ()), plans[one.number]),
            plans[one.number],
            _corrections_before(library, before, one),
        )
        for before, one in zip((None, *revisions), revisions, strict=False)
    ]


def correction_steps(library: Library) -> list[tuple[Correction, bool]]:
    """Return every correction of the reading and whether it is in force, oldest first."""
    line = {one.number for one in library.correction_ancestry()}
    return [(correction, correction.number in line) for correction in library.corrections()]


def differences(before: Sequence[ShotPlan], after: Sequence[ShotPlan]) -> tuple[ShotChange, ...]:
    """Return the changes between two states of a storyboard, in film order; none if `before` is empty."""
    if not before:
        return ()
    old, new = ({shot.id: shot for shot in shots} for shots in (before, after))
    found = [ShotChange(shot.id, old.get(shot.id), shot) for shot in after if not _is_same_shot(old.get(shot.id), shot)]
    moved = _moved_names([shot.id for shot in before], [shot.id for shot in after])
    found += [ShotChange(name, old[name], new[name]) for name in moved if name not in {change.name for change in found}]
    return (*found, *(ShotChange(shot.id, shot, None) for shot in before if shot.id not in new))


def shot_history(library: Library, number: str) -> list[ShotEvent]:
    """Return all that happened to one shot, oldest first: how it was planned, and every change.

    Raises:
        ProjectError: No revision has such a shot.
    """
    name = full_name(number)
    found, before = list[tuple[RevisionStep, ShotChange]](), False
    for step in revision_steps(library):
        made = [change for change in step.changes if change.name == name]
        if not made and not before:
            plans = {plan.id: plan for plan in step.shots}
            made = [ShotChange(name, None, plans[name])] if name in plans else []
        found += [(step, change) for change in made]
        before = before or bool(made)
    if not found:
        raise ProjectError(f"there is no shot {short_name(name)}", "list them with: main.py show shots PROJECT")
    screens = list(dict.fromkeys([None, *(step.revision.screen for step, _ in found)]))
    takes: dict[ShotPlan, Take] = {}
    for screen in screens:  # the present video format first, then those of the revisions
        left = [change.after for _, change in found if change.after and change.after not in takes]
        takes |= takes_of(shot_status.read_only_context(library, screen), left)
    return [ShotEvent(step, change, takes.get(change.after) if change.after else None) for step, change in found]


def take_of_plan(context: RunContext, plan: ShotPlan) -> Take | None:
    """Return the take that was filmed from a plan, in the video format of `context`; None if there is none."""
    return takes_of(context, [plan]).get(plan)


def takes_of(context: RunContext, plans: Sequence[ShotPlan]) -> dict[ShotPlan, Take]:
    """Return the takes that were filmed from plans, in the video format of `context`, with one look-up for all.

    A plan whose page was read again since then has no take.
    """
    transcript = context.library.transcript() if plans else None
    if transcript is None:
        return {}
    images = {page.index for page in context.library.pages()}
    panels = {panel.id for page in transcript.pages for panel in page.panels}
    filmable = [plan for plan in plans if plan.page in images and panels.issuperset(plan.panels)]
    shots = composite.resolve_shots(context, shots_to_film(context, {}, filmable))
    return {plan: resolved.take for plan, resolved in zip(filmable, shots, strict=True) if resolved.take}


def _corrections_before(library: Library, before: Revision | None, made: Revision) -> tuple[Correction, ...]:
    """Return the corrections since the revision before, if this revision is the director's plan made for them."""
    if before is None or made.kind != "plan":
        return ()
    return tuple(
        correction for correction in library.corrections() if before.created < correction.created <= made.created
    )


def _is_same_shot(before: ShotPlan | None, after: ShotPlan) -> bool:
    return before is not None and before.model_copy(update={"ordinal": after.ordinal}) == after


def _moved_names(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the names whose order changed, among the names in both lists."""
    both = set(before) & set(after)
    stayed = [name for name in before if name in both]
    now = [name for name in after if name in both]
    return [name for name, other in zip(now, stayed, strict=True) if name != other]


def _describe_differences(before: ShotPlan, after: ShotPlan) -> list[str]:
    lines = []
    if before.seconds != after.seconds:
        lines.append(f"{before.seconds:.1f} s -> {after.seconds:.1f} s")
    if [key.box for key in before.camera] != [key.box for key in after.camera]:
        ways = shot_table.describe_moves(before), shot_table.describe_moves(after)
        lines.append(f"camera: {ways[0]} -> {ways[1]}" if ways[0] != ways[1] else f"camera: {ways[0]}, framed anew")
    if before.balloons != after.balloons:
        lines.append(f"balloons to read: {len(before.balloons)} -> {len(after.balloons)}")
    for name in ("transition", "panels", "prompt", "seed", "locked"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            lines.append(f"{name}: {_describe_value(old)} -> {_describe_value(new)}")
    if before.render_options != after.render_options:
        lines.append("render options: " + ", ".join(_describe_render_options(before, after)))
    if before.sound != after.sound:
        old, new = (sounds.describe_sound(plan) or "as usual" for plan in (before, after))
        lines.append(f"sound: {old} -> {new}")
    return lines


def _describe_render_options(before: ShotPlan, after: ShotPlan) -> list[str]:
    old, new = (dict(_option_values(plan)) for plan in (before, after))
    return [
        f"{name.replace('_', ' ')} {_describe_value(old[name])} -> {_describe_value(new[name])}"
        for name in new
        if old[name] != new[name]
    ]


def _option_values(plan: ShotPlan) -> Iterator[tuple[str, object]]:
    """Yield all render options of a shot, also those that are left out of JSON while they have their default."""
    for name, value in plan.render_options:
        if name == "effects":
            yield name, tuple(effects.describe_effects(plan).split("; "))
        elif name == "redraw":
            yield name, redrawing.describe_redraw(value)
        elif name == "key_poses":
            yield name, poses.describe_poses(plan)
        else:
            yield from ((f"{name} {of}", one) for of, one in value) if isinstance(value, Shape) else [(name, value)]


def _describe_value(value: object) -> str:
    if value is None:
        return "default"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "nothing"
