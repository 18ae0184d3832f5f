"""Measure how fast this project makes film: processor seconds for a page, a shot and a frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from agents.editing import shot_status
from storage.domain import VideoFormat
from storage.errors import PackageMissing, ProjectError, WeightsMissing
from storage.library import Library
from storage.records import Event
from storage.settings import Settings

PAGE_STAGES = ("ingest", "read", "storyboard")
SHOT_STAGES = ("clean", "color", "redraw", "outpaint", "upscale", "animate", "layers", "review", "contact_sheet")


@dataclass(frozen=True)
class ProcessingSpeed:
    """Processor seconds for a page until it is planned, for a shot besides its frames, and for a frame of full HD."""

    page: float = 2.4
    shot: float = 0.9
    frame: float = 0.075
    measured: bool = False


@dataclass(frozen=True)
class RemainingWork:
    """What is still to be made."""

    pages: int
    """Pages to read."""
    shots: int
    """Shots to film."""
    film: float
    """Their length in seconds."""
    known: str
    """What the project has already, in words."""
    understand: int = 0
    """Pages to understand."""
    plan: int = 0
    """Pages to plan."""
    take_keys: Collection[str] | None = None
    """Content keys of the current takes; None where they were not looked up."""


def seconds_of(work: RemainingWork, pace: ProcessingSpeed, screen: VideoFormat) -> float:
    """Return the processor seconds that the work takes."""
    frames = work.film * float(screen.fps) * _full_hd(screen)
    return work.pages * pace.page + work.shots * pace.shot + frames * pace.frame


def measured_speed(library: Library, take_keys: Collection[str] | None = None) -> ProcessingSpeed:
    """Return the speed measured in this project so far; rules of thumb where nothing of a kind was made yet.

    `take_keys` are the content keys of the current segments, where they were looked up already.
    """
    settings, rule = library.settings() or Settings(), ProcessingSpeed()
    made = defaultdict[str, list[Event]](list)
    for event in library.events(kinds={"made"}):
        made[event.stage].append(event)
    page = sum(_seconds(made[stage]) / len(made[stage]) for stage in PAGE_STAGES if made[stage])
    filmed = _standing_frames(library, made["composite"], take_keys)
    frames = sum(filmed.values()) * _full_hd(settings.screen)
    seconds = _seconds([event for event in made["composite"] if event.facts.get("key") in filmed])
    shots = sum(_seconds([one for one in made[stage] if not one.facts.get("model")]) for stage in SHOT_STAGES)
    return ProcessingSpeed(
        page=page if made["read"] else rule.page,
        shot=shots / len(made["composite"]) if made["composite"] else rule.shot,
        frame=seconds / frames if frames and seconds else rule.frame,
        measured=bool(made["read"] or frames),
    )


def _standing_frames(library: Library, events: list[Event], take_keys: Collection[str] | None) -> dict[str, int]:
    """Return the frames of each take that was filmed with the current settings; others had another size."""
    try:
        current = (
            (item.take.key for item in shot_status.shot_statuses(library) if item.take)
            if take_keys is None
            else take_keys
        )
        keys = set(current)
    except (ProjectError, PackageMissing, WeightsMissing):
        return {}
    found = library.find_many([key for event in events if (key := str(event.facts.get("key"))) in keys])
    return {key: int(str(one.facts["frames"])) for key, one in found.items()}


def _seconds(events: list[Event]) -> float:
    return sum(float(str(event.facts.get("seconds") or 0)) for event in events)


def _full_hd(screen: VideoFormat) -> float:
    return screen.width * screen.height / (1920 * 1080)
