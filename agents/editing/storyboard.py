"""A storyboard that edits can change, with the transcript and the video format that its shots are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents.editing import selectors
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector
from agents.planning import framing
from agents.planning.validation import violations
from agents.planning.violation import Violation
from storage.domain import Balloon, Box, PageTranscript, ShotPlan, Transcript, VideoFormat
from tools import geometry

SKIPPED_NOTE = "locked, and stays as it is"


@dataclass(frozen=True)
class EditableStoryboard:
    """The shots in film order, with the transcript and the video format that they are framed for."""

    shots: tuple[ShotPlan, ...]
    transcript: Transcript
    screen: VideoFormat
    dropped: Mapping[str, ShotPlan] = field(default_factory=dict)
    """Shots of earlier revisions that are not in the film now, as they were last, by id."""
    notes: tuple[str, ...] = ()
    """Side effects of the edits so far, in words."""

    def page(self, shot: ShotPlan) -> PageTranscript:
        """Return the page of a shot."""
        return next(page for page in self.transcript.pages if page.index == shot.page)

    def is_still_read(self, shot: ShotPlan) -> bool:
        """Return whether the transcript still has all panels of a shot."""
        panels = {panel.id for page in self.transcript.pages if page.index == shot.page for panel in page.panels}
        return panels.issuperset(shot.panels)

    def with_note(self, *words: str) -> EditableStoryboard:
        """Return a copy with more notes."""
        return replace(self, notes=(*self.notes, *words))

    def with_shots(self, changed: Iterable[ShotPlan]) -> EditableStoryboard:
        """Return a copy in which these shots replace those with the same ids."""
        fresh = {shot.id: shot for shot in changed}
        return replace(self, shots=tuple(fresh.get(shot.id, shot) for shot in self.shots))

    def in_order(self, shots: Sequence[ShotPlan]) -> EditableStoryboard:
        """Return a copy with exactly these shots, numbered by their positions; shots left out go into `dropped`."""
        kept = {shot.id for shot in shots}
        gone = {**self.dropped, **{shot.id: shot for shot in self.shots if shot.id not in kept}}
        placed = tuple(
            shot if shot.ordinal == place else shot.model_copy(update={"ordinal": place})
            for place, shot in enumerate(shots)
        )
        return replace(self, shots=placed, dropped=gone)

    def select_unlocked(self, selector: ShotSelector) -> tuple[list[ShotPlan], EditableStoryboard]:
        """Return the selected shots that are not locked, and the storyboard, with a note if locked shots were skipped.

        Raises:
            EditError: The selector matches nothing or only locked shots, or it names a locked shot.
        """
        found = self.select(selector)
        locked = [shot for shot in found if shot.locked]
        free = [shot for shot in found if not shot.locked]
        if locked and (selector.is_explicit or not free):
            what = f"{selectors.describe_shots(locked)} {'is' if len(locked) == 1 else 'are'} locked"
            hint = f"nobody changes it until you say: {selectors.describe_shots(locked[:1])} unlock"
            raise EditError(what, hint, "locked", shot=locked[0].id)
        return free, self.with_note(f"{selectors.describe_shots(locked)}: {SKIPPED_NOTE}") if locked else self

    def people(self) -> dict[str, str]:
        """Return the ids of the cast by their folded names and ids."""
        return {
            selectors.fold_name(said): character.id
            for character in self.transcript.cast
            for said in (character.name, character.id)
        }

    def select(self, selector: ShotSelector, among: Sequence[ShotPlan] | None = None) -> list[ShotPlan]:
        """Return the selected shots, locked or not, from the film or from `among`.

        Raises:
            EditError: The selector matches nothing.
        """
        shots = self.shots if among is None else among
        shares = {shot.id: self.share_shown(shot) if selector.kind else 1.0 for shot in shots}
        return selector.choose(shots, self.people(), shares)

    def select_one(self, selector: ShotSelector) -> tuple[ShotPlan, EditableStoryboard]:
        """Return the one selected shot, and the storyboard.

        Raises:
            EditError: The selector matches several shots, none, or a locked one.
        """
        found, board = self.select_unlocked(selector)
        if len(found) != 1:
            what = f"this is done to one shot, and {selector} are {len(found)}"
            raise EditError(what, f"name one: shot {selectors.short_name(found[0].id)}", "several_shots")
        return found[0], board

    def lettering(self, shot: ShotPlan) -> list[Balloon]:
        """Return the balloons of a shot by their numbers (from 1): those in its panels and those it reads."""
        page = self.page(shot)
        balloons = [text for text in page.balloons if text.panel in shot.panels or text.id in shot.balloons]
        return sorted(balloons, key=lambda text: text.order)

    def balloon(self, shot: ShotPlan, number: int) -> Balloon:
        """Return the balloon with a number (from 1) in a shot.

        Raises:
            EditError: The shot has no such balloon.
        """
        balloons = self.lettering(shot)
        if number > len(balloons):
            name = f"shot {selectors.short_name(shot.id)}"
            there = {0: f"{name} has none: name a place, such as {name} on upper left", 1: "it has one: balloon 1"}
            hint = there.get(len(balloons), f"name one of its balloons 1 to {len(balloons)}")
            raise EditError(f"{name} has no balloon {number}", hint, "unknown_balloon", shot=shot.id)
        return balloons[number - 1]

    def panels(self, shot: ShotPlan) -> list[Box]:
        """Return the boxes of a shot's panels in page pixels, in the shot's order."""
        boxes = {panel.id: panel.box for panel in self.page(shot).panels}
        return [boxes[name] for name in shot.panels]

    def share_shown(self, shot: ShotPlan) -> float:
        """Return how much of its panels a shot shows at its nearest, 0..1."""
        nearest = min((key.box for key in shot.camera), key=lambda box: box.area)
        return framing.share_seen(nearest, geometry.union_box(self.panels(shot)))

    def faults(self, shot: ShotPlan) -> list[Violation]:
        """Return the rules of a plan that a shot breaks by itself."""
        alone = shot.model_copy(update={"ordinal": 0})
        page = self.transcript.model_copy(update={"pages": (self.page(shot),)})
        return [violation for violation in violations([alone], page, self.screen) if violation.shot == shot.id]

    def unread(self, shot: ShotPlan) -> list[Violation]:
        """Return the violations for balloons of a shot that cannot be read."""
        return [violation for violation in self.faults(shot) if violation.kind == "unread"]

    def number_of(self, shot: ShotPlan, balloon: str) -> int | None:
        """Return the number (from 1) of a balloon in a shot, by the balloon's id; None if the shot does not have it."""
        return self.numbers(shot).get(balloon)

    def numbers(self, shot: ShotPlan) -> dict[str, int]:
        """Return the numbers (from 1) of the balloons of a shot by their ids."""
        return {one.id: number for number, one in enumerate(self.lettering(shot), start=1)}

    def describe_violation(self, shot: ShotPlan, violation: Violation) -> str:
        """Describe a violation, with panels and balloons by their numbers in the shot."""
        names = {panel: f"panel {number}" for number, panel in enumerate(shot.panels, start=1)}
        names |= {balloon: f"balloon {number}" for balloon, number in self.numbers(shot).items()}
        return violation.description(names)


