"""Test that a locked shot stays as it was filmed where a line of it is corrected, or is said by another voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run
from agents.corrections import SetText, SetVoice, replan
from agents.corrections import grammar as fixes
from agents.editing import grammar, revise
from agents.editing.shot_status import read_only_context
from agents.run import RunOptions
from agents.shots import ShotToFilm, shots_to_film
from agents.sound import schedule
from storage.domain import Balloon, Box, ShotPlan, Transcript
from storage.library import Library
from tests.agents.sound.test_speech import SPEAKING, soundtrack
from tests.conftest import transcript_of

pytestmark = pytest.mark.film


def talking() -> Transcript:
    """The chapter with two balloons, which have outlines, in its first panel."""
    whole = transcript_of(2)
    first, *others = whole.pages

    def balloon(name: str, box: Box, text: str) -> Balloon:
        outline = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
        return Balloon(
            id=name,
            order=int(name[-1]),
            box=box,
            panel="p0-0",
            text=text,
            language="en",
            outline=outline,
            kind="speech",
        )

    lines = balloon("t0-0", Box(40, 40, 90, 80), "hello there"), balloon("t0-1", Box(100, 40, 150, 80), "and you")
    return whole.model_copy(update={"pages": (first.model_copy(update={"balloons": lines}), *others)})


@pytest.fixture
def project(tmp_path: Path, chapter: Path) -> Path:
    """A filmed project."""
    run.animate(tmp_path / "p.komadori", SPEAKING, RunOptions(chapter, corrections=talking()))
    return tmp_path / "p.komadori"


def talking_shot(project: Path) -> ShotToFilm:
    with Library.open(project, readonly=True) as library:
        plan = next(plan for plan in library.shots() if {"t0-0", "t0-1"} <= set(plan.balloons))
        return next(shots_to_film(read_only_context(library), {}, [plan]))


def letters(project: Path) -> list[float]:
    shot = talking_shot(project)
    return [start for _, start, _ in schedule.lettering_times(shot, shot.plan.seconds)]


def takes(project: Path, plan: ShotPlan) -> int:
    with Library.open(project, readonly=True) as library:
        return len(library.takes(plan.id))


def lock(project: Path, how: str = "lock") -> None:
    revise.revise(project, grammar.parse_lines(f"shot {int(talking_shot(project).plan.id[1:])} {how}"))


CHANGES = [
    SetText(page=1, balloon=1, text="a line that takes much more time to read than the one before"),
    fixes.parse_line("voice narrator rate 0.5"),
]


@pytest.mark.parametrize("change", CHANGES, ids=["text", "voice"])
def test_a_locked_shot_is_not_filmed_again_and_its_lines_are_said_as_they_are_now(
    project: Path, change: SetText | SetVoice
) -> None:
    lock(project)
    plan, before, said = talking_shot(project).plan, letters(project), soundtrack(project).lines
    assert len(before) == 2
    replan.correct_project(project, [change])
    report = run.animate(project, SPEAKING, RunOptions())
    assert report.failed == ()
    assert (talking_shot(project).plan, letters(project), takes(project, plan)) == (plan, before, 1)
    assert soundtrack(project).lines[0].voice != said[0].voice
    lock(project, "unlock")
    assert talking_shot(project).plan.line_starts == ()
    assert letters(project) != before


def test_an_unlocked_shot_is_timed_again(project: Path) -> None:
    before = letters(project)
    replan.correct_project(project, [CHANGES[0]])
    assert letters(project) != before
    plan = talking_shot(project).plan
    run.animate(project, SPEAKING, RunOptions())
    assert takes(project, plan) == 2


def test_another_aspect_times_its_letters_itself(project: Path) -> None:
    lock(project)
    wide = talking_shot(project).plan
    assert len(wide.line_starts) == 2
    revise.revise(project, grammar.parse_lines("film aspect 9:16"))
    tall = talking_shot(project).plan
    assert tall.line_starts == ()
    revise.revise(project, grammar.parse_lines("film aspect 16:9"))
    assert talking_shot(project).plan.line_starts == wide.line_starts
