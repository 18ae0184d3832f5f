"""Print progress and results: live bars on a terminal, plain lines in a log."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TaskID
from rich.table import Column, Table
from rich.text import Text

from agents.book_notes import describe_notes
from agents.run_context import Progress as ProgressEvent
from storage.book_info import BookNote
from storage.errors import KomadoriError

VERBS = {
    "ingest": "opening pages",
    "read": "reading pages",
    "cast": "telling characters apart",
    "portrait": "choosing portraits",
    "voice": "speaking lines",
    "storyboard": "looking at panels",
    "words": "encoding words",
    "clean": "cutting panels out",
    "color": "colouring panels",
    "redraw": "redrawing panels",
    "outpaint": "extending panels",
    "upscale": "upscaling pages",
    "animate": "animating panels",
    "layers": "telling figures from grounds",
    "composite": "filming shots",
    "review": "measuring takes",
    "contact_sheet": "laying takes out",
    "judging": "looking at takes",
    "dissolve": "filming dissolves",
    "cards": "filming cards",
    "mix": "mixing the sound",
    "assemble": "joining the film",
}
LOG_COLUMNS = 1000
"""Columns where nobody looks at a screen: one fact a line, for grep and for the log."""

NAME_COLUMNS = 12
"""Columns of the names in a summary."""
MAX_NAMES = 8
"""Pages, or lines, that are named in one line; `read --json` names all pages."""


class ProgressPrinter(Protocol):
    """A callback that shows the progress of a run to a person."""

    def __call__(self, event: ProgressEvent) -> None:
        """Show one progress event."""
        ...

    def stop(self) -> None:
        """Stop drawing, because a question follows."""
        ...


class PrintConsole(Console):
    """The console of all commands: plain text, folded to a width only at a terminal."""

    def __init__(self, *, stderr: bool = False) -> None:
        is_terminal = (sys.stderr if stderr else sys.stdout).isatty()
        width = None if is_terminal or "COLUMNS" in os.environ else LOG_COLUMNS
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)

    def print_table(self, table: RenderableType) -> None:
        """Print a table without trailing blanks."""
        with self.capture() as captured:
            self.print(table)
        self.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError on standard output; on standard error, print nothing more and go on."""
        if not self.stderr:
            raise BrokenPipeError
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def print_fact(console: Console, name: str, text: str, style: str = "bold") -> None:
    """Print one line of a summary: its name in a column of its own, then the whole text, ready to be copied."""
    console.print(Text.assemble((f"{name:<{NAME_COLUMNS}}", style), text), soft_wrap=True)


def print_error(console: Console, error: KomadoriError, hint: str = "") -> None:
    """Print an error and its hint; `hint` replaces the hint of the error."""
    print_fact(console, "error", error.what, "bold red")
    print_fact(console, "hint", hint or error.hint, "yellow")


def print_wrapped(console: Console, name: str, text: str, style: str) -> None:
    """Print a line like `print_fact`, but folded within its own column on a narrow terminal."""
    if not console.is_terminal:
        print_fact(console, name, text, style)
        return
    row = Table.grid(Column(width=NAME_COLUMNS), Column(overflow="fold"))
    row.add_row(Text(name, style), Text(text))
    console.print(row)


def print_reasons(console: Console, name: str, why: Mapping[str, str], style: str) -> None:
    """Print what happened to shots, one line for each reason; `why` gives the reason by shot."""
    for line in group_by_reason(why.items()):
        print_wrapped(console, name, line, style)


def group_by_reason(why: Iterable[tuple[str, str]]) -> list[str]:
    """Group (shot, reason) pairs to one line for each reason."""
    shots: dict[str, list[str]] = {}
    for shot, reason in why:
        shots.setdefault(reason, []).append(shot)
    return [f"{' '.join(names)}: {reason}" for reason, names in shots.items()]


def print_doubts(console: Console, doubts: Mapping[str, Sequence[str]]) -> None:
    """Print where the reading should be checked, one line for each kind of doubt; `doubts` are by page name."""
    _print_names(console, "look twice", ((doubt, page) for page, found in doubts.items() for doubt in found))


def print_lines(console: Console, name: str, why: Mapping[str, str]) -> None:
    """Print what happened to spoken lines, one line for each reason; `why` gives the reason by balloon."""
    _print_names(console, name, ((reason, balloon) for balloon, reason in why.items()))


def _print_names(console: Console, name: str, said: Iterable[tuple[str, str]]) -> None:
    """Print (reason, name) pairs, one line for each reason with the first of its names."""
    names: dict[str, list[str]] = {}
    for reason, one in said:
        names.setdefault(reason, []).append(one)
    for reason, found in names.items():
        more = f" and {len(found) - MAX_NAMES} more" if len(found) > MAX_NAMES else ""
        print_wrapped(console, name, f"{reason}: {' '.join(found[:MAX_NAMES])}{more}", "yellow")


