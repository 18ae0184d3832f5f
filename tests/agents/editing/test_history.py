"""Test that the history describes what each revision changed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.editing import grammar, history, revise, undo
from agents.editing.shot_status import read_only_context
from main import main
from storage.errors import ProjectError
from storage.library import Library
from tests.agents.test_editing import board, edited


def change_words(*lines: str) -> dict[str, str]:
    """Return the description of each change that the edits make, by shot id."""
    before = board()
    return {
        difference.name: difference.description
        for difference in history.differences(before.shots, edited(*lines).shots)
    }


def test_a_change_is_said_in_words() -> None:
    assert change_words("shot 3 seed 0") == {}
    assert change_words("shot 3 seconds 5")["s003"].endswith("-> 5.0 s")
    assert change_words("shot 3 push in")["s003"].startswith("camera: ")
    assert change_words("shot 3 drop") == {"s003": "left out"}
    assert change_words("shots 2 and 3 swap") == {
        "s003": "another place in the film",
        "s002": "another place in the film",
    }
    assert change_words("shot 3 lock") == {"s003": "locked: no -> yes"}
    assert change_words("shot 3 clean lettering") == {"s003": "render options: clean frame slivers -> lettering"}
    assert change_words("shot 3 ground blur") == {"s003": "render options: outpaint fill page -> blur"}
    assert change_words("shot 3 seed 7") == {"s003": "seed: 0 -> 7"}
    assert set(change_words("shot 1 split")) == {"s001", "s001b"}


def test_the_history_of_a_shot_says_who_why_and_which_take(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [grammar.parse_line("shot 3 slower")], author="chat", message="too short")
    undo.undo(folder)
    revise.revise(folder, [grammar.parse_line("shot 2 slower")])
    with Library.open(folder, readonly=True) as library:
        first, second = history.shot_history(library, "3")
        plan = library.shots(1)[2]
        assert (first.step.revision.number, first.who, first.why) == (1, "director (rules)", plan.reason)
        assert first.what.startswith("planned: ")
        assert first.take
        assert first.take.number == 1
        assert (second.step.revision.number, second.step.in_force, second.step.edit_lines) == (
            2, False, ("shot 3 slower",)
        )  # fmt: skip
        assert (second.who, second.why, second.take) == ("chat", "too short", None)
        assert second.what.startswith(f"{plan.seconds:.1f} s -> ")
        assert [one.step.revision.number for one in history.shot_history(library, "1")] == [1]
        context = read_only_context(library)
        take = history.take_of_plan(context, library.shot("s003"))
        assert take
        assert take.number == 1
        assert history.take_of_plan(context, library.shot("s002")) is None
        with pytest.raises(ProjectError, match="no shot 77"):
            history.shot_history(library, "77")


def test_corrections_of_the_reading_are_in_the_history(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = filmed / "chapter.komadori"
    fix = 'page 1 text 1 "hello there, this is a good deal longer than it was"'
    revise.revise(folder, [grammar.parse_line(fix)], author="hand", message=fix)
    with Library.open(folder, readonly=True) as library:
        last = history.shot_history(library, "1")[-1]
        assert (last.step.revision.author, last.why) == ("director", fix)
        first, second = history.correction_steps(library)  # the pages were given by hand to begin with
        assert (second[0].message, first[1], second[1]) == (fix, True, True)
    undo.undo(folder)
    with Library.open(folder, readonly=True) as library:
        assert [holds for _, holds in history.correction_steps(library)] == [True, False]
    assert main(["show", "revisions", str(folder)]) == 0
    assert "fix 2" in capsys.readouterr().out
    assert main(["show", "revisions", str(folder), "--html", str(filmed / "changes.html")]) == 0
    assert "this is a good deal longer" in (filmed / "changes.html").read_text()


def test_a_take_that_was_filmed_for_another_screen_stays_in_the_history(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [grammar.parse_line("film aspect 9:16")])
    with Library.open(folder, readonly=True) as library:
        found = history.shot_history(library, "1")
        assert [one.take.number if one.take else None for one in found] == [1, None]
        assert "framed anew" in found[1].what


def test_plans_that_look_alike_were_filmed_as_the_same_take(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [grammar.parse_line('shot 3 prompt "snow falls"')])  # which nothing that films it hears
    with Library.open(folder, readonly=True) as library:
        found = history.shot_history(library, "3")
        assert [one.take.number if one.take else None for one in found] == [1, 1]


def test_a_plan_whose_page_was_read_anew_has_no_take_and_the_others_keep_theirs(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [grammar.parse_line("page 2 delete panel 1")], author="hand", message="no panel")
    with Library.open(folder, readonly=True) as library:
        gone = next(plan for plan in library.shots(1) if plan.page == 1)
        found = history.shot_history(library, gone.id)
        assert found[0].take is None
        assert history.take_of_plan(read_only_context(library), gone) is None
        first = history.shot_history(library, "1")[0]
        assert first.take
        assert first.take.number == 1
