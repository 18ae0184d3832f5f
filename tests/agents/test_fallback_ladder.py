"""Test the order of fallback attempts and which seeds change with them."""

from __future__ import annotations

import pytest

from agents.fallback_ladder import attempts_for, next_attempt, plan_for_attempt, reseed
from agents.resolved_shot import ResolvedShot, Step
from agents.run_context import RunContext
from agents.shots import shots_to_film, with_candidates
from agents.stages import animate, clean, outpaint
from storage.domain import Box, CameraKey, MotionEffect, RenderOptions, ShotPlan
from storage.settings import Backends
from tests.agents.test_stages import until_storyboard

PAINTS, MOVES = "tests.outside.Painting", "tests.outside.Drifting"
PLAN = ShotPlan(
    id="s001", ordinal=0, page=0, panels=("p0-0",), seconds=2, camera=(CameraKey(t=0, box=Box(0, 0, 9, 9)),)
)


def setting(context: RunContext, **changes: object) -> None:
    context.settings = context.settings.model_copy(update=changes)


def drawn_by(context: RunContext, plan: ShotPlan = PLAN) -> list[tuple[bool, bool, int]]:
    return [
        (attempt.backends.outpaint == PAINTS, attempt.backends.animate == MOVES, attempt.reseeds)
        for attempt in attempts_for(context, plan)
    ]


def test_motion_goes_before_painting_and_painting_before_the_plain_page(context: RunContext) -> None:
    setting(context, backends=Backends(outpaint=PAINTS, animate=MOVES), max_retakes=2)
    assert drawn_by(context) == [
        (True, True, 0),
        (True, True, 1),
        (True, False, 0),
        (False, False, 0),
        (False, False, 0),
    ]
    assert [(attempt.without_motion, attempt.plain_page) for attempt in attempts_for(context, PLAN)] == [
        (False, False), (False, False), (True, False), (True, False), (False, True),
    ]  # fmt: skip
    assert next_attempt(context, PLAN, 0) == 1
    assert next_attempt(context, PLAN, 0, is_beyond_reseeding=True) == 2, "no seed helps: no clip is paid for"
    assert next_attempt(context, PLAN, 0, failed_stage="outpaint") == 3, "another motion paints nothing"
    assert next_attempt(context, PLAN, 2, failed_stage="outpaint") == 3
    assert next_attempt(context, PLAN, 0, failed_stage="animate") == 1
    assert next_attempt(context, PLAN, 4) is None


def test_where_nothing_moves_another_seed_paints_anew(context: RunContext) -> None:
    setting(context, backends=Backends(outpaint=PAINTS), max_retakes=2)
    assert drawn_by(context) == [(True, False, 0), (True, False, 1), (False, False, 0), (False, False, 0)]
    assert plan_for_attempt(context, PLAN, 1).seed == 1
    assert next_attempt(context, PLAN, 0, failed_stage="outpaint") == 1
    assert next_attempt(context, PLAN, 0, is_beyond_reseeding=True) == 2
    setting(context, backends=Backends(outpaint=PAINTS, animate=MOVES))
    moved = plan_for_attempt(context, PLAN, 1)
    assert (moved.seed, moved.render_options.animate.seed_offset) == (0, 1)
    assert reseed(context, moved, 1).render_options.animate.seed_offset == 2


@pytest.mark.parametrize("own", [True, False])
def test_where_models_may_draw_nothing_none_is_asked(context: RunContext, own: bool) -> None:
    setting(context, backends=Backends(outpaint=PAINTS, animate=MOVES), max_generated=1.0 if own else 0.0)
    bound = RenderOptions(max_generated=0.0) if own else RenderOptions()
    assert drawn_by(context, PLAN.model_copy(update={"render_options": bound})) == [(False, False, 0)] * 2


def test_a_retry_for_motion_paints_nothing_again(context: RunContext) -> None:
    setting(context, backends=Backends(outpaint=PAINTS, animate=MOVES), max_retakes=2)
    until_storyboard(context)
    plans = context.library.shots()[:1]
    for stage in (clean, outpaint):
        stage.run(context, {})
    attempts = [{plans[0].id: attempt} for attempt in range(4)]
    tries = [ResolvedShot(next(shots_to_film(context, {"attempts": one}, plans))) for one in attempts]
    animate.resolve_motions(context, tries)
    steps: tuple[Step, ...] = ("cutouts", "plates")
    keys = [[job.key for step in steps for job in one.jobs(step) or ()] for one in tries]
    assert keys[0] == keys[1] == keys[2], "the still stands on what is painted"
    assert keys[3] != keys[0]
    motions = [job.key for one in tries[:3] for job in one.jobs("motions") or ()]
    assert len(set(motions)) == 3


@pytest.mark.parametrize(
    "backends", [Backends(outpaint=PAINTS), Backends(animate=MOVES), Backends(outpaint=PAINTS, animate=MOVES)]
)
def test_no_retake_draws_what_best_of_has_tried(context: RunContext, backends: Backends) -> None:
    setting(context, backends=backends, best_of=3, max_retakes=3)
    until_storyboard(context)
    for stage in (clean, outpaint):
        stage.run(context, {})
    draws: Step = "plates" if backends.animate == "still" else "motions"
    (candidates, *_) = with_candidates(context, shots_to_film(context, {}))
    attempts = range(
        len(
            [
                attempt
                for attempt in attempts_for(context, candidates[0].plan)
                if not attempt.without_motion and not attempt.plain_page
            ]
        )
    )
    retakes = [next(shots_to_film(context, {"attempts": {candidates[0].id: attempt}})) for attempt in attempts[1:]]
    tries = [ResolvedShot(shot) for shot in (*candidates, *retakes)]
    animate.resolve_motions(context, tries)
    keys = [job.key for one in tries for job in one.jobs(draws) or ()]
    assert len(keys) == len(set(keys)) == 3 + 2


def test_where_a_cutter_fails_the_cut_without_a_model_comes_next_and_models_still_draw(context: RunContext) -> None:
    chosen = Backends(outpaint=PAINTS, animate=MOVES, layers="tests.outside.Uncut")
    setting(context, backends=chosen, max_retakes=1)
    effects = RenderOptions(effects=(MotionEffect(kind="parallax"),))
    plan = PLAN.model_copy(update={"render_options": effects})
    number = next_attempt(context, plan, 0, failed_stage="layers")
    assert number == 1
    assert attempts_for(context, plan)[1].backends == chosen.model_copy(update={"layers": "grabcut"})
    assert len(attempts_for(context, PLAN)) == len(attempts_for(context, plan)) - 1, "nothing else needs a cut"
