"""Test the project folder and its lock: one process at a time, and the system releases the lock of a dead process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import project
from storage.errors import ProjectError, ProjectLocked, StorageError
from storage.library import Library

Start = Callable[..., subprocess.Popen[str]]
HOLD = """
import subprocess, sys, time
from pathlib import Path
from storage.library import Library
library = Library.open(Path(sys.argv[1]), create=True)
child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(60)
"""


def test_the_second_process_learns_who_works_and_a_killed_one_gives_way(folder: Path, start: Start) -> None:
    holder = start(HOLD, folder)
    assert holder.stdout
    child = int(holder.stdout.readline())
    try:
        with pytest.raises(ProjectLocked) as error:
            Library.open(folder)
        assert f"process {holder.pid} " in error.value.what
        assert error.value.hint
        with Library.open(folder, readonly=True) as reader:
            assert reader.pages() == ()
        holder.kill()
        holder.wait()
        os.kill(child, 0)  # what it had started lives on and holds no lock
        Library.open(folder).close()
    finally:
        os.kill(child, signal.SIGKILL)


def test_one_process_opens_a_project_once(folder: Path) -> None:
    with Library.open(folder, create=True):
        signed = json.loads((folder / "project.holder").read_text())
        assert signed["pid"] == os.getpid()
        with pytest.raises(ProjectLocked, match=str(os.getpid())):
            Library.open(folder)
    assert not (folder / "project.holder").exists()
    Library.open(folder).close()


def test_a_lock_whose_holder_did_not_sign_still_locks(folder: Path) -> None:
    with Library.open(folder, create=True):
        (folder / "project.holder").write_text("{")
        with pytest.raises(ProjectLocked, match="another process"):
            Library.open(folder)


def test_a_lock_can_be_given_back_twice(folder: Path) -> None:
    folder.mkdir()
    lock = project.ProjectLock(folder)
    lock.acquire()
    lock.release()
    lock.release()
    lock.acquire()
    lock.release()


@pytest.mark.parametrize("readonly", [False, True])
def test_a_folder_without_a_library_is_no_project(tmp_path: Path, readonly: bool) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ProjectError, match="not a project"):
            Library.open(folder, readonly=readonly)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"sun")
    with pytest.raises(ProjectError, match=r"holiday\.jpg"):
        Library.open(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ProjectError, match="not a folder"):
            Library.open(folder, create=True)


def test_a_project_whose_making_was_interrupted_is_made(folder: Path) -> None:
    (folder / "artifacts" / "tmp").mkdir(parents=True)
    (folder / "artifacts" / "tmp" / "half.mp4").write_bytes(b"half")
    (folder / "project.lock").touch()
    (folder / ".DS_Store").touch()
    with Library.open(folder, create=True):
        assert not list((folder / "artifacts" / "tmp").iterdir())


def test_a_read_only_project_can_be_looked_at_but_not_worked_on(disk: Callable[[str], Path]) -> None:
    folder = disk("size=4m") / "film.komadori"
    with Library.open(folder, create=True) as library:
        library.add_message("user", "slower")
    disk("ro")
    with pytest.raises(StorageError, match="cannot write"):
        Library.open(folder)
    with pytest.raises(StorageError, match="cannot write"):
        Library.open(folder.parent / "new.komadori", create=True)
    with Library.open(folder, readonly=True) as library:
        assert [message.text for message in library.messages()] == ["slower"]
