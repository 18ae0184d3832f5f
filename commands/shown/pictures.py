"""Takes of shots in, one picture with them under each other out: their first, middle and last moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from agents import delivery
from agents.edits import which
from agents.revising import board, preview
from agents.workshop import Workshop
from commands.shown.verdicts import verdict_of
from storage.library import Library
from storage.records import Take
from storage.shapes import ShotPlan
from tools import png
from tools.plates import Image
from tools.showing.contact import sheet
from tools.showing.rushes import moments

WIDE = 300
"""Pixels that a picture of the strip is wide."""
MOST = 6
"""Shots that are shown at once."""


def strip(shop: Workshop, plan: ShotPlan, takes: Sequence[Take]) -> Image:
    """Every take of a shot as a row: its first, its middle and its last picture."""
    return sheet([_row(shop, plan, take, f"take {take.number}") for take in takes])


def before_and_after(library: Library, names: Collection[str]) -> Path | None:
    """The takes that stand for shots, each below the one that it was before, as a file; None where none stands."""
    rows: list[tuple[str, list[Image]]] = []
    shop = board.onlooker(library)
    for item in board.standing(library, shop):
        if item.shot.id not in names or item.take is None or len(rows) >= 2 * MOST:
            continue
        shot, number = f"shot {which.shown(item.shot.id)}", item.take.number
        older = [take for take in library.takes(item.shot.id) if take.number < number]
        both = (*older[-1:], item.take)
        rows += [_row(shop, item.shot.plan, take, f"{shot}, take {take.number}") for take in both]
    head = library.head()
    if not rows or head is None:
        return None
    place = library.folder / "films" / preview.FOLDER / f"revision-{head.number}.png"
    delivery.put({place: png.encode(sheet(rows))})
    return place


def _row(shop: Workshop, plan: ShotPlan, take: Take, name: str) -> tuple[str, list[Image]]:
    seconds = f"{float(str(take.facts.get('seconds') or 0)):.1f} s"
    said = f"{name}: {seconds}, {take.backend}, seed {take.seed}, {verdict_of(shop, plan, take)}"
    return said, moments(shop.library.artifacts.open(take.artifact), width=WIDE)
