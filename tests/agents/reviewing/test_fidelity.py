"""What review learns of a shot's fidelity, and what becomes of a shot that has too little of it."""

from __future__ import annotations

import numpy as np

from agents.graph import follow
from agents.resolved_shot import ResolvedShot
from agents.reviewing import fidelity
from agents.revising import board
from agents.shots import in_force
from agents.stages import outpaint
from agents.workshop import Workshop
from storage.settings import Backends, Settings
from storage.shapes import ShotPlan
from tools import png


def one_page(shop: Workshop, settings: Settings) -> None:
    assert shop.corrections
    shop.settings = settings.model_copy(update={"pages": "1"})
    shop.library.set_settings(shop.settings)
    shop.corrections = shop.corrections.model_copy(update={"pages": shop.corrections.pages[:1]})


def moving(shop: Workshop, name: str, **changes: object) -> Settings:
    wished = {"backends": Backends(animate=f"tests.outside.{name}"), **changes}
    return shop.settings.model_copy(update=wished)


def measured(shop: Workshop) -> list[ResolvedShot]:
    """The shots in force with what was measured of them."""
    shots = [ResolvedShot(shot) for shot in in_force(shop, {})]
    fidelity.resolve_fidelity(shop, shots)
    return shots


def test_without_a_model_nothing_is_drawn_and_a_map_of_every_plate_is_kept(shop: Workshop) -> None:
    one_page(shop, shop.settings)
    follow(shop, {})
    for resolved in measured(shop):
        made = fidelity.shares_of(resolved)
        assert made is not None
        assert fidelity.drawn(made) == 0
        assert float(str(made.facts["original"])) > 0.2
        tones = np.unique(png.read(shop.library.artifacts.open(made.artifacts["map0"].sha256)))
        assert {255} <= set(tones.tolist()) <= {170, 255}
        assert "drift" not in made.facts


def test_a_drawn_shot_is_measured_and_the_take_remembers(shop: Workshop) -> None:
    one_page(shop, moving(shop, "Drifting"))
    state = follow(shop, {})
    assert not state.get("stills")
    (take,) = shop.library.takes(shop.library.shots()[0].id)
    verdict = shop.library.latest_verdict(take.id)
    assert verdict is not None
    assert verdict.measures["generated"] == 0, "every frame is a little brighter, which is matched, and nothing stirs"
    assert verdict.measures["drift"] < 0.3


def test_another_camera_measures_no_clip_again(shop: Workshop) -> None:
    one_page(shop, moving(shop, "Drifting"))
    follow(shop, {})
    first, *others = shop.library.shots()
    before = measured(shop)[0].jobs("fidelity")
    end = first.camera[-1].model_copy(update={"box": first.camera[0].box})
    nearer = first.model_copy(update={"camera": (*first.camera[:-1], end), "ease": "linear"})
    shop.library.add_revision([nearer, *others], key="mine", author="hand", message="at rest")
    made = len(list(shop.library.events(kinds={"made"})))
    follow(shop, {})
    after = measured(shop)[0].jobs("fidelity")
    assert before is not None
    assert after is not None
    assert before[0].key != after[0].key
    assert before[1].key == after[1].key
    fresh = [event.facts["key"] for event in list(shop.library.events(kinds={"made"}))[made:]]
    assert after[0].key in fresh
    assert after[1].key not in fresh


def test_a_shot_that_is_drawn_too_much_is_not_paid_for_twice_and_says_so(shop: Workshop) -> None:
    one_page(shop, moving(shop, "Noise", max_generated=0.3, max_drift=1.0, max_retakes=3))
    state = follow(shop, {})
    plans = shop.library.shots()
    assert set(state["stills"]) == {plan.id for plan in plans}
    assert not state["fallbacks"]
    assert all("drawn by a model, over the bound of 30%" in reason for reason in state["stills"].values())
    assert all(item.shot.still and item.take for item in board.standing(shop.library))
    assert {len(shop.library.takes(plan.id)) for plan in plans} == {2}, "no other seed brings it within its bound"


def test_motion_within_the_bound_stays_and_the_rest_is_the_artists(shop: Workshop) -> None:
    one_page(shop, moving(shop, "Swaying", max_generated=0.4, max_retakes=2))
    state = follow(shop, {})
    assert not state["stills"]
    for plan in shop.library.shots():
        take = shop.library.takes(plan.id)[-1]
        measures = shop.library.verdicts(take.id)[0].measures
        assert 0 < measures["generated"] <= 0.41
        assert measures["original"] > 0.2


def test_no_model_paints_what_cannot_keep_to_the_bound(shop: Workshop) -> None:
    painted = Backends(outpaint="tests.outside.Painting")
    one_page(shop, moving(shop, "Noise", max_generated=0.2, backends=painted))
    state = follow(shop, {})
    assert not state["stills"]
    spared = {plan.id for plan in shop.library.shots() if plan.id in state["spared"]}
    assert spared
    assert spared != {plan.id for plan in shop.library.shots()}, "what keeps to it is painted"
    for item in board.standing(shop.library):
        assert item.take
        assert (item.shot.id in spared) == (outpaint.painter(item.resolved) == "extend")
        measures = shop.library.verdicts(item.take.id)[0].measures
        assert measures["generated"] <= 0.205
        assert (measures["generated"] == 0) == (item.shot.id in spared)
    assert "beyond its panels, and models may draw 20%" in state["spared"][min(spared)]


def test_a_shots_own_bound_wins_over_the_films(shop: Workshop) -> None:
    one_page(shop, moving(shop, "Noise", max_generated=0.3, max_drift=1.0, max_retakes=1))
    follow(shop, {"approve": True})
    plans = [
        ShotPlan.model_validate({**dict(plan), "treatment": {"max_generated": 1.0}})
        for plan in shop.library.shots()[:1]
    ]
    shop.library.add_revision([*plans, *shop.library.shots()[1:]], key="mine", author="hand", message="it may move")
    state = follow(shop, None)
    assert plans[0].id not in state["stills"]
    assert len(state["stills"]) == len(shop.library.shots()) - 1


def test_frames_that_left_the_panel_are_drawn_again_and_then_not_at_all(shop: Workshop) -> None:
    one_page(shop, moving(shop, "Noise", max_retakes=2))
    state = follow(shop, {})
    for plan in shop.library.shots():
        assert "its frames left the panel" in state["stills"][plan.id]
        assert not state["resting"]
        seeds = [take.seed - plan.seed for take in shop.library.takes(plan.id)]
        assert seeds == [0, 1, 0]
        assert shop.library.takes(plan.id)[-1].facts["still"]


def test_a_bad_motion_costs_no_painting(shop: Workshop) -> None:
    painted = Backends(outpaint="tests.outside.Painting", animate="tests.outside.Noise")
    one_page(shop, moving(shop, "Noise", max_retakes=2, backends=painted))
    state = follow(shop, {})
    plans = shop.library.shots()
    assert set(state["resting"]) == {plan.id for plan in plans}
    assert not state["stills"]
    made = [event for event in shop.library.events(kinds={"made"}) if event.stage == "outpaint"]
    assert len(made) == len(plans), "each is painted once"
    for item in board.standing(shop.library):
        assert item.take
        assert (item.shot.still, item.shot.left, item.shot.attempt) == (True, "not moved", 2)
        assert item.shot.backends.outpaint == "tests.outside.Painting"
        drawn = shop.library.verdicts(item.take.id)[0].measures["generated"]
        assert drawn > 0, "what was painted is measured still"
