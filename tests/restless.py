"""Edit, undo, redo or film a project endlessly until this program is killed.

It writes a dot for each step done and a dash for each one refused, so that the killer can choose the moment.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from agents import run
from agents.editing import grammar, revise, undo
from storage.errors import KomadoriError
from storage.library import Library
from storage.settings import Settings
from tests.agents.editing.test_random_edits import any_edit

AT_ONCE = 25
"""Rounds after which the project is closed and opened again."""


def main(folder: Path, seed: int, done: Path) -> None:
    """Run forever; `done` grows by a byte for every edit, undo and redo, some of which are refused."""
    luck, handle = random.Random(seed), os.open(done, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        with Library.open(folder) as library:
            for _ in range(AT_ONCE):
                os.write(handle, b"." if step(library, luck) else b"-")


def step(library: Library, luck: random.Random) -> bool:
    """Do one random thing and return whether it was accepted."""
    wish = luck.random()
    try:
        if wish < 0.2:
            (undo.undo if luck.random() < 0.6 else undo.redo)(library, luck.randint(1, 3))
        elif wish < 0.24:
            said = luck.choice(["hello", "good morning to you all, my friends"])
            revise.revise(library, [grammar.parse_line(f'page {luck.randint(1, 2)} text 1 "{said}"')])
        else:
            revise.revise(library, [grammar.parse_line(any_edit(luck, [plan.id for plan in library.shots()]))])
    except KomadoriError:
        return False
    return True


def filming(folder: Path) -> None:
    """Film what has no take yet."""
    with Library.open(folder, readonly=True) as library:
        settings = library.settings() or Settings()
    run.animate(folder, settings, run.RunOptions())


if __name__ == "__main__":
    if sys.argv[2] == "film":
        filming(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
