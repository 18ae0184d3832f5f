"""Test that artifacts are stored completely or not at all, once, and that damage is noticed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.artifacts import DAMAGED_FOLDER, Artifacts
from storage.errors import ArtifactDamaged, StorageError
from tests.storage.conftest import HOUSE


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path / "artifacts")


def files(artifacts: Artifacts) -> list[str]:
    return sorted(path.relative_to(artifacts.root).as_posix() for path in artifacts.root.rglob("*") if path.is_file())


def test_bytes_are_kept_under_their_hash(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"a picture", "image/png")
    sha = hashlib.sha256(b"a picture").hexdigest()
    assert (kept.sha256, kept.size, kept.media_type) == (sha, 9, "image/png")
    assert artifacts.open(kept).read_bytes() == artifacts.open(sha).read_bytes() == b"a picture"
    assert files(artifacts) == [f"{sha[:2]}/{sha}"]


def test_the_same_bytes_are_kept_once(artifacts: Artifacts) -> None:
    first = artifacts.keep(b"twice", "text/plain")
    made = artifacts.open(first).stat()
    assert artifacts.keep(b"twice", "text/plain") == first
    assert artifacts.open(first).stat().st_ino == made.st_ino
    assert len(files(artifacts)) == 1


def test_a_file_is_moved_in(artifacts: Artifacts, tmp_path: Path) -> None:
    inside = artifacts.temporary(".mp4")
    inside.write_bytes(b"segment")
    outside = tmp_path / "elsewhere.mp4"
    outside.write_bytes(b"segment 2")
    for path, data in ((inside, b"segment"), (outside, b"segment 2")):
        assert artifacts.open(artifacts.keep(path, "video/mp4")).read_bytes() == data
        assert not path.exists()
    assert len(files(artifacts)) == 2


def test_keeping_what_is_kept_loses_nothing(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"here", "text/plain")
    assert artifacts.keep(artifacts.open(kept), "text/plain") == kept
    assert artifacts.is_intact(kept)


def test_a_missing_artifact_says_how_to_get_it_back(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"gone", "text/plain")
    artifacts.open(kept).unlink()
    assert not artifacts.has(kept)
    with pytest.raises(StorageError) as error:
        artifacts.open(kept)
    assert "again" in error.value.hint


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "ab", "G" * 64])
def test_only_a_hash_names_an_artifact(artifacts: Artifacts, name: str) -> None:
    with pytest.raises(StorageError):
        artifacts.open(name)


def test_damage_is_seen_and_mended_by_keeping_again(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"0123456789", "text/plain")
    path = artifacts.open(kept)
    path.write_bytes(b"01234_6789")
    assert artifacts.has(kept)
    assert not artifacts.is_intact(kept)
    path.write_bytes(b"01234")
    assert not artifacts.has(kept)
    assert artifacts.keep(b"0123456789", "text/plain") == kept
    assert artifacts.is_intact(kept)


def test_a_file_that_cannot_be_read_is_not_intact(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"0123456789", "text/plain")
    path = artifacts.open(kept)
    path.unlink()
    path.mkdir()  # reading it fails, as on a failing disk
    assert not artifacts.is_intact(kept)
    assert artifacts.set_aside_damaged() == [kept.sha256]


def test_a_damaged_file_is_never_opened_and_is_set_aside_where_that_is_allowed(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"0123456789", "text/plain")
    path = artifacts.open(kept)
    path.write_bytes(b"01234_6789")
    with pytest.raises(ArtifactDamaged):
        Artifacts(artifacts.root, readonly=True).open(kept)
    assert path.exists()
    with pytest.raises(ArtifactDamaged) as damage:
        artifacts.open(kept)
    assert damage.value.sha256 == kept.sha256
    assert not artifacts.has(kept)
    assert (artifacts.root / DAMAGED_FOLDER / kept.sha256).read_bytes() == b"01234_6789"
    with pytest.raises(ArtifactDamaged):
        artifacts.open(kept)
    assert artifacts.open(artifacts.keep(b"0123456789", "text/plain")).read_bytes() == b"0123456789"
    other = artifacts.keep(b"other", "text/plain")
    artifacts.open(other).write_bytes(b"OTHER")
    assert artifacts.set_aside_damaged() == [other.sha256]


def test_what_a_killed_run_was_writing_is_swept(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"whole", "text/plain")
    artifacts.temporary(".mp4").write_bytes(b"half a segm")
    artifacts.temporary().mkdir()
    artifacts.sweep()
    assert files(artifacts) == [f"{kept.sha256[:2]}/{kept.sha256}"]
    assert not list((artifacts.root / "tmp").iterdir())


def test_its_first_bytes_tell_the_media_type(artifacts: Artifacts) -> None:
    kept = artifacts.keep(b"\x89PNG\r\n\x1a\n and more", "image/png")
    assert artifacts.describe(kept.sha256) == kept
    unknown = artifacts.keep(b"what is it", "text/plain")
    assert artifacts.describe(unknown.sha256).media_type == "application/octet-stream"


def test_many_threads_keep_the_same_bytes_at_once(artifacts: Artifacts) -> None:
    data = bytes(200_000)
    threads = [threading.Thread(target=artifacts.keep, args=(data, "text/plain")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (name,) = files(artifacts)
    assert artifacts.is_intact(name.partition("/")[2])


def test_a_full_disk_keeps_nothing_and_loses_nothing(disk: Callable[[str], Path]) -> None:
    artifacts = Artifacts(disk("size=256k") / "artifacts")
    small = artifacts.keep(b"fits", "text/plain")
    source = artifacts.temporary(".mp4")
    source.write_bytes(b"made with pains")
    with pytest.raises(StorageError, match="full") as error:
        artifacts.keep(bytes(300_000), "text/plain")
    assert "space" in error.value.hint
    assert artifacts.is_intact(small)
    assert source.read_bytes() == b"made with pains"
    assert len(files(artifacts)) == 2


def test_a_read_only_disk_is_named(disk: Callable[[str], Path]) -> None:
    artifacts = Artifacts(disk("size=256k") / "artifacts")
    kept = artifacts.keep(b"before", "text/plain")
    disk("ro")
    with pytest.raises(StorageError, match="cannot write"):
        artifacts.keep(b"after", "text/plain")
    assert artifacts.is_intact(kept)


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("in the way")
    with pytest.raises(StorageError, match="cannot write"):
        Artifacts(tmp_path / "artifacts").keep(b"x", "text/plain")


def test_workers_need_no_database() -> None:
    program = """
import sys, storage.artifacts, storage.keys, storage.records, storage.domain
print(sorted({'sqlmodel', 'sqlalchemy', 'alembic'} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
