"""Progress in, a terminal worth watching out: live bars for a person, plain lines for a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from agents.film import Say
from agents.workshop import Progress as Said

VERBS = {
    "ingest": "opening pages",
    "read": "reading pages",
    "storyboard": "looking at panels",
    "clean": "cutting panels out",
    "outpaint": "extending pictures",
    "animate": "bringing to life",
    "composite": "filming shots",
    "review": "reviewing takes",
    "assemble": "joining the film",
}


@contextmanager
def telling(console: Console) -> Iterator[Say]:
    """Give the route somebody to talk to, for as long as it runs."""
    if not console.is_terminal:
        yield Plain(console)
        return
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("[dim]{task.fields[at]}"),
    )
    with Progress(*columns, console=console) as bars:
        yield Bars(bars)


class Bars:
    """One bar a stage; a stage that comes round again goes on with a bar of its own."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._at: dict[str, TaskID] = {}

    def __call__(self, said: Said) -> None:
        """Draw what was said."""
        if said.kind == "note":
            self._bars.console.print(f"  [dim]{said.stage}[/]  {said.text}", highlight=False)
        elif said.kind == "begin":
            name = VERBS.get(said.stage, said.stage)
            self._at[said.stage] = self._bars.add_task(f"{name:<20}", total=said.total, completed=said.done, at="")
        elif said.kind == "end":
            self._bars.update(
                self._at[said.stage], completed=said.total, at="" if said.kept < said.total else "stood already"
            )
        else:
            if said.kind == "failed":
                self._bars.console.print(f"  [red]failed[/]  {said.text}", highlight=False)
            self._bars.update(self._at[said.stage], completed=said.done, at=said.text[:40])


class Plain:
    """One line when a stage begins work and one when it is done; every failure and note in between."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, said: Said) -> None:
        """Print what was said."""
        name = VERBS.get(said.stage, said.stage)
        if said.kind == "begin" and said.done < said.total:
            self._line(
                f"{name}: {said.total - said.done} to do" + (f", {said.kept} stand already" if said.kept else "")
            )
        elif said.kind == "failed":
            self._line(f"{name}: FAILED {said.text}")
        elif said.kind == "note":
            self._line(f"{said.stage}: {said.text}")
        elif said.kind == "end" and said.kept < said.total:
            self._line(f"{name}: {said.total} of {said.total} done")

    def _line(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)
