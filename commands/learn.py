"""The `learn` command: teach the model that draws a film how its characters look. It films nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

from agents.characters import learning
from commands.output.tables import bytes_text, table
from commands.output.terminal import PrintConsole, print_fact, show_progress
from storage.learned_characters import LearnedCharacter, learned_characters
from storage.library import Library


def run(command: argparse.Namespace) -> int:
    """Train or forget LoRAs of characters, or list those that the project has. Return 0."""
    project = Path(command.project)
    if command.forget:
        learning.forget(project, command.characters)
    elif command.characters:
        options = {"steps": command.steps, "rank": command.rank}
        given = {name: value for name, value in options.items() if value is not None}
        with show_progress(PrintConsole(stderr=True)) as say:
            learned = learning.learn(project, command.characters, options=given, say=say)
        _print_shots(project, learned)
    _print_list(project)
    return 0


def _print_shots(project: Path, learned: tuple[LearnedCharacter, ...]) -> None:
    """Say how many shots the film will draw again."""
    ids = {one.character for one in learned}
    with Library.open(project, readonly=True) as library:
        count = sum(bool(ids & set(shot.characters)) for shot in library.shots())
    console = PrintConsole()
    print_fact(console, "learned", f"{len(learned)} characters, who are in {count} shots", "bold green")
    print_fact(console, "next", f"main.py animate {project} draws those shots again")


def _print_list(project: Path) -> None:
    with Library.open(project, readonly=True) as library:
        transcript = library.transcript()
        names = {one.id: one.name for one in transcript.cast} if transcript else {}
        rows = [
            (
                names.get(one.character, one.character),
                one.sightings,
                one.steps,
                bytes_text(library.artifacts.open(one.file).stat().st_size),
                one.base,
            )
            for one in learned_characters(library)
        ]
    PrintConsole().print_table(table("character pictures+ steps+ size+ model", rows))
