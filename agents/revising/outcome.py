"""A project and what was done to it in, what that comes to out: the shots that have no film now, and what they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.costs import speed
from agents.costs.bill import Bill, judging
from agents.edits import which
from agents.edits.board import Board
from agents.executors.local import hands
from agents.revising.board import attempts_in_force, onlooker
from storage.library import Library
from storage.shapes import ShotPlan

LONG = 100
"""Seconds, and minutes, that are said in the next larger unit."""


@dataclass(frozen=True)
class Outcome:
    """What was done, in words, and what had to be bent; the shots that have no film now, and how long they last.

    `seconds` is about how long it takes to film them; `changed` are the shots whose plan is another now.
    """

    said: tuple[str, ...]
    notes: tuple[str, ...] = ()
    shots: int = 0
    stale: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    film: float = 0.0
    seconds: float = 0.0
    revision: int = 0
    bill: Bill = field(default_factory=Bill)
    """What a model is still to be asked."""

    def price(self) -> str:
        """What it costs to film, in words."""
        if not self.stale:
            return "nothing is to be filmed" + (f", {self.bill.words()}" if self.bill.questions else "")
        film = f"{self.film:.1f} s" if self.film < LONG else _time(self.film)
        return (
            f"{which.in_words(self.stale)} to film: {film} of film, "
            f"made in about {_time(self.seconds)}, {self.bill.words()}"
        )


def _time(seconds: float) -> str:
    if seconds < LONG:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 60 * LONG else f"{seconds / 3600:.1f} h"


def planned(library: Library) -> tuple[ShotPlan, ...]:
    """The shots of the head, none before there is one."""
    return library.shots() if library.head() else ()


def measured(
    library: Library,
    said: Sequence[str],
    notes: Sequence[str],
    before: Sequence[ShotPlan],
    draft: Board | None = None,
    bill: Bill | None = None,
) -> Outcome:
    """What it comes to, `before` being the shots that were planned until then; of `draft` in place of the head.

    `bill` is what it costs before the first shot is filmed.
    """
    head, shop = library.head(), onlooker(library, draft.screen if draft else None)
    if head is None:
        return Outcome(tuple(said), tuple(notes))
    plans = library.shots() if draft is None else draft.shots
    shots = [item.resolved for item in attempts_in_force(shop, plans)]
    stand = [resolved.key for resolved in shots if resolved.segment is not None]
    stale = [resolved.shot for resolved in shots if resolved.segment is None]
    film = sum(shot.plan.seconds for shot in stale)
    seconds = 0.0
    if stale:
        pace = speed.pace_of(library, stand)
        seconds = speed.seconds_of(speed.Work(0, len(stale), film, ""), pace, shop.settings.screen) / hands()
    old = {plan.id: _placeless(plan) for plan in before}
    changed = tuple(plan.id for plan in plans if _placeless(plan) != old.get(plan.id))
    names = tuple(shot.id for shot in stale)
    cost = (bill or Bill()) + judging(shop, stale)
    return Outcome(tuple(said), tuple(notes), len(plans), names, changed, film, seconds, head.number, cost)


def _placeless(plan: ShotPlan) -> ShotPlan:
    return plan.model_copy(update={"ordinal": 0})
