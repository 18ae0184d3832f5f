"""Test that effects move the ground of panels in a film, and are refused where a cut is poor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from agents import graph
from agents.editing import grammar
from agents.editing.apply import apply_edits
from agents.editing.shot_status import read_only_context
from agents.editing.storyboard import EditableStoryboard
from agents.editing.warnings import ineffective_edit_notes
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import animate, cast, composite, ingest, layers, outpaint, read, storyboard
from storage.domain import (
    Appearance,
    Balloon,
    Box,
    Character,
    MotionEffect,
    PageTranscript,
    Panel,
    ShotPlan,
    Transcript,
    VideoFormat,
)
from storage.effects import EffectKind
from storage.library import Library
from storage.records import RevisionDraft
from storage.settings import Backends, Settings
from tests.conftest import SMALL, InProcessExecutor
from tests.tiny import checkpoint
from tests.tools import layers as drawn
from tools import png

PARALLAX, PAN = MotionEffect(kind="parallax", strength=1.0), MotionEffect(kind="background-pan", strength=1.0)


def transcript() -> Transcript:
    panel = Panel(id="p0-0", order=0, box=drawn.PANEL, polygon=drawn.panel_outline())
    line = Balloon(
        id="t0-0", order=0, box=Box(466, 84, 566, 114), panel="p0-0", text="Hello there.", language="en",
        outline=drawn.balloon_outline(),
    )  # fmt: skip
    person = Appearance(id="c0-0", box=drawn.SEED, character="mika", panel="p0-0")
    page = PageTranscript(
        index=0, image="1.png", width=drawn.WIDTH, height=drawn.HEIGHT, panels=(panel,), balloons=(line,),
        characters=(person,),
    )  # fmt: skip
    cast = (Character(id="mika", name="Mika", appearances=("c0-0",)),)
    return Transcript(order="ltr", backend="hand", pages=(page,), cast=cast)


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[RunContext]:
    """A project of one page with a figure that is known, planned but not filmed."""
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "1.png").write_bytes(png.encode_png(drawn.draw_page()))
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        settings = Settings(screen=SMALL, preset="ultrafast", crf=30)
        library.set_settings(settings)
        executor = InProcessExecutor(library.artifacts.root)
        context = RunContext(library, settings, executor, folder, transcript())
        for stage in (ingest, read, cast, storyboard):
            stage.run(context, {})
        yield context
        executor.close()


def with_effects(context: RunContext, *effects: MotionEffect, **changes: object) -> ShotPlan:
    plan = context.library.shots()[0]
    options = plan.render_options.model_copy(update={"effects": effects})
    return plan.model_copy(update={"render_options": options} | changes)


def resolved(context: RunContext, plan: ShotPlan) -> ResolvedShot:
    """Return a shot with everything made up to its planes."""
    shot = ResolvedShot(next(shots_to_film(context, {}, [plan])))
    for make in (layers_before, layers.make_planes):
        make(context, [shot])
    return shot


def layers_before(context: RunContext, shots: list[ResolvedShot]) -> None:
    from agents.stages import clean, upscale

    for make in (clean.make_cutouts, outpaint.make_plates, upscale.make_plates, animate.make_motions):
        make(context, shots)


def frames(context: RunContext, shot: ResolvedShot, times: tuple[float, ...]) -> list[np.ndarray]:
    arguments = composite.scene_arguments(context, shot)
    assert arguments is not None
    film = composite.frame_function(context.library.artifacts, backend="camera", options={}, **arguments)
    return [film(t).copy() for t in times]


def test_a_figure_that_the_reading_knows_is_cut_once_and_the_ground_moves_behind_it(planned: RunContext) -> None:
    shot = resolved(planned, with_effects(planned, PARALLAX))
    (made,) = shot.complete("planes") or ()
    assert "refused" not in made.facts
    assert layers.flat_reason(shot) == ""
    still = resolved(planned, with_effects(planned))
    assert still.jobs("planes") == ()
    times = (0.0, 0.3, 1.0)
    moved, plain = frames(planned, shot, times), frames(planned, still, times)
    assert all((a != b).any() for a, b in zip(moved, plain, strict=True))
    # another strength, camera or aspect cuts nothing again
    other = resolved(planned, with_effects(planned, PAN, seconds=3.0))
    assert [job.key for job in other.jobs("planes") or ()] == [job.key for job in shot.jobs("planes") or ()]


@pytest.mark.parametrize("kind", ["parallax", "background-pan"])
@pytest.mark.parametrize("aspect", [SMALL, VideoFormat(width=180, height=320, fps=12)])
def test_the_letters_are_the_same_in_every_frame(planned: RunContext, kind: EffectKind, aspect: VideoFormat) -> None:
    planned.settings = planned.settings.model_copy(update={"screen": aspect})
    storyboard.run(planned, {})
    hold = planned.library.shots()[0].camera[:1]
    options = with_effects(planned).render_options.model_copy(update={"lettering": "drawn"})
    moving = options.model_copy(update={"effects": (MotionEffect(kind=kind, strength=1.0),)})
    still = with_effects(planned, camera=hold, render_options=options)
    plan = still.model_copy(update={"render_options": moving})
    times = tuple(float(t) for t in np.linspace(0, 1, 7))
    moved, plain = (frames(planned, resolved(planned, one), times) for one in (plan, still))
    view, scale = hold[0].box, aspect.width / hold[0].box.width
    x0, y0, x1, y1 = (
        (drawn.BALLOON.x0 - view.x0) * scale, (drawn.BALLOON.y0 - view.y0) * scale,
        (drawn.BALLOON.x1 - view.x0) * scale, (drawn.BALLOON.y1 - view.y0) * scale,
    )  # fmt: skip
    height, width = np.mgrid[0 : aspect.height, 0 : aspect.width] + 0.5
    inside = ((width - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + ((height - (y0 + y1) / 2) / ((y1 - y0) / 2)) ** 2 < 0.9
    for a, b in zip(moved, plain, strict=True):
        assert (a[inside] == b[inside]).all()
    assert any((a != b).any() for a, b in zip(moved, plain, strict=True))


def test_a_poor_cut_is_refused_with_its_reason_and_the_shot_is_filmed_without(planned: RunContext) -> None:
    nobody = MotionEffect(kind="parallax", box=Box(40, 60, 180, 420))
    shot = resolved(planned, with_effects(planned, nobody))
    (made,) = shot.complete("planes") or ()
    assert made.facts["refused"] in layers.REASONS
    assert layers.flat_reason(shot) == layers.REASONS[made.facts["refused"]]  # type: ignore[index]
    assert layers.planes_of(shot) == {}
    still = resolved(planned, with_effects(planned))
    pairs = zip(frames(planned, shot, (0.0, 1.0)), frames(planned, still, (0.0, 1.0)), strict=True)
    assert all((a == b).all() for a, b in pairs)


def test_the_film_says_what_cuts_and_another_cutter_has_other_keys(planned: RunContext) -> None:
    plan, before = with_effects(planned, PARALLAX), planned.settings
    drawn_keys = [job.key for job in resolved(planned, plan).jobs("planes") or ()]
    options = {"layers.sam2": {"model": str(checkpoint("sam2")), "certain": 1.0}}
    try:
        planned.settings = before.model_copy(update={"backends": Backends(layers="sam2"), "options": options})
        shot = resolved(planned, plan)
        assert [job.key for job in shot.jobs("planes") or ()] != drawn_keys
        assert layers.flat_reason(shot) == layers.REASONS["uncertain"]
    finally:
        planned.settings = before


def test_a_shot_without_such_an_effect_has_the_keys_of_before(planned: RunContext) -> None:
    plan = with_effects(planned, MotionEffect(kind="boil"))
    shot = resolved(planned, plan)
    arguments = composite.scene_arguments(planned, shot)
    assert arguments is not None
    assert "planes" not in arguments["effects"]
    assert "ground" not in arguments["effects"]["versions"]
    assert "layers" not in planned.library.pages()[0].model_dump()


def test_what_is_filled_behind_a_figure_does_not_count_as_the_artist_s(planned: RunContext) -> None:
    shares = {}
    for name, effects in (("still", ()), ("moved", (PAN,))):
        shot = resolved(planned, with_effects(planned, *effects))
        job = (fidelity.fidelity_jobs(planned, shot) or [])[0]
        shares[name] = fidelity.make(planned.library.artifacts, **job.arguments).facts
    assert shares["moved"]["original"] < shares["still"]["original"]  # type: ignore[operator]
    assert shares["moved"]["continued"] > shares["still"]["continued"]  # type: ignore[operator]
    assert shares["moved"]["generated"] == 0


def board(context: RunContext) -> EditableStoryboard:
    found = context.library.transcript()
    assert found is not None
    return EditableStoryboard(context.library.shots(), found, context.settings.screen)


def edited(context: RunContext, *lines: str) -> EditableStoryboard:
    return apply_edits(board(context), [edit for line in lines for edit in grammar.parse_edits(line)])  # type: ignore[misc]


def test_a_ground_moves_in_one_way(planned: RunContext) -> None:
    one = edited(planned, "shot 1 effect parallax")
    two = edited(planned, "shot 1 effect parallax", "shot 1 effect background-pan")
    assert [effect.kind for effect in one.shots[0].render_options.effects] == ["parallax"]
    assert [effect.kind for effect in two.shots[0].render_options.effects] == ["background-pan"]
    on_her = edited(planned, "shot 1 effect parallax 80% on mika").shots[0].render_options.effects
    assert on_her == (MotionEffect(kind="parallax", strength=0.8, box=drawn.SEED),)
    assert edited(planned, "shot 1 effect parallax", "shot 1 no effects").shots == board(planned).shots


def test_an_edit_says_at_once_that_no_figure_is_known(planned: RunContext) -> None:
    edits = grammar.parse_edits("shot 1 effect parallax")
    assert ineffective_edit_notes(planned.library, edits, board(planned)) == []  # type: ignore[arg-type]
    found = planned.library.transcript()
    assert found is not None
    (page,) = found.pages
    planned.library.set_transcript(
        found.model_copy(update={"pages": (page.model_copy(update={"characters": ()}),), "cast": ()})
    )
    assert len(ineffective_edit_notes(planned.library, edits, board(planned))) == 1  # type: ignore[arg-type]
    by_hand = grammar.parse_edits("shot 1 effect parallax on box 30%,30%,70%,90%")
    assert ineffective_edit_notes(planned.library, by_hand, board(planned)) == []  # type: ignore[arg-type]


@pytest.mark.film
def test_a_film_says_which_shots_stay_flat_and_a_garbage_search_keeps_the_planes(planned: RunContext) -> None:
    library = planned.library
    for effect, flat in ((PARALLAX, False), (MotionEffect(kind="parallax", box=Box(40, 60, 180, 420)), True)):
        plans = (with_effects(planned, effect), *library.shots()[1:])
        library.add_branch(library.head().number, [RevisionDraft(plans, "", "hand", "moved")])  # type: ignore[union-attr]
        state = graph.run_stages(planned, since="clean", until="review")
        assert (library.shots()[0].id in state["not_layered"]) == flat
    made = Counter(str(event.facts["tool"]) for event in library.events(kinds={"made"}))
    assert made["layers"] == 2
    seen = read_only_context(library)
    shot = composite.resolve_shots(seen, shots_to_film(seen, {}))[0]
    assert shot.segment is not None
