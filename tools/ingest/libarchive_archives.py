"""Read RAR, 7-Zip and compressed tar archives with libarchive (BSD-2-Clause), where it is installed."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import FormatUnsupported, SourceDamaged
from tools.ingest.archives import Archive, Member, printable_name

if TYPE_CHECKING:
    from libarchive.entry import ArchiveEntry

_BLOCK = 2**18
_MAX_KEPT = 64 * 2**20
"""Bytes of members passed over that are kept, because members that are packed together are unpacked in one order."""


@dataclass(frozen=True)
class PackedFormat:
    """An archive format, under the names that people and libarchive give it."""

    label: str
    reader: str
    filter: str = "none"


FORMATS = {
    b"Rar!\x1a\x07\x01\x00": PackedFormat("RAR", "rar5"),
    b"Rar!\x1a\x07": PackedFormat("RAR", "rar"),
    b"7z\xbc\xaf\x27\x1c": PackedFormat("7-Zip", "7zip"),
    b"\x1f\x8b": PackedFormat("compressed tar", "tar", "gzip"),
    b"BZh": PackedFormat("compressed tar", "tar", "bzip2"),
    b"\xfd7zXZ\x00": PackedFormat("compressed tar", "tar", "xz"),
    b"\x28\xb5\x2f\xfd": PackedFormat("compressed tar", "tar", "zstd"),
}
"""Formats by their first bytes. Each is opened as what it is: libarchive also has formats that name other files."""


def find_packed_format(head: bytes) -> PackedFormat | None:
    """Return the format of an archive from its first bytes; None for any other file."""
    return next((known for magic, known in FORMATS.items() if head.startswith(magic)), None)


class LibarchiveArchive(Archive):
    """An archive whose members are read one after the other."""

    def __init__(self, source: Path, known: PackedFormat) -> None:
        """Read and check the headers of all members.

        Raises:
            FormatUnsupported: libarchive is not installed.
            SourceError: The archive is damaged, unreadable, too large, encrypted or unsafe.
        """
        super().__init__(source)
        _refuse_missing_library(source, known)
        self._cursor = _Cursor(source, known)
        self._packed = source.stat().st_size
        self._index(self._members_of_archive())

    def close(self) -> None:
        """Close the file."""
        self._cursor.restart()

    def read_heads(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the first bytes of members by name, read in one pass; b"" for a damaged one."""
        order = {name: at for at, name in enumerate(self._members)}
        return super().read_heads(sorted(names, key=order.__getitem__))

    def damaged_error(self, label: str = "") -> SourceDamaged:
        """Return the error for an archive or member that libarchive cannot read."""
        return SourceDamaged(
            f"{label or self.label} cannot be unpacked",
            "it is damaged, encrypted or packed in a rare way; unpack it with another program and give the folder",
        )

    def _members_of_archive(self) -> Iterator[Member]:
        try:
            for position, entry in enumerate(self._cursor.walk()):
                yield Member(
                    entry.pathname or f"{position:05d}",
                    position,
                    size=entry.size or 0,
                    packed=self._packed,
                    is_folder=entry.isdir,
                    is_link=not (entry.isdir or entry.isreg) or entry.islnk,
                )
        except Exception as reason:  # libarchive has one kind of error for damage, encryption and rare methods
            raise self.damaged_error() from reason

    def _unpack(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of a member."""
        assert isinstance(member.handle, int), "the index keeps positions"
        yield from self._cursor.read(member.handle)


class _Cursor:
    """A position in an archive that moves forward; going back begins anew."""

    def __init__(self, source: Path, known: PackedFormat) -> None:
        self._source, self._known = source, known
        self._entries: Iterator[tuple[int, ArchiveEntry]] = enumerate(self.walk())
        self._next = 0  # the position of the next entry
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        logger = logging.getLogger("libarchive")
        logger.addHandler(_WARNINGS)  # only once, however often it is added
        logger.propagate = False

    def walk(self) -> Iterator[ArchiveEntry]:
        """Yield every entry without unpacking it, in a pass of its own."""
        import libarchive

        opened = libarchive.file_reader(str(self._source), self._known.reader, self._known.filter, _BLOCK)
        with opened as archive:
            yield from archive

    def read(self, position: int) -> Iterator[bytes]:
        """Yield the bytes of the entry at `position`; what is passed over is kept, as far as there is room."""
        if (kept := self._kept.pop(position, None)) is not None:
            yield kept
            return
        if position < self._next:
            self.restart()
        try:
            for at, entry in self._entries:
                self._next = at + 1
                if at == position:
                    yield from _read_blocks(entry)
                    return
                self._keep(at, entry)
            raise EOFError(f"there is no entry {position}")
        except Exception:  # the pass cannot go on behind the damage
            self.restart()
            raise

    def restart(self) -> None:
        """Close the file; the next entry is read in a new pass."""
        self._entries, self._next = enumerate(self.walk()), 0

    def _keep(self, position: int, entry: ArchiveEntry) -> None:
        """Unpack an entry that is passed over, if it is a file that fits."""
        if not entry.isreg or (entry.size or 0) > _MAX_KEPT // 4:
            return
        blocks, size = [], 0
        for block in _read_blocks(entry):
            size += len(block)
            if size > _MAX_KEPT // 4:
                return
            blocks.append(block)
        self._kept[position] = b"".join(blocks)
        while sum(map(len, self._kept.values())) > _MAX_KEPT:
            self._kept.popitem(last=False)


class _WarningCounter(logging.Handler):
    """Count the warnings of the Python package, which are printed nowhere."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count one warning."""
        self.count += 1


_WARNINGS = _WarningCounter()


def _read_blocks(entry: ArchiveEntry) -> Iterator[bytes]:
    """Yield the bytes of an entry.

    Raises:
        EOFError: The package has warned: that is how it reports a wrong checksum, and it goes on with wrong bytes.
    """
    before = _WARNINGS.count
    for block in entry.get_blocks(_BLOCK):
        if _WARNINGS.count != before:
            raise EOFError("the checksum is wrong")
        yield block


def _refuse_missing_library(source: Path, known: PackedFormat) -> None:
    """Raise FormatUnsupported where the Python package or the library of the system is missing."""
    try:
        import libarchive  # noqa: F401
    except Exception as reason:  # without the library, its import fails with whatever ctypes stumbles on
        raise FormatUnsupported(
            f"{printable_name(source.name)} is a {known.label} archive, which needs libarchive",
            "pip install libarchive-c, and the system's libarchive (Debian: apt install libarchive13; macOS: brew "
            "install libarchive); or unpack it and give the folder",
            format=known.label,
        ) from reason
