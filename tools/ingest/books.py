"""List the pages of a folder, CBZ, PDF, EPUB or image, and decode them; nothing is written."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from natsort import natsort_keygen, ns

from storage.domain import BookInfo
from storage.errors import SettingsError, SourceError
from tools.ingest import epubs, pdfs
from tools.ingest.archives import MAX_FILES, MAX_MEMBER, Archive, printable_name
from tools.ingest.book_info import COMIC_INFO, MAX_XML, parse_comic_info
from tools.ingest.images import FOREIGN, SUFFIXES, decode_image
from tools.plates import Image

Source = Path | tuple[Path, ...]
"""A folder, an archive, a PDF, an EPUB or an image; or several images."""

Kind = Literal["folder", "zip", "pdf", "image"]
"""How a source is read; EPUBs are zip files."""

_READABLE = "give a folder of images, one image, or a .cbz, .zip, .pdf or .epub file"
_OTHER_ARCHIVES = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7-Zip"}
_OTHER_SUFFIXES = {".cbr": "RAR", ".rar": "RAR", ".cb7": "7-Zip", ".7z": "7-Zip", ".cbt": "tar", ".tar": "tar"}
_SUFFIXES: dict[str, Kind] = {".cbz": "zip", ".zip": "zip", ".epub": "zip", ".pdf": "pdf"}
# Full-width digits count as digits; the locale of the machine does not count, so that every machine reads one order.
_natural_key = natsort_keygen(alg=ns.IGNORECASE | ns.COMPATIBILITYNORMALIZE)


@dataclass(frozen=True)
class PageRef:
    """One page of a book."""

    index: int
    """Position in the book, counted from 0."""
    name: str
    """Path below the source with forward slashes; "page-001" and so on in a PDF."""


@dataclass(frozen=True)
class Book:
    """A source whose pages are listed but not yet decoded."""

    source: Path
    """The folder or file; for several images the folder that holds them all."""
    info: BookInfo
    pages: tuple[PageRef, ...]

    def fingerprint(self, ref: PageRef) -> str:
        """Return the SHA-256 of a page as it is stored in the source, without decoding it.

        Args:
            ref: A page of this book.

        Returns:
            64 hexadecimal digits.

        Raises:
            SourceError: The page cannot be read.
        """
        if _kind(self.source) == "pdf":
            whole = _pdf_digest(self.source, self.source.stat().st_mtime_ns, self.source.stat().st_size)
            return hashlib.sha256(f"{whole} {ref.name}".encode()).hexdigest()
        return hashlib.sha256(_read_page_bytes(self.source, ref.name)).hexdigest()

    def load(self, ref: PageRef) -> Image:
        """Decode one page.

        Args:
            ref: A page of this book.

        Returns:
            The image of the page, (h, w, 3) RGB uint8.

        Raises:
            SourceError: The page cannot be read or decoded.
        """
        return load_page(str(self.source), ref.name)


def open_book(source: Source) -> Book:
    """List the pages of a source and read its metadata, without decoding any page.

    Several images are sorted naturally, like those of a folder, because a shell lists 10 before 9 for "*.jpg".

    Args:
        source: A folder, an archive, a PDF, an EPUB or an image; or several images.

    Returns:
        The book with its pages in order.

    Raises:
        SourceError: The source does not exist, holds no pages, is too large, damaged, encrypted or of another kind.
    """
    if isinstance(source, tuple):
        return _open_images(source) if len(source) != 1 else open_book(source[0])
    kind = _kind(source)
    if kind == "folder":
        info, names = _list_folder(source)
    elif kind == "zip":
        info, names = _list_archive(source)
    elif kind == "pdf":
        info, names = pdfs.list_pdf(source)
    else:
        info, names = BookInfo(), (source.name,)
    return _make_book(source, info, names)


def _open_images(images: tuple[Path, ...]) -> Book:
    """Return the book of several images; its source is the folder that holds them all."""
    for image in images:
        if (kind := _kind(image)) != "image":
            raise SourceError(
                f"{printable_name(str(image))} is a {kind}, and one of several sources",
                "give several images, or one book",
            )
    paths = [Path(os.path.abspath(image)) for image in images]
    folder = Path(os.path.commonpath([path.parent for path in paths])) if paths else Path()
    names = dict.fromkeys(path.relative_to(folder).as_posix() for path in paths)
    return _make_book(folder, BookInfo(), tuple(sorted(names, key=_sort_key)))


def _make_book(source: Path, info: BookInfo, names: tuple[str, ...]) -> Book:
    """Return the book of the pages `names`, once their number and their names are checked."""
    if not names:
        raise SourceError(f"{printable_name(str(source))} holds no page", _READABLE)
    if len(names) > MAX_FILES:
        raise SourceError(
            f"{printable_name(str(source))} has more than {MAX_FILES} pages", "split it into several books"
        )
    for name in names:
        _refuse_unusable(name, source)
    return Book(source, info, tuple(PageRef(index, name) for index, name in enumerate(names)))


def load_page(source: str, name: str) -> Image:
    """Decode one page without reading any other.

    Args:
        source: Path of the book.
        name: Name of the page, as in `PageRef`.

    Returns:
        The image of the page, (h, w, 3) RGB uint8.

    Raises:
        SourceError: The page cannot be read or decoded.
    """
    path = Path(source)
    if _kind(path) == "pdf":
        return pdfs.render_page(path, name)
    return decode_image(_read_page_bytes(path, name), _label(path, name))


def choose_pages(pages: Sequence[PageRef], spec: str) -> tuple[PageRef, ...]:
    """Select pages by a range such as "3-12", "1,4-6" or "5-", counted from 1.

    Args:
        pages: The pages of a book.
        spec: The range; "" selects all pages.

    Returns:
        The selected pages in the order of the book, each with the index that it has in the book.

    Raises:
        SettingsError: The range is malformed, or names pages that are not in the book.
    """
    if not spec.strip():
        return tuple(pages)
    chosen: set[int] = set()
    for part in spec.split(","):
        first, last = _parse_range(part, spec, len(pages))
        chosen.update(range(first - 1, last))
    return tuple(page for index, page in enumerate(pages) if index in chosen)


def _parse_range(part: str, spec: str, count: int) -> tuple[int, int]:
    """Return first and last page of one part of a range, counted from 1."""
    hint = f'the book has {count} pages, counted from 1; a range looks like "3-12", "1,4-6" or "5-"'
    match = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:(-)\s*([0-9]{1,9})?)?\s*", part)
    if match is None:
        raise SettingsError(f'"{printable_name(spec, 40)}" is no range of pages', hint)
    first = int(match[1])
    last = int(match[3]) if match[3] else count if match[2] else first
    if not 1 <= first <= count or not first <= last <= count:
        raise SettingsError(f'pages "{printable_name(part.strip(), 40)}" are not in the book', hint)
    return first, last


def _kind(source: Path) -> Kind:
    """Return the kind of a source; a file's first bytes count more than its name, because many a .cbr is a zip file."""
    try:
        if source.is_dir():
            return "folder"
        if not source.exists():
            raise SourceError(f"{printable_name(str(source))} does not exist", "check the path")
        if not source.is_file():
            raise SourceError(f"{printable_name(str(source))} is neither a file nor a folder", _READABLE)
        with source.open("rb") as file:
            head = file.read(1024)
    except OSError as reason:
        raise _unreadable_error(source) from reason
    return _kind_of_file(source, head)


