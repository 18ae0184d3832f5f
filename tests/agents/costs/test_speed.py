"""How fast film is made, by what was made so far."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.costs.speed import Pace, Work, pace_of, seconds_of
from storage.library import Library
from storage.shapes import Screen


def test_the_pace_is_that_of_the_events(finished: Path, tmp_path: Path) -> None:
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        pace, events = pace_of(library), library.events(kinds={"made"})
        takes = [library.takes(plan.id)[0] for plan in library.shots()]
    spent = {stage: sum(float(str(event.facts["seconds"])) for event in events if event.stage == stage)
             for stage in ("clean", "outpaint", "animate", "review", "composite")}  # fmt: skip
    frames = sum(int(str(take.facts["frames"])) for take in takes)
    assert pace.measured
    assert pace.frame == pytest.approx(spent.pop("composite") / frames / (320 * 180 / (1920 * 1080)))
    assert pace.shot == pytest.approx(sum(spent.values()) / 8)
    assert pace.page == Pace().page  # nobody read it here
    with Library.open(tmp_path / "empty.komadori", create=True) as library:
        assert pace_of(library) == Pace()


def test_more_pixels_pages_and_shots_take_longer() -> None:
    work, screen = Work(pages=10, shots=50, film=150.0, known=""), Screen()
    whole = seconds_of(work, Pace(), screen)
    assert whole > seconds_of(work, Pace(), Screen(width=960, height=540))
    assert whole > seconds_of(Work(0, 50, 150.0, ""), Pace(), screen) > seconds_of(Work(0, 0, 0.0, ""), Pace(), screen)
