"""Read the members of an archive in memory; refuse unsafe paths, encrypted members and archive bombs."""

from __future__ import annotations

import contextlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from storage.book_info import BookNote, NoteKind
from storage.errors import SourceDamaged, SourceError
from tools.ingest.encodings import guess_encoding

MAX_FILES = 10_000
"""Files in one book; the longest series in one file have some 5,000 pages."""

MAX_MEMBER = 512 * 2**20
"""Unpacked bytes of one file; the largest page as an uncompressed 16-bit picture has 480 MB."""

MAX_TOTAL = 16 * 2**30
"""Unpacked bytes of one book: 10,000 pages of 1.6 MB."""

MAX_RATIO = 200
"""Unpacked bytes per packed byte. Pictures are packed already: ordinary books are near 1, bombs above 1,000."""

MIN_RATIO_BYTES = 32 * 2**20
"""Unpacked bytes below which the ratio is ignored; an empty page saved as BMP packs as well as a bomb."""

HEAD_BYTES = 64
"""Bytes at the beginning of a file that tell its format."""


_CHUNK_BYTES = 2**20
"""Bytes that are unpacked at once."""


def read_chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a stream, its beginning by itself, so that looking at a format unpacks little."""
    yield stream.read(HEAD_BYTES)
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


def printable_name(name: str, most: int = 300) -> str:
    """Return `name` on one line, without control characters and with at most `most` characters, for messages."""
    line = "".join(char if char.isprintable() else "\ufffd" for char in name[: most + 1])
    return line if len(line) <= most else line[: most - 1] + "\u2026"


@dataclass(frozen=True)
class Member:
    """One entry of an archive, as its table of contents describes it."""

    name: str | bytes
    """Its path; bytes where the archive does not declare their encoding."""
    handle: object
    """What its archive opens it by."""
    size: int
    """The claimed number of unpacked bytes."""
    packed: int
    """The number of packed bytes; of the whole archive where members are packed together."""
    is_folder: bool = False
    is_link: bool = False
    is_encrypted: bool = False


class Archive(ABC):
    """An open archive whose members are read in memory; use it as a context manager.

    Subclasses read one format each. They give their table of contents to `_index` when they are made.
    """

    def __init__(self, source: Path) -> None:
        self.source = source
        self.label = printable_name(source.name)
        self.notes: tuple[BookNote, ...] = ()
        self._members: dict[str, Member] = {}

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        """Close the file when the archive is not used any more."""
        with contextlib.suppress(Exception):
            self.close()

    def __contains__(self, name: object) -> bool:
        return name in self._members

    @property
    def names(self) -> tuple[str, ...]:
        """Path of every file with forward slashes, below the archive's root, in the archive's own order."""
        return tuple(self._members)

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    @abstractmethod
    def _unpack(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of a member; any error means that it is damaged."""

    def read(self, name: str, most: int = MAX_MEMBER) -> bytes:
        """Unpack the member `name`.

        Args:
            name: One of `names`.
            most: Limit of its unpacked size in bytes.

        Raises:
            SourceError: The member is missing, damaged, too large, or packed with an unsupported method.
        """
        member = self._member(name)
        label = f"{self.label}: {printable_name(name)}"
        chunks: list[bytes] = []
        size = 0
        try:
            for chunk in self._unpack(member):  # what really comes out is counted, as sizes in headers are only claims
                size += len(chunk)
                _refuse_bomb(label, size, max(1, member.packed), most)
                chunks.append(chunk)
        except SourceError:
            raise
        except Exception as reason:  # a bad checksum, a broken stream, an early end: each raises another kind
            raise self.damaged_error(label) from reason
        return b"".join(chunks)

    def read_heads(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the first bytes of members by name; b"" for a damaged one."""
        return {name: self._read_head(name) for name in names}

    def damaged_error(self, label: str = "") -> SourceDamaged:
        """Return the error for a damaged archive or member."""
        return SourceDamaged(f"{label or self.label} is damaged or cut short", "fetch the archive again")

    def _read_head(self, name: str) -> bytes:
        head = b""
        try:
            for chunk in self._unpack(self._member(name)):
                head += chunk[:HEAD_BYTES]
                if len(head) >= HEAD_BYTES:
                    break
        except Exception:  # as in read(); a page that cannot be read is refused when it is wanted
            return b""
        return head[:HEAD_BYTES]

    def _member(self, name: str) -> Member:
        member = self._members.get(name)
        if member is None:
            raise SourceError(
                f"{self.label}: {printable_name(name)} is not in the archive",
                "was the archive changed? start again with a new project",
            )
        return member

    def _index(self, members: Iterable[Member]) -> None:
        """Keep the files among `members` by safe path; refuse an archive that is too large, encrypted or unsafe.

        Members may share the same packed bytes, so that the sum is judged as well as each member.
        """
        found = list(_refuse_many(members, self.label))
        packed = max(1, self.source.stat().st_size)
        _refuse_bomb(self.label, sum(member.size for member in found), packed, MAX_TOTAL)
        names, encoding = decode_names([member.name for member in found])
        paths = [self._safe_path(member, name) for member, name in zip(found, names, strict=True)]
        facts: dict[NoteKind, list[str]] = {"guessed_names": [], "stripped_slashes": [], "duplicate_names": []}
        for member, name, path in zip(found, names, paths, strict=True):
            if member.is_folder:
                continue
            if isinstance(member.name, bytes) and not member.name.isascii():
                facts["guessed_names"].append(path)
            if name.startswith(("/", "\\")):
                facts["stripped_slashes"].append(path)
            if path in self._members:
                facts["duplicate_names"].append(path)
            self._members[path] = member
        self.notes = tuple(
            BookNote.of(kind, about, encoding if kind == "guessed_names" else "")
            for kind, about in facts.items()
            if about
        )

    def _safe_path(self, member: Member, name: str) -> str:
        """Return the path of a member below the root of the archive; refuse one that is encrypted or leads outside.

        Nothing is ever written, so such a member could do no harm here, but no ordinary book has one. Only slashes in
        front are ordinary: some packers write whole paths, and unzip strips them too.
        """
        if member.is_encrypted:
            raise SourceError(
                f"{self.label} is encrypted: {printable_name(name)}",
                "unpack the archive with its password and give the folder",
            )
        parts = name.replace("\\", "/").split("/")
        if member.is_link or ".." in parts or re.match(r"[A-Za-z]:", name):
            raise SourceError(
                f"{self.label} has a member that reaches outside the archive: {printable_name(name)}",
                "this archive is not made like a book; pack the pages anew",
            )
        path = "/".join(part for part in parts if part not in ("", "."))
        if not path and not member.is_folder:
            raise self.damaged_error()
        return path


def decode_names(names: list[str | bytes]) -> tuple[list[str], str]:
    """Decode the names of an archive.

    All undeclared names are decoded in one encoding, because one program wrote them.

    Args:
        names: The names; bytes where their encoding is not declared.

    Returns:
        The names, and the encoding that was guessed, be it UTF-8; "" where nothing had to be guessed.
    """
    undeclared = [name for name in names if isinstance(name, bytes) and not name.isascii()]
    encoding = guess_encoding(b"/".join(undeclared)) if undeclared else ""
    decoded = [name if isinstance(name, str) else name.decode(encoding or "ascii", "replace") for name in names]
    return decoded, encoding


def _refuse_many(members: Iterable[Member], label: str) -> Iterator[Member]:
    """Yield members, and raise SourceError at the first that is too many."""
    for count, member in enumerate(members, start=1):
        if count > MAX_FILES:
            raise SourceError(f"{label} holds more than {MAX_FILES} files", "split it into several books")
        yield member


def _refuse_bomb(label: str, size: int, packed: int, most: int) -> None:
    """Raise SourceError if `size` unpacked bytes are more than `most`, or far too many for the packed bytes."""
    if size > most or (size > MIN_RATIO_BYTES and size > packed * MAX_RATIO):
        raise SourceError(
            f"{label} unpacks to far more than a book needs (over {size // 2**20} MB)",
            "this may be a bomb; if you trust it, unpack it yourself and give the folder",
        )
