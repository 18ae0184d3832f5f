"""Sort the files of a book into pages in reading order and everything else, and note what is omitted or reordered."""

from __future__ import annotations

import itertools
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from natsort import natsort_keygen, ns

from storage.book_info import BookNote, NoteKind
from tools.ingest.comic_info import is_comic_info
from tools.ingest.picture_formats import (
    FORMATS,
    OTHER_SUFFIXES,
    SUFFIXES,
    WORKING_SUFFIXES,
    find_picture_format,
    is_decodable,
)

Role = Literal["page", "book", "other"]
ReadHeads = Callable[[Iterable[str]], dict[str, bytes]]
"""Returns the first bytes of files by name."""

BOOK_SUFFIXES = frozenset(
    (".cbz", ".zip", ".epub", ".pdf", ".cbt", ".tar", ".cbr", ".rar", ".cb7", ".7z", ".cba", ".ace", ".tgz", ".tbz2")
)
"""File suffixes of books in one file."""

_SYSTEM_NAMES = frozenset(
    (
        "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "network trash folder", "temporary items",
        "$recycle.bin", "recycler", "system volume information", "lost+found",
        "@eadir", "@tmp", "@recycle", "@recently-snapshot", "@sharebin", "@appstore", "@database", "@__thumb",
        "#recycle", "#snapshot", "#sharebin",
    )
)  # fmt: skip
"""What macOS, Windows and NAS devices (Synology, QNAP, Asustor) leave in folders; dotted names are theirs too."""

