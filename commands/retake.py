"""`retake`: shots of a project in, the film with new takes of them out."""

from __future__ import annotations

import argparse

from agents import film
from commands.animate import tell
from commands.shown.terminal import Paper, telling


def run(command: argparse.Namespace) -> int:
    """Film the named shots again. Returns 0, or 3 when shots failed."""
    console = Paper(stderr=True)
    with telling(console) as say:
        report = film.retake(command.project, command.shots, seed=command.seed, output=command.output, say=say)
    return tell(console, report)
