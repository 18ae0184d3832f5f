"""`takes`: a shot of a project in, what was tried for it as a table or side by side out; or the take that is chosen."""

from __future__ import annotations

import argparse

from rich.table import Table

from agents import delivery
from agents.edits import ChooseTake, Lock, Plan, which
from agents.edits.which import ShotSelector
from agents.revising import board, resolve, revise
from commands.animate import filmed
from commands.chat import done
from commands.shown.pictures import strip
from commands.shown.terminal import Paper, telling
from commands.shown.verdicts import verdict_of
from storage.errors import ProjectError
from storage.library import Library
from storage.records import Take
from storage.shapes import ShotPlan
from tools import png


def run(command: argparse.Namespace) -> int:
    """List, compare, choose or lock. Returns 0, or 3 when shots failed."""
    name = which.named(command.shot.lower())
    wanted: list[Plan] = []
    if command.choose:
        wanted.append(ChooseTake(which=ShotSelector.of(name), take=command.choose))
    if command.lock:
        wanted.append(Lock(which=ShotSelector.of(name)))
    if wanted:
        return _chosen(command, wanted)
    with Library.open(command.project, readonly=True) as library:
        plan, takes = library.shot(name), library.takes(name)
        if not takes:
            raise ProjectError(f"shot {which.shown(name)} has not been filmed yet", "run: main.py animate SOURCE")
        if command.compare:
            delivery.refuse_unwritable(command.compare)
            delivery.put({command.compare: png.encode(strip(board.onlooker(library), plan, takes))})
            print(command.compare)
            return 0
        Paper().lay(_listed(library, plan, takes))
    return 0


def _listed(library: Library, plan: ShotPlan, takes: tuple[Take, ...]) -> Table:
    """The takes; a dot marks the one that is in the film, and "choose" says which can be filmed as they were."""
    can = resolve.plans_of_takes(library, plan.id)
    cut, shop = library.cut(), board.onlooker(library)
    in_film = set(cut.takes) if cut else set()
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("take", "in film", "seconds", "backend", "seed", "choose", "verdict"):
        table.add_column(name, justify="right" if name in ("take", "seconds", "seed") else "left")
    for take in takes:
        table.add_row(
            str(take.number), "●" if take.id in in_film else "", f"{float(str(take.facts.get('seconds') or 0)):.1f}",
            take.backend, str(take.seed), "yes" if take.number in can else "-",
            verdict_of(shop, plan, take),
        )  # fmt: skip
    return table


def _chosen(command: argparse.Namespace, wanted: list[Plan]) -> int:
    console = Paper(stderr=True)
    done(Paper(), revise.revise(command.project, wanted), "done")
    return 0 if command.no_film else filmed(command.project, command.output, console, telling(console))