_UNFINISHED = frozenset((".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".bak", ".old", ".orig"))
"""File suffixes of unfinished and of older copies of a page."""

_COVER = re.compile(
    r"[\W_]*(?:(?:front[\W_]*)?cover(?:[\W_]*(?:front|page|art))?|front|folder|couverture|portada|cubierta|capa|"
    r"copertina|titelbild|umschlag|omslag|okładka|обложка|表紙|封面|표지)[\W_]*\d*[\W_]*"
)
"""The name of a cover, without what it shares with the pages beside it; Windows shows a folder as its folder.jpg."""

# Full-width digits count as digits; the locale of the machine does not count, so that every machine reads one order.
_natural_key = natsort_keygen(alg=ns.IGNORECASE | ns.COMPATIBILITYNORMALIZE)


@dataclass
class Contents:
    """The files of a book by what they are."""

    pages: tuple[str, ...] = ()
    """Pictures in reading order."""
    unsupported: dict[str, str] = field(default_factory=dict)
    """Format of each page that cannot be decoded here."""
    books: tuple[str, ...] = ()
    """Archives and documents, in natural order."""
    others: tuple[str, ...] = ()
    """Files of no use, in natural order."""
    notes: list[BookNote] = field(default_factory=list)

    def note(self, kind: NoteKind, names: Iterable[str], value: str = "") -> None:
        """Add a note, if there are names to note."""
        if named := tuple(names):
            self.notes.append(BookNote.of(kind, named, value))


def sort_contents(names: Iterable[str], read_heads: ReadHeads, system_files: Iterable[str] = ()) -> Contents:
    """Sort the files of a book.

    Args:
        names: Paths below the source with forward slashes.
        read_heads: Returns the first bytes of files by name. It is asked only for files whose suffix does not tell.
        system_files: Paths that were left out before.

    Returns:
        The pages in reading order, what else there is, and notes of all that is left out or reordered.
    """
    listed = dict.fromkeys(names)
    hidden = dict.fromkeys((*system_files, *filter(None, map(system_path, listed))))
    visible = [name for name in listed if not system_path(name) and not is_comic_info(name)]
    heads = read_heads([name for name in visible if not _has_clear_suffix(name)])
    roles = {name: _classify(name, heads.get(name, b"")) for name in visible}
    pictures = {name: format for name, (role, format) in roles.items() if role == "page"}
    working = _find_working_files(pictures)
    pages, covers = put_covers_first(sorted((name for name in pictures if name not in working), key=sort_key))
    found = Contents(
        pages=pages,
        unsupported={name: pictures[name] for name in pages if not is_decodable(pictures[name])},
        books=_names_of("book", roles),
        others=_names_of("other", roles),
    )
    found.note("system_files", sorted(hidden, key=sort_key))
    found.note("other_files", found.others)
    found.note("working_files", sorted(working, key=sort_key))
    found.note("books_inside", found.books if pages else ())
    found.note("pages_by_content", (name for name in pages if not has_picture_suffix(name)))
    found.note("covers_first", covers)
    return found


def system_path(name: str) -> str:
    """Return the part of a path that a system or Komadori made, such as ".git" or "ch1/@eaDir"; "" if there is none."""
    parts = name.split("/")
    for depth, part in enumerate(parts):
        if part.startswith(".") or part.endswith(".komadori") or part.casefold() in _SYSTEM_NAMES:
            return "/".join(parts[: depth + 1])
    return ""


def sort_key(name: str) -> tuple[object, ...]:
    """Return a sort key: natural order, folder by folder, the pages of a folder before its sub-folders."""
    *folders, file = name.split("/")
    return (*((1, _natural_key(folder)) for folder in folders), (0, _natural_key(file)), name)


def put_covers_first(pages: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put the covers of every folder before its other pages.

    Args:
        pages: Paths in the order of `sort_key`.

    Returns:
        The pages in the new order, and the covers that were moved.
    """
    ordered: list[str] = []
    moved: list[str] = []
    for _, group in itertools.groupby(pages, key=lambda name: name.rpartition("/")[0]):
        folder = list(group)
        covers = _find_covers(folder)
        if folder[: len(covers)] != covers:
            moved += covers
        ordered += covers + [name for name in folder if name not in covers]
    return tuple(ordered), tuple(moved)


def has_picture_suffix(name: str) -> bool:
    """Return whether the suffix of a file names a picture format, be it decodable or not."""
    return _suffix(name) in SUFFIXES or _suffix(name) in OTHER_SUFFIXES


def _find_covers(folder: Sequence[str]) -> list[str]:
    """Return the pages of one folder whose name, without what all names there begin with, is a word for a cover."""
    stems = {name: unicodedata.normalize("NFKC", PurePosixPath(name).stem).casefold() for name in folder}
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*stems.values(), strict=False))
    shared = len(list(same)) if len(folder) > 1 else 0
    return [name for name, stem in stems.items() if _COVER.fullmatch(stem) or _COVER.fullmatch(stem[shared:])]


def _classify(name: str, head: bytes) -> tuple[Role, str]:
    """Return the role of a file, and a format that stands for whether it can be decoded if it is a page."""
    suffix, format = _suffix(name), find_picture_format(head)
    if suffix in SUFFIXES:
        return "page", FORMATS[0]
    if suffix in OTHER_SUFFIXES:
        # Raw photographs are TIFF files with a thumbnail, which is not the page.
        return "page", format if format not in ("", "TIFF") else OTHER_SUFFIXES[suffix]
    if suffix in BOOK_SUFFIXES:
        return "book", ""
    if format and suffix not in _UNFINISHED and not name.endswith("~"):
        return "page", format
    return ("book" if not suffix and is_book(head) else "other"), ""


def is_book(head: bytes) -> bool:
    """Return whether a file begins like an archive or a PDF."""
    return head.startswith((b"PK\x03\x04", b"%PDF-", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"))


def _find_working_files(pictures: Iterable[str]) -> set[str]:
    """Return the pictures of drawing programs that have an exported picture of the same name beside them."""
    exported = {os.path.splitext(name)[0] for name in pictures if _suffix(name) not in WORKING_SUFFIXES}
    return {name for name in pictures if _suffix(name) in WORKING_SUFFIXES and os.path.splitext(name)[0] in exported}


def _names_of(role: Role, roles: dict[str, tuple[Role, str]]) -> tuple[str, ...]:
    return tuple(sorted((name for name, (known, _) in roles.items() if known == role), key=sort_key))


def _has_clear_suffix(name: str) -> bool:
    return _suffix(name) in SUFFIXES or _suffix(name) in BOOK_SUFFIXES


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
