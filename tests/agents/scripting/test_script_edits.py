"""Test that script edits are applied once, and that people's later changes are kept and reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run as film_run
from agents.editing import grammar, revise, shot_protection, undo
from agents.run_context import Progress
from agents.scripting import scripts
from agents.scripting.script_edits import apply_script_edits, rebase_on_script
from storage.domain import ShotPlan
from storage.errors import SettingsError
from storage.library import Library
from tests.conftest import transcript_of


def run(room: Path, *lines: str) -> list[str]:
    """Apply the edits of a script, and return its notes."""
    said: list[Progress] = []
    (room / "film.toml").write_text(
        f'source = "chapter"\nedits = [\n{"".join(f"{line!r},{chr(10)}" for line in lines)}]\n'
    )
    apply_script_edits(room / "chapter.komadori", scripts.load_script(room / "film.toml"), said.append)
    return [one.text for one in said if one.stage == "script"]


def by_hand(room: Path, *lines: str) -> None:
    for line in lines:
        revise.revise(room / "chapter.komadori", grammar.parse_lines(line))


def shots(room: Path) -> dict[str, ShotPlan]:
    with Library.open(room / "chapter.komadori", readonly=True) as library:
        return {shot.id: shot.model_copy(update={"ordinal": 0}) for shot in library.shots()}


def test_what_was_changed_or_locked_by_hand_stays_when_a_script_says_something_else(filmed: Path) -> None:
    run(filmed, "shot 3 slower", "shot 4 slower")
    by_hand(filmed, "shot 4 seconds 6; shot 4 lock")
    mine = shots(filmed)
    said = run(filmed, "shot 3 seconds 9", "shot 4 seconds 5")
    assert shots(filmed)["s003"].seconds == 9
    assert shots(filmed)["s004"] == mine["s004"]
    assert said == ["shot 4 stays as you have it", "what it says now of shot 4 gives way to that"]
    now = shots(filmed)
    assert run(filmed, "shot 3 seconds 9", "shot 4 seconds 5") == []
    assert shots(filmed) == now, "it stands"
    assert run(filmed, "shot 2 seconds 9") == ["shot 4 stays as you have it"], "and once more"
    assert shots(filmed)["s004"] == mine["s004"]
    assert (shots(filmed)["s002"].seconds, shots(filmed)["s003"].seconds != 9) == (9, True)
    with Library.open(filmed / "chapter.komadori") as library:
        assert shot_protection.protected_shots(library) == {"s002", "s004"}, "a critic only asks about them"
        undo.undo(library)
        assert shot_protection.protected_shots(library) == frozenset(), (
            "the script and what was carried over it are one step"
        )


def test_what_was_changed_before_there_was_a_script_stays_too(filmed: Path) -> None:
    by_hand(filmed, "shot 2 seconds 7")
    run(filmed, "shot 3 slower")
    run(filmed)
    assert shots(filmed)["s002"].seconds == 7


def test_other_edits_and_none_leave_nothing_of_the_old_ones(filmed: Path) -> None:
    planned = shots(filmed)
    assert run(filmed, "shot 3 slower", "shot 5 lock", "shots 1-2 merge") == []
    assert run(filmed, "shot 6 slower") == []
    assert {name for name, shot in shots(filmed).items() if shot != planned[name]} == {"s006"}
    assert run(filmed) == []
    assert shots(filmed) == planned


def test_an_edit_that_cannot_be_done_is_named_with_its_line_and_changes_nothing(filmed: Path) -> None:
    run(filmed, "shot 3 slower")
    by_hand(filmed, "shot 4 lock")
    before = shots(filmed)
    for lines in (("shot 3 faster", "shot 99 slower"), ("shot 3 take 77",)):
        with pytest.raises(SettingsError, match=rf"film.toml:{2 + len(lines)}: "):
            run(filmed, *lines)
        assert shots(filmed) == before


def test_side_effects_of_edits_are_reported(filmed: Path) -> None:
    assert "panels are no longer shown" in run(filmed, "shots 3-4 drop")[-1]


def plan_shots(*names: str, seconds: float = 3) -> list[ShotPlan]:
    """Return one plan for each id, all of one page."""
    camera = [{"t": at, "box": (0, 0, 16, 9)} for at in (0, 1)]
    return [
        ShotPlan.model_validate(
            {"id": name, "ordinal": at, "seconds": seconds, "page": 0, "panels": ("p",), "camera": camera}
        )
        for at, name in enumerate(names)
    ]


def names(shots: tuple[ShotPlan, ...]) -> list[str]:
    return [shot.id for shot in shots]


def test_shots_that_people_left_out_took_in_or_moved_are_theirs() -> None:
    old = plan_shots("s1", "s2", "s3")
    new = [*plan_shots("s1"), *plan_shots("s2", seconds=5), *plan_shots("s3")]
    out = rebase_on_script(old, [old[0], old[2]], new, frozenset())
    assert (names(out.shots), out.kept_shots, out.overridden_shots) == (["s1", "s3"], ("s2",), ("s2",))
    split = rebase_on_script(old, [*old[:1], *plan_shots("s1b"), *old[1:]], new, frozenset())
    assert names(split.shots) == ["s1", "s1b", "s2", "s3"]
    assert split.shots[2].seconds == 5
    moved = rebase_on_script(old, [old[1], old[0], old[2]], old, frozenset())
    assert names(moved.shots) == ["s2", "s1", "s3"]
    assert [shot.ordinal for shot in moved.shots] == [0, 1, 2]


def test_a_page_that_both_cut_anew_stands_as_people_have_it() -> None:
    old = plan_shots("s1", "s2", "s3")
    both = rebase_on_script(old, old[:2], old[1:], frozenset())
    assert (names(both.shots), both.overridden_shots) == (["s1", "s2"], ("s1",))
    mine = [*plan_shots("s1", seconds=6), *old[1:]]
    merged = rebase_on_script(old, mine, [*plan_shots("s1", seconds=9), old[2]], frozenset({"s1"}))
    assert (names(merged.shots), merged.shots[0].seconds, merged.overridden_shots) == (
        ["s1", "s2", "s3"],
        6,
        ("s1", "s2"),
    )
    apart = rebase_on_script(old, mine, old[:2], frozenset({"s1"}))
    assert (names(apart.shots), apart.shots[0].seconds, apart.overridden_shots) == (["s1", "s2"], 6, ())


def test_edits_of_pages_that_left_the_film_take_nothing_with_them(filmed: Path) -> None:
    run(filmed, "shot 2 drop", "shot 8 slower")
    with Library.open(filmed / "chapter.komadori", readonly=True) as library:
        settings = library.settings()
    assert settings is not None
    shorter = settings.model_copy(update={"pages": "1"})
    options = film_run.RunOptions(filmed / "chapter", corrections=transcript_of(1))
    film_run.animate(filmed / "chapter.komadori", shorter, options)
    assert "s002" not in shots(filmed), "the script is in force until it is run again"
    assert run(filmed) == []
    assert list(shots(filmed)) == ["s001", "s002", "s003", "s004"]
