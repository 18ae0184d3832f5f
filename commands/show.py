"""`show`: what stands in a project, or which backends there are, as tables."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.table import Table

from agents import board
from storage.errors import SettingsError
from storage.library import Library
from tools import backends


def run(command: argparse.Namespace) -> int:
    """Print a table. Returns 0."""
    console = Console()
    if command.what == "backends":
        console.print(_backends())
        return 0
    if command.project is None:
        raise SettingsError(f"show {command.what} needs a project", f"main.py show {command.what} PROJECT")
    with Library.open(command.project, readonly=True) as library:
        console.print(_VIEWS[command.what](library))
    return 0


def _table(columns: str, rows: Iterable[Iterable[object]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns.split():
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    return table


def _backends() -> Table:
    rows = ((item.capability, item.name, _state(item), item.about) for item in backends.listings())
    return _table("capability backend state about", rows)


def _state(item: backends.Listing) -> str:
    return f"lacks {', '.join(item.missing)}: pip install -e '.[gpu]'" if item.missing else "ready"


def _project(library: Library) -> Table:
    info, head, cut = library.info(), library.head(), library.cut()
    transcript, settings = library.transcript(), library.settings()
    panels = sum(len(page.panels) for page in transcript.pages) if transcript else 0
    rows = [
        ("source", library.source()),
        ("title", info.title or "-"),
        ("pages", len(library.pages())),
        ("read", f"{panels} panels, {transcript.order}, by {transcript.backend}" if transcript else "not yet"),
        ("storyboard", f"revision {head.number}: {head.message}" if head else "not yet"),
        ("film", f"cut {cut.id} of revision {cut.revision}, {len(cut.takes)} takes" if cut else "not yet"),
    ]
    if settings:
        rows.append(("picture", f"{settings.screen.width}x{settings.screen.height} at {settings.screen.fps}"))
    rows += [(f"failed {failure.shot}", f"{failure.stage}: {failure.reason}") for failure in library.failures()]
    return _table("what is", rows)


def _shots(library: Library) -> Table:
    rows = (
        (
            item.shot.id,
            item.shot.plan.page + 1,
            " ".join(item.shot.plan.panels),
            f"{item.shot.plan.seconds:.1f}",
            len(item.shot.plan.lines),
            item.shot.plan.transition,
            "stale" if item.take is None else f"take {item.take.number}",
            item.shot.plan.director,
            item.shot.plan.reason,
        )
        for item in board.standing(library)
    )
    return _table("shot page panels seconds lines begins state directed_by reason", rows)


def _takes(library: Library) -> Table:
    rows = []
    for plan in library.shots():
        for take in library.takes(plan.id):
            verdict = library.latest_verdict(take.id)
            said = f"{verdict.decision} {verdict.reason}".strip() if verdict else "not reviewed"
            rows.append((plan.id, take.number, take.backend, take.seed, take.attempt, said, take.artifact[:12]))
    return _table("shot take backend seed attempt verdict artifact", rows)


def _events(library: Library) -> Table:
    rows = ((f"{e.created:%H:%M:%S}", e.stage, e.kind, e.facts.get("seconds") or "", e.text) for e in library.events())
    return _table("time stage kind seconds text", rows)


_VIEWS: dict[str, Callable[[Library], Table]] = {
    "project": _project, "shots": _shots, "takes": _takes, "events": _events,
}  # fmt: skip
