"""Test that a revision report counts the shots to film, their length and the time that filming takes."""

from __future__ import annotations

from pathlib import Path

from agents.editing import grammar, revise, revision_report
from agents.editing.revision_report import RevisionReport
from storage.library import Library
from tests.agents.editing.test_revise import project


def test_only_shots_without_a_film_are_counted(filmed: Path) -> None:
    with Library.open(project(filmed)) as library:
        before = revision_report.planned_shots(library)
        assert revision_report.report_revision(library, ["nothing"], [], before) == RevisionReport(
            ("nothing",), shots=8, revision=1
        )
        done = revise.revise(library, [grammar.parse_line("shots 3-4 seconds 6"), grammar.parse_line("shot 5 lock")])
    assert (done.stale, done.changed) == (("s003", "s004"), ("s003", "s004", "s005"))
    assert done.film == 12
    assert 0 < done.seconds < 60


def test_the_price_is_said_in_words() -> None:
    assert RevisionReport(()).price() == "nothing is to be filmed"
    one = RevisionReport((), stale=("s007",), film=3.21, seconds=0.2)
    assert one.price() == "shot 7 to film: 3.2 s of film, made in about 1 s, no money"
    long = RevisionReport((), stale=("s007",), film=240, seconds=9000)
    assert long.price() == "shot 7 to film: 4 min of film, made in about 2.5 h, no money"
    assert RevisionReport((), stale=tuple(f"s{n:03d}" for n in range(12))).price().startswith("12 shots to film")
