"""Test films whose faces speak: what is drawn, when which pixels move, what counts, and who stays as drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.editing import undo
from agents.estimates.cost_table import cost_rows
from agents.graph import run_graph
from agents.moving_faces import faces_to_move
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.sound.word_times import word_times
from agents.stages import composite
from storage.domain import Appearance, Box, CameraKey, Character, MotionEffect, Transcript, VideoFormat
from storage.settings import Backends
from storage.styles import StyleSheet
from tests.agents.test_redraw import film_again, resolved, say
from tests.conftest import transcript_of
from tools.video.camera_path import camera_at

pytestmark = pytest.mark.film
LIPPING = "tests.outside.Lipping"
HEAD = Box(230, 50, 350, 180)
"""Where Mika's head is in the first panel of the first page, in which she says a line."""


def with_mika(pages: int = 2) -> Transcript:
    """The chapter, whose first line Mika says; she is seen in two panels."""
    whole = transcript_of(pages)
    page = whole.pages[0]
    seen = (
        Appearance(id="a1", box=HEAD, character="mika", panel="p0-0"),
        Appearance(id="a2", box=Box(230, 240, 350, 400), character="mika", panel="p0-1"),
    )
    line = page.balloons[0].model_copy(update={"speaker": "mika"})
    mika = Character(id="mika", name="Mika", appearances=("a1", "a2"))
    first = page.model_copy(update={"balloons": (line,), "characters": seen})
    return whole.model_copy(update={"pages": (first, *whole.pages[1:]), "cast": (mika,)})


def choose(context: RunContext, style: StyleSheet | None = None, voice: str = "none", **chosen: str) -> None:
    changes = {"backends": Backends(**chosen), "max_drift": 1.0, "voice": voice, "style": style or StyleSheet()}
    context.settings = context.settings.model_copy(update=changes)
    context.library.set_settings(context.settings)


@pytest.fixture
def speaking(context: RunContext) -> RunContext:
    """A film in which Mika speaks with a voice, with an image editor, made before any face moves."""
    context.corrections = with_mika()
    choose(context, redraw=LIPPING, voice="tests.outside.Tones")
    run_graph(context, {})
    return context


def frames(arguments: dict[str, Any], context: RunContext, count: int) -> list[np.ndarray]:
    film = composite.frame_function(context.library.artifacts, backend="camera", options={}, **arguments)
    return [film(number / (count - 1)) for number in range(count)]


def moved_frames(context: RunContext, shot: ResolvedShot, **more: Any) -> dict[int, np.ndarray]:
    """Return where frames of a shot differ from those without moving faces, by the number of the frame."""
    arguments = composite.scene_arguments(context, shot)
    assert arguments is not None
    arguments |= more
    count = context.settings.screen.frame_count(shot.shot.plan.seconds)
    here = frames(arguments, context, count)
    plain = frames({name: value for name, value in arguments.items() if name != "faces"}, context, count)
    found = {number: (a != b).any(axis=2) for number, (a, b) in enumerate(zip(here, plain, strict=True))}
    return {number: differs for number, differs in found.items() if differs.any()}


def on_screen(context: RunContext, shot: ResolvedShot, place: Box, number: int, count: int, **more: Any) -> np.ndarray:
    """Return the mask of a place of the page in a frame, with three pixels of room for the camera's filter."""
    screen, plan = more.get("screen", context.settings.screen), shot.shot.plan
    view = camera_at(more.get("camera", plan.camera), number / (count - 1), plan.ease)
    scale = screen.width / view.width
    mask = np.zeros((screen.height, screen.width), bool)
    x0, x1 = ((edge - view.x0) * scale for edge in (place.x0, place.x1))
    y0, y1 = ((edge - view.y0) * scale for edge in (place.y0, place.y1))
    mask[max(0, int(y0) - 3) : max(0, int(y1) + 4), max(0, int(x0) - 3) : max(0, int(x1) + 4)] = True
    return mask


