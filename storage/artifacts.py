"""Store files under the SHA-256 of their content; each is written completely or not at all.

artifacts/ab/abcd...     stored bytes, named by their SHA-256, never changed
artifacts/tmp/           files that are being written; emptied when a project is opened for work
artifacts/damaged/       files whose bytes were found to have changed; they count as not made
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from storage.domain import Artifact
from storage.errors import ArtifactDamaged, StorageError
from storage.project import unwritable_error

_CHUNK_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyp", "video/mp4"),
)
DAMAGED_FOLDER = "damaged"
_intact_files: set[tuple[str, int, int, int]] = set()
"""Files whose content this process has verified: name, bytes, time of the last change and number on the disk."""


class Artifacts:
    """The stored files of one project. Many processes may use it at once.

    Args:
        root: The folder `artifacts` of the project.
        readonly: Leave damaged files where they are.
    """

    def __init__(self, root: Path, *, readonly: bool = False) -> None:
        self.root = Path(root)
        self.readonly = readonly

    def keep(self, data: bytes | Path, media_type: str) -> Artifact:
        """Store bytes, or move a file into the store. The same bytes are stored once.

        After the return they survive a power cut. After an error nothing half-written remains, and a given file is
        still where it was.

        Args:
            data: The bytes, or the path of the file.
            media_type: The media type, such as "image/png".

        Returns:
            The artifact.

        Raises:
            StorageError: The disk is full, or the folder cannot be written.
        """
        with _translate_errors(self.root):
            new_file = data if isinstance(data, Path) and data.parent == self._tmp else self._copy_to_temporary(data)
            try:
                sha, size = _hash_file(new_file)
                artifact = Artifact(sha256=sha, media_type=media_type, size=size)
                self._move_into_store(new_file, artifact)
            except BaseException:
                if new_file is not data:
                    new_file.unlink(missing_ok=True)
                raise
            if isinstance(data, Path) and data.resolve() != self._path(artifact).resolve():
                data.unlink(missing_ok=True)
        return artifact

    def open(self, artifact: Artifact | str) -> Path:
        """Return the path of a stored file, for reading only. Its content is verified, once in a process.

        Unless the store is read-only, a damaged file is moved to `artifacts/damaged`, so that it counts as not made.

        Raises:
            ArtifactDamaged: The file is missing, or its content is not what was stored.
        """
        path = self._path(artifact)
        if self.is_intact(artifact):
            return path
        fault = "damaged" if path.is_file() else "missing"
        if not self.readonly:
            self.set_aside(artifact)
        raise ArtifactDamaged(
            f"the artifact {path.name[:12]} is {fault} in {self.root}",
            f"run: main.py doctor {self.root.parent} --repair; what is damaged is then made again"
            if self.readonly
            else "run the same command again: it is made again",
            sha256=path.name,
        )

    def is_intact(self, artifact: Artifact | str) -> bool:
        """Return whether the file exists with the content that was stored; a file is read once in a process.

        A file that cannot be read, as on a failing disk, is not intact.
        """
        path = self._path(artifact)
        try:
            status = path.stat()
            state = path.name, status.st_size, status.st_mtime_ns, status.st_ino
            if state in _intact_files:
                return True
            if _hash_file(path)[0] != path.name:
                return False
        except OSError:
            return False
        _intact_files.add(state)
        return True

    def set_aside_damaged(self) -> list[str]:
        """Verify every stored file, and set aside those that are damaged; return their hashes."""
        damaged = [path.name for path in self.stored_files() if not self.is_intact(path.name)]
        for name in damaged:
            self.set_aside(name)
        return damaged

    def stored_files(self) -> list[Path]:
        """Return the paths of all stored files, in the order of their hashes."""
        return sorted(path for path in self.root.glob("??/*") if _SHA256.fullmatch(path.name))

    def set_aside(self, artifact: Artifact | str) -> None:
        """Move a damaged file to `artifacts/damaged`; it counts as not made from then on. A missing one stays so."""
        path = self._path(artifact)
        # it may be missing, or set aside by another process
        with suppress(FileNotFoundError), _translate_errors(self.root):
            self._damaged.mkdir(exist_ok=True)
            path.replace(self._damaged / path.name)

    def has(self, artifact: Artifact | str) -> bool:
        """Return whether the file exists; for an Artifact, also whether its size is right."""
        try:
            status = self._path(artifact).stat()
        except OSError:
            return False
        return isinstance(artifact, str) or status.st_size == artifact.size

    def describe(self, artifact: str) -> Artifact:
        """Return the artifact of a hash, with media type and size taken from the stored file.

        Raises:
            ArtifactDamaged: The file is missing or damaged.
        """
        path = self.open(artifact)
        with path.open("rb") as file:
            head = file.read(16)
        kinds = (kind for offset, signature, kind in _SIGNATURES if head[offset : offset + len(signature)] == signature)
        media_type = next(kinds, "application/octet-stream")
        return Artifact(sha256=path.name, media_type=media_type, size=path.stat().st_size)

    def temporary(self, suffix: str = "") -> Path:
        """Return a new path in the folder for temporary files; nothing exists there yet."""
        with _translate_errors(self.root):
            self._tmp.mkdir(parents=True, exist_ok=True)
        return self._tmp / f"{os.getpid()}-{uuid.uuid4().hex}{suffix}"

    def sweep(self) -> None:
        """Remove temporary files of a killed run. Call it only while holding the lock of the project."""
        with _translate_errors(self.root):
            if self._tmp.is_dir():
                for leftover in self._tmp.iterdir():
                    shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)

    def remove(self, artifacts: Iterable[str]) -> None:
        """Remove stored files. Call it only while holding the lock of the project, for files that nothing needs."""
        with _translate_errors(self.root):
            for artifact in artifacts:
                self._path(artifact).unlink(missing_ok=True)

    def remove_damaged(self) -> None:
        """Remove the files that were set aside as damaged. Call it only while holding the lock of the project."""
        with _translate_errors(self.root):
            if self._damaged.is_dir():
                shutil.rmtree(self._damaged)

    @property
    def _damaged(self) -> Path:
        return self.root / DAMAGED_FOLDER

    @property
    def _tmp(self) -> Path:
        return self.root / "tmp"

    def _path(self, artifact: Artifact | str) -> Path:
        sha = artifact if isinstance(artifact, str) else artifact.sha256
        if not _SHA256.fullmatch(sha):
            raise StorageError(
                f"{sha[:80]!r} is no artifact", "an artifact is named by the 64 hex digits of its sha256"
            )
        return self.root / sha[:2] / sha

    def _copy_to_temporary(self, data: bytes | Path) -> Path:
        new_file = self.temporary()
        try:
            with new_file.open("xb") as target:
                if isinstance(data, bytes):
                    target.write(data)
                else:
                    with data.open("rb") as source:
                        shutil.copyfileobj(source, target, _CHUNK_BYTES)
        except BaseException:
            new_file.unlink(missing_ok=True)
            raise
        return new_file

    def _move_into_store(self, new_file: Path, artifact: Artifact) -> None:
        if self.is_intact(artifact):
            new_file.unlink()
            return
        _flush(new_file)
        target = self._path(artifact)
        if not target.parent.is_dir():
            target.parent.mkdir(exist_ok=True)
            _flush(self.root)
        new_file.replace(target)
        _flush(target.parent)


def _hash_file(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _flush(path: Path) -> None:
    """Make a file, or the list of names of a folder, survive a power cut."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        if os.name == "nt":  # Windows opens no folders
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _translate_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unwritable_error(root, error) from error