def refuse_broken(before: EditableStoryboard, after: EditableStoryboard) -> None:
    """Raise EditError if a changed shot breaks a rule of the plan that it did not break before."""
    old = {**before.dropped, **{shot.id: shot for shot in before.shots}}
    for shot in after.shots:
        known = old.get(shot.id)
        if known is not None and _is_same_plan(known, shot) and before.screen == after.screen:
            continue
        old_kinds = {violation.kind for violation in before.faults(known)} if known is not None else set()
        if fresh := [violation for violation in after.faults(shot) if violation.kind not in old_kinds]:
            what = f"shot {selectors.short_name(shot.id)} {_explain(after, shot, fresh[0])}"
            hint = _suggest(after, shot, fresh[0])
            raise EditError(what, hint, "broken_promise", shot=shot.id, violations=fresh)


def describe_losses(before: EditableStoryboard, after: EditableStoryboard) -> list[str]:
    """Describe which panels and balloons the film no longer shows or reads; only notes, as a person may want it."""
    losses: list[str] = []
    lost = _panels_shown(before) - _panels_shown(after)
    read = _balloons_read(before) - _balloons_read(after)
    if lost:
        losses.append(f"{len(lost)} panel{'s are' if len(lost) > 1 else ' is'} no longer shown")
    if read:
        losses.append(f"{len(read)} balloon{'s are' if len(read) > 1 else ' is'} no longer read")
    return losses


def _panels_shown(board: EditableStoryboard) -> set[str]:
    return {panel for shot in board.shots for panel in shot.panels}


def _balloons_read(board: EditableStoryboard) -> set[str]:
    return {line for shot in board.shots for line in shot.balloons}


def _is_same_plan(a: ShotPlan, b: ShotPlan) -> bool:
    return a.model_copy(update={"ordinal": 0}) == b.model_copy(update={"ordinal": 0})


def _explain(board: EditableStoryboard, shot: ShotPlan, violation: Violation) -> str:
    description = board.describe_violation(shot, violation)
    if violation.kind == "unread":
        return f"could not be read: {description}"
    return (
        f"would be too quick: it {description}"
        if violation.kind == "too_fast"
        else f"cannot be filmed so: {description}"
    )


def _suggest(board: EditableStoryboard, shot: ShotPlan, violation: Violation) -> str:
    name = selectors.short_name(shot.id)
    if violation.kind == "unread":
        number = board.number_of(shot, violation.subject)
        return f"let it last longer, or wait no longer for it: shot {name} drop balloon {number or 'N'}"
    if violation.kind == "too_fast":
        return f"let it last longer: shot {name} slower"
    return f"another framing, such as: shot {name} on whole"
