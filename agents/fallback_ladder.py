"""Fallback policy for a shot: retry with new seeds, then without animation, then without models, then the plain page.

The first attempt is the plan itself. After the retries, the models whose part failed are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.run_context import RunContext
from storage.domain import AnimatePlan, ShotPlan
from storage.library import Library
from storage.settings import Backends, Settings

Role = Literal["clean", "outpaint", "animate"]
PAINTING: tuple[Role, ...] = ("clean", "outpaint")
ROLES: tuple[Role, ...] = (*PAINTING, "animate")


@dataclass(frozen=True)
class Attempt:
    """One attempt: who draws, how much higher its seed is than the plan's, and whether models draw less than planned.

    `still` has no model move the shot, or none draw at all; `page` films the plain page.
    """

    backends: Backends
    reseeds: int = 0
    without_motion: bool = False
    plain_page: bool = False


def attempts_for(ctx: RunContext, plan: ShotPlan) -> list[Attempt]:
    """The attempts of a shot, in their order: there are always the plan's own and the plain page."""
    wanted = chosen_backends(ctx, plan)
    paints, moves = uses_models(ctx, wanted, PAINTING), uses_models(ctx, wanted, ("animate",))
    if not paints and not moves:
        return [Attempt(wanted), Attempt(Backends(), plain_page=True)]
    tries = [Attempt(wanted), *(Attempt(wanted, seed) for seed in _fresh_seeds(ctx.settings))]
    painted = [Attempt(without_models(ctx, wanted, ("animate",)), without_motion=True)] if paints and moves else []
    return [
        *tries,
        *painted,
        Attempt(without_models(ctx, wanted, ROLES), without_motion=True),
        Attempt(Backends(), plain_page=True),
    ]


def _fresh_seeds(settings: Settings) -> range:
    """By how much the seed of each further attempt is higher than the plan's: best-of has tried those before it."""
    return range(settings.best_of, settings.best_of + settings.max_retakes - 1)


def untried_seed(library: Library, plan: ShotPlan) -> int:
    """Give a seed that is higher than any with which a shot was filmed."""
    return 1 + max([plan.seed, *(take.seed for take in library.takes(plan.id))]) % (2**31 - 2)


def next_attempt(
    ctx: RunContext, plan: ShotPlan, attempt: int, *, failed: str = "", past_luck: bool = False
) -> int | None:
    """The attempt that comes after one that did not do; None where there is none left.

    What `failed` is a stage, or "". No other seed paints what a model could not paint where only its motion is tried
    anew, and none helps that is `past_luck`.
    """
    steps = attempts_for(ctx, plan)
    now = steps[attempt].backends
    later = range(attempt + 1, len(steps))
    if failed in PAINTING and uses_models(ctx, now, ("animate",)):
        later_ones = [at for at in later if not uses_models(ctx, steps[at].backends, PAINTING)]
    elif past_luck:
        later_ones = [at for at in later if steps[at].backends != now]
    else:
        later_ones = list(later)
    return next(iter(later_ones), None)


def reseed(ctx: RunContext, plan: ShotPlan, times: int) -> ShotPlan:
    """The plan as chance is asked once more: where a model moves it that alone changes, and what is painted stays."""
    if not uses_models(ctx, chosen_backends(ctx, plan), ("animate",)):
        return plan.model_copy(update={"seed": plan.seed + times})
    return reseed_motion(plan, plan.render_options.animate.seed_offset + times)


def plan_for_attempt(ctx: RunContext, plan: ShotPlan, attempt: int) -> ShotPlan:
    """The plan as one of its attempts films it; what is left without models is not told here."""
    steps = attempts_for(ctx, plan)
    return reseed(ctx, plan, steps[min(attempt, len(steps) - 1)].reseeds)


def reseed_motion(plan: ShotPlan, times: int) -> ShotPlan:
    """The plan with its motion, and nothing else, of another seed."""
    animate: AnimatePlan = plan.render_options.animate.model_copy(update={"seed_offset": times})
    return plan.model_copy(update={"render_options": plan.render_options.model_copy(update={"animate": animate})})


def chosen_backends(ctx: RunContext, plan: ShotPlan) -> Backends:
    """Who is to draw: the film's own backends, or those that the shot names; no model where none may draw."""
    wishes = {"outpaint": plan.render_options.outpaint.backend, "animate": plan.render_options.animate.backend}
    wanted = ctx.settings.backends.model_copy(update={role: name for role, name in wishes.items() if name})
    return wanted if max_generated(ctx, plan) > 0 else without_models(ctx, wanted, ROLES)


def max_generated(ctx: RunContext, plan: ShotPlan) -> float:
    """The share of what the camera shows that models may draw, 0..1: the shot's own, or the film's."""
    own = plan.render_options.max_generated
    return ctx.settings.max_generated if own is None else own


def without_models(ctx: RunContext, backends: Backends, roles: tuple[Role, ...]) -> Backends:
    """The same with the default in the place of each model that plays one of `roles`."""
    plain: dict[str, str] = {
        role: getattr(Backends(), role) for role in roles if ctx.generates(role, getattr(backends, role))
    }
    return backends.model_copy(update=plain)


def uses_models(ctx: RunContext, backends: Backends, roles: tuple[Role, ...] = ROLES) -> bool:
    """Whether one of these draws by chance."""
    return any(ctx.generates(role, getattr(backends, role)) for role in roles)
