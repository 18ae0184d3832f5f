"""Test what review measures of a shot's fidelity, and what happens to a shot that has too little of it."""

from __future__ import annotations

import numpy as np
import pytest

from agents.editing import shot_status
from agents.graph import run_graph
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import outpaint
from storage.domain import ShotPlan
from storage.settings import Backends, Settings
from tools import png

pytestmark = pytest.mark.film


def one_page(context: RunContext, settings: Settings) -> None:
    assert context.corrections
    context.settings = settings.model_copy(update={"pages": "1"})
    context.library.set_settings(context.settings)
    context.corrections = context.corrections.model_copy(update={"pages": context.corrections.pages[:1]})


def moving(context: RunContext, name: str, **changes: object) -> Settings:
    wished = {"backends": Backends(animate=f"tests.outside.{name}"), **changes}
    return context.settings.model_copy(update=wished)


def measured(context: RunContext) -> list[ResolvedShot]:
    """The shots in force with what was measured of them."""
    shots = [ResolvedShot(shot) for shot in shots_to_film(context, {})]
    fidelity.resolve_fidelity(context, shots)
    return shots


def test_without_a_model_nothing_is_drawn_and_a_map_of_every_plate_is_kept(context: RunContext) -> None:
    one_page(context, context.settings)
    run_graph(context, {})
    for resolved in measured(context):
        made = fidelity.shares_of(resolved)
        assert made is not None
        assert fidelity.generated_share(made) == 0
        assert float(str(made.facts["original"])) > 0.2
        tones = np.unique(png.read_png(context.library.artifacts.open(made.artifacts["map0"].sha256)))
        assert {255} <= set(tones.tolist()) <= {170, 255}
        assert "drift" not in made.facts


def test_a_drawn_shot_is_measured_and_the_take_remembers(context: RunContext) -> None:
    one_page(context, moving(context, "Drifting"))
    state = run_graph(context, {})
    assert not state.get("stills")
    (take,) = context.library.takes(context.library.shots()[0].id)
    verdict = context.library.latest_verdict(take.id)
    assert verdict is not None
    assert verdict.measures["generated"] == 0, "every frame is a little brighter, which is matched, and nothing stirs"
    assert verdict.measures["drift"] < 0.3


def test_another_camera_measures_no_clip_again(context: RunContext) -> None:
    one_page(context, moving(context, "Drifting"))
    run_graph(context, {})
    first, *others = context.library.shots()
    before = measured(context)[0].jobs("fidelity")
    end = first.camera[-1].model_copy(update={"box": first.camera[0].box})
    nearer = first.model_copy(update={"camera": (*first.camera[:-1], end), "ease": "linear"})
    context.library.add_revision([nearer, *others], key="mine", author="hand", message="at rest")
    made = len(list(context.library.events(kinds={"made"})))
    run_graph(context, {})
    after = measured(context)[0].jobs("fidelity")
    assert before is not None
    assert after is not None
    assert before[0].key != after[0].key
    assert before[1].key == after[1].key
    fresh = [event.facts["key"] for event in list(context.library.events(kinds={"made"}))[made:]]
    assert after[0].key in fresh
    assert after[1].key not in fresh


def test_a_shot_that_is_drawn_too_much_is_not_paid_for_twice_and_says_so(context: RunContext) -> None:
    one_page(context, moving(context, "Noise", max_generated=0.3, max_drift=1.0, max_retakes=3))
    state = run_graph(context, {})
    plans = context.library.shots()
    assert set(state["stills"]) == {plan.id for plan in plans}
    assert not state["fallbacks"]
    assert all("drawn by a model, over the bound of 30%" in reason for reason in state["stills"].values())
    assert all(item.shot.still and item.take for item in shot_status.shot_statuses(context.library))
    assert {len(context.library.takes(plan.id)) for plan in plans} == {2}, "no other seed brings it within its bound"


def test_motion_within_the_bound_stays_and_the_rest_is_the_artists(context: RunContext) -> None:
    one_page(context, moving(context, "Swaying", max_generated=0.4, max_retakes=2))
    state = run_graph(context, {})
    assert not state["stills"]
    for plan in context.library.shots():
        take = context.library.takes(plan.id)[-1]
        measures = context.library.verdicts(take.id)[0].measures
        assert 0 < measures["generated"] <= 0.41
        assert measures["original"] > 0.2


def test_no_model_paints_what_cannot_keep_to_the_bound(context: RunContext) -> None:
    painted = Backends(outpaint="tests.outside.Painting")
    one_page(context, moving(context, "Noise", max_generated=0.4, backends=painted))
    state = run_graph(context, {})
    assert not state["stills"]
    spared = {plan.id for plan in context.library.shots() if plan.id in state["not_outpainted"]}
    assert spared
    assert spared != {plan.id for plan in context.library.shots()}, "what keeps to it is painted"
    for item in shot_status.shot_statuses(context.library):
        assert item.take
        assert (item.shot.id in spared) == (outpaint.painter(item.resolved) == "extend")
        measures = context.library.verdicts(item.take.id)[0].measures
        assert measures["generated"] <= 0.405
        assert (measures["generated"] == 0) == (item.shot.id in spared)
    assert "beyond its panels, and models may draw 40%" in state["not_outpainted"][min(spared)]


def test_a_shots_own_bound_wins_over_the_films(context: RunContext) -> None:
    one_page(context, moving(context, "Noise", max_generated=0.3, max_drift=1.0, max_retakes=1))
    run_graph(context, {"approve": True})
    plans = [
        ShotPlan.model_validate({**dict(plan), "render_options": {"max_generated": 1.0}})
        for plan in context.library.shots()[:1]
    ]
    context.library.add_revision(
        [*plans, *context.library.shots()[1:]], key="mine", author="hand", message="it may move"
    )
    state = run_graph(context, None)
    assert plans[0].id not in state["stills"]
    assert len(state["stills"]) == len(context.library.shots()) - 1


def test_frames_that_left_the_panel_are_drawn_again_and_then_not_at_all(context: RunContext) -> None:
    one_page(context, moving(context, "Noise", max_retakes=2))
    state = run_graph(context, {})
    for plan in context.library.shots():
        assert "its frames left the panel" in state["stills"][plan.id]
        assert not state["not_animated"]
        seeds = [take.seed - plan.seed for take in context.library.takes(plan.id)]
        assert seeds == [0, 1, 0]
        assert context.library.takes(plan.id)[-1].facts["still"]


def test_a_bad_motion_costs_no_painting(context: RunContext) -> None:
    painted = Backends(outpaint="tests.outside.Painting", animate="tests.outside.Noise")
    one_page(context, moving(context, "Noise", max_retakes=2, backends=painted))
    state = run_graph(context, {})
    plans = context.library.shots()
    assert set(state["not_animated"]) == {plan.id for plan in plans}
    assert not state["stills"]
    made = [event for event in context.library.events(kinds={"made"}) if event.stage == "outpaint"]
    assert len(made) == len(plans), "each is painted once"
    for item in shot_status.shot_statuses(context.library):
        assert item.take
        assert (item.shot.still, item.shot.reduction, item.shot.attempt) == (True, "not moved", 2)
        assert item.shot.backends.outpaint == "tests.outside.Painting"
        drawn = context.library.verdicts(item.take.id)[0].measures["generated"]
        assert drawn > 0, "what was painted is measured still"
