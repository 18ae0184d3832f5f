"""A plan and what draws for it in, its attempts out: what each of them leaves to models, and what chance decides anew.

First the plan, then the same with other seeds, then what is left without the part of models that did not do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.workshop import Workshop
from storage.library import Library
from storage.settings import Backends, Settings
from storage.shapes import AnimatePlan, ShotPlan

Role = Literal["clean", "outpaint", "animate"]
PAINTING: tuple[Role, ...] = ("clean", "outpaint")
ROLES: tuple[Role, ...] = (*PAINTING, "animate")


@dataclass(frozen=True)
class Rung:
    """One attempt: who draws, how much higher its seed is than the plan's, and whether models draw less than planned.

    `still` has no model move the shot, or none draw at all; `page` films the plain page.
    """

    backends: Backends
    again: int = 0
    still: bool = False
    page: bool = False


def ladder(shop: Workshop, plan: ShotPlan) -> list[Rung]:
    """The attempts of a shot, in their order: there are always the plan's own and the plain page."""
    wanted = chosen(shop, plan)
    paints, moves = generates(shop, wanted, PAINTING), generates(shop, wanted, ("animate",))
    if not paints and not moves:
        return [Rung(wanted), Rung(Backends(), page=True)]
    tries = [Rung(wanted), *(Rung(wanted, seed) for seed in _fresh_seeds(shop.settings))]
    painted = [Rung(without(shop, wanted, ("animate",)), still=True)] if paints and moves else []
    return [*tries, *painted, Rung(without(shop, wanted, ROLES), still=True), Rung(Backends(), page=True)]


def _fresh_seeds(settings: Settings) -> range:
    """By how much the seed of each further attempt is higher than the plan's: best-of has tried those before it."""
    return range(settings.best_of, settings.best_of + settings.max_retakes - 1)


def untried_seed(library: Library, plan: ShotPlan) -> int:
    """Give a seed that is higher than any with which a shot was filmed."""
    return 1 + max([plan.seed, *(take.seed for take in library.takes(plan.id))]) % (2**31 - 2)


def following(shop: Workshop, plan: ShotPlan, attempt: int, *, failed: str = "", past_luck: bool = False) -> int | None:
    """The attempt that comes after one that did not do; None where there is none left.

    What `failed` is a stage, or "". No other seed paints what a model could not paint where only its motion is tried
    anew, and none helps that is `past_luck`.
    """
    steps = ladder(shop, plan)
    now = steps[attempt].backends
    later = range(attempt + 1, len(steps))
    if failed in PAINTING and generates(shop, now, ("animate",)):
        later_ones = [at for at in later if not generates(shop, steps[at].backends, PAINTING)]
    elif past_luck:
        later_ones = [at for at in later if steps[at].backends != now]
    else:
        later_ones = list(later)
    return next(iter(later_ones), None)


def again(shop: Workshop, plan: ShotPlan, times: int) -> ShotPlan:
    """The plan as chance is asked once more: where a model moves it that alone changes, and what is painted stays."""
    if not generates(shop, chosen(shop, plan), ("animate",)):
        return plan.model_copy(update={"seed": plan.seed + times})
    return moved_anew(plan, plan.treatment.animate.again + times)


def at(shop: Workshop, plan: ShotPlan, attempt: int) -> ShotPlan:
    """The plan as one of its attempts films it; what is left without models is not told here."""
    steps = ladder(shop, plan)
    return again(shop, plan, steps[min(attempt, len(steps) - 1)].again)


def moved_anew(plan: ShotPlan, times: int) -> ShotPlan:
    """The plan with its motion, and nothing else, of another seed."""
    animate: AnimatePlan = plan.treatment.animate.model_copy(update={"again": times})
    return plan.model_copy(update={"treatment": plan.treatment.model_copy(update={"animate": animate})})


def chosen(shop: Workshop, plan: ShotPlan) -> Backends:
    """Who is to draw: the film's own backends, or those that the shot names; no model where none may draw."""
    wishes = {"outpaint": plan.treatment.outpaint.backend, "animate": plan.treatment.animate.backend}
    wanted = shop.settings.backends.model_copy(update={role: name for role, name in wishes.items() if name})
    return wanted if bound(shop, plan) > 0 else without(shop, wanted, ROLES)


def bound(shop: Workshop, plan: ShotPlan) -> float:
    """The share of what the camera shows that models may draw, 0..1: the shot's own, or the film's."""
    own = plan.treatment.max_generated
    return shop.settings.max_generated if own is None else own


def without(shop: Workshop, backends: Backends, roles: tuple[Role, ...]) -> Backends:
    """The same with the default in the place of each model that plays one of `roles`."""
    plain: dict[str, str] = {
        role: getattr(Backends(), role) for role in roles if shop.generates(role, getattr(backends, role))
    }
    return backends.model_copy(update=plain)


def generates(shop: Workshop, backends: Backends, roles: tuple[Role, ...] = ROLES) -> bool:
    """Whether one of these draws by chance."""
    return any(shop.generates(role, getattr(backends, role)) for role in roles)
