"""Test the library as a whole: it stays readable when a process is killed at any moment, and no reference is broken."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.errors import StorageError
from storage.library import Library

WORK = """
import os, sys
from pathlib import Path
from storage.keys import content_key
from storage.library import Library
from storage.domain import Made
with Library.open(Path(sys.argv[1]), create=True) as library:
    print("ready", flush=True)
    for number in range(len(library.events()), 100_000):
        kept = library.artifacts.keep(os.urandom(50_000), "video/mp4")
        key = content_key("composite", "camera", 1, number=number)
        library.add_made(key, "composite", Made(artifacts={"segment": kept}))
        library.add_take(f"s{number}", key=key, artifact=kept.sha256, backend="camera", seed=0, attempt=0)
        library.add_event("composite", "done", key, shot=f"s{number}")
"""


def test_kill_9_at_any_moment_leaves_everything_whole(
    folder: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    luck = random.Random(3)
    before = 0
    for _ in range(4):
        worker = start(WORK, folder)
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
        time.sleep(luck.uniform(0.05, 0.4))
        worker.kill()
        worker.wait()
        with Library.open(folder, readonly=True) as library:
            events = library.events()
            made = library.find_many([event.text for event in events])
            assert len(made) == len(events) >= before
            assert all(library.artifacts.is_intact(one.artifacts["segment"]) for one in made.values())
            assert all(library.takes(str(event.facts["shot"])) for event in events)
        before = len(events)
    assert before > 0
    with Library.open(folder) as library:
        assert not list((library.artifacts.root / "tmp").iterdir())
    with closing(sqlite3.connect(folder / "library.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_project_opened_again_remembers(folder: Path) -> None:
    with Library.open(folder, create=True) as library:
        library.add_message("user", "slower")
        assert library.folder == folder
    with Library.open(folder, create=True) as library:
        assert [message.text for message in library.messages()] == ["slower"]


def test_a_project_that_is_only_looked_at_stays_as_it_is(folder: Path) -> None:
    Library.open(folder, create=True).close()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with Library.open(folder, readonly=True) as library:
        library.source(), library.settings(), library.transcript(), library.shots(), library.cut(), library.events()
        library.head(), library.failures(), library.find_many(["0" * 64])
        with pytest.raises(StorageError):
            library.add_message("user", "no")
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_closing_twice_does_nothing(folder: Path) -> None:
    library = Library.open(folder, create=True)
    library.close()
    library.close()
    Library.open(folder).close()
