"""The errors for sources that are no single book of pictures, with what they hold and what to do instead."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from storage.errors import NoPages, SeveralBooks
from tools.ingest.archives import printable_name
from tools.ingest.contents import Contents
from tools.ingest.source_kinds import READABLE

_MAX_NAMED = 3


def several_books_error(source: Path, books: tuple[str, ...]) -> SeveralBooks:
    """Return the error for a folder or an archive that holds books instead of pages.

    Its hint is the command that makes a film of each book, or of the only one.
    """
    named = _list_names(books, len(books))
    what = f"{printable_name(str(source))} holds {_count(len(books), 'book')} and no page: {named}"
    if not source.is_dir():
        folder = source.parent / source.stem
        each = f"main.py run SCRIPT.toml --chapters {_quote(folder)}"
        one = f"main.py animate {_quote(folder / books[0])}"
        command = f"unpack it to {printable_name(str(folder))}, then: {one if len(books) == 1 else each}"
        return SeveralBooks(what, command, books=books)
    folders = {os.path.dirname(book) for book in books}
    one = f"main.py animate {_quote(source / books[0])}"
    if len(books) == 1 or len(folders) > 1:
        return SeveralBooks(what, f"give one of them: {one}", books=books)
    each = f"main.py run SCRIPT.toml --chapters {_quote(source / folders.pop())}"
    return SeveralBooks(what, f"each of them: {each} (an empty script will do); or one: {one}", books=books)


def no_pages_error(source: Path, found: Contents) -> NoPages:
    """Return the error for a source without a picture, which names what it holds instead."""
    system = [note for note in found.notes if note.kind == "system_files"]
    others = [*found.others, *(name for note in system for name in note.names)]
    count = len(found.others) + sum(note.count for note in system)
    held = f", but {_count(count, 'other file')}: {_list_names(others, count)}" if others else ""
    return NoPages(f"{printable_name(str(source))} holds no page{held}", READABLE)


def novel_error(label: str, documents: int) -> NoPages:
    """Return the error for an EPUB whose pages are text."""
    return NoPages(
        f"{label} is a text and no picture book: none of its {_count(documents, 'page')} shows a picture",
        "Komadori films drawn pages; give a comic, or a PDF of this book",
        text_pages=documents,
    )


def _list_names(names: Sequence[str], count: int) -> str:
    more = f" and {count - _MAX_NAMED} more" if count > _MAX_NAMED else ""
    return ", ".join(printable_name(name, 60) for name in names[:_MAX_NAMED]) + more


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _quote(path: Path) -> str:
    return shlex.quote(printable_name(str(path)))
