"""Name the folder of a project after its book where the user names none, and never use another book's project."""

from __future__ import annotations

from pathlib import Path

from storage.errors import ProjectError
from storage.library import Library
from storage.project import is_project


def project_for(book: Path, *, home: Path = Path(), several: bool = False, cure: str) -> Path:
    """The project's folder, in `home`; `book` is the first of `several` images, or all of it.

    Raises ProjectError with `cure` where it belongs to another book: two volumes are easily both called "01.cbz".
    """
    project = home / f"{book_name(book)}.komadori"
    other = _book_of(project)
    if other and other.exists() and book.exists() and not _same(other, book, several=several):
        raise ProjectError(f"{project} is the film of {other}", cure)
    return project


def book_name(book: Path) -> str:
    """The name of a book, without what says its kind."""
    return (book.resolve().name if book.is_dir() else book.stem) or "book"


def _book_of(project: Path) -> Path | None:
    if not is_project(project):
        return None
    try:
        with Library.open(project, readonly=True) as library:
            return Path(source) if (source := library.source()) else None
    except ProjectError:
        return None


def _same(other: Path, first: Path, *, several: bool) -> bool:
    """Several images are kept as the folder that holds them."""
    there, here = other.resolve(), first.resolve()
    return here == there or (several and here.is_relative_to(there))
