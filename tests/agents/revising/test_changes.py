"""History: what each revision changed is told in words, and nothing that it did not change."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.edits import words
from agents.revising import changes, revise, steps
from agents.revising.board import onlooker
from main import main
from storage.errors import ProjectError
from storage.library import Library
from tests.agents.test_edits import board, edited


def told(*lines: str) -> dict[str, str]:
    before = board()
    return {one.name: one.words for one in changes.differences(before.shots, edited(*lines).shots)}


def test_a_change_is_said_in_words() -> None:
    assert told("shot 3 seed 0") == {}
    assert told("shot 3 seconds 5")["s003"].endswith("-> 5.0 s")
    assert told("shot 3 push in")["s003"].startswith("camera: ")
    assert told("shot 3 drop") == {"s003": "left out"}
    assert told("shots 2 and 3 swap") == {"s003": "another place in the film", "s002": "another place in the film"}
    assert told("shot 3 lock") == {"s003": "locked: no -> yes"}
    assert told("shot 3 clean lettering") == {"s003": "treatment: clean frame slivers -> lettering"}
    assert told("shot 3 ground blur") == {"s003": "treatment: outpaint fill auto -> blur"}
    assert told("shot 3 seed 7") == {"s003": "seed: 0 -> 7"}
    assert set(told("shot 1 split")) == {"s001", "s001b"}


def test_the_history_of_a_shot_says_who_why_and_which_take(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [words.parse("shot 3 slower")], author="chat", message="too short")
    steps.undo(folder)
    revise.revise(folder, [words.parse("shot 2 slower")])
    with Library.open(folder, readonly=True) as library:
        first, second = changes.history(library, "3")
        plan = library.shots(1)[2]
        assert (first.step.revision.number, first.who, first.why) == (1, "director (rules)", plan.reason)
        assert first.what.startswith("planned: ")
        assert first.take
        assert first.take.number == 1
        assert (second.step.revision.number, second.step.in_force, second.step.asked) == (
            2, False, ("shot 3 slower",)
        )  # fmt: skip
        assert (second.who, second.why, second.take) == ("chat", "too short", None)
        assert second.what.startswith(f"{plan.seconds:.1f} s -> ")
        assert [one.step.revision.number for one in changes.history(library, "1")] == [1]
        shop = onlooker(library)
        take = changes.take_of(shop, library.shot("s003"))
        assert take
        assert take.number == 1
        assert changes.take_of(shop, library.shot("s002")) is None
        with pytest.raises(ProjectError, match="no shot 77"):
            changes.history(library, "77")


def test_what_was_mended_of_the_reading_is_in_the_history(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = filmed / "chapter.komadori"
    fix = 'page 1 text 1 "hello there, this is a good deal longer than it was"'
    revise.revise(folder, [words.parse(fix)], author="hand", message=fix)
    with Library.open(folder, readonly=True) as library:
        last = changes.history(library, "1")[-1]
        assert (last.step.revision.author, last.why) == ("director", fix)
        first, second = changes.mended(library)  # the pages were given by hand to begin with
        assert (second[0].message, first[1], second[1]) == (fix, True, True)
    steps.undo(folder)
    with Library.open(folder, readonly=True) as library:
        assert [holds for _, holds in changes.mended(library)] == [True, False]
    assert main(["show", "revisions", str(folder)]) == 0
    assert "fix 2" in capsys.readouterr().out
    assert main(["show", "revisions", str(folder), "--html", str(filmed / "changes.html")]) == 0
    assert "this is a good deal longer" in (filmed / "changes.html").read_text()


def test_a_take_that_was_filmed_for_another_screen_stays_in_the_history(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [words.parse("film aspect 9:16")])
    with Library.open(folder, readonly=True) as library:
        found = changes.history(library, "1")
        assert [one.take.number if one.take else None for one in found] == [1, None]
        assert "framed anew" in found[1].what


def test_plans_that_look_alike_were_filmed_as_the_same_take(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [words.parse('shot 3 prompt "snow falls"')])  # which nothing that films it hears
    with Library.open(folder, readonly=True) as library:
        found = changes.history(library, "3")
        assert [one.take.number if one.take else None for one in found] == [1, 1]


def test_a_plan_whose_page_was_read_anew_has_no_take_and_the_others_keep_theirs(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [words.parse("page 2 delete panel 1")], author="hand", message="no panel")
    with Library.open(folder, readonly=True) as library:
        gone = next(plan for plan in library.shots(1) if plan.page == 1)
        found = changes.history(library, gone.id)
        assert found[0].take is None
        assert changes.take_of(onlooker(library), gone) is None
        first = changes.history(library, "1")[0]
        assert first.take
        assert first.take.number == 1
