"""Test films whose drawings come to key poses: what is made, what is seen, what counts, and who cannot."""

from __future__ import annotations

import numpy as np
import pytest

from agents import key_poses
from agents.editing import undo
from agents.estimates.cost_table import cost_rows
from agents.graph import run_graph
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from storage.domain import Box, Made
from tests.agents.test_redraw import INVERTING, choose, film_again, resolved, say
from tests.conftest import draw_page
from tools import png
from tools.measuring.fidelity import measure_drift
from tools.plates import Image
from tools.video import lossless

pytestmark = pytest.mark.film
POSING = "tests.outside.Posing"


@pytest.fixture
def moving(context: RunContext) -> RunContext:
    """A film with an image editor and an animator that takes key pictures, made before anything comes to one."""
    choose(context, redraw=INVERTING, animate=POSING)
    run_graph(context, {})
    return context


def frames_of(context: RunContext, shot: ResolvedShot) -> tuple[Image, list[int]]:
    (made,) = shot.motions or ()
    keys = made.facts.get("keys")
    frames = np.stack(list(lossless.read_lossless(context.library.artifacts.open(made.artifacts["motion"].sha256))))
    return frames, [round(number) for number in keys] if isinstance(keys, list) else []


def plate_of(context: RunContext, made: Made) -> Image:
    return png.read_png(context.library.artifacts.open(made.artifacts["plate"].sha256))


def test_a_shot_ends_on_what_an_editor_drew_and_undo_makes_nothing(moving: RunContext) -> None:
    before = resolved(moving, "s002").key
    say(moving, 'shot 2 end "she lowers her arm"')
    made = film_again(moving)
    assert (made["redraw"], made["animate"], made["composite"], made["clean"], made["outpaint"]) == (1, 1, 1, 0, 0)
    shot = resolved(moving, "s002")
    frames, keys = frames_of(moving, shot)
    plate, end = plate_of(moving, (shot.plates or ())[0]), len(frames) - 1
    assert keys == [0, end - 1, end]
    assert (frames[0] == plate).all()
    changed = (frames[end] != plate).any(axis=2)
    assert changed.any()
    assert (frames[end][changed] == 255 - plate[changed]).all(), "what the editor drew, and the plate around it"
    moment = (fidelity.fidelity_jobs(moving, shot) or [])[0]
    share = fidelity.generated_share(moving.make("review", [moment]).made[moment.key])
    assert share
    assert share > 0.3
    assert (fidelity.fidelity_jobs(moving, shot) or [])[1].arguments["keys"] == keys
    rows = cost_rows(moving.settings, moving.library, pages=0, plans=0, shots=8)
    assert "redraw" in {row.stage for row in rows}
    undo.undo(moving.library)
    moving.round = None
    assert not {"redraw", "animate", "composite"} & set(film_again(moving))
    assert resolved(moving, "s002").key == before


def test_a_shot_ends_as_another_panel_without_an_editor(moving: RunContext) -> None:
    say(moving, "shot 2 end panel 3")
    assert "redraw" not in {row.stage for row in cost_rows(moving.settings, moving.library, pages=0, plans=0, shots=8)}
    made = film_again(moving)
    assert (made["redraw"], made["clean"], made["animate"]) == (1, 1, 1)
    shot = resolved(moving, "s002")
    (pose,) = shot.complete("poses") or ()
    frames, keys = frames_of(moving, shot)
    box = Box(*pose.facts["box"])  # type: ignore[misc]
    plate = (shot.plates or ())[0]
    field = Box(*plate.facts["box"])  # type: ignore[misc]
    cut = png.read_png(moving.library.artifacts.open(pose.artifacts["cutout"].sha256))
    y, x = round(box.y0 - field.y0) + 90, round(box.x0 - field.x0) + 60
    assert (frames[keys[-1]][y : y + 40, x : x + 40] == cut[90:130, 60:100, :3]).all()
    assert (frames[0][y : y + 40, x : x + 40] != cut[90:130, 60:100, :3]).any()


def test_who_cannot_come_to_a_pose_is_named_and_films_as_before(context: RunContext) -> None:
    choose(context, animate="tests.outside.Swaying", redraw=INVERTING)
    run_graph(context, {})
    before = resolved(context, "s002").key
    assert say(context, 'shot 2 end "x"'), "said when it is asked for"
    assert set(run_graph(context, {}).get("unmet_poses", {})) == {"s002"}, "and when it is filmed"
    assert resolved(context, "s002").key == before
    for animator, editor, reason in (
        ("tests.outside.Swaying", INVERTING, "no_key_frames"),
        ("still", INVERTING, "no_model"),
        (POSING, "original", "no_editor"),
        (POSING, INVERTING, None),
    ):
        choose(context, redraw=editor, animate=animator)
        shot = next(one for one in shots_to_film(context, {}) if one.id == "s002")
        (pose,) = shot.plan.render_options.key_poses
        assert key_poses.unmet_reason(context, shot, pose) == reason
    say(context, "shot 2 generated 0")
    shot = next(one for one in shots_to_film(context, {}) if one.id == "s002")
    assert key_poses.unmet_reason(context, shot, pose) == "no_model", "what is generated has a limit"


def test_drift_is_measured_from_the_nearest_key_picture() -> None:
    day, night = draw_page(1)[20:200, 20:380], 255 - draw_page(1)[20:200, 20:380]
    frames = [day] * 5 + [night] * 5
    assert max(fidelity._measure_between_keys(frames, [0, 9]).values()) == pytest.approx(0, abs=0.02)
    assert measure_drift(frames, day)["drift"] > 0.3
