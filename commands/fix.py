"""The `fix` command: correct what was read from the pages. It films nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from agents import output_files
from agents.comprehension import proposals
from agents.corrections import grammar, replan
from agents.llm.structured_output import to_one_line
from commands.output import pages_html
from commands.output.tables import table
from commands.output.terminal import PrintConsole, print_fact, show_progress
from storage.errors import SettingsError
from storage.library import Library

STEPS: dict[str, Callable[..., replan.CorrectionReport]] = {"undo": replan.undo, "redo": replan.redo}
DONE_WORDS = {"undo": "undone", "redo": "done again"}


def run(command: argparse.Namespace) -> int:
    """Correct the reading, undo, redo, list or show. Return 0."""
    lines, project = _split_lines(command.fixes), Path(command.project)
    if command.html:
        output_files.refuse_unwritable(command.html)
    listing = lines == ["list"] or not (lines or command.html)
    if lines and not listing:
        _print_report(project, _apply_lines(project, lines), DONE_WORDS.get(lines[0], "corrected"))
    if listing:
        _print_corrections(project)
    if command.html:
        with Library.open(project, readonly=True) as library:
            library.require_transcript()
            pages_html.write_pages_html(library, command.html)
        print_fact(PrintConsole(stderr=True), "to look at", str(command.html), "bold green")
    return 0


def _apply_lines(project: Path, lines: list[str]) -> replan.CorrectionReport:
    with show_progress(PrintConsole(stderr=True)) as say:
        if not set(lines) & {*STEPS, "list"}:
            return replan.correct_project(project, [grammar.parse_line(line) for line in lines], say=say)
        if len(set(lines)) > 1 or lines[0] == "list":
            raise SettingsError(
                f"{lines[0]} and {lines[1]} do not go together", "undo, redo and list each stand by themselves"
            )
        return STEPS[lines[0]](project, len(lines), say=say)


def _split_lines(given: list[str]) -> list[str]:
    """Return one line for each fix. Words given without quotes are one fix: fix PROJECT page 3 swap panels 2 4."""
    if given and " " not in given[0].strip() and given[0] not in {*STEPS, "list"}:
        return [" ".join(given)]
    return given


def _print_report(project: Path, outcome: replan.CorrectionReport, done: str) -> None:
    paper = PrintConsole()
    for said in outcome.summary:
        print_fact(paper, done, said, "bold green")
    if not outcome.shots:
        print_fact(paper, "shots", "none are planned yet")
        return
    before = f" ({outcome.stale_before} were before)" if outcome.stale_before else ""
    print_fact(paper, "stale", f"{outcome.stale} of {outcome.shots} shots{before}")
    with Library.open(project, readonly=True) as library:
        print_fact(paper, "film", f"main.py animate {library.source()} --project {project}")


def _print_corrections(project: Path) -> None:
    """Print all corrections, those in force with a star (undone ones stay listed), and the proposals of a model."""
    with Library.open(project, readonly=True) as library:
        corrections = library.corrections()
        in_force = {correction.number for correction in library.correction_ancestry()}
        open_proposals = proposals.open_proposals(library)
    for one in corrections:
        sign = "*" if one.number in in_force else " "
        print(f"{sign} {one.number:3d}  {one.created:%Y-%m-%d %H:%M}  {one.author:<6}  {one.message}")
    print(
        f"{len(in_force)} of {len(corrections)} corrections are in force (*)" if corrections else "nothing is corrected"
    )
    if open_proposals:
        rows = (
            (proposal.page + 1, proposal.number, to_one_line(proposal.before), to_one_line(proposal.after))
            for proposal in open_proposals
        )
        print()
        PrintConsole().print_table(table("page+ balloon+ as_it_was_read proposed", rows))
        example = f"page {open_proposals[0].page + 1} accept {open_proposals[0].number}"
        print(f'take one with: main.py fix {project} "{example}" (or "accept all")')
