"""`run`: a script in, all the films that it asks for out; or a folder of chapters, each made as the script says."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from rich.table import Table

from agents import film, production, scripts
from agents.production import Produced
from agents.scripts import Loaded
from commands import export
from commands.animate import tell
from commands.profiles import profiled
from commands.terminal import Paper, fact, telling
from storage.errors import KomadoriError, SettingsError
from storage.settings import Settings

EVERY = 1.0
"""Seconds between two looks at the files that are watched."""


def run(command: argparse.Namespace) -> int:
    """Run a script. Returns 0, 2 where a chapter failed, or 3 when shots failed."""
    if command.watch and command.chapters:
        raise SettingsError("--watch watches one project", "leave --chapters out")
    loaded = _loaded(command)
    if command.check:
        return _checked(command, loaded)
    if command.chapters:
        return _batch(command, loaded)
    status = _made(command, loaded)
    if command.watch:
        with contextlib.suppress(KeyboardInterrupt):
            for _ in changes(lambda: _files(command, loaded)):
                status = _again(command)
    return status


def changes(files: Callable[[], list[Path]], every: float = EVERY) -> Iterator[None]:
    """Yield each time one of the files has changed since the last look."""
    before = _stamps(files())
    while True:
        time.sleep(every)
        now = _stamps(files())
        if now != before:
            before = now
            yield


def _loaded(command: argparse.Namespace) -> Loaded:
    given: dict[str, str] = {}
    for word in command.var:
        name, sign, value = word.partition("=")
        if not sign or not name.isidentifier():
            raise SettingsError(f"{word!r} is no variable", "write it as name=value")
        given[name] = value
    loaded = scripts.load(command.script, given)
    base = Settings(model=os.environ.get("KOMADORI_MODEL", "").strip())
    return replace(loaded, base=profiled(loaded.script.profile, base))


def _checked(command: argparse.Namespace, loaded: Loaded) -> int:
    if not command.chapters:
        production.check(loaded)
    script = loaded.script
    edits, aspects = len(script.lines()), ", ".join(script.aspects)
    print(f"{command.script} is sound: {edits} edit{'' if edits == 1 else 's'}, in {aspects}")
    return 0


def _made(command: argparse.Namespace, loaded: Loaded) -> int:
    console = Paper(stderr=True)
    with telling(console) as say:
        produced = production.produce(loaded, say, after=lambda project, aspect: _exported(loaded, project, aspect))
    return max([tell(console, report) for report in produced.films.values()], default=0)


def _again(command: argparse.Namespace) -> int:
    """Once more, because something changed; what is wrong is told, and watched on."""
    paper = Paper(stderr=True)
    try:
        return _made(command, _loaded(command))
    except KomadoriError as error:
        fact(paper, "error", error.what, "bold red")
        fact(paper, "hint", error.hint, "yellow")
        return 2


def _exported(loaded: Loaded, project: Path, aspect: str) -> None:
    for wish in loaded.script.export:
        folder = Path(wish.to.replace("{aspect}", aspect.replace(":", "x")).replace("{name}", project.stem))
        export.run(argparse.Namespace(project=project, what=list(wish.what), output=folder))


def _batch(command: argparse.Namespace, loaded: Loaded) -> int:
    paper, console = Paper(), Paper(stderr=True)
    made = []
    for produced in production.batch(loaded, command.chapters, film.silent, jobs=command.jobs):
        made.append(produced)
        what = produced.error.what if produced.error else ", ".join(produced.films)
        fact(console, "failed" if produced.error else "made", f"{produced.project}: {what}")
    paper.lay(summary(made))
    if any(one.error for one in made):
        return 2
    return 3 if any(report.fallbacks or report.lost for one in made for report in one.films.values()) else 0


def summary(made: list[Produced]) -> Table:
    """One line a chapter and aspect."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("project", "film", "shots", "minutes", "failed", "what"):
        table.add_column(name, overflow="fold", justify="right" if name in ("shots", "minutes", "failed") else "left")
    for one in made:
        if one.error:
            table.add_row(str(one.project), "-", "", "", "", f"{one.error.what} ({one.error.hint})")
        for aspect, report in one.films.items():
            minutes, seconds = divmod(round(report.seconds), 60)
            failed = len(report.fallbacks) + len(report.lost)
            length = f"{minutes}:{seconds:02d}"
            table.add_row(str(one.project), aspect, str(report.shots), length, str(failed or ""), str(report.film))
    return table


def _files(command: argparse.Namespace, loaded: Loaded) -> list[Path]:
    """What a change of which is a reason to run again: the scripts, the book, the transcript."""
    source = Path(loaded.script.source)
    pages = sorted(source.rglob("*")) if source.is_dir() else [source]
    transcript = [Path(loaded.script.transcript)] if loaded.script.transcript else []
    return [*loaded.files, *pages, *transcript]


def _stamps(files: list[Path]) -> dict[Path, tuple[int, int]]:
    found = {}
    for file in files:
        with contextlib.suppress(OSError):
            seen = file.stat()
            found[file] = seen.st_mtime_ns, seen.st_size
    return found
