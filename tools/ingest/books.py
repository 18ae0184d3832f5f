"""List the pages of a folder, CBZ, PDF, EPUB or image, and decode them; nothing is written."""

from __future__ import annotations

import functools
import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.book_info import BookInfo
from storage.errors import SourceError
from tools.ingest import epubs, folders, pdfs
from tools.ingest.archives import MAX_FILES, MAX_MEMBER, Archive, printable_name
from tools.ingest.comic_info import MAX_XML, read_comic_info
from tools.ingest.contents import Contents, put_covers_first, sort_contents, sort_key, system_path
from tools.ingest.images import decode_image, unsupported_error
from tools.ingest.layered_pages import flatten_layers, lacks_picture
from tools.ingest.no_book import no_pages_error, several_books_error
from tools.ingest.page_ranges import format_page_ranges, parse_page_ranges
from tools.ingest.source_kinds import find_kind, open_archive, unreadable_error
from tools.plates import Image

Source = Path | tuple[Path, ...]
"""A folder, an archive, a PDF, an EPUB or an image; or several images."""


_ONE_AT_A_TIME = threading.Lock()  # threads would share the position in an archive that stays open


@dataclass(frozen=True)
class PageRef:
    """One page of a book."""

    index: int
    """Position in the book, counted from 0."""
    name: str
    """Path below the source with forward slashes; "page-001" and so on in a PDF."""
    unsupported: str = ""
    """The format of a picture that cannot be decoded here; such a page is refused when it is chosen."""


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
        if find_kind(self.source) == "pdf":
            whole = _pdf_digest(self.source, self.source.stat().st_mtime_ns, self.source.stat().st_size)
            return hashlib.sha256(f"{whole} {ref.name}".encode()).hexdigest()
        data = _read_page_bytes(self.source, ref.name)
        digest = hashlib.sha256(data).hexdigest()
        # such a page was blank before its layers were read
        return hashlib.sha256(f"{digest} layers".encode()).hexdigest() if lacks_picture(data) else digest

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
        NoPages: The source holds no picture.
        SeveralBooks: The source holds books instead of pages.
        FormatUnsupported: The source is an archive whose format is not read here.
        SourceError: The source does not exist, is too large, damaged, encrypted or of another kind.
    """
    if isinstance(source, tuple):
        return _open_images(source) if len(source) != 1 else open_book(source[0])
    kind = find_kind(source)
    if kind == "folder":
        return _open_folder(source)
    if kind == "archive":
        return _open_archive_book(source)
    if kind == "pdf":
        info, names = pdfs.list_pdf(source)
        return _make_book(source, info, Contents(pages=names))
    return _make_book(source, BookInfo(), Contents(pages=(source.name,)))


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
    if find_kind(path) == "pdf":
        return pdfs.render_page(path, name)
    data, label = _read_page_bytes(path, name), _label(path, name)
    return flatten_layers(data, label) if lacks_picture(data) else decode_image(data, label)


def load_page_bytes(source: str, name: str) -> bytes:
    """Return one page as it is stored in the book, as a file; not for PDFs.

    Args:
        source: Path of the book.
        name: Name of the page, as in `PageRef`.

    Raises:
        SourceError: The page cannot be read.
    """
    return _read_page_bytes(Path(source), name)


def choose_pages(pages: Sequence[PageRef], spec: str) -> tuple[PageRef, ...]:
    """Select pages by a range such as "3-12", "1,4-6" or "5-", counted from 1.

    Args:
        pages: The pages of a book.
        spec: The range; "" selects all pages.

    Returns:
        The selected pages in the order of the book, each with the index that it has in the book.

    Raises:
        SettingsError: The range is malformed, or names pages that are not in the book.
        FormatUnsupported: A selected page is in a format that cannot be decoded here.
    """
    indices = parse_page_ranges(spec, len(pages)) if spec.strip() else range(len(pages))
    chosen = tuple(page for index, page in enumerate(pages) if index in indices)
    readable = [page.index for page in chosen if not page.unsupported]
    for page in chosen:
        if page.unsupported:
            without = f", or leave it out: --pages {format_page_ranges(readable)}" if readable else ""
            label = f"page {page.index + 1}, {printable_name(page.name)},"
            raise unsupported_error(label, page.unsupported, without)
    return chosen


def _open_images(images: tuple[Path, ...]) -> Book:
    """Return the book of several images; its source is the folder that holds them all."""
    for image in images:
        if (kind := find_kind(image)) != "image":
            raise SourceError(
                f"{printable_name(str(image))} is a {kind}, and one of several sources",
                "give several images, or one book",
            )
    paths = [Path(os.path.abspath(image)) for image in images]
    folder = Path(os.path.commonpath([path.parent for path in paths])) if paths else Path()
    names = dict.fromkeys(path.relative_to(folder).as_posix() for path in paths)
    pages, covers = put_covers_first(sorted(names, key=sort_key))
    found = Contents(pages=pages)
    found.note("covers_first", covers)
    return _make_book(folder, BookInfo(), found)


def _open_folder(source: Path) -> Book:
    """Return the book of a folder."""
    files = folders.list_files(source)
    info = read_comic_info(
        files.names,
        lambda name: folders.read_file(source / name, name, MAX_XML),
        lambda name: _label(source, name),
    )
    found = sort_contents(files.names, folders.head_reader(source), files.system_files)
    if not found.pages and found.books:
        raise several_books_error(source, found.books)
    return _make_book(source, _place_marks(info, found.pages), found)


def _open_archive_book(source: Path) -> Book:
    """Return the book of an archive or EPUB."""
    with _ONE_AT_A_TIME:
        archive = _open_archive(source)
        if epubs.is_epub(source.name, archive):
            info, found = epubs.list_epub(archive, printable_name(source.name))
        else:
            info = read_comic_info(
                [name for name in archive.names if not system_path(name)],
                lambda name: archive.read(name, MAX_XML),
                lambda name: _label(source, name),
            )
            found = sort_contents(archive.names, archive.read_heads)
            info = _place_marks(info, found.pages)
            found.note("archive_not_epub", [source.name] if source.suffix.lower() == ".epub" else ())
        found.notes[:0] = archive.notes
    if not found.pages and found.books:
        raise several_books_error(source, found.books)
    return _make_book(source, info, found)


def _place_marks(info: BookInfo, pages: Sequence[str]) -> BookInfo:
    """Return metadata of ComicInfo with its marks on the pages that it means: it counts pages by their names alone."""
    by_name = sorted(pages, key=sort_key)
    places = {mark: pages.index(name) for mark, name in enumerate(by_name)}
    chapters = [mark.model_copy(update={"page": places[mark.page]}) for mark in info.chapters if mark.page in places]
    return info.model_copy(
        update={
            "cover": places.get(info.cover) if info.cover is not None else None,
            "chapters": tuple(sorted(chapters, key=lambda mark: mark.page)),
        }
    )


def _make_book(source: Path, info: BookInfo, found: Contents) -> Book:
    """Return the book of the pages in `found`, once their number and their names are checked."""
    if not found.pages:
        raise no_pages_error(source, found)
    if len(found.pages) > MAX_FILES:
        raise SourceError(
            f"{printable_name(str(source))} has more than {MAX_FILES} pages", "split it into several books"
        )
    for name in found.pages:
        _refuse_unwritable_name(name, source)
    refs = (PageRef(index, name, found.unsupported.get(name, "")) for index, name in enumerate(found.pages))
    return Book(source, info.model_copy(update={"notes": (*found.notes, *info.notes)}), tuple(refs))


def _refuse_unwritable_name(name: str, source: Path) -> None:
    """Raise SourceError if the name of a page is not valid Unicode."""
    try:
        name.encode()
    except UnicodeEncodeError as reason:
        raise SourceError(f"{_label(source, name)} has a name that cannot be written down", "rename it") from reason


def _read_page_bytes(source: Path, name: str) -> bytes:
    """Return the bytes of one page as they are stored in the source; not for PDFs."""
    kind = find_kind(source)
    if kind == "archive":
        with _ONE_AT_A_TIME:
            return _open_archive(source).read(name)
    if kind == "image":
        return folders.read_file(source, name, MAX_MEMBER)
    if name.startswith("/") or ".." in name.split("/"):
        raise SourceError(f"{_label(source, name)} is not in the book", "names of pages are paths below the source")
    return folders.read_file(source / name, name, MAX_MEMBER)


def _open_archive(source: Path) -> Archive:
    """Open an archive, which this process goes on using for its other pages as long as the file does not change."""
    try:
        status = source.stat()
    except OSError as reason:
        raise unreadable_error(source) from reason
    return _open_archive_once(source, status.st_mtime_ns, status.st_size, os.getpid())


@functools.lru_cache(maxsize=1)
def _open_archive_once(source: Path, _changed: int, _size: int, _process: int) -> Archive:
    """Open an archive; a forked process opens its own, as processes would share the position in the file."""
    return open_archive(source)


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
