"""Test a thousand edits and undos, killed again and again: the storyboard matches its log and nothing is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.editing import plan_inputs
from agents.editing.shot_status import editable_storyboard
from storage.library import Library
from tests.agents.editing.test_random_edits import sound
from tests.program import HOUSE
from tests.replaying import replayed
from tests.restless import filming

pytestmark = pytest.mark.film


TRIED, STINTS = 1000, 4


def test_a_thousand_edits_and_steps_back_and_forth_killed_in_their_midst_leave_what_the_log_says(filmed: Path) -> None:
    folder, done, luck = filmed / "chapter.komadori", filmed / "done", random.Random(5)
    done.touch()
    known = verify(folder, set())
    for stint in range(1, STINTS + 1):
        kill(luck, [folder, stint, done], lambda: done.stat().st_size, TRIED * stint // STINTS)
        known = verify(folder, known)
        if stint == STINTS // 2:
            kill(luck, [folder, "film"], lambda: segments(folder), segments(folder) + 1)
    filming(folder)
    verify(folder, known)
    assert done.read_bytes().count(b".") > TRIED / 2


def verify(folder: Path, known: set[str]) -> set[str]:
    """Check the project and return the names of its files.

    The head must be a sound storyboard that matches the log, every known file must be there and whole, and no job may
    have been done twice.
    """
    with Library.open(folder, readonly=True) as library:
        assert library.shots() == replayed(library)
        head = library.head()
        assert head
        assert plan_inputs.format_mismatch(library, head) is None, "it is framed for what it will be filmed for"
        board = editable_storyboard(library)
        sound(board, board)
        made = Counter(str(event.facts["key"]) for event in library.events(kinds={"made"}))
        assert not [key for key, times in made.items() if times > 1]
        files = {path.name for path in (folder / "artifacts").rglob("*") if len(path.name) == 64}
        assert files >= known
        assert all(library.artifacts.is_intact(name) for name in files - known)
        assert library.find_many(made).keys() == made.keys()
    return files


def kill(luck: random.Random, words: list[object], count: Callable[[], int], enough: int) -> None:
    """Let the endless program run until there is enough of something and a moment more, then kill it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.restless", *map(str, words)],
        cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as restless:  # fmt: skip
        while restless.poll() is None and count() < enough:
            time.sleep(0.05)
        time.sleep(luck.random() * 0.05)
        restless.send_signal(signal.SIGKILL)
        assert restless.wait() in (0, -signal.SIGKILL), restless.stderr.read() if restless.stderr else ""


def segments(folder: Path) -> int:
    with Library.open(folder, readonly=True) as library:
        return sum(event.stage == "composite" for event in library.events(kinds={"made"}))
