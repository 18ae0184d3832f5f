"""Test the edits of whose mouths move: who may be named, history, undo by other edits, and merging and splitting."""

from __future__ import annotations

import pytest

from agents.editing import grammar, history
from agents.editing.derived_edits import edits_between
from agents.editing.mouth_edit import SetMouths
from agents.editing.mouths import Mouths, join_mouths
from agents.editing.refusals import EditError
from agents.editing.storyboard import EditableStoryboard
from tests.agents.test_editing import board, edited, refusal_of, shot


def mouths_of(there: EditableStoryboard, number: str) -> Mouths:
    return shot(there, number).render_options.mouths


def speaking() -> str:
    """Return the number of the shot in which Mika speaks and is seen."""
    return next(one.id.lstrip("s0") for one in board().shots if "t0-2" in one.balloons)


def test_a_character_is_added_and_all_who_speak_are_found() -> None:
    number = speaking()
    there = edited(f"shot {number} mouth")
    assert mouths_of(there, number) == ("mika",)
    assert edited(f"shot {number} mouth on Mika") == there
    assert mouths_of(edited(f"shot {number} no mouth", on=there), number) == ()
    assert refusal_of(f"shot {number} mouth on kid").kind == "not_seen"
    whole = edited("all shots mouth")
    chosen = {one.id: one.render_options.mouths for one in whole.shots}
    assert [names for names in chosen.values() if names is not None] == [("kid",), ("mika",)]
    assert chosen[shot(there, number).id] == ("mika",)
    silent = next(one.id.lstrip("s0") for one in board().shots if not one.balloons)
    assert refusal_of(f"shot {silent} mouth").kind == "not_seen"
    with pytest.raises(EditError):
        edited(f"shot {number} mouth", on=edited(f"shot {number} lock"))


@pytest.mark.parametrize(
    "line", ["shot 7 mouth", 'shot 7 mouth on "old man"', "shot 7 mouth on mika", "shot 7 no mouth"]
)
def test_lines_are_written_as_they_are_read(line: str) -> None:
    assert grammar.format_edit(grammar.parse_line(line)) == line
    assert [type(grammar.parse_line(said)) for said in ("ショット7 口パク", "shot 7 lip flap on mika")] == [
        SetMouths
    ] * 2


def test_parts_of_a_shot_keep_their_mouths_and_merged_shots_join_them() -> None:
    number = speaking()
    there = edited(f"shot {number} mouth", f"shot {number} seconds 8")
    parts = edited(f"shot {number} split", on=there)
    assert [mouths_of(parts, name) for name in (number, f"{number}b")] == [("mika",)] * 2
    quiet = edited(f"shot {number}b no mouth", on=parts)
    assert mouths_of(edited(f"shots {number}-{number}b merge", on=quiet), number) == ("mika",)
    assert join_mouths(board().shots[:2]) is None


def test_edits_between_two_states_and_their_history_say_it() -> None:
    number = speaking()
    before, after = board(), edited(f"shot {number} mouth")
    for old, new in ((before, after), (after, edited(f"shot {number} no mouth", on=after))):
        page = [one for one in old.shots if one.page == 0], [one for one in new.shots if one.page == 0]
        (edit,) = edits_between(old, *page)
        assert isinstance(edit, SetMouths)
        assert mouths_of(edited(grammar.format_edit(edit), on=old), number) == mouths_of(new, number)
        assert history._describe_render_options(shot(old, number), shot(new, number))
