"""`animate`: a book in, a film out; says what was made, what failed, and how to mend it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from agents import film
from commands.terminal import telling
from commands.wishes import corrections_of, project_of, settings_of, source_of
from storage.errors import ProjectError
from storage.library import Library
from storage.settings import Settings


def run(command: argparse.Namespace) -> int:
    """Make the film. Returns 0, or 3 when shots failed."""
    console = Console(stderr=True)
    project, source = project_of(command), source_of(command)
    settings = settings_of(command, _settings_before(project))
    corrections = corrections_of(command.transcript)
    if command.dry_run:
        from agents.estimate import estimate

        for line in estimate(source, project, settings):
            print(line)
        return 0
    agree = _asking(console) if sys.stdin.isatty() and console.is_terminal else None
    wishes = film.Wishes(source, command.output, command.approve, corrections, agree)
    with telling(console) as say:
        report = film.animate(project, settings, wishes, say)
    return tell(console, report)


def tell(console: Console, report: film.Report) -> int:
    """Sum a run up. Returns the exit status."""
    for image, doubts in report.doubts.items():
        console.print(f"[yellow]look twice[/]  {image}: {'; '.join(doubts)}", highlight=False)
    for shot, reason in report.fallbacks.items():
        console.print(f"[yellow]plain page[/]  {shot}: {reason}", highlight=False)
    for shot, reason in report.lost.items():
        console.print(f"[red]lost[/]  {shot}: {reason}", highlight=False)
    if report.film is None:
        console.print(f"{report.shots} shots wait for approval in {report.project}")
        console.print(f"look:  main.py storyboard {report.project} --html storyboard.html", highlight=False)
        console.print("film:  the same command without --approve", highlight=False)
        return 0
    if failed := [*report.fallbacks, *report.lost]:
        console.print(f"retake:  main.py retake {report.project} {' '.join(failed)}", highlight=False)
    minutes, seconds = divmod(round(report.seconds), 60)
    console.print(
        f"[bold]{report.film}[/]  {minutes}:{seconds:02d}, {report.shots} shots of {report.panels} panels "
        f"on {report.pages} pages", highlight=False,
    )  # fmt: skip
    return 3 if failed else 0


def _settings_before(project: Path) -> Settings | None:
    if not project.exists():
        return None
    try:
        with Library.open(project, readonly=True) as library:
            return library.settings()
    except ProjectError:
        return None  # opening it for work says what is wrong with it


def _asking(console: Console) -> film.Agree:
    def agree(library: Library) -> bool:
        plans = library.shots()
        for plan in plans:
            console.print(
                f"  {plan.id}  {plan.seconds:4.1f} s  {', '.join(plan.panels)}  [dim]{plan.reason}[/]", highlight=False
            )
        return console.input(f"film these {len(plans)} shots? [y/N] ").strip().lower() in ("y", "yes")

    return agree