def _kind_of_file(source: Path, head: bytes) -> Kind:
    """Return the kind of a file from its first bytes `head` and its suffix."""
    suffix = source.suffix.lower()
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"%PDF-"):
        return "pdf"
    known = _SUFFIXES.get(suffix) or ("image" if suffix in SUFFIXES | FOREIGN else None)
    archive_format = next((name for magic, name in _OTHER_ARCHIVES.items() if head.startswith(magic)), None)
    if archive_format or not known:
        archive_format = archive_format or _OTHER_SUFFIXES.get(suffix)
        raise SourceError(
            f"{printable_name(source.name)} is a {archive_format} archive"
            if archive_format
            else f"{printable_name(source.name)} is no book",
            "unpack it and give the folder, or convert it to .cbz" if archive_format else _READABLE,
        )
    return known


def _list_folder(source: Path) -> tuple[BookInfo, tuple[str, ...]]:
    """Return the metadata and the page names of a folder."""
    names = list(_walk_files(source))
    comic_info = _find_comic_info(names)
    info = BookInfo()
    if comic_info:
        info = parse_comic_info(_read_file(source / comic_info, comic_info, MAX_XML), _label(source, comic_info))
    return info, _sort_pages(names)


def _walk_files(source: Path) -> Iterator[str]:
    """Yield the path of every visible file below `source`; a folder that was visited already is not entered again."""
    seen: set[tuple[int, int]] = set()
    folders = [source]
    count = 0
    while folders:
        identity, entries = _list_visible(folders.pop())
        if identity in seen:
            continue
        seen.add(identity)
        count += len(entries)
        if count > MAX_FILES:
            raise SourceError(
                f"{printable_name(str(source))} holds more than {MAX_FILES} files", "give the folder of one book"
            )
        for entry in entries:
            if entry.is_dir():
                folders.append(entry)
            elif entry.is_file():
                yield entry.relative_to(source).as_posix()


