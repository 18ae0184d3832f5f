"""Choose which of several takes of a shot, filmed with different seeds, the film shows.

The choice is kept as a revision that sets the seed; the takes that were not chosen are kept too. The measures choose,
or the critic does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from agents.editing import SetSeed, selectors
from agents.editing.selectors import ShotSelector
from agents.review import retakes
from agents.run_context import RunContext
from agents.shots import ShotToFilm, choice_key
from storage.domain import Facts, Made
from storage.records import Judge, Take
from tools.measuring import fidelity


@dataclass(frozen=True)
class TakeCandidate:
    """A take of a shot, with its measures."""

    shot: ShotToFilm
    """The shot as the take was filmed."""
    take: Take
    facts: Facts
    """The measures of its segment and of its fidelity."""

    @property
    def numbers(self) -> dict[str, float]:
        """The measures that are numbers, by name."""
        return {name: float(value) for name, value in self.facts.items() if isinstance(value, int | float)}


@dataclass(frozen=True)
class CandidateSet:
    """The takes of one shot that passed the measures, the best first."""

    takes: tuple[TakeCandidate, ...]
    made_count: int = 1
    """How many takes were made, including those that did not pass."""

    @property
    def best(self) -> TakeCandidate:
        """The best take."""
        return self.takes[0]

    @property
    def shot(self) -> ShotToFilm:
        """The shot, as the best take was filmed."""
        return self.takes[0].shot

    def with_first(self, number: int) -> CandidateSet:
        """Return the set with take number `number` (from 1) first; unchanged where there is no such take."""
        if not 1 <= number <= len(self.takes):
            return self
        chosen = self.takes[number - 1]
        return replace(self, takes=(chosen, *(take for take in self.takes if take is not chosen)))


def rank_candidates(candidates: Sequence[TakeCandidate], made_count: int) -> CandidateSet:
    """Rank takes by their distance from the artist's panel, the nearest first, each take once.

    Args:
        candidates: The takes that passed the measures.
        made_count: How many takes were made.
    """
    once = {candidate.take.id: candidate for candidate in reversed(candidates)}
    ranked = sorted(reversed(once.values()), key=lambda one: fidelity.fidelity_distance(one.numbers))
    return CandidateSet(tuple(ranked), made_count)


def choose_best(context: RunContext, cases: Sequence[CandidateSet], judged_shots: Collection[str]) -> None:
    """Keep the choice for every shot that had several candidates, as one revision that sets the seeds.

    Args:
        context: The run's context.
        cases: The candidates of each shot, the chosen one first.
        judged_shots: Ids of the shots whose choice is the critic's; the measures made the others.
    """
    library = context.library
    contested = [case for case in cases if case.made_count > 1]
    plans = {plan.id: plan for plan in library.shots()} if contested else {}
    others = [one for one in contested if one.shot.plan.seed != plans[one.shot.id].seed]
    if others:
        seeds = [SetSeed(which=ShotSelector.of(other.shot.id), seed=other.shot.plan.seed) for other in others]
        message = (
            f"the best of {others[0].made_count} takes: {selectors.describe_names([one.shot.id for one in others])}"
        )
        retakes.apply_critic_edits(library, seeds, message, kind="best_of")
    for one in contested:
        library.add_made(choice_key(context, one.shot), "choice", Made(facts={"seed": one.shot.plan.seed}))
        _add_verdicts(context, one, "critic" if one.shot.id in judged_shots else "measures")


def _add_verdicts(context: RunContext, case: CandidateSet, author: Judge) -> None:
    """Add a verdict to every take that says which one was chosen; the critic adds its own to the best."""
    best = case.best
    for take in case.takes[1:]:
        reason = f"it may stand, but take {best.take.number} is the best of {case.made_count}"
        context.library.add_verdict(take.take.id, "approve", reason, take.numbers, author=author)
    if author == "measures":
        reason = f"the best of {case.made_count} by its measures"
        context.library.add_verdict(best.take.id, "approve", reason, best.numbers)
