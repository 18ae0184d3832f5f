"""Test the edits of what a drawing comes to: moments, panels, history, and cutting, merging and reading again."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agents.corrections.errors import GrammarError
from agents.editing import ClearPoses, SetPose, grammar, history, poses
from agents.editing.derived_edits import edits_between
from agents.editing.refusals import EditError
from agents.editing.storyboard import EditableStoryboard
from agents.editing.translation import translate_shot
from storage.domain import KeyPose
from tests.agents.test_editing import board, edited, refusal_of, shot
from tools.reading.matching import UNMOVED, ReadingMatch

NEAR = "shot 2"
"""A shot whose panel has a neighbour of the same shape."""


def poses_of(there: EditableStoryboard, number: str = "2") -> tuple[KeyPose, ...]:
    return shot(there, number).render_options.key_poses


def test_poses_stand_in_order_and_replace_each_other_at_one_moment() -> None:
    seconds = shot(board(), "2").seconds
    there = edited(f'{NEAR} end "her arm is down"', f'{NEAR} pose "half down" at {seconds / 2}')
    assert poses_of(there) == (KeyPose(at=0.5, prompt="half down"), KeyPose(prompt="her arm is down"))
    again = edited(f'{NEAR} end "she sits"', on=there)
    assert [pose.prompt for pose in poses_of(again)] == ["half down", "she sits"]
    assert edited(f"{NEAR} no poses", on=again) == board()


def test_a_panel_of_the_page_is_an_end_where_its_shape_is_alike() -> None:
    (pose,) = poses_of(edited(f"{NEAR} end panel 3"))
    assert pose.panel == shot(board(), "3").panels[0]
    assert refusal_of(f"{NEAR} end panel 1").kind == "unlike_panel"
    assert {refusal_of(f"{NEAR} end panel {number}").kind for number in (2, 9)} == {"unknown_panel"}
    merged = edited("shots 2-3 merge")
    assert refusal_of(f"{NEAR} end panel 4", on=merged).kind == "unlike_panel"


def test_moments_after_the_end_and_locked_shots_are_refused() -> None:
    assert refusal_of(f'{NEAR} pose "x" at 59').kind == "after_the_end"
    with pytest.raises(EditError):
        edited(f'{NEAR} end "x"', on=edited(f"{NEAR} lock"))
    with pytest.raises(GrammarError):
        grammar.parse_line(f"{NEAR} end")
    with pytest.raises(ValidationError):
        SetPose.model_validate({"which": NEAR, "do": "pose"})


def test_a_split_shot_keeps_each_pose_in_its_part_and_a_merge_brings_them_back() -> None:
    there = edited(f"{NEAR} seconds 6", f'{NEAR} end "down"', f'{NEAR} pose "half" at 1.5')
    parts = edited(f"{NEAR} split at 3", on=there)
    (early,), (late,) = poses_of(parts), poses_of(parts, "2b")
    assert (early.prompt, late.prompt, late.at) == ("half", "down", 1.0)
    assert early.at == pytest.approx(0.5, abs=0.05)
    joined = poses_of(edited("shots 2-2b merge", on=parts))
    assert [pose.prompt for pose in joined] == ["half", "down"]
    other = edited("shots 2-3 merge", on=there)
    assert not poses_of(other)
    assert other.notes


def test_what_nobody_logged_is_derived_from_the_plans() -> None:
    plain = edited(f"{NEAR} seconds 6")
    there = edited(f"{NEAR} end panel 3", f'{NEAR} pose "half" at 3', on=plain)
    for before, after in ((plain, there), (there, plain)):
        edits = list(edits_between(before, before.shots, after.shots))
        assert {type(edit) for edit in edits} == ({SetPose} if after is there else {ClearPoses})
        assert edited(*map(grammar.format_edit, edits), on=before) == after
    (change,) = history.differences(plain.shots, there.shots)
    assert poses.describe_poses(shot(there, "2")) in change.description


def test_a_panel_that_was_read_again_keeps_its_pose_and_one_that_is_gone_loses_it() -> None:
    plan = shot(edited(f"{NEAR} end panel 3"), "2")
    (pose,) = plan.render_options.key_poses
    names = {name: name for name in (*plan.panels, *plan.balloons)}

    def read_again(panels: dict[str, str]) -> tuple[KeyPose, ...]:
        match = ReadingMatch(
            pages={plan.page: plan.page}, panels=panels, balloons=names, page_of=dict.fromkeys(panels.values(), 0),
            shifts=dict.fromkeys(panels, UNMOVED),
        )  # fmt: skip
        translated = translate_shot(plan, match)
        assert translated
        return translated.render_options.key_poses

    assert read_again({**names, pose.panel: "new"}) == (KeyPose(panel="new"),)
    assert read_again(names) == ()
