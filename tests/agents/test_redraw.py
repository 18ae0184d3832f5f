"""Test films in which panels are redrawn: what changes, what stays, what is made again, and whose pixels they are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from agents import preflight
from agents.editing import grammar, revise, undo
from agents.estimates.cost_table import cost_rows
from agents.fallback_ladder import attempts_for, chosen_backends
from agents.graph import run_graph
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import composite
from storage.domain import Box, Made
from storage.settings import Backends
from tests.conftest import PANELS
from tools import png
from tools.plates import Image

pytestmark = pytest.mark.film
INVERTING = "tests.outside.Inverting"
"""A redrawer that inverts whatever it may change."""


@pytest.fixture
def drawn(context: RunContext) -> RunContext:
    """A film of two pages with an image editor, made before anything is redrawn."""
    choose(context, redraw=INVERTING)
    run_graph(context, {})
    return context


def choose(context: RunContext, **chosen: str) -> None:
    context.settings = context.settings.model_copy(update={"backends": Backends(**chosen), "max_drift": 1.0})
    context.library.set_settings(context.settings)


def say(context: RunContext, *lines: str) -> tuple[str, ...]:
    """Apply edits, and return the notes about them."""
    return revise.revise(context.library, [grammar.parse_line(line) for line in lines]).notes


def film_again(context: RunContext) -> Counter[str]:
    """Make the film, and return how many results each tool had to make."""
    before = context.library.last_event()
    state = run_graph(context, {})
    assert not state.get("not_filmed")
    return Counter(str(event.facts["tool"]) for event in context.library.events(after=before, kinds={"made"}))


def resolved(context: RunContext, name: str) -> ResolvedShot:
    shots = composite.resolve_shots(context, shots_to_film(context, {}))
    return next(shot for shot in shots if shot.shot.id == name)


def picture(context: RunContext, made: Made, name: str = "cutout") -> Image:
    return png.read_png(context.library.artifacts.open(made.artifacts[name].sha256))


def test_a_redrawn_shot_alone_is_filmed_again_and_undo_makes_nothing(drawn: RunContext) -> None:
    before = {shot.shot.id: shot.key for shot in composite.resolve_shots(drawn, shots_to_film(drawn, {}))}
    say(drawn, 'shot 2 redraw "close her eyes"')
    made = film_again(drawn)
    assert (made["redraw"], made["clean"], made["composite"]) == (1, 0, 1)
    after = {shot.shot.id: shot.key for shot in composite.resolve_shots(drawn, shots_to_film(drawn, {}))}
    assert {name for name in before if before[name] != after[name]} == {"s002"}
    undo.undo(drawn.library)
    drawn.round = None
    again = film_again(drawn)
    assert not {"redraw", "clean", "outpaint", "composite"} & set(again)
    assert resolved(drawn, "s002").key == before["s002"]


def test_balloons_and_letters_stay_and_all_else_is_the_models(drawn: RunContext) -> None:
    say(drawn, 'shot 1 redraw "make it night"')
    film_again(drawn)
    shot = resolved(drawn, "s001")
    (plain,), (changed,) = shot.complete("cutouts") or (), shot.complete("redrawn") or ()
    assert shot.cutouts == (changed,)
    was, now, mask = picture(drawn, plain), picture(drawn, changed), picture(drawn, changed, "redrawn")
    mask = mask[..., 0] if mask.ndim == 3 else mask
    box = Box(*changed.facts["box"])  # type: ignore[misc]
    balloon = shot.shot.balloons[0].box
    rows, columns = (
        slice(round(balloon.y0 - box.y0), round(balloon.y1 - box.y0)),
        slice(round(balloon.x0 - box.x0), round(balloon.x1 - box.x0)),
    )
    assert (now[rows, columns] == was[rows, columns]).all()
    assert not mask[rows, columns].any()
    drawing = was[..., 3] == 255
    assert (mask[drawing] > 0).mean() > 0.7
    assert (now[..., :3][mask > 0] == 255 - was[..., :3][mask > 0]).all()
    assert (now[..., :3][mask == 0] == was[..., :3][mask == 0]).all()


def test_a_place_bounds_what_changes_and_what_counts_as_generated(drawn: RunContext) -> None:
    panel = PANELS[1]
    place = Box(panel.x0, panel.y0, panel.center[0], panel.y1)
    shares = list[float]()
    for line in (f'shot 2 redraw "x" on box {",".join(f"{edge:g}" for edge in place)}', 'shot 2 redraw "x"'):
        say(drawn, line)
        film_again(drawn)
        shot = resolved(drawn, "s002")
        (made,) = shot.complete("redrawn") or ()
        mask, box = picture(drawn, made, "redrawn"), Box(*made.facts["box"])  # type: ignore[misc]
        if not shares:
            beyond = slice(round(place.x1 - box.x0) + 1, None)
            assert not mask[:, beyond].any()
        job = (fidelity.fidelity_jobs(drawn, shot) or [])[0]
        found = drawn.make("review", [job]).made[job.key]
        shares.append(fidelity.generated_share(found) or 0.0)
    assert 0.1 < shares[0] < shares[1]
    assert shares[1] == pytest.approx(2 * shares[0], rel=0.25)


def test_what_words_name_alone_changes_and_what_is_not_there_is_said(drawn: RunContext) -> None:
    choose(drawn, redraw=INVERTING, locate="tests.outside.FindingTop")
    say(drawn, 'shot 2 redraw "close them" on "the eyes"')
    made = film_again(drawn)
    assert (made["locate"], made["redraw"]) == (1, 1)
    shot = resolved(drawn, "s002")
    (changed,) = shot.complete("redrawn") or ()
    mask = picture(drawn, changed, "redrawn")
    assert mask[: len(mask) // 3].any()
    assert not mask[len(mask) // 3 :].any()
    say(drawn, 'shot 2 redraw "open them" on "the eyes"')
    made = film_again(drawn)
    assert (made["locate"], made["redraw"]) == (0, 1)  # the same place
    say(drawn, 'shot 2 redraw "close them" on "nowhere"')
    state = run_graph(drawn, {})
    assert set(state["not_redrawn"]) == {"s002"}
    assert not state.get("failures")
    shot = resolved(drawn, "s002")
    assert shot.jobs("redrawn") == ()
    assert shot.cutouts == shot.complete("cutouts")


def test_without_a_model_that_finds_things_the_drawing_stays(drawn: RunContext) -> None:
    say(drawn, 'shot 2 redraw "close them" on "the eyes"')
    assert set(run_graph(drawn, {})["not_redrawn"]) == {"s002"}
    assert resolved(drawn, "s002").jobs("redrawn") == ()


def test_a_limit_on_what_models_draw_leaves_the_original(drawn: RunContext) -> None:
    say(drawn, 'shot 2 redraw "x"', "shot 2 generated 0")
    film_again(drawn)
    shot = resolved(drawn, "s002")
    assert shot.shot.backends.redraw == Backends().redraw
    assert shot.jobs("redrawn") == ()


def test_a_shot_that_is_not_redrawn_has_no_more_attempts_than_without_an_editor(drawn: RunContext) -> None:
    plans = drawn.library.shots()
    assert chosen_backends(drawn, plans[0]).redraw == Backends().redraw
    assert len(attempts_for(drawn, plans[0])) == 2
    say(drawn, 'shot 1 redraw "x"')
    assert len(attempts_for(drawn, drawn.library.shots()[0])) > 2


def test_shots_of_several_panels_are_redrawn_panel_by_panel(drawn: RunContext) -> None:
    say(drawn, "shots 2-3 merge")
    names = [plan.id for plan in drawn.library.shots() if len(plan.panels) == 2]
    inner = PANELS[2]
    box = ",".join(f"{edge:g}" for edge in (inner.x0 + 10, inner.y0 + 10, inner.x1 - 10, inner.y1 - 10))
    say(drawn, f'{names[0].replace("s00", "shot ")} redraw "x" on box {box}')
    film_again(drawn)
    made = resolved(drawn, names[0]).complete("redrawn") or ()
    boxes = [Box(*one.facts["box"]) for one in made]  # type: ignore[misc]
    touched = ["redrawn" in one.artifacts and bool(np.any(picture(drawn, one, "redrawn"))) for one in made]
    inside = [abs(one.x0 - inner.x0) < 10 and abs(one.y0 - inner.y0) < 10 for one in boxes]
    assert len(made) == 2
    changed = [
        (picture(drawn, one)[..., :3] != picture(drawn, plain)[..., :3]).any()
        for one, plain in zip(made, resolved(drawn, names[0]).complete("cutouts") or (), strict=True)
    ]
    assert changed == inside
    assert any(touched)


def test_without_an_editor_the_edit_is_kept_and_said(context: RunContext) -> None:
    choose(context)
    run_graph(context, {})
    (note,) = say(context, 'shot 2 redraw "close her eyes"')
    assert "[redraw]" in note
    assert not {"redraw", "clean", "outpaint"} & set(film_again(context))
    assert context.library.shots()[1].render_options.redraw is not None
    preflight.refuse_settings(context.settings)


def test_the_estimate_counts_the_shots_that_are_redrawn(drawn: RunContext) -> None:
    def stages() -> list[str]:
        rows = cost_rows(drawn.settings, drawn.library, pages=0, plans=0, shots=8)
        return [row.stage for row in rows]

    assert "redraw" not in stages()
    say(drawn, 'shot 2 redraw "x"')
    assert "redraw" in stages()
