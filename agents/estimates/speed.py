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

OF_PAGES = ("ingest", "read", "storyboard")
OF_SHOTS = ("clean", "outpaint", "animate", "review", "rushes")


@dataclass(frozen=True)
class ProcessingSpeed:
    """Processor seconds: of a page until it is planned, of a shot beside its frames, of a frame of full HD."""

    page: float = 2.4
    shot: float = 0.9
    frame: float = 0.075
    measured: bool = False


@dataclass(frozen=True)
class RemainingWork:
    """What is still to be made: pages to read, shots to film and their seconds; pages to understand and to direct.

    `standing` are the keys of the takes that stand; None where nobody has looked.
    """

    pages: int
    shots: int
    film: float
    known: str
    understand: int = 0
    direct: int = 0
    standing: Collection[str] | None = None


def seconds_of(work: RemainingWork, pace: ProcessingSpeed, screen: VideoFormat) -> float:
    """Processor seconds."""
    frames = work.film * screen.fps * _full_hd(screen)
    return work.pages * pace.page + work.shots * pace.shot + frames * pace.frame


def measured_speed(library: Library, standing: Collection[str] | None = None) -> ProcessingSpeed:
    """How long things took here so far; where nothing of a kind was made yet, the rule of thumb.

    `standing` are the keys of the segments that stand, for who knows them already.
    """
    settings, rule = library.settings() or Settings(), ProcessingSpeed()
    made = defaultdict[str, list[Event]](list)
    for event in library.events(kinds={"made"}):
        made[event.stage].append(event)
    page = sum(_seconds(made[stage]) / len(made[stage]) for stage in OF_PAGES if made[stage])
    filmed = _standing_frames(library, made["composite"], standing)
    frames = sum(filmed.values()) * _full_hd(settings.screen)
    seconds = _seconds([event for event in made["composite"] if event.facts.get("key") in filmed])
    shots = sum(_seconds([one for one in made[stage] if not one.facts.get("model")]) for stage in OF_SHOTS)
    return ProcessingSpeed(
        page=page if made["read"] else rule.page,
        shot=shots / len(made["composite"]) if made["composite"] else rule.shot,
        frame=seconds / frames if frames and seconds else rule.frame,
        measured=bool(made["read"] or frames),
    )


def _standing_frames(library: Library, made: list[Event], standing: Collection[str] | None) -> dict[str, int]:
    """The frames of each take that was filmed as the project is set now: others had another size."""
    try:
        mine = (
            (item.take.key for item in shot_status.shot_statuses(library) if item.take)
            if standing is None
            else standing
        )
        keys = set(mine)
    except (ProjectError, PackageMissing, WeightsMissing):
        return {}
    found = library.find_many([key for event in made if (key := str(event.facts.get("key"))) in keys])
    return {key: int(str(one.facts["frames"])) for key, one in found.items()}


def _seconds(events: list[Event]) -> float:
    return sum(float(str(event.facts.get("seconds") or 0)) for event in events)


def _full_hd(screen: VideoFormat) -> float:
    return screen.width * screen.height / (1920 * 1080)
