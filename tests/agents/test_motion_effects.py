"""Test that the effects of a plan reach its frames, its content keys alone, and the same bytes after a kill."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from agents import film_pieces, motion_effects
from agents.planning.tool_options import Cleaned
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.review.verdicts import judge_measures
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import animate, cast, clean, composite, ingest, outpaint, read, review, storyboard
from storage.artifacts import Artifacts
from storage.domain import Box, CameraKey, MotionEffect, RenderOptions, ShotPlan, VideoFormat
from storage.keys import content_key
from storage.styles import StyleSheet
from tools import geometry
from tools.plates import FrameFunction, Image, Motion

BOIL, RAIN = MotionEffect(kind="boil", strength=1.0), MotionEffect(kind="rain")


@pytest.fixture
def planned(context: RunContext) -> RunContext:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    return context


def resolved(context: RunContext, *effects: MotionEffect, **changes: object) -> ResolvedShot:
    """Return the first shot with effects, with its plates made."""
    plan = context.library.shots()[0]
    options = plan.render_options.model_copy(update={"effects": effects})
    changed = plan.model_copy(update={"render_options": options, **changes})
    shot = ResolvedShot(next(shots_to_film(context, {}, [changed])))
    clean.make_cutouts(context, [shot])
    outpaint.make_plates(context, [shot])
    animate.make_motions(context, [shot])
    return shot


def arguments_of(context: RunContext, shot: ResolvedShot) -> dict[str, Any]:
    arguments = composite.scene_arguments(context, shot)
    assert arguments is not None
    return arguments


def key_of(context: RunContext, shot: ResolvedShot) -> str:
    (job,) = composite.jobs(context, shot) or []
    return job.key


def test_a_plan_without_effects_has_the_json_and_the_keys_of_before(planned: RunContext) -> None:
    plain = RenderOptions()
    assert "effects" not in plain.model_dump_json()
    assert RenderOptions.model_validate_json(plain.model_dump_json()) == plain
    assert "cadence" not in StyleSheet().model_dump_json()
    assert StyleSheet(cadence=3).model_dump()["cadence"] == 3
    shot = resolved(planned)
    assert "effects" not in arguments_of(planned, shot)
    same = planned.settings.model_copy(update={"style": StyleSheet(cadence=3)})
    key = key_of(planned, shot)
    planned.settings = same
    assert key_of(planned, shot) == key, "a cadence changes no shot without effects"


def test_effects_survive_json_and_change_the_key_of_their_shot(planned: RunContext) -> None:
    plan = resolved(planned, BOIL, MotionEffect(kind="impact", at=0.5, box=Box(1, 2, 3, 4))).shot.plan
    assert ShotPlan.model_validate_json(plan.model_dump_json()) == plan
    wanted = [(), (BOIL,), (RAIN,), (BOIL, RAIN), (RAIN.model_copy(update={"strength": 0.6}),)]
    keys = [key_of(planned, resolved(planned, *effects)) for effects in wanted]
    assert len(set(keys)) == len(keys)
    planned.settings = planned.settings.model_copy(update={"style": StyleSheet(cadence=3)})
    assert key_of(planned, resolved(planned, BOIL)) not in keys


def test_the_lettering_of_a_shot_is_equal_in_all_frames(planned: RunContext) -> None:
    hold = planned.library.shots()[0].camera[:1]
    shots = [resolved(planned, *effects, camera=hold) for effects in ((), (BOIL, RAIN))]
    plain, moving = (
        composite.frame_function(planned.library.artifacts, backend="camera", options={}, **arguments_of(planned, shot))
        for shot in shots
    )
    view, screen = hold[0].box, planned.settings.screen
    letters = shots[1].shot.balloons[0].box
    scale = screen.width / view.width
    x0, y0, x1, y1 = (round(v) for v in (
        (letters.x0 - view.x0) * scale, (letters.y0 - view.y0) * scale, (letters.x1 - view.x0) * scale,
        (letters.y1 - view.y0) * scale,
    ))  # fmt: skip
    changed = False
    for t in np.linspace(0, 1, 13):
        difference = plain(float(t)) != moving(float(t))
        assert not difference[max(0, y0) : y1, max(0, x0) : x1].any()
        changed |= bool(difference.any())
    assert changed


def test_effects_begin_with_their_panel_and_stay_out_of_others(planned: RunContext) -> None:
    shot = resolved(planned, RAIN, panels=("p0-0", "p0-1"), reveals=(0.0, 0.5))
    effects = arguments_of(planned, shot)["effects"]
    assert [start for _, start in effects["panels"]] == [
        0.0, pytest.approx(0.5 + composite.FADE_SECONDS / shot.shot.plan.seconds)
    ]  # fmt: skip
    assert [panel for panel, _ in effects["panels"]] == [panel.polygon for panel in shot.shot.panels]
    assert len(effects["held"]) == len(effects["kept_clear"]) == len(shot.shot.balloons)
    bare = resolved(planned, RAIN, panels=("p0-0",))
    cleaned = bare.shot.plan.render_options.model_copy(update={"clean": ("frame", "lettering")})
    gone = resolved(planned, **{"render_options": cleaned})
    assert arguments_of(planned, gone)["effects"]["held"] == [], "nothing is kept where the letters are gone"


@pytest.mark.parametrize("part", ["lettering", "balloons"])
def test_nothing_is_kept_clear_where_balloons_are_emptied_or_painted_over(planned: RunContext, part: Cleaned) -> None:
    options = RenderOptions(effects=(RAIN,))
    kept, gone = (
        resolved(planned, render_options=options.model_copy(update={"clean": clean})).shot
        for clean in (("frame",), ("frame", part))
    )
    assert kept.balloons == gone.balloons != ()
    for shot, count in ((kept, len(kept.balloons)), (gone, 0)):
        effects = motion_effects.effect_arguments(planned, shot, 0.3)
        assert effects is not None
        assert len(effects["held"]) == len(effects["kept_clear"]) == len(effects["lettering"]) == count
        assert len(composite.protected_regions(shot)) == count


def test_an_impact_shakes_the_view_from_its_moment_on_whatever_panel_it_names(planned: RunContext) -> None:
    second = resolved(planned, panels=("p0-0", "p0-1"), reveals=(0.0, 0.5)).shot.panels[1].box
    for place in (None, second, Box(-90, -90, -80, -80)):
        impact = MotionEffect(kind="impact", at=0.0, box=place)
        shot = resolved(planned, impact, panels=("p0-0", "p0-1"), reveals=(0.0, 0.5))
        hold, arguments = shot.shot.plan.camera[:1], arguments_of(planned, shot)
        motion = Motion(
            np.full((1, 90, 60, 3), 255, np.uint8), Box(0, 0, shot.shot.page.width, shot.shot.page.height), 1.0
        )
        (jolt,) = motion_effects.bind_effects(motion, hold, 4.0, planned.settings.screen, arguments["effects"])
        assert jolt.start == 0.0
        assert jolt.effect.view(hold[0].box, 0) != hold[0].box


def test_the_tone_of_a_panel_is_that_of_what_may_be_drawn_on(planned: RunContext) -> None:
    """A dark triangle with a large balloon, on white paper: all but a part of it is white, and its rain is light."""
    panel, balloon = ((0.0, 0.0), (640.0, 0.0), (0.0, 360.0)), geometry.box_polygon(Box(20, 20, 240, 180))
    arguments = arguments_of(planned, resolved(planned, RAIN))["effects"]
    arguments |= {"panels": [(panel, 0.0)], "held": [balloon], "kept_clear": [balloon], "lettering": []}
    page = np.full((360, 640, 3), 255, np.uint8)
    cv2.fillPoly(page, [np.array(panel, np.int32)], (40, 40, 40))
    page[20:180, 20:240] = 255
    assert page.mean() / 255 > 0.7
    screen, camera = VideoFormat(width=320, height=180), [CameraKey(t=0, box=Box(0, 0, 640, 360))]
    (rain,) = motion_effects.bind_effects(Motion(page[None], Box(0, 0, 640, 360), 1.0), camera, 4.0, screen, arguments)
    seen = np.ascontiguousarray(page[::2, ::2])
    drawn = rain.effect.draw(seen, camera[0].box, 10)
    assert (drawn != seen).any()
    assert (drawn >= seen).all()


class CountedFrames:
    """A moving plate that counts how often its first frame is made."""

    def __init__(self, picture: Image) -> None:
        self.picture = picture
        self.read = 0

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Image:
        self.read += 1
        return self.picture


def test_a_plate_is_made_once_for_all_effects_and_panels(planned: RunContext) -> None:
    arguments = arguments_of(planned, resolved(planned, RAIN, BOIL, panels=("p0-0", "p0-1"), reveals=(0.0, 0.5)))
    page = Box(0, 0, 640, 960)
    frames = CountedFrames(np.full((90, 60, 3), 255, np.uint8))
    motion = Motion(frames, page, 1.0)  # type: ignore[arg-type]
    bound = motion_effects.bind_effects(motion, arguments["camera"], 4.0, arguments["screen"], arguments["effects"])
    assert len(bound) == 4
    assert frames.read == 1


def test_an_effect_on_all_of_a_slanted_panel_is_not_in_the_panel_beside_it(planned: RunContext) -> None:
    left, right = ((0.0, 0.0), (380.0, 0.0), (240.0, 360.0), (0.0, 360.0)), ((400.0, 0.0), (640.0, 0.0), (260.0, 360.0))
    arguments = arguments_of(planned, resolved(planned, RAIN))["effects"]
    arguments |= {"panels": [(left, 0.0), (right, 0.5)], "held": [], "kept_clear": [], "lettering": []}
    motion = Motion(np.full((1, 90, 160, 3), 255, np.uint8), Box(0, 0, 640, 360), 1.0)
    camera, screen = [CameraKey(t=0, box=motion.box)], VideoFormat(width=320, height=180)
    for place, starts in ((geometry.bounding_box(right), [0.5]), (Box(200, 0, 600, 300), [0.0, 0.5])):
        arguments["wanted"] = [RAIN.model_copy(update={"box": place})]
        bound = motion_effects.bind_effects(motion, camera, 4.0, screen, arguments)
        assert [placed.start for placed in bound] == starts


def test_lettering_without_an_outline_keeps_some_space(planned: RunContext) -> None:
    shot = resolved(planned, RAIN)
    (outline,) = arguments_of(planned, shot)["effects"]["held"]
    box, around = shot.shot.balloons[0].box, geometry.bounding_box(outline)
    assert around.x0 < box.x0
    assert around.y1 > box.y1


def test_the_plain_page_has_no_effects(planned: RunContext) -> None:
    plan = resolved(planned, BOIL).shot.plan
    (fallback,) = shots_to_film(planned, {"attempts": {plan.id: 1}}, [plan])
    assert fallback.fallback
    assert fallback.plan.render_options.effects == ()


def film(root: Path, arguments: dict[str, Any], kill_at: int | None) -> None:
    """Film a shot in this process, and kill it when it has made so many frames."""
    if kill_at is not None:
        made = composite.frame_function

        def dying(*given: Any, **named: Any) -> Any:
            frame, count = made(*given, **named), [0]

            def counted(t: float) -> Any:
                count[0] += 1
                if count[0] > kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return frame(t)

            return counted

        composite.frame_function = dying
    composite.make(Artifacts(root), **arguments)


@pytest.mark.film
def test_a_shot_that_was_killed_while_it_was_filmed_has_the_same_bytes_afterwards(planned: RunContext) -> None:
    effects = (BOIL, RAIN, MotionEffect(kind="impact", at=0.3))
    (job,) = composite.jobs(planned, resolved(planned, *effects)) or []
    first = composite.make(planned.library.artifacts, **job.arguments).artifacts["segment"]
    process = multiprocessing.get_context("fork").Process(
        target=film, args=(planned.library.artifacts.root, job.arguments, 9)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    again = composite.make(planned.library.artifacts, **job.arguments).artifacts["segment"]
    assert again.sha256 == first.sha256
    data = planned.library.artifacts.open(again.sha256).read_bytes()
    assert hashlib.sha256(data).hexdigest() == first.sha256
    assert content_key("x", "", 1, effects=list(effects)) == content_key("x", "", 1, effects=list(effects))


def test_drops_are_not_the_artists_pixels_and_a_tremble_is(planned: RunContext) -> None:
    original = {}
    for name, effects in {"none": (), "boil": (BOIL,), "rain": (RAIN,)}.items():
        jobs = fidelity.fidelity_jobs(planned, resolved(planned, *effects)) or []
        assert ("drawing" in jobs[0].arguments) == (name != "none")
        facts = fidelity.make(planned.library.artifacts, **jobs[0].arguments).facts
        original[name] = float(str(facts["original"]))
        assert facts["generated"] == 0
    assert original["boil"] == original["none"]
    assert 0.005 < original["none"] - original["rain"] < 0.3


@pytest.mark.film
def test_a_jolt_and_a_sway_over_a_hold_are_no_faults_of_the_take(planned: RunContext) -> None:
    hold = planned.library.shots()[0].camera[:1]
    effects = MotionEffect(kind="impact", at=0.3, strength=1.0), MotionEffect(kind="sway", strength=1.0)
    shots = [resolved(planned, *some, camera=hold) for some in ((), effects)]
    composite.make_segments(planned, shots)
    plain, moving = ((review.jobs(planned, shot) or [])[0] for shot in shots)
    assert "unjudged" not in plain.arguments
    unaware = dict(moving.arguments, unjudged=())
    judged = review.make(planned.library.artifacts, **unaware).facts
    assert judged["drifting"] != 0
    facts = review.make(planned.library.artifacts, **moving.arguments).facts
    assert judged.keys() - facts.keys() == {"drifting", "jump"}, "what was not judged has no measure"
    verdict = judge_measures({name: float(str(value)) for name, value in facts.items()}, max_generated=1, max_drift=1)
    assert verdict.decision == "approve"


def test_effects_go_on_during_a_dissolve_and_all_else_rests(
    planned: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    filmed: list[FrameFunction] = []
    monkeypatch.setattr(composite, "encode_segment", lambda store, frame, *rest: filmed.append(frame))
    monkeypatch.setattr(film_pieces, "Made", lambda **facts: None)
    sides = [
        arguments_of(planned, resolved(planned, *effects)) | {"backend": "camera", "options": {}}
        for effects in ((), (RAIN,))
    ]
    screen, frames, store = planned.settings.screen, 12, planned.library.artifacts
    for before, after in (sides, reversed(sides)):
        film_pieces.make_dissolve(
            store, before=before, after=after, frames=frames, screen=screen, crf=18, preset="ultrafast"
        )
    into_rain, out_of_rain = ([frame(i / (frames - 1)) for i in range(frames)] for frame in filmed)
    rain = composite.frame_function(store, **sides[1])
    last = screen.frame_count(sides[1]["seconds"]) - 1
    assert (out_of_rain[0] == rain(1 + 1 / last)).all()
    assert (into_rain[-1] == rain(-1 / last)).all()
    assert (rain(1 + 1 / last) != rain(1 + 5 / last)).any(), "it falls"
    assert (into_rain[0] == composite.frame_function(store, **sides[0])(1.0)).all()
    assert (out_of_rain[-1] == composite.frame_function(store, **sides[0])(0.0)).all()
