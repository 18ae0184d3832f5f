"""Test what is said again where a speaker or a voice is changed: that line alone, and undo says nothing again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agents import run
from agents.corrections import grammar as fixes
from agents.corrections import replan
from agents.editing import grammar, revise
from agents.run import RunOptions
from storage.domain import ShotPlan
from storage.library import Library
from tests.agents.sound.test_speech import SPEAKING, book, made_of


@pytest.fixture
def project(tmp_path: Path, chapter: Path) -> Path:
    """A planned book of two lines, which the narrator says."""
    lines = book(**{"t0-0": "this is a line of some length", "t1-0": "and another one"})
    run.plan(tmp_path / "p.komadori", SPEAKING, RunOptions(chapter, corrections=lines))
    return tmp_path / "p.komadori"


def state(project: Path) -> tuple[dict[str, ShotPlan], dict[str, float]]:
    """Return the shots, and how long each line is said."""
    with Library.open(project, readonly=True) as library:
        transcript = library.transcript()
        assert transcript is not None
        lines = [line for page in transcript.pages for line in page.balloons]
        return {plan.id: plan for plan in library.shots()}, {line.id: line.spoken_seconds for line in lines}


def changed(before: dict[str, ShotPlan], after: dict[str, ShotPlan]) -> list[tuple[str, ...]]:
    """Return the lines of the shots that differ."""
    return [plan.balloons for name, plan in after.items() if plan != before.get(name)]


def fix(project: Path, *lines: str) -> Counter[str]:
    """Correct a project, and return how many lines were said for it."""
    seen = sum(made_of(project).values())
    replan.correct_project(project, [fixes.parse_line(line) for line in lines])
    return Counter({"speak": made_of(project, seen)["speak"]})


def test_another_speaker_says_that_line_alone_and_times_its_shot_alone(project: Path) -> None:
    shots, seconds = state(project)
    said = fix(project, "page 1 speaker 1 mika", "voice mika high rate 0.5")
    after, slower = state(project)
    assert said["speak"] <= 2, "once as mika is cast, and once in the voice that was chosen"
    assert slower["t0-0"] == pytest.approx(2 * seconds["t0-0"], abs=0.01)
    assert slower["t1-0"] == seconds["t1-0"]
    assert changed(shots, after) == [("t0-0",)]
    seen = sum(made_of(project).values())
    replan.undo(project, 2)
    assert state(project) == (shots, seconds)
    replan.redo(project, 2)
    assert state(project) == (after, slower)
    assert made_of(project, seen)["speak"] == 0


def test_another_aspect_says_nothing_again_and_gives_its_lines_as_much_time(project: Path) -> None:
    _, seconds = state(project)
    seen = sum(made_of(project).values())
    revise.revise(project, grammar.parse_lines("film aspect 9:16"))
    tall, same = state(project)
    assert same == seconds
    assert made_of(project, seen)["speak"] == 0
    assert all(plan.seconds > seconds[line] for plan in tall.values() for line in plan.balloons)
