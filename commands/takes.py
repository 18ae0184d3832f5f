"""The `takes` command: list, compare, choose or lock the takes of a shot."""

from __future__ import annotations

import argparse

from rich.table import Table

from agents import output_files
from agents.editing import ChooseTake, Lock, Plan, resolve, revise, selectors, shot_status
from agents.editing.selectors import ShotSelector
from commands.animate import film_project
from commands.chat import print_changes
from commands.output.take_strips import take_strip
from commands.output.terminal import PrintConsole, show_progress
from commands.output.verdicts import verdict_of
from storage.domain import ShotPlan
from storage.errors import ProjectError
from storage.library import Library
from storage.records import Take
from tools import png


def run(command: argparse.Namespace) -> int:
    """List, compare, choose or lock takes. Return 0, or 3 when shots failed."""
    name = selectors.full_name(command.shot.lower())
    edits: list[Plan] = []
    if command.choose:
        edits.append(ChooseTake(which=ShotSelector.of(name), take=command.choose))
    if command.lock:
        edits.append(Lock(which=ShotSelector.of(name)))
    if edits:
        return _apply_edits(command, edits)
    with Library.open(command.project, readonly=True) as library:
        plan, takes = library.shot(name), library.takes(name)
        if not takes:
            raise ProjectError(
                f"shot {selectors.short_name(name)} has not been filmed yet", "run: main.py animate SOURCE"
            )
        if command.compare:
            takes = tuple(take for take in takes if library.artifacts.has(take.artifact))
            if not takes:
                raise ProjectError("no film of its takes is kept any more", "film it again: main.py animate SOURCE")
            output_files.refuse_unwritable(command.compare)
            output_files.write_files(
                {command.compare: png.encode_png(take_strip(shot_status.read_only_context(library), plan, takes))}
            )
            print(command.compare)
            return 0
        PrintConsole().print_table(_take_table(library, plan, takes))
    return 0


def _take_table(library: Library, plan: ShotPlan, takes: tuple[Take, ...]) -> Table:
    """Return a table of takes. A dot marks the take in the film; "choose" says which can be filmed as they were."""
    can = resolve.plans_of_takes(library, plan.id)
    cut, context = library.cut(), shot_status.read_only_context(library)
    in_film = set(cut.takes) if cut else set()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("take", "in film", "seconds", "backend", "seed", "choose", "verdict"):
        table.add_column(name, justify="right" if name in ("take", "seconds", "seed") else "left")
    for take in takes:
        table.add_row(
            str(take.number), "●" if take.id in in_film else "", f"{float(str(take.facts.get('seconds') or 0)):.1f}",
            take.backend, str(take.seed), "yes" if take.number in can else "-",
            verdict_of(context, plan, take),
        )  # fmt: skip
    return table


def _apply_edits(command: argparse.Namespace, edits: list[Plan]) -> int:
    console = PrintConsole(stderr=True)
    print_changes(PrintConsole(), revise.revise(command.project, edits), "done")
    return 0 if command.no_film else film_project(command.project, command.output, console, show_progress(console))
