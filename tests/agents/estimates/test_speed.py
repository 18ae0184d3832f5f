"""Test that the speed of making film is measured from the events of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.estimates.speed import ProcessingSpeed, RemainingWork, measured_speed, seconds_of
from storage.domain import VideoFormat
from storage.library import Library


def test_the_pace_is_that_of_the_events(finished: Path, tmp_path: Path) -> None:
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        pace, events = measured_speed(library), library.events(kinds={"made"})
        takes = [library.takes(plan.id)[0] for plan in library.shots()]
    spent = {stage: sum(float(str(event.facts["seconds"])) for event in events if event.stage == stage)
             for stage in ("clean", "outpaint", "animate", "review", "composite")}  # fmt: skip
    frames = sum(int(str(take.facts["frames"])) for take in takes)
    assert pace.measured
    assert pace.frame == pytest.approx(spent.pop("composite") / frames / (320 * 180 / (1920 * 1080)))
    assert pace.shot == pytest.approx(sum(spent.values()) / 8)
    assert pace.page == ProcessingSpeed().page  # nobody read it here
    with Library.open(tmp_path / "empty.komadori", create=True) as library:
        assert measured_speed(library) == ProcessingSpeed()


def test_more_pixels_pages_and_shots_take_longer() -> None:
    work, screen = RemainingWork(pages=10, shots=50, film=150.0, known=""), VideoFormat()
    whole = seconds_of(work, ProcessingSpeed(), screen)
    assert whole > seconds_of(work, ProcessingSpeed(), VideoFormat(width=960, height=540))
    assert (
        whole
        > seconds_of(RemainingWork(0, 50, 150.0, ""), ProcessingSpeed(), screen)
        > seconds_of(RemainingWork(0, 0, 0.0, ""), ProcessingSpeed(), screen)
    )
