"""Which plan is in force for a shot, round by round."""

from __future__ import annotations

import pytest

from agents.resolved_shot import ResolvedShot
from agents.rungs import ladder
from agents.shots import Shot, around, in_force
from agents.stages import animate, cast, clean, ingest, read, storyboard
from agents.stages import outpaint as outpaint_stage
from agents.state import State
from agents.workshop import Workshop
from storage.settings import Backends
from storage.shapes import AnimatePlan, Box, OutpaintPlan
from tools import geometry


@pytest.fixture
def planned(shop: Workshop) -> Workshop:
    for stage in (ingest, read, cast, storyboard):
        stage.run(shop, {})
    return shop


def first(shop: Workshop, state: State) -> Shot:
    return next(in_force(shop, state))


def test_a_shot_knows_its_panels_its_lettering_and_its_neighbours(planned: Workshop) -> None:
    shot = first(planned, {})
    assert [panel.id for panel in shot.panels] == list(shot.plan.panels) == ["p0-0"]
    assert {panel.id for panel in shot.others} == {"p0-1", "p0-2", "p0-3"}
    assert [balloon.text for balloon in shot.balloons_of(shot.panels[0])] == ["hello there"]


def test_words_that_lean_in_from_a_neighbour_are_shown_with_the_panel(planned: Workshop) -> None:
    here, there = list(in_force(planned, {}))[:2]
    transcript = planned.library.transcript()
    assert transcript is not None
    page = transcript.pages[0]
    own = next(text for text in page.texts if text.panel == here.panels[0].id)
    edge = here.panels[0].box
    box = Box(edge.x1 - 20, edge.y0 + 20, edge.x1 + 20, edge.y0 + 60)
    leaning = own.model_copy(
        update={"id": "t0-9", "panel": there.panels[0].id, "box": box, "outline": geometry.box_polygon(box)}
    )
    planned.library.set_transcript(
        transcript.model_copy(
            update={"pages": (page.model_copy(update={"texts": (*page.texts, leaning)}), *transcript.pages[1:])}
        )
    )
    shot = first(planned, {})
    assert [b.id for b in shot.balloons_of(shot.panels[0])] == [own.id, "t0-9"]
    assert "t0-9" not in shot.plan.lines


def test_a_deterministic_shot_has_its_plan_and_the_plain_page_and_no_more(planned: Workshop) -> None:
    plan = first(planned, {}).plan
    assert len(ladder(planned, plan)) == 2
    fallback = first(planned, {"attempts": {plan.id: 1}})
    assert fallback.fallback
    assert {key.box for key in fallback.plan.camera} == {fallback.plan.camera[0].box}
    seen, rest = around([key.box for key in plan.camera]), fallback.plan.camera[0].box
    assert rest.x0 <= seen.x0
    assert rest.y1 >= seen.y1
    assert rest.aspect == pytest.approx(planned.settings.screen.aspect)
    assert not fallback.plan.treatment.clean
    assert not fallback.panels[0].polygon


def test_a_generated_shot_tries_other_seeds_first_and_then_no_model(planned: Workshop) -> None:
    planned.settings = planned.settings.model_copy(
        update={"backends": Backends(animate="tests.outside.Drifting"), "max_retakes": 3}
    )
    plan = first(planned, {}).plan
    assert len(ladder(planned, plan)) == 5
    tries = [first(planned, {"attempts": {plan.id: n}}) for n in range(5)]
    assert [t.plan.treatment.animate.again for t in tries] == [0, 1, 2, 0, 0]
    assert {t.plan.seed for t in tries} == {plan.seed}
    assert [(t.still, t.fallback) for t in tries] == [(False, False)] * 3 + [(True, False), (False, True)]
    assert tries[3].backends == tries[4].backends == Backends()
    assert tries[3].plan == plan, "the camera moves as planned"


def test_a_painter_and_an_animator_are_each_asked_for_their_own(planned: Workshop) -> None:
    plan = planned.library.shots()[0].model_copy(update={"prompt": "she turns"})
    (plain,) = in_force(planned, {}, [plan])
    assert plain.painted == plain.moved == "she turns", "an old plan asks both for the same"
    outpaint = OutpaintPlan(prompt="the street goes on", without="letters")
    treatment = plan.treatment.model_copy(update={"outpaint": outpaint, "animate": AnimatePlan(without="rain")})
    (shot,) = in_force(planned, {}, [plan.model_copy(update={"treatment": treatment})])
    assert shot.painted == "the street goes on. Never: letters"
    assert shot.moved == "she turns. Never: rain"
    chosen = Backends(outpaint="tests.outside.Painting", animate="tests.outside.Drifting")
    planned.settings = planned.settings.model_copy(update={"backends": chosen})
    clean.run(planned, {})
    drawn = ResolvedShot(next(in_force(planned, {}, [shot.plan])))
    outpaint_stage.resolve_plates(planned, [drawn])
    (plate,) = drawn.jobs("plates") or ()
    assert plate.arguments["prompt"] == shot.painted
    outpaint_stage.make_plates(planned, [drawn])
    (film,) = animate.jobs(planned, drawn) or []
    assert film.arguments["prompt"] == shot.moved


def test_a_lost_shot_is_filmed_no_more(planned: Workshop) -> None:
    plan = first(planned, {}).plan
    assert plan.id not in [shot.id for shot in in_force(planned, {"lost": {plan.id: "no luck"}})]


def test_around_is_the_smallest_box() -> None:
    assert around([Box(0, 5, 2, 6), Box(1, 1, 3, 2)]) == Box(0, 1, 3, 6)
