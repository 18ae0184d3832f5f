"""The library in, the storyboard as promised outward out: every shot with its take, and whether it is stale."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any

from agents.executors import Idle
from agents.shots import Shot, in_force, rungs
from agents.stages import composite
from agents.workshop import Workshop
from storage.errors import ProjectError
from storage.library import Library
from storage.records import Take
from storage.settings import Settings


@dataclass(frozen=True)
class Standing:
    """A shot as it was last filmed, and the take that stands for it; None means stale."""

    shot: Shot
    take: Take | None


def onlooker(library: Library) -> Workshop:
    """A workshop for looking: it makes nothing."""
    return Workshop(library, library.settings() or Settings(), Idle())


def standing(library: Library) -> list[Standing]:
    """Every shot of the head in film order. A take that a review turned down gives way to the next attempt."""
    if library.head() is None:
        raise ProjectError(f"{library.folder} has no storyboard yet", "run: main.py animate SOURCE")
    shop, attempts = onlooker(library), dict[str, int]()
    while True:
        found = [Standing(shot, _take(shop, shot)) for shot in in_force(shop, {"attempts": attempts})]
        refused = {
            item.shot.id: item.shot.attempt + 1
            for item in found
            if item.take and _turned_down(library, item.take) and item.shot.attempt + 1 < rungs(shop, item.shot.plan)
        }
        if not refused:
            return found
        attempts |= refused


def board(library: Library) -> dict[str, Any]:
    """The storyboard as data (contract version 1)."""
    items, head = standing(library), library.head()
    screen = onlooker(library).settings.screen
    wide, tall = _lowest(screen.width, screen.height)
    return {
        "version": 1,
        "revision": head.number if head else 0,
        "aspect": f"{wide}:{tall}",
        "fps": screen.fps,
        "shots": [
            {
                **item.shot.plan.model_dump(mode="json"),
                "stale": item.take is None,
                "take": item.take.number if item.take else None,
            }
            for item in items
        ],
    }


def _take(shop: Workshop, shot: Shot) -> Take | None:
    jobs = composite.jobs(shop, shot)
    return shop.library.find_take(shot.id, jobs[0].key) if jobs and shop.library.find_made(jobs[0].key) else None


def _turned_down(library: Library, take: Take) -> bool:
    verdict = library.latest_verdict(take.id)
    return verdict is not None and verdict.decision == "retake"


def _lowest(width: int, height: int) -> tuple[int, int]:
    common = gcd(width, height)
    # 1080 high films of odd aspects are rounded to even pixels: say the aspect that was meant
    for wide, tall in ((16, 9), (9, 16), (1, 1), (4, 5)):
        if abs(width - height * wide / tall) <= 2:
            return wide, tall
    return width // common, height // common
