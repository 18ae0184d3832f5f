"""Edits, undo, redo and films, killed again and again: the storyboard is what its log says, and nothing is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from agents import film, revise
from storage.library import Library
from tests.agents.test_edits import sound
from tests.program import HOUSE


def test_killed_in_the_middle_of_its_edits_a_project_is_what_its_log_says(filmed: Path) -> None:
    folder, luck, revisions = filmed / "chapter.komadori", random.Random(5), 0
    for seed in range(3):
        restless = subprocess.Popen(
            [sys.executable, "-m", "tests.restless", str(folder), str(seed)],
            cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        _until(lambda known=revisions: count(folder) > known + 3, restless)
        time.sleep(luck.random() * 0.5)
        restless.send_signal(signal.SIGKILL)
        assert restless.wait() == -signal.SIGKILL, restless.stderr.read() if restless.stderr else ""
        revisions = count(folder)
        verify(folder)
    with Library.open(folder, readonly=True) as library:
        settings = library.settings()
    assert settings
    film.animate(folder, settings, film.Wishes())
    verify(folder)


def count(folder: Path) -> int:
    with Library.open(folder, readonly=True) as library:
        return len(library.revisions())


def verify(folder: Path) -> None:
    """The head is a sound storyboard and what the log says; every file is whole; no job was done twice."""
    with Library.open(folder, readonly=True) as library:
        assert library.shots() == revise.replayed(library)
        board = revise.board_of(library)
        sound(board, board)
        made = Counter(str(event.facts["key"]) for event in library.events(kinds={"made"}))
        assert not [key for key, times in made.items() if times > 1]
        files = [path.name for path in (folder / "artifacts").rglob("*") if len(path.name) == 64]
        assert files
        assert all(library.artifacts.verify(name) for name in files)
        assert not library.missing(list(made))


def _until(condition: object, process: subprocess.Popen[bytes]) -> None:
    assert callable(condition)
    for _ in range(3000):
        if condition():
            return
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.02)
    raise AssertionError("it never edited anything")
