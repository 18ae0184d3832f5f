"""The `retake` command: film shots again and make the film with the new takes."""

from __future__ import annotations

import argparse

from agents import run as film_run
from commands.animate import print_report
from commands.output.terminal import PrintConsole, show_progress


def run(command: argparse.Namespace) -> int:
    """Film the named shots again. Return 0, or 3 when shots failed."""
    console = PrintConsole(stderr=True)
    with show_progress(console) as say:
        report = film_run.retake(command.project, command.shots, seed=command.seed, output=command.output, say=say)
    return print_report(console, report)
