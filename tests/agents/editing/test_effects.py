"""Test that effects are added, replaced, removed and described, and refused where they have no place."""

from __future__ import annotations

from typing import get_args

import pytest

from agents.editing import effects, grammar, history
from agents.editing.derived_edits import edits_between
from agents.editing.effects import MOST_EFFECTS
from agents.editing.refusals import EditError
from agents.editing.storyboard import EditableStoryboard
from storage.domain import Box, MotionEffect
from storage.effects import EffectKind
from tests.agents.test_editing import board, edited, shot
from tools import geometry
from tools.motion import fills_panel, load_effect


def effects_of(*lines: str, number: str = "3") -> tuple[MotionEffect, ...]:
    return shot(edited(*lines), number).render_options.effects


def test_an_effect_is_on_the_whole_panel_or_on_a_place() -> None:
    there = board()
    panels = geometry.union_box(there.panels(shot(there, "3")))
    page = there.page(shot(there, "3"))
    assert effects_of("shot 3 effect rain") == (MotionEffect(kind="rain"),)
    assert effects_of("shot 3 effect snow 80%") == (MotionEffect(kind="snow", strength=0.8),)
    (there_only,) = effects_of("shot 3 effect boil on upper left")
    assert there_only.box == Box(panels.x0, panels.y0, *panels.center)
    (box,) = [panel for panel in there.panels(shot(there, "3"))][:1]
    said = ",".join(f"{edge:g}" for edge in box)
    assert effects_of(f"shot 3 effect sway on box {said}")[0].box == box
    shares = ",".join(
        f"{100 * edge / side:.4f}%" for edge, side in zip(box, (page.width, page.height) * 2, strict=True)
    )
    assert effects_of(f"shot 3 effect sway on box {shares}")[0].box == pytest.approx(box, abs=0.01)


def test_an_effect_of_the_same_kind_and_place_is_replaced_and_all_are_removed() -> None:
    lines = ["shot 3 effect rain", "shot 3 effect boil", "shot 3 effect rain 0.9"]
    assert [(one.kind, one.strength) for one in effects_of(*lines)] == [("boil", 0.5), ("rain", 0.9)]
    assert len(effects_of("shot 3 effect boil on left", "shot 3 effect boil on right")) == 2
    assert edited(*lines, "shot 3 no effects") == board()


def test_an_impact_has_its_moment_in_the_shot() -> None:
    seconds = shot(board(), "3").seconds
    (hit,) = effects_of("shot 3 impact at 1.2")
    assert hit.at == pytest.approx(1.2 / seconds)
    assert effects_of("shot 3 impact")[0].at == 0.0
    assert len(effects_of("shot 3 impact at 0.5", "shot 3 impact at 1")) == 2


def moments_of(of: EditableStoryboard, number: str) -> list[float]:
    """Return the seconds of a shot at which impacts come."""
    plan = shot(of, number)
    return [effect.at * plan.seconds for effect in plan.render_options.effects if effect.at is not None]


@pytest.mark.parametrize("second", [0.0, 0.4, 1.9, 2.0, 2.6])
def test_an_impact_stays_in_the_half_of_a_split_shot_in_which_it_comes(second: float) -> None:
    there = edited("shot 3 seconds 4", "shot 3 effect rain", f"shot 3 impact at {second}")
    split = edited("shot 3 split at 2", on=there)
    was, early, late = shot(there, "3"), shot(split, "3"), shot(split, "3b")
    added = late.seconds - (was.seconds - 2)  # a rest before what was cut off, until its lines can be read
    early_hits, late_hits = moments_of(split, "3"), moments_of(split, "3b")
    frame = 1 / 24
    if second < 2:
        assert late_hits == []
        assert early_hits == pytest.approx([second * early.seconds / 2], abs=frame)
    else:
        assert early_hits == []
        assert late_hits == pytest.approx([second - 2 + added], abs=frame)
    assert all(one.render_options.effects[0] == MotionEffect(kind="rain") for one in (early, late))


def test_an_impact_comes_as_much_later_as_a_dissolve_takes() -> None:
    there = edited("shot 3 cut", "shot 3 impact at 0.5")
    later = edited("shot 3 dissolve", on=there)
    added = shot(later, "3").seconds - shot(there, "3").seconds
    assert added > 0.3
    assert moments_of(later, "3") == pytest.approx([0.5 + added], abs=1e-4)


def test_merged_shots_keep_their_effects_in_their_panels_and_at_their_moments() -> None:
    there = edited("shot 2 effect rain", "shot 2 impact at 0.5", "shot 3 effect sway 0.9", "shot 3 impact at 1")
    merged = edited("shots 2-3 merge", on=there)
    first, second, one = shot(there, "2"), shot(there, "3"), shot(merged, "2")
    page = {panel.id: panel for panel in there.page(first).panels}
    rain, hit, sway, later = one.render_options.effects
    for effect, where in ((rain, first), (sway, second)):
        (panel,) = where.panels
        assert effect.box == geometry.bounding_box(page[panel].polygon)
    assert hit.at is not None
    assert later.at is not None
    stretch = one.seconds / second.seconds
    assert stretch > 1
    assert hit.at * one.seconds == pytest.approx(0.5, abs=1 / 24)
    assert (1 - later.at) * one.seconds == pytest.approx(second.seconds - 1, abs=1 / 24)


