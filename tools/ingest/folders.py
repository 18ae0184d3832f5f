"""List and read the files of a folder; nothing outside it is read, and no folder is visited twice."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from storage.errors import SourceError
from tools.ingest.archives import HEAD_BYTES, MAX_FILES, printable_name
from tools.ingest.contents import system_path
from tools.ingest.source_kinds import unreadable_error


@dataclass
class FolderFiles:
    """The files below a folder, as paths with forward slashes."""

    names: list[str] = field(default_factory=list)
    system_files: list[str] = field(default_factory=list)
    """Files and folders of operating systems and devices, which are not looked into."""


def list_files(source: Path) -> FolderFiles:
    """List every file below `source`; a folder that was visited already is not entered again.

    Raises:
        SourceError: A folder cannot be read, or there are too many files.
    """
    found = FolderFiles()
    seen: set[tuple[int, int]] = set()
    folders = [source]
    count = 0
    while folders:
        identity, entries = _list_entries(folders.pop())
        if identity in seen:
            continue
        seen.add(identity)
        count += len(entries)
        if count > MAX_FILES:
            raise SourceError(
                f"{printable_name(str(source))} holds more than {MAX_FILES} files", "give the folder of one book"
            )
        for entry in entries:
            name = entry.relative_to(source).as_posix()
            if system_path(name):
                found.system_files.append(name)
            elif entry.is_dir():
                folders.append(entry)
            elif entry.is_file():
                found.names.append(name)
    return found


def head_reader(source: Path) -> Callable[[Iterable[str]], dict[str, bytes]]:
    """Return a function that reads the first bytes of files below `source`, by their names."""

    def read_heads(names: Iterable[str]) -> dict[str, bytes]:
        return {name: _read_head(source / name) for name in names}

    return read_heads


def read_file(path: Path, name: str, most: int) -> bytes:
    """Return the bytes of a file.

    Args:
        path: The file.
        name: Its name for error messages.
        most: Limit of its size in bytes.

    Raises:
        SourceError: It is missing, too large, no file, or cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            raise SourceError(f"{printable_name(name)} is not a file", "remove it from the book")
        with path.open("rb") as file:
            too_large = file.seek(0, io.SEEK_END) > most
            file.seek(0)
            data = b"" if too_large else file.read(most)
    except FileNotFoundError as reason:
        raise SourceError(
            f"{printable_name(str(path))} does not exist", "was the book changed? put the page back"
        ) from reason
    except OSError as reason:
        raise unreadable_error(path) from reason
    if too_large:
        raise SourceError(f"{printable_name(str(path))} is larger than {most // 2**20} MB", "save it smaller")
    return data


def _list_entries(folder: Path) -> tuple[tuple[int, int], list[Path]]:
    """Return the device and inode of a folder, and its entries."""
    try:
        status = folder.stat()
        return (status.st_dev, status.st_ino), list(folder.iterdir())
    except OSError as reason:
        raise unreadable_error(folder) from reason


def _read_head(path: Path) -> bytes:
    """Return the first bytes of a file; b"" if it cannot be read, because nobody has asked for it yet."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""
