"""Read zip archives, whose packers often leave the encoding of names undeclared."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from storage.errors import SourceError
from tools.ingest.archives import Archive, Member, printable_name, read_chunks

_ENCRYPTED_FLAG = 0x1  # bits of a member's flags
_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075  # the extra field of Info-ZIP that holds a name in UTF-8


class ZipArchive(Archive):
    """An open zip file."""

    def __init__(self, source: Path) -> None:
        """Read and check the table of contents.

        Raises:
            SourceError: The archive is damaged, unreadable, too large, encrypted or unsafe.
        """
        super().__init__(source)
        try:
            self._zip = zipfile.ZipFile(source)
        except UnicodeDecodeError as reason:
            raise SourceError(
                f"{self.label} declares that its names are UTF-8, and they are not",
                "unpack the archive and give the folder, or pack it again",
            ) from reason
        except Exception as reason:  # a damaged table makes zipfile raise half a dozen kinds
            raise self.damaged_error() from reason
        try:
            self._index(_describe_member(info) for info in self._zip.infolist())
        except BaseException:
            self._zip.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def _unpack(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of a member."""
        info = member.handle
        assert isinstance(info, zipfile.ZipInfo), "the index keeps the zip's own entries"
        # Python unpacks the other methods without a bound on the memory of one step.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SourceError(
                f"{self.label}: {printable_name(info.filename)} is packed in an unusual way "
                f"(method {info.compress_type})",
                "unpack the archive and give the folder, or pack it again as an ordinary zip",
            )
        with self._zip.open(info) as stream:
            yield from read_chunks(stream)


def _describe_member(info: zipfile.ZipInfo) -> Member:
    """Return an entry of the zip's table of contents."""
    return Member(
        _decode_declared_name(info),
        info,
        size=info.file_size,
        packed=info.compress_size,
        is_folder=info.filename.endswith("/"),
        is_link=stat.S_ISLNK(info.external_attr >> 16),
        is_encrypted=bool(info.flag_bits & _ENCRYPTED_FLAG),
    )


def _decode_declared_name(info: zipfile.ZipInfo) -> str | bytes:
    """Return the name of a member, or its bytes where their encoding is not declared."""
    name = info.orig_filename.partition("\0")[0]
    if info.flag_bits & _UTF8_FLAG:
        return name
    undeclared = name.encode("cp437")  # as which Python has decoded it
    return _find_unicode_path(info.extra, info.orig_filename.encode("cp437")) or undeclared


def _find_unicode_path(extra: bytes, name: bytes) -> str | None:
    """Return the name in the Unicode path field of a member's extra data; None where it is missing or outdated."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind != _UNICODE_PATH or len(field) < 6 or field[0] != 1:
            continue
        if int.from_bytes(field[1:5], "little") != zlib.crc32(name):  # the member was renamed later
            continue
        try:
            return field[5:].decode("utf-8")
        except UnicodeDecodeError:
            return None
    return None
