"""Read the members of a zip archive in memory; refuse unsafe paths, encrypted members and zip bombs."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path
from types import TracebackType

from storage.errors import SourceError

MAX_FILES = 10_000
"""Files in one book; the longest series in one file have some 5,000 pages."""

MAX_MEMBER = 512 * 2**20
"""Unpacked bytes of one file; the largest page as an uncompressed 16-bit picture has 480 MB."""

MAX_TOTAL = 16 * 2**30
"""Unpacked bytes of one book: 10,000 pages of 1.6 MB."""

MAX_RATIO = 200
"""Unpacked bytes per packed byte. Pictures are packed already: ordinary books are near 1, zip bombs above 1,000."""

MIN_RATIO_BYTES = 32 * 2**20
"""Unpacked bytes below which the ratio is ignored; an empty page saved as BMP packs as well as a zip bomb."""

_CHUNK = 2**20
_ENCRYPTED_FLAG = 0x1  # bits of a member's flags
_UTF8_FLAG = 0x800


def printable_name(name: str, most: int = 300) -> str:
    """Return `name` on one line, without control characters and with at most `most` characters, for messages."""
    line = "".join(char if char.isprintable() else "\ufffd" for char in name[: most + 1])
    return line if len(line) <= most else line[: most - 1] + "\u2026"


class Archive:
    """An open zip file whose members are read in memory; use it as a context manager."""

    def __init__(self, source: Path) -> None:
        """Read and check the table of contents.

        Raises:
            SourceError: The archive is damaged, unreadable, too large, encrypted or unsafe.
        """
        self._label = printable_name(source.name)
        try:
            self._zip = zipfile.ZipFile(source)
        except PermissionError as reason:
            raise SourceError(
                f"{printable_name(str(source))} cannot be read", "check the file's permissions"
            ) from reason
        except Exception as reason:  # a damaged table makes zipfile raise half a dozen kinds
            raise self._damaged_error() from reason
        try:
            self._packed = source.stat().st_size
            self._members = self._check_members(self._zip.infolist())
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._zip.close()

    def __contains__(self, name: object) -> bool:
        return name in self._members

    @property
    def names(self) -> tuple[str, ...]:
        """Path of every file with forward slashes, below the archive's root, in the archive's own order."""
        return tuple(self._members)

    def read(self, name: str, most: int = MAX_MEMBER) -> bytes:
        """Unpack the member `name`.

        Args:
            name: One of `names`.
            most: Limit of its unpacked size in bytes.

        Raises:
            SourceError: The member is missing, damaged, too large, or packed with an unsupported method.
        """
        member = self._members.get(name)
        label = f"{self._label}: {printable_name(name)}"
        if member is None:
            raise SourceError(
                f"{label} is not in the archive", "was the archive changed? start again with a new project"
            )
        # Python unpacks the other methods without a bound on the memory of one step.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SourceError(
                f"{label} is packed in an unusual way (method {member.compress_type})",
                "unpack the archive and give the folder, or pack it again as an ordinary zip",
            )
        try:
            return self._unpack(member, label, most)
        except SourceError:
            raise
        except Exception as reason:  # a bad checksum, a broken stream, an early end: each raises another kind
            raise self._damaged_error(label) from reason

    def _unpack(self, member: zipfile.ZipInfo, label: str, most: int) -> bytes:
        """Unpack a member and count the bytes that really come out, because sizes in headers are only claims."""
        packed = max(1, min(member.compress_size, self._packed))
        chunks: list[bytes] = []
        size = 0
        with self._zip.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                self._refuse_bomb(label, size, packed, most)
                chunks.append(chunk)
        return b"".join(chunks)

    def _check_members(self, infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        """Return the files of the archive by safe path; refuse it if it is too large, encrypted or unsafe."""
        if len(infos) > MAX_FILES:
            raise SourceError(
                f"{self._label} holds {len(infos)} files, more than {MAX_FILES}", "split it into several books"
            )
        # Members may share the same packed bytes, so that the sum is judged as well as each member.
        self._refuse_bomb(self._label, sum(info.file_size for info in infos), self._packed, MAX_TOTAL)
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = self._safe_path(info)
            if info.flag_bits & _ENCRYPTED_FLAG:
                raise SourceError(
                    f"{self._label} is encrypted: {printable_name(name)}",
                    "unpack the archive with its password and give the folder",
                )
            if not info.is_dir():
                members[name] = info
        return members

    def _safe_path(self, info: zipfile.ZipInfo) -> str:
        """Return the path of a member; refuse one that leads outside the archive.

        Nothing is ever written, so such a member could do no harm here, but no ordinary book has one.
        """
        slashed = info.filename.replace("\\", "/")
        parts = slashed.split("/")
        outside = parts[0] == "" or ".." in parts or re.match(r"[A-Za-z]:", info.filename)
        if outside or stat.S_ISLNK(info.external_attr >> 16):
            raise SourceError(
                f"{self._label} has a member that reaches outside the archive: {printable_name(info.filename)}",
                "this archive is not made like a book; pack the pages anew",
            )
        # Old Japanese names have a backslash as half a letter; elsewhere it is a folder's mark from Windows.
        known = info.filename.isascii() or info.flag_bits & _UTF8_FLAG
        name = slashed if known else info.filename
        return "/".join(part for part in name.split("/") if part not in ("", "."))

    def _refuse_bomb(self, label: str, size: int, packed: int, most: int) -> None:
        """Raise SourceError if `size` unpacked bytes are more than `most`, or far too many for the packed bytes."""
        if size > most or (size > MIN_RATIO_BYTES and size > packed * MAX_RATIO):
            raise SourceError(
                f"{label} unpacks to far more than a book needs (over {size // 2**20} MB)",
                "this may be a zip bomb; if you trust it, unpack it yourself and give the folder",
            )

    def _damaged_error(self, label: str = "") -> SourceError:
        """Return the error for a damaged archive or member."""
        return SourceError(f"{label or self._label} is damaged or cut short", "fetch the archive again")
