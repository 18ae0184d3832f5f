"""The `animate` command: make the film of a book and report the film, the failed shots and the hints."""

from __future__ import annotations

import argparse
import shlex
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from agents import run as film_run
from agents.estimates.dry_run import estimate
from agents.scripting import transcripts
from commands.cli.settings import project_of, settings_before, settings_of, source_of
from commands.output.terminal import (
    PrintConsole,
    ProgressPrinter,
    group_by_reason,
    print_doubts,
    print_fact,
    print_lines,
    print_notes,
    print_reasons,
    show_progress,
)
from storage.library import Library
from storage.settings import Settings


def run(command: argparse.Namespace) -> int:
    """Make the film, or print its estimate with --dry-run. Return 0, or 3 when shots failed."""
    project, source = project_of(command), source_of(command)
    settings = settings_of(command, settings_before(project, only_looking=command.dry_run))
    corrections = transcripts.read_transcript(command.transcript) if command.transcript else None
    if command.dry_run:
        for line in estimate(project, settings, film_run.RunOptions(source, command.output, corrections=corrections)):
            print(line)
        return 0
    console = PrintConsole(stderr=True)
    with show_progress(console) as say:
        agree = _approval_question(console, say) if sys.stdin.isatty() and console.is_terminal else None
        options = film_run.RunOptions(source, command.output, command.approve, corrections, agree)
        report = film_run.animate(project, settings, options, say)
    return print_report(console, report)


def film_project(
    project: Path,
    output: Path | None,
    paper: PrintConsole,
    listening: AbstractContextManager[ProgressPrinter],
    *,
    brief: bool = False,
) -> int:
    """Film what has no take yet with the project's own settings, print the report and return the exit status."""
    with Library.open(project, readonly=True) as library:
        settings = library.settings() or Settings()
    with listening as say:
        report = film_run.animate(project, settings, film_run.RunOptions(output=output), say)
    return print_report(paper, report, brief=brief)


def print_report(console: PrintConsole, report: film_run.Report, *, brief: bool = False) -> int:
    """Print the summary of a run, the film last, and return the exit status. `brief` prints only what is new."""
    project, failed = shlex.quote(str(report.project)), report.failed
    if console.is_terminal and not brief:
        console.print()
    if not brief:
        print_notes(console, report.notes)
    print_doubts(console, report.doubts)
    unchanged = dict.fromkeys(report.unchanged, "nothing that films it is left to chance: a retake changes nothing")
    print_reasons(console, "the same", unchanged, "yellow")
    for line in group_by_reason(report.restored):
        print_fact(console, "restored", f"{line}, made again: its file was damaged or missing", "yellow")
    print_reasons(console, "smaller", report.smaller, "yellow")
    print_reasons(console, "unpainted", report.not_outpainted, "yellow")
    print_reasons(console, "not moved", report.not_animated, "yellow")
    print_reasons(console, "no pose", report.unmet_poses, "yellow")
    print_reasons(console, "as drawn", report.not_redrawn, "yellow")
    print_reasons(console, "flat", report.not_layered, "yellow")
    print_reasons(console, "no model", report.stills, "yellow")
    print_reasons(console, "plain page", report.fallbacks, "yellow")
    print_reasons(console, "lost", report.not_filmed, "red")
    print_lines(console, "other voice", report.fallback_lines)
    print_lines(console, "silent", report.silent_lines)
    print_reasons(console, "critic asks", report.questions, "yellow")
    if report.questions:
        shot = next(iter(report.questions))
        print_fact(
            console, "answer", f"main.py takes {project} {shot} --lock keeps it; main.py chat {project} changes it"
        )
    if failed:
        print_fact(console, "retake", f"main.py retake {project} {' '.join(failed)}")
    if report.film is None:
        print_fact(console, "waiting", f"{report.shots} shots wait for approval in {report.project}")
        print_fact(console, "look", f"main.py storyboard {project} --html storyboard.html")
        print_fact(console, "film", "the same command without --approve")
        return 0
    print_fact(console, "film", f"{report.film}", "bold green")
    if brief:
        return 3 if failed else 0
    minutes, seconds = divmod(round(report.seconds), 60)
    print_fact(console, "subtitles", f"{report.film.with_suffix('.srt')}")
    length = f"{minutes}:{seconds:02d} min"
    shots = f"{report.shots} shots of {report.panels} panels on {report.pages} pages"
    print_fact(console, "", f"{length}, {shots}, directed by {report.director}")
    return 3 if failed else 0


def _approval_question(console: PrintConsole, say: ProgressPrinter) -> film_run.Agree:
    def agree(library: Library) -> bool:
        say.stop()
        plans = library.shots()
        for plan in plans:
            console.print(f"  {plan.id}  {plan.seconds:4.1f} s  {', '.join(plan.panels)}  {plan.reason}")
        try:
            answer = console.input(f"film these {len(plans)} shots? [y/N] ", markup=False)
        except EOFError:
            return False
        return answer.strip().lower() in ("y", "yes")

    return agree
