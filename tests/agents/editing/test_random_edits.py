"""Test that no row of random edits breaks the rules of a plan, and that each is written as it is read."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from agents.editing import Place, grammar, selectors
from agents.editing.apply import apply_edit
from agents.editing.storyboard import EditableStoryboard
from agents.planning.validation import violations
from storage.errors import SettingsError
from tests.agents.test_editing import board, changed_ids, plan


def any_edit(luck: random.Random, names: list[str]) -> str:
    """Return a random line, which may be impossible."""
    one = selectors.short_name(luck.choice(names))
    other = selectors.short_name(luck.choice(names))
    who = luck.choice([f"shot {one}"] * 5 + ["page 1", "page 2", "all close-ups", "film", f"shots {one} and {other}"])
    return luck.choice(
        [
            f"{who} slower", f"{who} faster", f"shot {one} seconds {luck.uniform(1, 8):.1f}", f"{who} closer",
            f"{who} wider", f"shot {one} on {luck.choice(get_args(Place))}", f"shot {one} on balloon 1", f"{who} hold",
            f"shot {one} push in", f"shot {one} pan left", f"shot {one} tilt down", f"shot {one} dissolve",
            f"shot {one} cut", f"shot {one} split", f"shots {one} and {other} merge", f"shots {one} and {other} swap",
            f"shot {one} after {other}", f"shot {one} drop", f"shot {one} restore", f"shot {one} lock", f"{who} unlock",
            f"shot {one} drop balloon 1", f"shot {one} read balloon 1", f"shot {one} ground blur",
            f"shot {one} clean frame", f"film style {luck.choice(['calm', 'brisk', 'still'])}",
            f"film aspect {luck.choice(['9:16', '1:1', '16:9'])}", f'shot {one} prompt "a; b"', f"shot {one} seed next",
            f"shot {one} refs s{int(selectors.full_name(other)[1:4]):03d}, mika", f"{who} refs none",
            f"shot {one} take 1",
            f"shot {one} generated {luck.choice(['0.25', '40%', 'default'])}",
            f"shot {one} lines {luck.choice(['on', 'off'])}", f"{who} effect rain", f"shot {one} impact at 0.4",
            f"{who} {luck.choice(['', 'voice ', 'music '])}{luck.choice(['louder', 'quieter by 2.5', 'much quieter'])}",
            f"{who} {luck.choice(['volume', 'effects'])} {luck.randint(-60, 24):+d}", f"{who} mute ambience",
            f"{who} unmute", f"shot {one} sound thunder at {luck.uniform(0, 2):.2f} for 2 s -6 dB",
            f"shot {one} sound hit with balloon 1", f"{who} sound bell", f"{who} sound none", f"{who} place sea",
            f"{who} music {luck.choice(['sad', 'none', 'auto'])}",
        ]
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_row_of_edits_breaks_the_promise_however_they_are_said(seed: int) -> None:
    luck, there, done = random.Random(seed), board(), 0
    names = [one.id for one in there.shots]
    for _ in range(80):
        edit = plan(any_edit(luck, [*names, *(one.id for one in there.shots)]))
        try:
            after = apply_edit(there, edit)
        except SettingsError:
            continue
        as_data, as_words = (
            grammar.edit_from_data(edit.model_dump(mode="json")),
            grammar.parse_line(grammar.format_edit(edit)),
        )
        assert as_data == as_words == edit
        meant = {one.id for one in there.select(edit.which)} if edit.do not in ("style", "aspect", "restore") else set()  # type: ignore[union-attr]
        sound(there, after)
        if meant and edit.do not in ("split", "merge shots", "move shot", "swap shots"):
            assert changed_ids(there, after) <= meant, grammar.format_edit(edit)
        there, done = after, done + 1
    assert done > 20


def sound(before: EditableStoryboard, after: EditableStoryboard) -> None:
    """Check what every reader of a storyboard relies on; the pages need not be covered, as people may drop shots."""
    assert [one.ordinal for one in after.shots] == list(range(len(after.shots)))
    assert len({one.id for one in after.shots}) == len(after.shots)
    found = violations(after.shots, after.transcript, after.screen)
    about = [one for one in found if one.shot and one.kind not in ("reveal_order", "balloon_order")]
    known = {one.id for one in before.shots if before.faults(one)}
    assert not [one for one in about if one.shot not in known], about
