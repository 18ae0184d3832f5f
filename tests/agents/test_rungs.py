"""What is left to models, attempt by attempt, and what chance decides anew."""

from __future__ import annotations

import pytest

from agents.resolved_shot import ResolvedShot, Step
from agents.rungs import again, at, following, ladder
from agents.shots import in_force, with_rivals
from agents.stages import animate, clean, outpaint
from agents.workshop import Workshop
from storage.settings import Backends
from storage.shapes import Box, CameraKey, ShotPlan, Treatment
from tests.agents.test_stages import until_storyboard

PAINTS, MOVES = "tests.outside.Painting", "tests.outside.Drifting"
PLAN = ShotPlan(
    id="s001", ordinal=0, page=0, panels=("p0-0",), seconds=2, camera=(CameraKey(t=0, box=Box(0, 0, 9, 9)),)
)


def setting(shop: Workshop, **changes: object) -> None:
    shop.settings = shop.settings.model_copy(update=changes)


def drawn_by(shop: Workshop, plan: ShotPlan = PLAN) -> list[tuple[bool, bool, int]]:
    return [
        (rung.backends.outpaint == PAINTS, rung.backends.animate == MOVES, rung.again) for rung in ladder(shop, plan)
    ]


def test_motion_goes_before_painting_and_painting_before_the_plain_page(shop: Workshop) -> None:
    setting(shop, backends=Backends(outpaint=PAINTS, animate=MOVES), max_retakes=2)
    assert drawn_by(shop) == [(True, True, 0), (True, True, 1), (True, False, 0), (False, False, 0), (False, False, 0)]
    assert [(rung.still, rung.page) for rung in ladder(shop, PLAN)] == [
        (False, False), (False, False), (True, False), (True, False), (False, True),
    ]  # fmt: skip
    assert following(shop, PLAN, 0) == 1
    assert following(shop, PLAN, 0, past_luck=True) == 2, "no seed helps: no clip is paid for"
    assert following(shop, PLAN, 0, failed="outpaint") == 3, "another motion paints nothing"
    assert following(shop, PLAN, 2, failed="outpaint") == 3
    assert following(shop, PLAN, 0, failed="animate") == 1
    assert following(shop, PLAN, 4) is None


def test_where_nothing_moves_another_seed_paints_anew(shop: Workshop) -> None:
    setting(shop, backends=Backends(outpaint=PAINTS), max_retakes=2)
    assert drawn_by(shop) == [(True, False, 0), (True, False, 1), (False, False, 0), (False, False, 0)]
    assert at(shop, PLAN, 1).seed == 1
    assert following(shop, PLAN, 0, failed="outpaint") == 1
    assert following(shop, PLAN, 0, past_luck=True) == 2
    setting(shop, backends=Backends(outpaint=PAINTS, animate=MOVES))
    moved = at(shop, PLAN, 1)
    assert (moved.seed, moved.treatment.animate.again) == (0, 1)
    assert again(shop, moved, 1).treatment.animate.again == 2


@pytest.mark.parametrize("own", [True, False])
def test_where_models_may_draw_nothing_none_is_asked(shop: Workshop, own: bool) -> None:
    setting(shop, backends=Backends(outpaint=PAINTS, animate=MOVES), max_generated=1.0 if own else 0.0)
    bound = Treatment(max_generated=0.0) if own else Treatment()
    assert drawn_by(shop, PLAN.model_copy(update={"treatment": bound})) == [(False, False, 0)] * 2


def test_a_retry_for_motion_paints_nothing_again(shop: Workshop) -> None:
    setting(shop, backends=Backends(outpaint=PAINTS, animate=MOVES), max_retakes=2)
    until_storyboard(shop)
    plans = shop.library.shots()[:1]
    for stage in (clean, outpaint):
        stage.run(shop, {})
    attempts = [{plans[0].id: attempt} for attempt in range(4)]
    tries = [ResolvedShot(next(in_force(shop, {"attempts": one}, plans))) for one in attempts]
    animate.resolve_motions(shop, tries)
    steps: tuple[Step, ...] = ("cutouts", "plates")
    keys = [[job.key for step in steps for job in one.jobs(step) or ()] for one in tries]
    assert keys[0] == keys[1] == keys[2], "the still stands on what is painted"
    assert keys[3] != keys[0]
    motions = [job.key for one in tries[:3] for job in one.jobs("motions") or ()]
    assert len(set(motions)) == 3


@pytest.mark.parametrize(
    "backends", [Backends(outpaint=PAINTS), Backends(animate=MOVES), Backends(outpaint=PAINTS, animate=MOVES)]
)
def test_no_retake_draws_what_best_of_has_tried(shop: Workshop, backends: Backends) -> None:
    setting(shop, backends=backends, best_of=3, max_retakes=3)
    until_storyboard(shop)
    for stage in (clean, outpaint):
        stage.run(shop, {})
    draws: Step = "plates" if backends.animate == "still" else "motions"
    (candidates, *_) = with_rivals(shop, in_force(shop, {}))
    attempts = range(len([rung for rung in ladder(shop, candidates[0].plan) if not rung.still and not rung.page]))
    retakes = [next(in_force(shop, {"attempts": {candidates[0].id: attempt}})) for attempt in attempts[1:]]
    tries = [ResolvedShot(shot) for shot in (*candidates, *retakes)]
    animate.resolve_motions(shop, tries)
    keys = [job.key for one in tries for job in one.jobs(draws) or ()]
    assert len(keys) == len(set(keys)) == 3 + 2
