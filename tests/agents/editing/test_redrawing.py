"""Test the edit that changes a drawing by words: its place, its history, and how it follows a page that moves."""

from __future__ import annotations

import pytest

from agents.editing import SetRedraw, grammar, history, redrawing
from agents.editing.derived_edits import edits_between
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector
from agents.editing.storyboard import EditableStoryboard
from agents.editing.translation import translate_shot
from storage.domain import Box, ColorPlan, Redraw
from tests.agents.test_editing import board, edited, shot
from tools import geometry
from tools.reading.matching import PanelShift, ReadingMatch


def redraw_of(there: EditableStoryboard, number: str = "3") -> Redraw | None:
    return shot(there, number).render_options.redraw


def test_a_change_is_of_all_panels_or_of_a_place_in_them() -> None:
    panels = geometry.union_box(board().panels(shot(board(), "3")))
    assert redraw_of(edited('shot 3 redraw "close her eyes"')) == Redraw(prompt="close her eyes")
    there = edited('shot 3 redraw "a red scarf" on upper left')
    assert redraw_of(there) == Redraw(prompt="a red scarf", box=Box(panels.x0, panels.y0, *panels.center))
    assert redraw_of(edited('shot 3 redraw "make it night"', on=there)) == Redraw(prompt="make it night")
    assert edited("shot 3 no redraw", on=there) == board()


def test_quoted_words_are_a_character_of_the_book_or_what_a_model_finds() -> None:
    eyes = edited('shot 3 redraw "close them" on "the eyes"')
    assert redraw_of(eyes) == Redraw(prompt="close them", thing="the eyes")
    (edit,) = grammar.parse_lines('shot 3 redraw "x" on "old man"')
    assert edit == SetRedraw(which=ShotSelector.of("s003"), prompt="x", thing="old man")
    assert edit == SetRedraw(which=ShotSelector.of("s003"), prompt="x", character="old man")
    (derived,) = edits_between(board(), board().shots, eyes.shots)
    assert edited(grammar.format_edit(derived)) == eyes
    assert redrawing.describe_redraw(redraw_of(eyes)) == '"close them" on "the eyes"'


def test_a_place_outside_the_panels_is_refused() -> None:
    with pytest.raises(EditError) as refused:
        edited('shot 3 redraw "close her eyes" on box 0,0,1,1')
    assert (refused.value.kind, refused.value.shot) == ("not_in_picture", "s003")


def test_a_locked_shot_is_not_changed() -> None:
    there = edited("shot 3 lock")
    with pytest.raises(EditError):
        edited('shot 3 redraw "close her eyes"', on=there)


@pytest.mark.parametrize(
    ("lines", "prompt", "place"),
    [
        (('shot 2 redraw "a red scarf"',), "a red scarf", "2"),
        (('shot 3 redraw "a red scarf"',), "a red scarf", "3"),
        (('shots 2-3 redraw "a red scarf"',), "a red scarf", ""),
        (('shot 3 redraw "a red scarf" on upper left',), "a red scarf", "box"),
    ],
)
def test_merged_shots_are_changed_where_one_of_them_was(lines: tuple[str, ...], prompt: str, place: str) -> None:
    there = edited(*lines)
    redraw = redraw_of(edited("shots 2-3 merge", on=there), "2")
    assert redraw is not None
    assert redraw.prompt == prompt
    if place == "box":
        assert redraw == redraw_of(there)
    else:
        assert redraw.box == (geometry.union_box(there.panels(shot(there, place))) if place else None)


def test_merged_shots_are_changed_at_a_thing_in_the_panels_where_it_was_sought() -> None:
    there = edited('shot 3 redraw "close them" on "the eyes"')
    panels = geometry.union_box(there.panels(shot(there, "3")))
    merged = redraw_of(edited("shots 2-3 merge", on=there), "2")
    assert merged == Redraw(prompt="close them", thing="the eyes", box=panels)
    assert redrawing.redraw_edit(ShotSelector.of("s002"), merged).box == panels


