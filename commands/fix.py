"""`fix`: a project and what is wrong with its reading in, the reading mended out; films nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from agents import delivery
from agents.asking.answers import plain
from agents.fixes import words
from agents.revising import mend
from agents.understanding import proposals
from commands.shown import reading
from commands.shown.tables import table
from commands.shown.terminal import Paper, fact, telling
from storage.errors import ProjectError, SettingsError
from storage.library import Library

STEPS: dict[str, Callable[..., mend.Outcome]] = {"undo": mend.undo, "redo": mend.redo}
DONE = {"undo": "undone", "redo": "done again"}


def run(command: argparse.Namespace) -> int:
    """Mend, step back or forth, list, show. Returns 0."""
    lines, project = _lines(command.fixes), Path(command.project)
    if command.html:
        delivery.refuse_unwritable(command.html)
    listing = lines == ["list"] or not (lines or command.html)
    if lines and not listing:
        _tell(project, _do(project, lines), DONE.get(lines[0], "mended"))
    if listing:
        _list(project)
    if command.html:
        with Library.open(project, readonly=True) as library:
            if library.transcript() is None:
                raise ProjectError(f"nothing has been read in {project} yet", "run: main.py animate SOURCE")
            reading.show(library, command.html)
        fact(Paper(stderr=True), "to look at", str(command.html), "bold green")
    return 0


def _do(project: Path, lines: list[str]) -> mend.Outcome:
    with telling(Paper(stderr=True)) as say:
        if not set(lines) & {*STEPS, "list"}:
            return mend.fix(project, [words.parse(line) for line in lines], say=say)
        if len(set(lines)) > 1 or lines[0] == "list":
            raise SettingsError(
                f"{lines[0]} and {lines[1]} do not go together", "undo, redo and list each stand by themselves"
            )
        return STEPS[lines[0]](project, len(lines), say=say)


def _lines(given: list[str]) -> list[str]:
    """The fixes, each a line. Words given without quotes are one fix: main.py fix PROJECT page 3 swap panels 2 4."""
    if given and " " not in given[0].strip() and given[0] not in {*STEPS, "list"}:
        return [" ".join(given)]
    return given


def _tell(project: Path, outcome: mend.Outcome, done: str) -> None:
    paper = Paper()
    for said in outcome.said:
        fact(paper, done, said, "bold green")
    if not outcome.shots:
        fact(paper, "shots", "none are planned yet")
        return
    before = f" ({outcome.stale_before} were before)" if outcome.stale_before else ""
    fact(paper, "stale", f"{outcome.stale} of {outcome.shots} shots{before}")
    with Library.open(project, readonly=True) as library:
        fact(paper, "film", f"main.py animate {library.source()} --project {project}")


def _list(project: Path) -> None:
    """Every correction, those in force with a star; those undone stay known. And the texts that a model proposes."""
    with Library.open(project, readonly=True) as library:
        everything = library.corrections()
        standing = {correction.number for correction in library.correction_line()}
        there = proposals.standing(library)
    for one in everything:
        sign = "*" if one.number in standing else " "
        print(f"{sign} {one.number:3d}  {one.created:%Y-%m-%d %H:%M}  {one.author:<6}  {one.message}")
    print(
        f"{len(standing)} of {len(everything)} corrections are in force (*)" if everything else "nothing is corrected"
    )
    if there:
        rows = ((one.page + 1, one.number, plain(one.before), plain(one.after)) for one in there)
        print()
        Paper().lay(table("page+ balloon+ as_it_was_read proposed", rows))
        example = f"page {there[0].page + 1} accept {there[0].number}"
        print(f'take one with: main.py fix {project} "{example}" (or "accept all")')
