"""Fallback policy for a shot: retry with new seeds, then without animation, then without models, then the plain page.

The first attempt is the plan itself. After the retries, the models whose part failed are left out. A model that only
tells figures from the ground, for an effect, is replaced by the cut without a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agents.run_context import RunContext
from agents.speaking_faces import wants_mouths
from storage.domain import AnimatePlan, ShotPlan
from storage.settings import Backends, Settings
from tools.motion import load_effect, moves_ground

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

Role = Literal["clean", "color", "redraw", "outpaint", "animate"]
PAINTING: tuple[Role, ...] = ("clean", "color", "redraw", "outpaint")
"""Roles whose models paint still images."""
ROLES: tuple[Role, ...] = (*PAINTING, "animate")


@dataclass(frozen=True)
class Attempt:
    """One attempt at a shot: its backends, and how it differs from the plan."""

    backends: Backends
    reseeds: int = 0
    """How much higher its seed is than the plan's."""
    without_motion: bool = False
    """No model animates the shot, though the plan wants one; without any model where none paints either."""
    plain_page: bool = False
    """The shot shows the plain page."""


def attempts_for(context: RunContext, plan: ShotPlan) -> list[Attempt]:
    """Return the attempts of a shot, in order: at least the plan itself and, last, the plain page."""
    planned = chosen_backends(context, plan)
    without_cutter = [Attempt(planned.model_copy(update={"layers": Backends().layers}))] if _cuts(planned, plan) else []
    has_painter, has_animator = uses_models(context, planned, PAINTING), uses_models(context, planned, ("animate",))
    if not has_painter and not has_animator:
        return [Attempt(planned), *without_cutter, Attempt(Backends(), plain_page=True)]
    reseeded = [Attempt(planned), *(Attempt(planned, seed) for seed in _fresh_seeds(context.settings))]
    without_animator = (
        [Attempt(without_models(context, planned, ("animate",)), without_motion=True)]
        if has_painter and has_animator
        else []
    )
    return [
        *reseeded,
        *without_cutter,
        *without_animator,
        Attempt(without_models(context, planned, ROLES), without_motion=True),
        Attempt(Backends(), plain_page=True),
    ]


def _cuts(backends: Backends, plan: ShotPlan) -> bool:
    """Return whether the shot has an effect for which the film's own cutter tells figures from the ground."""
    return backends.layers != Backends().layers and any(
        moves_ground(load_effect(effect.kind)) for effect in plan.render_options.effects
    )


def _fresh_seeds(settings: Settings) -> range:
    """Return the seed offsets of the further attempts; they begin after those that best-of has tried."""
    return range(settings.best_of, settings.best_of + settings.max_retakes - 1)


def untried_seed(library: Library, plan: ShotPlan) -> int:
    """Return a seed higher than any with which the shot was filmed; it starts again at 1 beyond 2**31 - 2."""
    return 1 + max([plan.seed, *(take.seed for take in library.takes(plan.id))]) % (2**31 - 2)


def next_attempt(
    context: RunContext, plan: ShotPlan, attempt: int, *, failed_stage: str = "", is_beyond_reseeding: bool = False
) -> int | None:
    """Return the number of the attempt that follows a failed one, or None where none is left.

    Args:
        context: The run's context.
        plan: The shot.
        attempt: The number of the attempt that failed.
        failed_stage: The stage that failed, or "". After a painting stage, attempts that would paint again are skipped
            where a model animates, because their new seeds change the animation alone. After layers, those with the
            same cutter are.
        is_beyond_reseeding: Another seed cannot help, so attempts with the same backends are skipped.
    """
    ladder = attempts_for(context, plan)
    failed_backends = ladder[attempt].backends
    later = range(attempt + 1, len(ladder))
    if failed_stage == "layers":
        candidates = [number for number in later if ladder[number].backends.layers != failed_backends.layers]
    elif failed_stage in PAINTING and uses_models(context, failed_backends, ("animate",)):
        candidates = [number for number in later if not uses_models(context, ladder[number].backends, PAINTING)]
    elif is_beyond_reseeding:
        candidates = [number for number in later if ladder[number].backends != failed_backends]
    else:
        candidates = list(later)
    return next(iter(candidates), None)


def reseed(context: RunContext, plan: ShotPlan, times: int) -> ShotPlan:
    """Return `plan` with its seed raised by `times`.

    Where a model animates the shot, only the seed of the animation changes, and what is painted stays.
    """
    if not uses_models(context, chosen_backends(context, plan), ("animate",)):
        return plan.model_copy(update={"seed": plan.seed + times})
    return reseed_motion(plan, plan.render_options.animate.seed_offset + times)


def plan_for_attempt(context: RunContext, plan: ShotPlan, attempt: int) -> ShotPlan:
    """Return `plan` with the seed of attempt `attempt` (0 = first). Backends are not changed; see `attempts_for`."""
    ladder = attempts_for(context, plan)
    return reseed(context, plan, ladder[min(attempt, len(ladder) - 1)].reseeds)


def reseed_motion(plan: ShotPlan, times: int) -> ShotPlan:
    """Return `plan` with the seed offset of its animation set to `times`, and nothing else changed."""
    animate: AnimatePlan = plan.render_options.animate.model_copy(update={"seed_offset": times})
    return plan.model_copy(update={"render_options": plan.render_options.model_copy(update={"animate": animate})})


def chosen_backends(context: RunContext, plan: ShotPlan) -> Backends:
    """Return the backends of a shot: its own, else the film's; without models where models may draw nothing."""
    shot_backends: dict[str, str | None] = {
        "outpaint": plan.render_options.outpaint.backend,
        "animate": plan.render_options.animate.backend,
    }
    options = plan.render_options
    is_drawn = options.redraw is not None or any(pose.prompt for pose in options.key_poses)
    if not is_drawn and not wants_mouths(plan, context.settings.style):
        shot_backends["redraw"] = Backends().redraw
    if not wants_color(context, plan):
        shot_backends["color"] = Backends().color
    chosen = context.settings.backends.model_copy(update={role: name for role, name in shot_backends.items() if name})
    return chosen if max_generated(context, plan) > 0 else without_models(context, chosen, ROLES)


def wants_color(context: RunContext, plan: ShotPlan) -> bool:
    """Return whether the grey panels of a shot are to be coloured, as it says itself, or else as the film says."""
    return (plan.render_options.color.mode or context.settings.color) == "reference"


def max_generated(context: RunContext, plan: ShotPlan) -> float:
    """Return the share of the visible picture that models may draw, 0..1: the shot's own limit, or the film's."""
    shot_limit = plan.render_options.max_generated
    return context.settings.max_generated if shot_limit is None else shot_limit


def without_models(context: RunContext, backends: Backends, roles: tuple[Role, ...]) -> Backends:
    """Return `backends` with the default in place of each generative backend of `roles`."""
    defaults: dict[str, str] = {
        role: getattr(Backends(), role) for role in roles if context.generates(role, getattr(backends, role))
    }
    return backends.model_copy(update=defaults)


def uses_models(context: RunContext, backends: Backends, roles: tuple[Role, ...] = ROLES) -> bool:
    """Return whether any backend of `roles` is generative."""
    return any(context.generates(role, getattr(backends, role)) for role in roles)