@pytest.mark.parametrize(("changed", "between"), [("2,4", "3"), ("1,3", "2"), ("1,2", "3")])
def test_shots_around_one_that_is_unchanged_do_not_merge(changed: str, between: str) -> None:
    there = edited(f'shots {changed} redraw "make it night"')
    span = "2-4" if changed == "2,4" else "1-3"
    with pytest.raises(EditError) as refused:
        edited(f"shots {span} merge", on=there)
    assert (refused.value.kind, refused.value.shot) == ("redraw_reaches_over", f"s00{between}")
    whole = edited(f'shot {between} redraw "make it night"', f"shots {span} merge", on=there)
    assert redraw_of(whole, span[0]) == Redraw(prompt="make it night")


def test_shots_that_are_changed_in_unlike_ways_do_not_merge() -> None:
    there = edited('shot 2 redraw "a red scarf"', 'shot 3 redraw "make it night"')
    with pytest.raises(EditError) as refused:
        edited("shots 2-3 merge", on=there)
    assert (refused.value.kind, refused.value.shot) == ("several_redraws", "s003")
    assert redraw_of(edited("shot 3 no redraw", "shots 2-3 merge", on=there), "2")


def test_options_that_merged_shots_lose_are_named() -> None:
    there = edited("shot 3 generated 20%")
    assert len(edited("shots 2-3 merge", on=there).notes) == len(edited("shots 2-3 merge").notes) + 1


@pytest.mark.parametrize(
    "line",
    [
        'shot 3 redraw "close her eyes"',
        'shot 3 redraw "say \\"no\\"" on box 30,40,120,90',
        "shot 3 no redraw",
        'shot 3 redraw "x" on "the eyes"',
    ],
)
def test_a_line_is_written_as_it_is_read(line: str) -> None:
    (edit,) = grammar.parse_lines(line)
    assert grammar.format_edit(edit) == line


def test_what_nobody_logged_is_derived_from_the_plans() -> None:
    there = edited('shot 3 redraw "close her eyes" on left')
    for before, after in ((board(), there), (there, board())):
        (edit,) = edits_between(before, before.shots, after.shots)
        assert isinstance(edit, SetRedraw)
        assert edited(grammar.format_edit(edit), on=before) == after
    (change,) = history.differences(board().shots, there.shots)
    assert redrawing.describe_redraw(redraw_of(there)) in change.description


@pytest.mark.parametrize(
    ("line", "plan"),
    [
        ('shot 3 color "her scarf is red"', ColorPlan(mode="reference", prompt="her scarf is red")),
        ("shot 3 color on", ColorPlan(mode="reference")),
        ("shot 3 color none", ColorPlan(mode="bw")),
    ],
)
def test_grey_panels_are_coloured_or_not_and_as_the_film_again(line: str, plan: ColorPlan) -> None:
    there = edited(line)
    assert shot(there, "3").render_options.color == plan
    assert grammar.format_edit(grammar.parse_line(line)) == line
    (derived,) = edits_between(board(), board().shots, there.shots)
    assert edited(grammar.format_edit(derived)) == there
    assert edited("shot 3 color default", on=there) == board()
    assert len(history.differences(board().shots, there.shots)) == 1


def test_a_place_follows_its_panel() -> None:
    plan = shot(edited('shot 3 redraw "close her eyes" on left'), "3")
    redraw = plan.render_options.redraw
    assert redraw
    assert redraw.box
    shift = PanelShift(2.0, 10.0, 20.0)
    names = {name: name for name in (*plan.panels, *plan.balloons)}
    match = ReadingMatch(
        pages={plan.page: plan.page}, panels=names, balloons=names, page_of=dict.fromkeys(names, plan.page),
        shifts=dict.fromkeys(names, shift),
    )  # fmt: skip
    moved = translate_shot(plan, match)
    assert moved
    assert moved.render_options.redraw == redraw.model_copy(update={"box": shift.move(redraw.box)})
    assert redrawing.redraw_edit(ShotSelector.of("s003"), redraw).box == redraw.box
