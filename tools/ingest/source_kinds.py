"""Find out how a source is read, from its first bytes rather than its name, and open archives of every format."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from storage.errors import FormatUnsupported, SourceError
from tools.ingest.archives import Archive, printable_name
from tools.ingest.contents import has_picture_suffix
from tools.ingest.libarchive_archives import LibarchiveArchive, find_packed_format
from tools.ingest.picture_formats import find_picture_format
from tools.ingest.tar_archives import TarArchive
from tools.ingest.zip_archives import ZipArchive

Kind = Literal["folder", "archive", "pdf", "image"]
"""How a source is read; EPUBs are zip archives."""

READABLE = "give a folder of images, one image, or a .cbz, .zip, .cbt, .cb7, .cbr, .pdf or .epub file"
_SIGNATURE_BYTES = 1024
_ARCHIVE_NAMES = {
    ".cbz": "zip", ".zip": "zip", ".epub": "EPUB", ".cbr": "RAR", ".rar": "RAR", ".cb7": "7-Zip", ".7z": "7-Zip",
    ".cbt": "tar", ".tar": "tar", ".cba": "ACE", ".ace": "ACE",
}  # fmt: skip
"""Formats by suffix, for files that do not begin like any archive."""


def find_kind(source: Path) -> Kind:
    """Return how a source is read.

    A file's first bytes count more than its name, because many a .cbr is a zip file.

    Raises:
        SourceError: The source does not exist, cannot be read, or is no book.
    """
    try:
        if source.is_dir():
            return "folder"
        if not source.exists():
            raise SourceError(f"{printable_name(str(source))} does not exist", "check the path")
        if not source.is_file():
            raise SourceError(f"{printable_name(str(source))} is neither a file nor a folder", READABLE)
        head = _read_head(source)
    except OSError as reason:
        raise unreadable_error(source) from reason
    if head.startswith(b"%PDF-"):
        return "pdf"
    if _is_zip(head) or _is_tar(head) or find_packed_format(head):
        return "archive"
    if find_picture_format(head):
        return "image"
    return _kind_by_suffix(source)


def open_archive(source: Path) -> Archive:
    """Open an archive of any format.

    Raises:
        FormatUnsupported: Its format is not read, or not without a library that is missing here.
        SourceError: It is damaged, unreadable, too large, encrypted or unsafe.
    """
    try:
        head = _read_head(source)
    except OSError as reason:
        raise unreadable_error(source) from reason
    if packed := find_packed_format(head):
        return LibarchiveArchive(source, packed)
    if not _is_zip(head) and (_is_tar(head) or source.suffix.lower() in (".cbt", ".tar")):
        return TarArchive(source)
    return ZipArchive(source)


def unreadable_error(path: Path) -> SourceError:
    """Return the error for a path that cannot be read."""
    return SourceError(f"{printable_name(str(path))} cannot be read", "check its permissions")


def _kind_by_suffix(source: Path) -> Kind:
    """Return the kind of a file whose first bytes tell nothing."""
    suffix, name = source.suffix.lower(), printable_name(source.name)
    archive_format = _ARCHIVE_NAMES.get(suffix)
    if archive_format in ("zip", "EPUB", "tar"):  # a zip may have a program in front, and old tars have no signature
        return "archive"
    if archive_format == "ACE":
        raise FormatUnsupported(
            f"{name} is an ACE archive, which is not read", "unpack it and give the folder", format="ACE"
        )
    if archive_format:
        raise SourceError(f"{name} is damaged: it is no {archive_format} archive", "fetch the archive again")
    if suffix == ".pdf":
        return "pdf"
    if has_picture_suffix(source.name):
        return "image"
    raise SourceError(f"{name} is no book", READABLE)


def _read_head(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(_SIGNATURE_BYTES)


def _is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"
