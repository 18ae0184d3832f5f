"""`undo` and `redo`: a project in, the film as it was a step before, or after, out; films only what has no film."""

from __future__ import annotations

import argparse

from agents.revising import steps
from commands.animate import filmed
from commands.chat import done
from commands.shown.terminal import Paper, telling
from storage.library import Library


def run(command: argparse.Namespace) -> int:
    """Step back or forth, and join the film anew. Returns 0, or 3 when shots failed."""
    console, step = Paper(stderr=True), {"undo": steps.undo, "redo": steps.redo}[command.step]
    with telling(console) as say:
        outcome = step(command.project, command.steps, say)
    done(Paper(), outcome, "undone" if command.step == "undo" else "done again")
    with Library.open(command.project, readonly=True) as library:
        there_is_a_film = library.cut() is not None
    if command.no_film or not there_is_a_film:
        return 0
    return filmed(command.project, command.output, console, telling(console))