def _list_visible(folder: Path) -> tuple[tuple[int, int], list[Path]]:
    """Return the device and inode of a folder, and its visible entries."""
    try:
        status = folder.stat()
        return (status.st_dev, status.st_ino), [entry for entry in folder.iterdir() if not _is_hidden(entry.name)]
    except OSError as reason:
        raise _unreadable_error(folder) from reason


def _list_archive(source: Path) -> tuple[BookInfo, tuple[str, ...]]:
    """Return the metadata and the page names of a zip archive or EPUB."""
    with Archive(source) as archive:
        if epubs.is_epub(source.name, archive):
            spine = epubs.read_spine(archive, printable_name(source.name), _is_page)
            return spine.info, spine.pages or _sort_pages(spine.pictures)
        comic_info = _find_comic_info(archive.names)
        info = (
            parse_comic_info(archive.read(comic_info, MAX_XML), _label(source, comic_info))
            if comic_info
            else BookInfo()
        )
        return info, _sort_pages(archive.names)


def _find_comic_info(names: Iterable[str]) -> str:
    """Return the path of the ComicInfo.xml nearest to the top, "" if there is none."""
    paths = [name for name in names if PurePosixPath(name).name == COMIC_INFO and not _is_hidden(name)]
    return min(paths, key=lambda name: (name.count("/"), name), default="")


def _sort_pages(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are pages, in reading order."""
    return tuple(sorted((name for name in names if _is_page(name)), key=_sort_key))


def _sort_key(name: str) -> tuple[object, ...]:
    """Return a sort key: natural order, folder by folder, the pages of a folder before its sub-folders."""
    *folders, file = name.split("/")
    return (*((1, _natural_key(folder)) for folder in folders), (0, _natural_key(file)), name)


def _is_page(name: str) -> bool:
    """Return whether a path is a visible picture, of a supported format or not."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES | FOREIGN and not _is_hidden(name)


def _is_hidden(name: str) -> bool:
    """Return whether a path belongs to files that systems, and our own projects, leave between the pages."""
    return any(part.startswith(".") or part == "__MACOSX" or part.endswith(".komadori") for part in name.split("/"))


def _refuse_unusable(name: str, source: Path) -> None:
    """Raise SourceError if a page has an unsupported format or a name that is not valid Unicode."""
    if PurePosixPath(name).suffix.lower() in FOREIGN:
        raise SourceError(f"{_label(source, name)} is of a kind that is not read", "convert it to PNG, WEBP or JPEG")
    try:
        name.encode()
    except UnicodeEncodeError as reason:
        raise SourceError(f"{_label(source, name)} has a name that cannot be written down", "rename it") from reason


def _read_page_bytes(source: Path, name: str) -> bytes:
    """Return the bytes of one page as they are stored in the source; not for PDFs."""
    kind = _kind(source)
    if kind == "zip":
        with Archive(source) as archive:
            return archive.read(name)
    if kind == "image":
        return _read_file(source, name, MAX_MEMBER)
    if name.startswith("/") or ".." in name.split("/"):
        raise SourceError(f"{_label(source, name)} is not in the book", "names of pages are paths below the source")
    return _read_file(source / name, name, MAX_MEMBER)


def _read_file(path: Path, name: str, most: int) -> bytes:
    """Return the bytes of a file of at most `most` bytes."""
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
        raise _unreadable_error(path) from reason
    if too_large:
        raise SourceError(f"{printable_name(str(path))} is larger than {most // 2**20} MB", "save it smaller")
    return data


@functools.lru_cache(maxsize=4)
def _pdf_digest(source: Path, _changed: int, _size: int) -> str:
    """Hash a whole PDF, because its pages share fonts and pictures; once as long as the file does not change."""
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _label(source: Path, name: str) -> str:
    """Return the name of a page for error messages."""
    if source.is_dir():
        return printable_name(str(source / name))
    return printable_name(source.name if name == source.name else f"{source.name}: {name}")


def _unreadable_error(path: Path) -> SourceError:
    """Return the error for a path that cannot be read."""
    return SourceError(f"{printable_name(str(path))} cannot be read", "check its permissions")
