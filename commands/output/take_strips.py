"""Draw takes below each other in one picture: the first, middle and last frame of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from agents import output_files
from agents.editing import preview, selectors, shot_status
from agents.run_context import RunContext
from commands.output.verdicts import verdict_of
from storage.domain import ShotPlan
from storage.library import Library
from storage.records import Take
from tools import png
from tools.plates import Image
from tools.previews.contact_sheet import lay_out_sheet
from tools.previews.take_comparison import three_moments

WIDE = 300
"""Pixels that a picture of the strip is wide."""
MAX_SHOTS = 6
"""Shots that are shown at once."""


def take_strip(context: RunContext, plan: ShotPlan, takes: Sequence[Take]) -> Image:
    """Draw each take of a shot as a row of its first, middle and last frame."""
    return lay_out_sheet([_row(context, plan, take, f"take {take.number}") for take in takes])


def before_and_after(library: Library, names: Collection[str]) -> Path | None:
    """Draw the current takes of the named shots, each below the take before it, and return the file.

    Returns None where no shot has a take.
    """
    rows: list[tuple[str, list[Image]]] = []
    context = shot_status.read_only_context(library)
    for item in shot_status.shot_statuses(library, context):
        if item.shot.id not in names or item.take is None or len(rows) >= 2 * MAX_SHOTS:
            continue
        shot, number = f"shot {selectors.short_name(item.shot.id)}", item.take.number
        earlier = [take for take in library.takes(item.shot.id) if take.number < number]
        older = [take for take in earlier if library.artifacts.has(take.artifact)]  # gc may have removed some
        both = (*older[-1:], item.take)
        rows += [_row(context, item.shot.plan, take, f"{shot}, take {take.number}") for take in both]
    head = library.head()
    if not rows or head is None:
        return None
    place = library.folder / "films" / preview.FOLDER / f"revision-{head.number}.png"
    output_files.write_files({place: png.encode_png(lay_out_sheet(rows))})
    return place


def _row(context: RunContext, plan: ShotPlan, take: Take, name: str) -> tuple[str, list[Image]]:
    seconds = f"{float(str(take.facts.get('seconds') or 0)):.1f} s"
    said = f"{name}: {seconds}, {take.backend}, seed {take.seed}, {verdict_of(context, plan, take)}"
    return said, three_moments(context.library.artifacts.open(take.artifact), width=WIDE)
