"""The `run` command: make all films that a script describes, for one book or for a folder of chapters."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from rich.table import Table

from agents.scripting import batch, checks, production, scripts
from agents.scripting.production import Production
from agents.scripting.scripts import LoadedScript
from agents.scripting.sources import files_of
from commands import export
from commands.animate import print_report
from commands.output.terminal import PrintConsole, print_error, print_fact, show_progress
from storage.errors import KomadoriError, SettingsError
from storage.settings import Settings

POLL_SECONDS = 1.0
"""Seconds between two looks at the files that are watched."""


def run(command: argparse.Namespace) -> int:
    """Run a script. Return 0, 3 when some shots or chapters failed, or 2 when all chapters failed."""
    if command.watch and command.chapters:
        raise SettingsError("--watch watches one project", "leave --chapters out")
    loaded = _load(command)
    if command.check:
        return _check(command, loaded)
    if command.chapters:
        return _run_chapters(command, loaded)
    return _watch(command, loaded) if command.watch else _run_script(command, loaded)


def watch_files(files: Callable[[], list[Path]], every: float = POLL_SECONDS) -> Iterator[None]:
    """Yield at once, and then each time that one of the files has changed, until Ctrl-C.

    Changes made while the caller works are noticed after that work. A file that is still being saved is waited for.
    Files are checked every `every` seconds.
    """
    seen = _file_states(files())
    while True:
        yield
        while (now := _file_states(files())) == seen:
            time.sleep(every)
        while now != seen:
            seen = now
            time.sleep(every)
            now = _file_states(files())


def _watch(command: argparse.Namespace, loaded: LoadedScript) -> NoReturn:
    """Run the script, and again at every change. Errors are printed and watching goes on."""
    paper = PrintConsole(stderr=True)

    def files() -> list[Path]:
        return files_of(loaded)

    for again, _ in enumerate(watch_files(files)):
        try:
            loaded = _load(command) if again else loaded
            _run_script(command, loaded)
        except KomadoriError as error:
            print_error(paper, error)
        print_fact(paper, "watching", f"{command.script} and what it names; Ctrl-C ends it")
    raise AssertionError("only Ctrl-C ends it")


def _load(command: argparse.Namespace) -> LoadedScript:
    given: dict[str, str] = {}
    for word in command.var:
        name, sign, value = word.partition("=")
        if not sign or not name.isidentifier():
            raise SettingsError(f"{word!r} is no variable", "write it as name=value")
        given[name] = value
    loaded = scripts.load_script(command.script, given)
    if command.cards is not None:
        loaded = replace(loaded, script=loaded.script.model_copy(update={"cards": command.cards}))
    return replace(loaded, base=Settings(model=os.environ.get("KOMADORI_MODEL", "").strip()))


def _check(command: argparse.Namespace, loaded: LoadedScript) -> int:
    parts = batch.scripts_of(loaded, command.chapters) if command.chapters else [loaded]
    for part in parts:
        checks.check_script(part)
    tried = all([checks.try_on_current_plan(part) for part in parts])
    edits, aspects = len(loaded.edits()), ", ".join(loaded.script.aspects)
    books = f", for {len(parts)} chapter{'' if len(parts) == 1 else 's'}" if command.chapters else ""
    print(f"{command.script} is sound: {edits} edit{'' if edits == 1 else 's'}, in {aspects}{books}")
    if edits and not tried:
        print("which shots there are is known when they are planned: the edits are tried then")
    return 0


def _run_script(command: argparse.Namespace, loaded: LoadedScript) -> int:
    console = PrintConsole(stderr=True)
    with show_progress(console) as say:

        def after(script: LoadedScript, project: Path, aspect: str) -> None:
            say.stop()  # the next film is drawn below
            _export(script, project, aspect)

        produced = production.produce(loaded, say, after=after)
    return max([print_report(console, report) for report in produced.films.values()], default=0)


def _export(loaded: LoadedScript, project: Path, aspect: str) -> None:
    for part in loaded.script.export:
        export.export_parts(project, part.what, checks.expand_path(part.to, project, aspect))


def _run_chapters(command: argparse.Namespace, loaded: LoadedScript) -> int:
    from natsort import natsorted

    paper, console = PrintConsole(), PrintConsole(stderr=True)
    made = []
    with show_progress(console) as say:
        for produced in batch.batch(loaded, command.chapters, say, jobs=command.jobs, after=_export):
            made.append(produced)
            say.stop()
            what = produced.error.what if produced.error else ", ".join(produced.films)
            print_fact(console, "failed" if produced.error else "made", f"{produced.project}: {what}")
    paper.print_table(print_summary(natsorted(made, key=lambda one: one.project.name)))
    failed = [one for one in made if one.error]
    if len(failed) == len(made):
        return 2
    return 3 if failed or any(report.failed for one in made for report in one.films.values()) else 0


def print_summary(made: list[Production]) -> Table:
    """Return a table with one line for each chapter and aspect."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("project", "film", "shots", "minutes", "failed", "what"):
        table.add_column(name, overflow="fold", justify="right" if name in ("shots", "minutes", "failed") else "left")
    for one in made:
        if one.error:
            table.add_row(str(one.project), "-", "", "", "", f"{one.error.what} ({one.error.hint})")
        for aspect, report in one.films.items():
            minutes, seconds = divmod(round(report.seconds), 60)
            length, failed = f"{minutes}:{seconds:02d}", str(len(report.failed) or "")
            table.add_row(str(one.project), aspect, str(report.shots), length, failed, str(report.film))
    return table


def _file_states(files: list[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for file in files:
        with contextlib.suppress(OSError):
            seen = file.stat()
            found[file] = seen.st_mtime_ns, seen.st_size
    return found
