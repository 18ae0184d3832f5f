"""Report what a revision means: the shots that must be filmed again, and how long that takes and costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.editing import selectors
from agents.editing.shot_status import attempts_in_force, read_only_context
from agents.editing.storyboard import EditableStoryboard
from agents.estimates import speed
from agents.estimates.quote import Quote, quote_critic
from agents.executors.local import worker_count
from storage.domain import ShotPlan, ShotSound

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

LARGER_UNIT_FROM = 100
"""From this many seconds or minutes on, a time is given in the next larger unit."""


@dataclass(frozen=True)
class RevisionReport:
    """The effect of a revision: what was done, which shots must be filmed again, and how long that takes and costs."""

    summary: tuple[str, ...]
    """What was done, in words."""
    notes: tuple[str, ...] = ()
    """Side effects, in words."""
    shots: int = 0
    """Number of shots in the storyboard."""
    stale: tuple[str, ...] = ()
    """Ids of the shots that must be filmed again."""
    changed: tuple[str, ...] = ()
    """Ids of the shots whose plan changed."""
    sound_only: tuple[str, ...] = ()
    """Ids of the shots of which only the sound changed: no picture of them is made again."""
    film: float = 0.0
    """Length of the stale shots in seconds."""
    seconds: float = 0.0
    """Estimated time to film them, in seconds."""
    revision: int = 0
    """Number of the revision in force."""
    bill: Quote = field(default_factory=Quote)
    """Cost of what a language model is still to be asked, and a paid voice still to say."""

    def price(self) -> str:
        """Describe the cost of filming in words."""
        if not self.stale:
            mixed = f", the sound of {selectors.describe_names(self.sound_only)} is mixed again"
            asked = f", {self.bill.summary()}" if not self.bill.is_empty else ""
            return "nothing is to be filmed" + (mixed if self.sound_only else "") + asked
        film = f"{self.film:.1f} s" if self.film < LARGER_UNIT_FROM else _describe_time(self.film)
        return (
            f"{selectors.describe_names(self.stale)} to film: {film} of film, "
            f"made in about {_describe_time(self.seconds)}, {self.bill.summary()}"
        )


def _describe_time(seconds: float) -> str:
    if seconds < LARGER_UNIT_FROM:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 60 * LARGER_UNIT_FROM else f"{seconds / 3600:.1f} h"


def planned_shots(library: Library) -> tuple[ShotPlan, ...]:
    """Return the shots of the current storyboard; none if there is no storyboard."""
    return library.shots() if library.head() else ()


def report_revision(
    library: Library,
    summary: Sequence[str],
    notes: Sequence[str],
    before: Sequence[ShotPlan],
    draft: EditableStoryboard | None = None,
    bill: Quote | None = None,
) -> RevisionReport:
    """Report the effect of a revision, or of a draft that is not stored.

    Args:
        library: The open library of the project.
        summary: What was done, in words.
        notes: Side effects, in words.
        before: The shots that were planned before.
        draft: Reported in place of the current storyboard.
        bill: The cost that arises before the first shot is filmed.
    """
    head, context = library.head(), read_only_context(library, draft.screen if draft else None)
    if head is None:
        return RevisionReport(tuple(summary), tuple(notes))
    plans = library.shots() if draft is None else draft.shots
    shots = [item.resolved for item in attempts_in_force(context, plans)]
    stand = [resolved.key for resolved in shots if resolved.segment is not None]
    stale = [resolved.shot for resolved in shots if resolved.segment is None]
    film = sum(shot.plan.seconds for shot in stale)
    seconds = 0.0
    if stale:
        pace = speed.measured_speed(library, stand)
        seconds = (
            speed.seconds_of(speed.RemainingWork(0, len(stale), film, ""), pace, context.settings.screen)
            / worker_count()
        )
    old = {plan.id: _without_place(plan) for plan in before}
    changed = tuple(plan.id for plan in plans if _without_place(plan) != old.get(plan.id))
    sounds = {name: plan.sound for name, plan in old.items()}
    heard = tuple(
        plan.id
        for plan in plans
        if plan.id in changed and _without_place(_with_sound(plan, sounds.get(plan.id))) == old.get(plan.id)
    )
    names = tuple(shot.id for shot in stale)
    cost = (bill or Quote()) + quote_critic(context, stale)
    return RevisionReport(
        tuple(summary), tuple(notes), len(plans), names, changed, heard, film, seconds, head.number, cost
    )


def _with_sound(plan: ShotPlan, sound: ShotSound | None) -> ShotPlan:
    return plan if sound is None else plan.model_copy(update={"sound": sound})


def _without_place(plan: ShotPlan) -> ShotPlan:
    return plan.model_copy(update={"ordinal": 0})
