"""What was done comes to shots that have no film, the seconds they last, and the time they take, in words."""

from __future__ import annotations

from pathlib import Path

from agents.edits import words
from agents.revising import outcome, revise
from agents.revising.outcome import Outcome
from storage.library import Library
from tests.agents.revising.test_revise import project


def test_only_shots_without_a_film_are_counted(filmed: Path) -> None:
    with Library.open(project(filmed)) as library:
        before = outcome.planned(library)
        assert outcome.measured(library, ["nothing"], [], before) == Outcome(("nothing",), shots=8, revision=1)
        done = revise.revise(library, [words.parse("shots 3-4 seconds 6"), words.parse("shot 5 lock")])
    assert (done.stale, done.changed) == (("s003", "s004"), ("s003", "s004", "s005"))
    assert done.film == 12
    assert 0 < done.seconds < 60


def test_the_price_is_said_in_words() -> None:
    assert Outcome(()).price() == "nothing is to be filmed"
    one = Outcome((), stale=("s007",), film=3.21, seconds=0.2)
    assert one.price() == "shot 7 to film: 3.2 s of film, made in about 1 s, no money"
    long = Outcome((), stale=("s007",), film=240, seconds=9000)
    assert long.price() == "shot 7 to film: 4 min of film, made in about 2.5 h, no money"
    assert Outcome((), stale=tuple(f"s{n:03d}" for n in range(12))).price().startswith("12 shots to film")
