"""Test which plan each shot is filmed with, attempt by attempt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.fallback_ladder import attempts_for
from agents.planning import timing
from agents.planning.panels import need_of
from agents.resolved_shot import ResolvedShot
from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film, union_of
from agents.sound import schedule
from agents.stages import animate, cast, clean, composite, ingest, read, storyboard
from agents.stages import outpaint as outpaint_stage
from agents.state import State
from storage.domain import AnimatePlan, Balloon, Box, CameraKey, OutpaintPlan, Polygon
from storage.settings import Backends
from tools import geometry


@pytest.fixture
def planned(context: RunContext) -> RunContext:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    return context


def first(context: RunContext, state: State) -> ShotToFilm:
    return next(shots_to_film(context, state))


def test_a_shot_knows_its_panels_its_lettering_and_its_neighbours(planned: RunContext) -> None:
    shot = first(planned, {})
    assert [panel.id for panel in shot.panels] == list(shot.plan.panels) == ["p0-0"]
    assert {panel.id for panel in shot.others} == {"p0-1", "p0-2", "p0-3"}
    assert [balloon.text for balloon in shot.balloons_of(shot.panels[0])] == ["hello there"]


def test_words_that_lean_in_from_a_neighbour_are_shown_with_the_panel(planned: RunContext) -> None:
    here, there = list(shots_to_film(planned, {}))[:2]
    transcript = planned.library.transcript()
    assert transcript is not None
    page = transcript.pages[0]
    own = next(text for text in page.balloons if text.panel == here.panels[0].id)
    edge = here.panels[0].box
    box = Box(edge.x1 - 20, edge.y0 + 20, edge.x1 + 20, edge.y0 + 60)
    leaning = own.model_copy(
        update={"id": "t0-9", "panel": there.panels[0].id, "box": box, "outline": geometry.box_polygon(box)}
    )
    planned.library.set_transcript(
        transcript.model_copy(
            update={"pages": (page.model_copy(update={"balloons": (*page.balloons, leaning)}), *transcript.pages[1:])}
        )
    )
    shot = first(planned, {})
    assert [b.id for b in shot.balloons_of(shot.panels[0])] == [own.id, "t0-9"]
    assert "t0-9" not in shot.plan.balloons


def test_a_deterministic_shot_has_its_plan_and_the_plain_page_and_no_more(planned: RunContext) -> None:
    plan = first(planned, {}).plan
    assert len(attempts_for(planned, plan)) == 2
    fallback = first(planned, {"attempts": {plan.id: 1}})
    assert fallback.fallback
    assert {key.box for key in fallback.plan.camera} == {fallback.plan.camera[0].box}
    seen, rest = union_of([key.box for key in plan.camera]), fallback.plan.camera[0].box
    assert rest.x0 <= seen.x0
    assert rest.y1 >= seen.y1
    assert rest.aspect == pytest.approx(planned.settings.screen.aspect)
    assert not fallback.plan.render_options.clean
    assert not fallback.panels[0].polygon


def test_a_generated_shot_tries_other_seeds_first_and_then_no_model(planned: RunContext) -> None:
    planned.settings = planned.settings.model_copy(
        update={"backends": Backends(animate="tests.outside.Drifting"), "max_retakes": 3}
    )
    plan = first(planned, {}).plan
    assert len(attempts_for(planned, plan)) == 5
    tries = [first(planned, {"attempts": {plan.id: n}}) for n in range(5)]
    assert [t.plan.render_options.animate.seed_offset for t in tries] == [0, 1, 2, 0, 0]
    assert {t.plan.seed for t in tries} == {plan.seed}
    assert [(t.still, t.fallback) for t in tries] == [(False, False)] * 3 + [(True, False), (False, True)]
    assert tries[3].backends == tries[4].backends == Backends()
    assert tries[3].plan == plan, "the camera moves as planned"


def test_a_painter_and_an_animator_are_each_asked_for_their_own(planned: RunContext) -> None:
    plan = planned.library.shots()[0].model_copy(update={"prompt": "she turns"})
    (plain,) = shots_to_film(planned, {}, [plan])
    assert plain.outpaint_prompt == plain.animate_prompt == "she turns", "an old plan asks both for the same"
    outpaint = OutpaintPlan(prompt="the street goes on", negative_prompt="letters")
    options = plan.render_options.model_copy(
        update={"outpaint": outpaint, "animate": AnimatePlan(negative_prompt="rain")}
    )
    (shot,) = shots_to_film(planned, {}, [plan.model_copy(update={"render_options": options})])
    assert shot.outpaint_prompt == "the street goes on. Never: letters"
    assert shot.animate_prompt == "she turns. Never: rain"
    chosen = Backends(outpaint="tests.outside.Painting", animate="tests.outside.Drifting")
    planned.settings = planned.settings.model_copy(update={"backends": chosen})
    clean.run(planned, {})
    drawn = ResolvedShot(next(shots_to_film(planned, {}, [shot.plan])))
    outpaint_stage.resolve_plates(planned, [drawn])
    (plate,) = drawn.jobs("plates") or ()
    assert plate.arguments["prompt"] == shot.outpaint_prompt
    outpaint_stage.make_plates(planned, [drawn])
    (film,) = animate.jobs(planned, drawn) or []
    assert film.arguments["prompt"] == shot.animate_prompt


def test_a_lost_shot_is_filmed_no_more(planned: RunContext) -> None:
    plan = first(planned, {}).plan
    assert plan.id not in [shot.id for shot in shots_to_film(planned, {"not_filmed": {plan.id: "no luck"}})]


def test_around_is_the_smallest_box() -> None:
    assert union_of([Box(0, 5, 2, 6), Box(1, 1, 3, 2)]) == Box(0, 1, 3, 6)


def outline(context: RunContext, panel: str) -> Polygon:
    """Return the corners of a panel."""
    transcript = context.library.transcript()
    assert transcript is not None
    found = next(one for page in transcript.pages for one in page.panels if one.id == panel)
    return found.polygon or geometry.box_polygon(found.box)


def test_the_page_around_a_shot_is_lit_as_far_as_it_was_read(planned: RunContext) -> None:
    plans = planned.library.shots()
    assert [plan.panels for plan in plans[:4]] == [("p0-0",), ("p0-1",), ("p0-2",), ("p0-3",)]
    whole = Box(0, 0, *(float(side) for side in (planned.library.pages()[0].width, planned.library.pages()[0].height)))
    shown = [
        plan.model_copy(update={"camera": (CameraKey(t=0, box=whole),)}) if plan.page == 0 else plan for plan in plans
    ]
    shots = [ResolvedShot(shot) for shot in shots_to_film(planned, {}, shown)][:4]
    clean.make_cutouts(planned, shots)
    outpaint_stage.resolve_plates(planned, shots)
    for number, shot in enumerate(shots):
        (job,) = shot.jobs("plates") or ()
        ground = job.arguments["ground"]
        for at in range(4):
            lit = at <= number
            assert (outline(planned, f"p0-{at}") in ground["lit"]) == lit
            assert (outline(planned, f"p0-{at}") in ground["unlit"]) != lit


def test_panels_that_appear_later_in_a_shot_are_dimmed_until_then(planned: RunContext) -> None:
    plan = planned.library.shots()[0].model_copy(update={"panels": ("p0-0", "p0-1"), "reveals": (0.0, 0.5)})
    shot = ResolvedShot(next(shots_to_film(planned, {}, [plan])))
    clean.make_cutouts(planned, [shot])
    outpaint_stage.resolve_plates(planned, [shot])
    first_plate, last_plate = (job.arguments["ground"] for job in shot.jobs("plates") or ())
    assert outline(planned, "p0-1") not in first_plate["lit"]
    assert outline(planned, "p0-1") in last_plate["lit"]


def talking(context: RunContext, outlines: int = 3, **options: object) -> ResolvedShot:
    """Return the first shot with three balloons, of which the last `outlines` have an outline."""
    transcript = context.library.transcript()
    assert transcript is not None
    page = transcript.pages[0]
    boxes = [Box(40 + 100 * n, 40, 100 + 100 * n, 90) for n in range(3)]
    lines = tuple(
        Balloon(id=f"t0-{n}", order=n, box=box, panel="p0-0", text="hello there", language="en",
                outline=geometry.box_polygon(box) if n >= 3 - outlines else ())
        for n, box in enumerate(boxes)
    )  # fmt: skip
    pages = (page.model_copy(update={"balloons": lines}), *transcript.pages[1:])
    context.library.set_transcript(transcript.model_copy(update={"pages": pages}))
    plan = context.library.shots()[0]
    treated = plan.render_options.model_copy(update=options)
    changed = plan.model_copy(
        update={"balloons": tuple(line.id for line in lines), "seconds": 6.0, "render_options": treated}
    )
    shot = ResolvedShot(next(shots_to_film(context, {}, [changed])))
    clean.make_cutouts(context, [shot])
    outpaint_stage.make_plates(context, [shot])
    animate.make_motions(context, [shot])
    return shot


def letters_of(context: RunContext, shot: ResolvedShot) -> list[composite.TimedLetters]:
    """Return the letters that come up in a shot, with their moments."""
    arguments = composite.scene_arguments(context, shot)
    assert arguments is not None
    return list(arguments.get("letters", []))


def test_letters_come_up_in_order_and_in_time_to_be_read(planned: RunContext) -> None:
    assert planned.library.shots()[0].render_options.lettering == "timed"
    shot = talking(planned, lettering="timed")
    moments = [at for _, at, _ in letters_of(planned, shot)]
    assert len(moments) == 3
    assert moments == sorted(moments)
    assert moments[0] == schedule.LETTERS_DELAY_SECONDS
    cues = timing.cue_times(
        timing.path_of(shot.shot.plan, 6.0), [need_of(b, 400) for b in shot.shot.balloons_of(shot.shot.panels[0])]
    )
    for at, (start, end) in zip(moments[1:], cues[1:], strict=True):
        assert at == pytest.approx(start - composite.LETTERS_LEAD_SECONDS)
        assert at < end


def test_letters_before_some_that_stay_stay_too(planned: RunContext) -> None:
    assert len(letters_of(planned, talking(planned, outlines=2, lettering="timed"))) == 2
    assert letters_of(planned, talking(planned, outlines=0, lettering="timed")) == []


def test_letters_of_a_panel_that_appears_later_stand_on_its_layer(planned: RunContext) -> None:
    shot = talking(planned, lettering="timed")
    last = shot.shot.balloons[-1].model_copy(update={"panel": "p0-1"})
    plan = shot.shot.plan.model_copy(update={"panels": ("p0-0", "p0-1"), "reveals": (0.0, 0.5)})
    shot.shot = replace(shot.shot, plan=plan, balloons=(*shot.shot.balloons[:-1], last))
    assert [layer for _, _, layer in letters_of(planned, shot)] == [0, 0, 1]


def test_drawn_letters_and_removed_ones_do_not_come_up(planned: RunContext) -> None:
    assert letters_of(planned, talking(planned, lettering="drawn")) == []
    assert letters_of(planned, talking(planned, lettering="timed", clean=("frame", "lettering"))) == []
    assert letters_of(planned, talking(planned, lettering="timed", clean=("frame", "balloons"))) == []


def test_no_page_surrounds_what_a_model_paints(planned: RunContext) -> None:
    chosen = Backends(outpaint="tests.outside.Painting")
    planned.settings = planned.settings.model_copy(update={"backends": chosen})
    shot = ResolvedShot(first(planned, {}))
    clean.make_cutouts(planned, [shot])
    outpaint_stage.resolve_plates(planned, [shot])
    assert all("ground" not in job.arguments for job in shot.jobs("plates") or ())
