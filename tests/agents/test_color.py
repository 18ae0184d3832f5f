"""Test films whose grey panels are coloured: whose tones they have, what is coloured once, and what stays grey."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agents.editing import grammar, revise, undo
from agents.estimates.cost_table import cost_rows
from agents.fallback_ladder import chosen_backends
from agents.graph import run_graph, run_stages
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import composite
from storage.domain import Box
from storage.settings import Backends
from tests.agents.test_redraw import film_again, picture, resolved, say
from tests.conftest import transcript_of
from tests.tools.drawings import page
from tools import png
from tools.pixels import is_grey, to_grey

pytestmark = pytest.mark.film
TINTING = "tests.outside.Tinting"
"""A colourist that paints everything in the mean colour of the first reference, orange without one."""


@pytest.fixture
def context(context: RunContext) -> RunContext:
    """A film of one page."""
    (context.source / "002.png").unlink()  # type: ignore[operator]
    return replace(context, corrections=transcript_of(1))


def choose(context: RunContext, color: str = "reference", **chosen: str) -> None:
    changes = {"backends": Backends(color=TINTING, **chosen), "max_drift": 1.0, "color": color}
    context.settings = context.settings.model_copy(update=changes)
    context.library.set_settings(context.settings)


def test_a_film_in_colours_keeps_the_artists_tones_and_all_that_follows_sees_the_colours(context: RunContext) -> None:
    choose(context, outpaint="tests.outside.Painting")
    film_again(context)
    shot = resolved(context, "s001")
    (plain,), (coloured,) = shot.complete("cutouts") or (), shot.complete("colored") or ()
    assert shot.cutouts == (coloured,)
    was, now = picture(context, plain), picture(context, coloured)
    assert (to_grey(now[..., :3]) == to_grey(was[..., :3])).all()
    assert (now[..., 3] == was[..., 3]).all()
    assert is_grey(was[..., :3])
    assert not is_grey(now[..., :3])
    assert "redrawn" not in coloured.artifacts or "redrawn" in plain.artifacts
    balloon, box = shot.shot.balloons[0].box, Box(*coloured.facts["box"])  # type: ignore[misc]
    rows = slice(round(balloon.y0 - box.y0), round(balloon.y1 - box.y0))
    columns = slice(round(balloon.x0 - box.x0), round(balloon.x1 - box.x0))
    assert (now[rows, columns] == was[rows, columns]).all()
    (plate,) = shot.plates or ()
    assert not is_grey(picture(context, plate, "plate"))
    made = fidelity.shares_of(_measured(context, shot))
    assert made is not None
    assert 0.01 < float(str(made.facts["coloured"])) <= float(str(made.facts["original"]))
    untouched = fidelity.generated_share(made)
    say(context, "shot 1 no color")
    film_again(context)
    grey = fidelity.shares_of(_measured(context, resolved(context, "s001")))
    assert grey is not None
    assert "coloured" not in grey.facts
    assert fidelity.generated_share(grey) == untouched


def test_a_shot_alone_is_coloured_by_words_and_undo_makes_nothing(context: RunContext) -> None:
    choose(context, "bw")
    run_graph(context, {})
    before = {shot.shot.id: shot.key for shot in composite.resolve_shots(context, shots_to_film(context, {}))}
    assert say(context, 'shot 2 color "her scarf is red"') == ()
    made = film_again(context)
    assert made["clean"] == 0
    assert made["composite"] == 1
    job = (resolved(context, "s002").jobs("colored") or ())[0]
    assert job.arguments["prompt"] == "her scarf is red"
    after = {shot.shot.id: shot.key for shot in composite.resolve_shots(context, shots_to_film(context, {}))}
    assert {name for name in before if before[name] != after[name]} == {"s002"}
    undo.undo(context.library)
    context.round = None
    assert not {"color", "clean", "outpaint", "composite"} & set(film_again(context))


def test_panels_of_one_character_are_coloured_after_one_portrait(context: RunContext, tmp_path: Path) -> None:
    choose(context)
    run_stages(context, until="storyboard")
    portrait = tmp_path / "mika.png"
    portrait.write_bytes(png.encode_png(page()[40:240, 40:240]))
    revise.revise(context.library, [grammar.parse_line(f'shots 1-2 refs "{portrait}"')])
    film_again(context)
    shots = [resolved(context, name) for name in ("s001", "s002")]
    (first,), (second,) = (shot.complete("colored_references") or () for shot in shots)
    assert first == second
    assert not is_grey(picture(context, first, "picture"))
    for shot in shots:
        job = (shot.jobs("colored") or ())[0]
        assert job.arguments["references"] == [(first.artifacts["picture"].sha256, None)]
        assert is_grey(picture(context, (shot.complete("cutouts") or ())[0])[..., :3])


def test_a_coloured_book_asks_no_model(context: RunContext) -> None:
    for file in sorted(context.source.iterdir()):  # type: ignore[union-attr]
        if file.suffix == ".png":
            grey = png.read_png(file)
            tinted = (grey[..., :3] * np.array([1.0, 0.8, 0.5])).astype(np.uint8)
            file.write_bytes(png.encode_png(tinted))
    choose(context)
    film_again(context)
    shot = resolved(context, "s001")
    assert shot.jobs("colored") == shot.jobs("colored_references") == ()
    assert shot.cutouts == shot.complete("cutouts")


def test_no_colour_where_models_may_draw_nothing_or_the_film_has_no_editor(context: RunContext) -> None:
    choose(context, "bw")
    run_graph(context, {})
    say(context, "shot 1 color on", "shot 1 generated 0", "shot 2 color on")
    plans = context.library.shots()
    assert [chosen_backends(context, plan).color for plan in plans[:2]] == [Backends().color, TINTING]
    assert [row.stage for row in cost_rows(context.settings, context.library, pages=0, plans=0, shots=8)] == ["color"]
    context.settings = context.settings.model_copy(update={"backends": Backends()})
    context.library.set_settings(context.settings)
    (note,) = say(context, "shot 3 color on")
    assert "[color]" in note
    assert set(run_graph(context, {})["not_redrawn"]) == {"s001", "s002", "s003"}


def _measured(context: RunContext, shot: ResolvedShot) -> ResolvedShot:
    fidelity.resolve_fidelity(context, [shot])
    context.make("review", fidelity.fidelity_jobs(context, shot) or [])
    fidelity.resolve_fidelity(context, [again := ResolvedShot(shot.shot)])
    return again