def test_what_is_on_all_panels_of_merged_shots_stays_so() -> None:
    lines = "shots 2-3 effect rain", "shot 2 effect speed-lines", "shots 2-3 merge"
    assert effects_of(*lines, number="2") == (MotionEffect(kind="rain"), MotionEffect(kind="speed-lines"))


def test_only_kinds_that_fill_their_panel_look_at_their_place() -> None:
    kinds = get_args(EffectKind)
    assert tuple(kind for kind in kinds if fills_panel(load_effect(kind))) == effects.LOOKING


def test_an_impact_shakes_the_whole_view_wherever_it_is_said_to_be() -> None:
    for line in ("shot 3 effect shake on upper left", "shot 3 effect shake on box 10%,10%,50%,50%"):
        assert effects_of(line) == (MotionEffect(kind="impact", at=0.0),)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["shot 3 impact at 59"], "after_the_end"),
        (["shot 3 effect rain on box 0,0,1,1"], "not_in_picture"),
        ([f"shot 3 impact at 0.{at}" for at in range(MOST_EFFECTS + 1)], "too_many_effects"),
        (["shot 3 effect sway on nobody"], "not_seen"),
        (["shot 3 lock", "shot 3 effect rain"], "locked"),
    ],
)
def test_an_effect_without_a_place_is_refused(lines: list[str], kind: str) -> None:
    with pytest.raises(EditError) as refusal:
        edited(*lines)
    assert refusal.value.kind == kind


def test_every_effect_is_written_as_it_is_read() -> None:
    for line in (
        "shot 3 effect rain", "shot 3 effect snow 0.8", "shot 3 effect boil on box 10%,20%,40%,50%",
        'shot 3 effect sway on "Mika Sato"', "shot 3 effect petals on upper left", "shot 3 impact at 1.2",
        "shot 3 impact 0.9 at 0.4", "shot 3 impact", "shot 3 no effects", "shot 3 effect speed-lines on center",
    ):  # fmt: skip
        assert grammar.format_edit(grammar.parse_line(line)) == line


def test_effects_are_described_and_told_in_the_history() -> None:
    lines = "shot 3 effect rain", "shot 3 effect boil 1 on left", "shot 3 impact at 1"
    after = edited(*lines)
    rain, boil, impact = effects.describe_effects(shot(after, "3")).split("; ")
    assert rain == "rain 50%"
    assert boil.startswith("boil 100% on box ")
    assert impact == "impact 50% at 1.0 s"
    for before, now in ((board(), after), (after, board())):
        (change,) = history.differences(before.shots, now.shots)
        assert "effects" in change.description
        assert "rain 50%" in change.description


def test_a_balloon_can_pop_in_the_words_of_both_languages() -> None:
    for line in ("shot 3 lettering pop", "shot 3 lettering pops", "shot 3 文字 ポップ"):
        assert shot(edited(line), "3").render_options.lettering == "pop"
    assert grammar.format_edit(grammar.parse_line("shot 3 lettering pop")) == "shot 3 lettering pop"


def test_lettering_that_is_drawn_and_timed_is_told_in_the_history() -> None:
    timed, drawn = edited("shot 3 lettering timed"), edited("shot 3 lettering drawn")
    for before, now, word in ((timed, drawn, "-> drawn"), (drawn, timed, "-> timed")):
        (change,) = history.differences(before.shots, now.shots)
        assert change.description == f"render options: lettering {'timed' if word == '-> drawn' else 'drawn'} {word}"


def test_effects_that_nobody_logged_become_edits() -> None:
    there, after = board(), edited("shot 3 effect rain 0.7", "shot 3 impact at 1", "shot 3 effect boil on left")
    derived = list(edits_between(there, there.shots, after.shots))
    assert [edit.do for edit in derived] == ["effect", "effect", "effect"]
    again = edited(*map(grammar.format_edit, derived))
    assert [(one.kind, one.strength) for one in shot(again, "3").render_options.effects] == [
        (one.kind, one.strength) for one in shot(after, "3").render_options.effects
    ]
    assert [edit.do for edit in edits_between(after, after.shots, there.shots)] == ["no effects"]


@pytest.mark.parametrize(
    ("word", "kind"), {"water": "water", "waves": "water", "波": "water", "smoke": "smoke", "煙": "smoke"}.items()
)
def test_water_and_smoke_have_names_in_both_languages(word: str, kind: EffectKind) -> None:
    assert effects_of(f"shot 3 effect {word}") == (MotionEffect(kind=kind),)