def test_a_mouth_moves_only_while_its_line_is_heard_and_nowhere_else(speaking: RunContext) -> None:
    before = resolved(speaking, "s001").key
    say(speaking, "shot 1 mouth on mika")
    made = film_again(speaking)
    assert (made["redraw"], made["composite"], made["outpaint"], made["clean"]) == (4, 1, 0, 0)
    shot = resolved(speaking, "s001")
    (face,) = shot.complete("faces") or ()
    assert face.facts["closed_refused"] == "too_little", "the artist's mouth is closed"
    mouth, eyes = (Box(*face.facts[f"{name}_box"]) for name in ("open", "blink"))  # type: ignore[misc]
    assert HEAD.y0 < eyes.y0 < eyes.y1 < mouth.y0 < mouth.y1 < HEAD.y1
    ((start, end),) = word_times(speaking, shot.shot)["t0-0"]
    assert end - start == pytest.approx(1.0)
    fps, moved = float(speaking.settings.screen.fps), moved_frames(speaking, shot)
    count = speaking.settings.screen.frame_count(shot.shot.plan.seconds)
    flapping = {}
    for number, differs in moved.items():
        at_mouth, at_eyes = (on_screen(speaking, shot, place, number, count) for place in (mouth, eyes))
        assert not differs[~(at_mouth | at_eyes)].any(), "nothing else changes in any frame"
        flapping[number] = bool(differs[at_mouth & ~at_eyes].any())
    open_at = [number for number, flaps in flapping.items() if flaps]
    assert 3 <= len(open_at) < (end - start) * fps
    assert start * fps <= min(open_at)
    assert max(open_at) + 1 <= end * fps
    job = (fidelity.fidelity_jobs(speaking, shot) or [])[0]
    share = fidelity.generated_share(speaking.make("review", [job]).made[job.key])
    assert share
    assert 0 < share < 0.03
    undo.undo(speaking.library)
    speaking.round = None
    assert not {"redraw", "composite"} & set(film_again(speaking))
    assert resolved(speaking, "s001").key == before


def test_with_effects_and_without_a_voice_a_mouth_moves_while_its_line_is_read(speaking: RunContext) -> None:
    say(speaking, "shot 1 mouth on mika", "shot 1 mute voice", "shot 1 effect boil", "shot 1 effect rain")
    film_again(speaking)
    shot = resolved(speaking, "s001")
    assert [type(one) for one in shot.shot.plan.render_options.effects] == [MotionEffect, MotionEffect]
    ((start, end),) = word_times(speaking, shot.shot)["t0-0"]
    (face,) = shot.complete("faces") or ()
    place, fps = Box(*face.facts["open_box"]), float(speaking.settings.screen.fps)  # type: ignore[misc]
    eyes = Box(*face.facts["blink_box"])  # type: ignore[misc]
    count = speaking.settings.screen.frame_count(shot.shot.plan.seconds)
    upright = VideoFormat(width=90, height=160, fps=12)
    push = [
        CameraKey(t=at, box=Box(x0, 20, x0 + wide, 20 + wide * 16 / 9))
        for at, x0, wide in ((0, 200, 160), (1, 240, 110))
    ]
    for more in ({}, {"screen": upright, "camera": push}):
        open_at = list[int]()
        for number, differs in moved_frames(speaking, shot, **more).items():
            mouth, blink = (on_screen(speaking, shot, one, number, count, **more) for one in (place, eyes))
            assert not differs[~(mouth | blink)].any()
            open_at += [number] if differs[mouth & ~blink].any() else []
        assert len(open_at) >= 3
        assert start * fps <= min(open_at)
        assert max(open_at) + 1 <= end * fps


def test_a_style_moves_the_mouths_of_all_who_speak_and_a_shot_may_refuse(speaking: RunContext) -> None:
    choose(speaking, StyleSheet(mouths=True), redraw=LIPPING, voice="tests.outside.Tones")
    assert film_again(speaking)["redraw"] == 4, "she speaks in one shot"
    rows = cost_rows(speaking.settings, speaking.library, pages=0, plans=0, shots=8)
    assert "redraw" in {row.stage for row in rows}
    assert [resolved(speaking, name).jobs("faces") == () for name in ("s001", "s002")] == [False, True]
    say(speaking, "shot 1 no mouth", "shot 2 mouth on mika")
    assert film_again(speaking)["redraw"] == 2, "where she says nothing her eyes alone are drawn"
    assert resolved(speaking, "s001").jobs("faces") == ()


def test_who_stays_as_drawn_is_said(context: RunContext) -> None:
    context.corrections = with_mika()
    choose(context, redraw="tests.outside.Inverting")
    run_graph(context, {})
    before = resolved(context, "s001").key
    say(context, "shot 1 mouth")
    assert set(run_graph(context, {})["not_redrawn"]) == {"s001"}
    shot = resolved(context, "s001")
    (face,) = shot.complete("faces") or ()
    assert {face.facts[f"{name}_refused"] for name in ("open", "closed", "blink")} == {"too_much"}
    assert float(str(face.facts["open_share"])) > 0.5
    assert shot.key == before, "it is filmed as it was drawn"
    for editor, animator in (("original", "still"), (LIPPING, "tests.outside.Swaying")):
        choose(context, redraw=editor, animate=animator)
        assert faces_to_move(context, resolved(context, "s001").shot) == ()
    choose(context, redraw=LIPPING)
    say(context, "shot 1 generated 0")
    assert set(run_graph(context, {})["not_redrawn"]) == {"s001"}
    assert resolved(context, "s001").key == before
