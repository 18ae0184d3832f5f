"""What a source says about its book, and what was omitted, reordered or guessed when it was opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from storage.domain import Order, Shape

MAX_NAMES = 20
"""Names that a note keeps as examples."""

NoteKind = Literal[
    "system_files",
    "other_files",
    "working_files",
    "books_inside",
    "duplicate_names",
    "text_pages",
    "unused_pictures",
    "covers_first",
    "sorted_by_name",
    "guessed_names",
    "stripped_slashes",
    "pages_by_content",
    "archive_not_epub",
    "unread_metadata",
    "repaired_metadata",
    "unused_metadata",
    "unknown_order",
]
"""What a note says of the files it names.

Left out:    system_files      thumbnails, caches and hidden files of operating systems, NAS devices and Komadori
             other_files       files that are no pictures
             working_files     files of drawing programs that have an exported picture beside them
             books_inside      archives and documents between the pages
             duplicate_names   files that a later file of the same name replaces
             text_pages        pages of an EPUB that show no picture
             unused_pictures   pictures of an EPUB that none of its pages shows
Reordered:   covers_first      pages that come first because their name says that they are a cover
             sorted_by_name    pages of an EPUB that names no order
Guessed:     guessed_names     names in an encoding that the archive does not declare; `value` is the encoding
             stripped_slashes  names that began at the root of a disk
             pages_by_content  pages that are known as pictures by their first bytes alone
             archive_not_epub  an .epub file without a package, which is read like a .cbz
Metadata:    unread_metadata   it could not be used; `value` is the reason
             repaired_metadata it was not well-formed; `value` is what was done
             unused_metadata   another file was used
             unknown_order     a reading direction that is not understood; `value` is what the file says
"""


class BookNote(Shape):
    """One thing that was left out, reordered or guessed when a book was opened."""

    kind: NoteKind
    names: tuple[str, ...] = ()
    """Paths below the source, at most MAX_NAMES of them."""
    count: int = 0
    """How many files it concerns."""
    value: str = ""

    @classmethod
    def of(cls, kind: NoteKind, names: Iterable[str], value: str = "") -> BookNote:
        """Return the note about the files `names`."""
        all_names = tuple(names)
        return cls(kind=kind, names=all_names[:MAX_NAMES], count=len(all_names), value=value)


CreditRole = Literal[
    "author", "story", "art", "inks", "colours", "lettering", "cover", "translation", "editing", "publisher"
]
"""What somebody did for a book."""


class BookCredit(Shape):
    """Who did something for the book."""

    role: CreditRole
    names: tuple[str, ...]


class ChapterMark(Shape):
    """Where a chapter or volume of the book begins."""

    page: int
    """The place of its first page in the book, from 0."""
    title: str


class BookInfo(Shape):
    """Metadata of the source (ComicInfo.xml, EPUB, PDF); fields are empty where it gives none."""

    title: str = ""
    """Series, number and title in one line."""
    series: str = ""
    number: str = ""
    """The number of the volume or chapter in its series."""
    name: str = ""
    """The title of this volume or chapter, without its series."""
    credits: tuple[BookCredit, ...] = ()
    rights: str = ""
    """The licence or copyright notice of the book."""
    cover: int | None = None
    """The place of the page that the metadata calls the cover, from 0."""
    chapters: tuple[ChapterMark, ...] = ()
    """The chapters that the metadata names, in order."""
    language: str = ""
    order: Order | None = None
    """The reading direction, if the source gives it."""
    order_reason: str = ""
    """Where the reading direction comes from, in words."""
    notes: tuple[BookNote, ...] = ()
    """What was left out, reordered or guessed; empty in projects of older versions."""
