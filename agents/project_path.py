"""Name the folder of a project after its book where the user names none, and never use another book's project."""

from __future__ import annotations

from pathlib import Path

from storage.errors import ProjectError
from storage.library import Library
from storage.project import is_project


def project_for(book: Path, *, home: Path = Path(), several: bool = False, cure: str) -> Path:
    """Return the project folder of a book, inside `home`.

    Args:
        book: The book, or the first of `several` images.
        home: The folder that holds the project.
        several: The book is a number of single images.
        cure: The hint of the error.

    Raises:
        ProjectError: The folder belongs to another book; two volumes are often both called "01.cbz".
    """
    project = home / f"{book_name(book)}.komadori"
    other = _source_of(project)
    if other and other.exists() and book.exists() and not _is_same_book(other, book, several=several):
        raise ProjectError(f"{project} is the film of {other}", cure)
    return project


def book_name(book: Path) -> str:
    """Return the name of a book without its file suffix."""
    return (book.resolve().name if book.is_dir() else book.stem) or "book"


def _source_of(project: Path) -> Path | None:
    """Return the source of the project in a folder; None where there is no project or no source."""
    if not is_project(project):
        return None
    try:
        with Library.open(project, readonly=True) as library:
            return Path(source) if (source := library.source()) else None
    except ProjectError:
        return None


def _is_same_book(other: Path, first: Path, *, several: bool) -> bool:
    """Return whether two sources are the same book; a number of single images is kept as the folder that holds them."""
    other_path, first_path = other.resolve(), first.resolve()
    return first_path == other_path or (several and first_path.is_relative_to(other_path))
