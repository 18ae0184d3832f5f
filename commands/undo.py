"""The `undo` and `redo` commands: step through the changes of a film, and film what has no take yet."""

from __future__ import annotations

import argparse

from agents.editing import undo
from commands.animate import film_project
from commands.chat import print_changes
from commands.output.terminal import PrintConsole, show_progress
from storage.library import Library


def run(command: argparse.Namespace) -> int:
    """Undo or redo changes and join the film again. Return 0, or 3 when shots failed."""
    console, step = PrintConsole(stderr=True), {"undo": undo.undo, "redo": undo.redo}[command.step]
    with show_progress(console) as say:
        outcome = step(command.project, command.steps, say)
    print_changes(PrintConsole(), outcome, "undone" if command.step == "undo" else "done again")
    with Library.open(command.project, readonly=True) as library:
        has_film = library.cut() is not None
    if command.no_film or not has_film:
        return 0
    return film_project(command.project, command.output, console, show_progress(console))
