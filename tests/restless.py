"""A program that edits a project, steps back and forth and films, without end, until somebody kills it."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from agents import film, revise
from agents.edits import words
from storage.errors import KomadoriError
from storage.library import Library
from storage.settings import Settings
from tests.agents.test_edits import any_edit


def main(folder: Path, seed: int, rounds: int = 1_000_000) -> int:
    """Edit for so many rounds; how many edits were done."""
    luck, done = random.Random(seed), 0
    for _ in range(rounds):
        with Library.open(folder, readonly=True) as library:
            names, settings = [plan.id for plan in library.shots()], library.settings() or Settings()
        try:
            done += step(folder, luck, names, settings)
        except KomadoriError:
            continue  # it could not be done: so be it
    return done


def step(folder: Path, luck: random.Random, names: list[str], settings: Settings) -> bool:
    """One thing, whichever it is; whether it was an edit."""
    wish = luck.random()
    if wish < 0.25:
        (revise.undo if luck.random() < 0.6 else revise.redo)(folder, luck.randint(1, 3))
    elif wish < 0.28:
        film.animate(folder, settings, film.Wishes())
    elif wish < 0.34:
        said = luck.choice(["hello", "good morning to you all, my friends"])
        revise.revise(folder, [words.parse(f'page {luck.randint(1, 2)} text 1 "{said}"')])
    else:
        line = any_edit(luck, names)
        while "aspect" in line:  # every film in another aspect costs a film
            line = any_edit(luck, names)
        revise.revise(folder, [words.parse(line)])
        return True
    return False


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:])))