def print_notes(console: Console, notes: Iterable[BookNote]) -> None:
    """Print what was left out, reordered or guessed when the book was opened."""
    for topic, line in describe_notes(notes):
        print_wrapped(console, topic, line, "yellow")


@contextmanager
def show_progress(console: Console, *, transient: bool = False) -> Iterator[ProgressPrinter]:
    """Yield a progress printer for a run. With `transient`, the bars are erased at the end."""
    if not console.is_terminal:
        yield PlainProgress(console)
        return
    bars = ProgressBars(console, transient=transient)
    try:
        yield bars
    finally:
        bars.stop()


class ProgressBars:
    """One bar for each stage; a stage that runs again for a rejected take continues in its own bar."""

    def __init__(self, console: Console, *, transient: bool = False) -> None:
        self._console, self._transient = console, transient
        self._bars: Progress | None = None
        self._at: dict[str, TaskID] = {}

    def __call__(self, event: ProgressEvent) -> None:
        """Draw one progress event."""
        if event.kind == "begin":
            self._begin(event)
        elif event.kind == "note":
            self._line("  ", event.text, "dim")
        elif event.stage in self._at and self._bars:
            self._go_on(event, self._bars, self._at[event.stage])

    def stop(self) -> None:
        """Stop drawing; the next stage starts new bars below."""
        if self._bars:
            self._bars.stop()
        self._bars, self._at = None, {}

    def _begin(self, event: ProgressEvent) -> None:
        new = event.total - event.cached
        if self._bars is None:
            self._bars = _progress(self._console, transient=self._transient)
            self._bars.start()
        if event.stage not in self._at:
            name = VERBS.get(event.stage, event.stage)
            self._at[event.stage] = self._bars.add_task(name, total=None, kept=0, at="", failed=0, last=0.0)
        elif not new:
            return
        at = "" if new else "stood already"
        self._bars.reset(
            self._at[event.stage], total=event.total, completed=event.done, kept=event.cached, at=at, failed=0, last=0.0
        )

    def _go_on(self, event: ProgressEvent, bars: Progress, task_id: TaskID) -> None:
        task = next(task for task in bars.tasks if task.id == task_id)
        failed = task.fields["failed"]
        if event.kind == "end":
            at = f"{failed} failed" if failed else "" if event.cached < event.total else "stood already"
            bars.update(task_id, completed=event.total, at=at)
            return
        if event.kind == "failed":
            self._line("  failed  ", event.text, "red")
            failed += 1
        bars.update(task_id, completed=event.done, at=event.text, failed=failed, last=task.elapsed or 0.0)

    def _line(self, head: str, text: str, style: str) -> None:
        row = Table.grid(Column(width=len(head)), Column(overflow="fold"))
        row.add_row(Text(head, style), Text(text, "dim" if style == "dim" else ""))
        self._console.print(row)


class PlainProgress:
    """One line when a stage begins and one when it ends, and every failure and note in between."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: ProgressEvent) -> None:
        """Print one progress event."""
        name = VERBS.get(event.stage, event.stage)
        if event.kind == "begin" and event.done < event.total:
            stand = f", {event.cached} stand already" if event.cached else ""
            self._line(f"{name}: {event.total - event.done} to do{stand}")
        elif event.kind == "failed":
            self._line(f"{name}: FAILED {event.text}")
        elif event.kind == "note":
            self._line(f"{event.stage}: {event.text}")
        elif event.kind == "end" and event.cached < event.total:
            self._line(f"{name}: {event.total} of {event.total} done")

    def stop(self) -> None:
        """Do nothing: there is nothing to erase."""

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def _progress(console: Console, *, transient: bool) -> Progress:
    wide = console.width >= 100
    return Progress(
        SpinnerColumn(finished_text=Text("✓", style="green")),
        _Stage(table_column=Column(width=18, no_wrap=True)),
        BarColumn(bar_width=32 if wide else 18),
        _Count(table_column=Column(width=9, justify="right", no_wrap=True)),
        _Clock(table_column=Column(width=10, justify="right", no_wrap=True)),
        _At(table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        console=console,
        expand=True,
        refresh_per_second=8,
        transient=transient,
    )


class _Stage(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(task.description)


class _Count(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:.0f}/{task.total or 0:.0f}")


class _Clock(ProgressColumn):
    """The time that a finished stage took, or an estimate of the time left, from the jobs done so far."""

    def render(self, task: Task) -> Text:
        if task.finished:
            return Text(_time(task.finished_time or 0.0), style="dim")
        new = task.completed - task.fields["kept"]
        if not new or task.total is None:
            return Text("")
        each, since = task.fields["last"] / new, (task.elapsed or 0.0) - task.fields["last"]
        return Text(f"{_time(max(1.0, each * (task.total - task.completed) - since))} left")


class _At(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(task.fields["at"], style="dim")


def _time(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d}"
