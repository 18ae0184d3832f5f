"""Make the films of all books in a folder from one script, each in a project of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from agents import project_path, run
from agents.executors.process_pool import run_in_processes
from agents.scripting import checks
from agents.scripting.production import After, Production, Say, produce
from agents.scripting.scripts import LoadedScript
from storage.errors import KomadoriError, SettingsError, SourceError
from tools.ingest import books
from tools.ingest.contents import BOOK_SUFFIXES, system_path


def batch(
    loaded: LoadedScript, chapters: Path, say: Say = run.ignore_progress, *, jobs: int = 1, after: After | None = None
) -> Iterator[Production]:
    """Make the films of every book in a folder, each in its own project, and yield each result when it is ready.

    A book that fails yields its error, and the others go on.

    Args:
        loaded: The script for all books.
        chapters: The folder with the books.
        say: Called with the progress, but only if `jobs` is 1.
        jobs: How many books are made at the same time, each in a process of its own.
        after: Called after each film; a module-level function if `jobs` is above 1.

    Raises:
        SettingsError: Two books would share a path.
        ProjectError: A project belongs to another book.
        SourceError: The folder has no book.
    """
    scripts = scripts_of(loaded, chapters)
    if jobs < 2:
        yield from (_try_produce(script, say, after) for script in scripts)
        return
    for script, made in run_in_processes(partial(_try_produce, after=after), scripts, together=jobs):
        died = SettingsError("its process died (out of memory?)", "make fewer at a time with --jobs, or this one alone")
        yield made or Production(checks.project_of(script.script), {}, died)


def scripts_of(loaded: LoadedScript, chapters: Path) -> list[LoadedScript]:
    """Return the script for each book of a folder.

    Raises:
        SettingsError: Two books would share a path.
        ProjectError: A project belongs to another book.
        SourceError: The folder has no book.
    """
    found = books_of(chapters)
    if not found:
        raise SourceError(
            f"there is no book in {chapters}", "it should hold folders of pages, or .cbz, .cbr, .pdf or .epub files"
        )
    checks.refuse_shared(loaded, "{name}", "all chapters")
    named: dict[str, Path] = {}
    for book in found:
        other = named.setdefault(project_path.book_name(book).casefold(), book)
        if other != book:
            raise SettingsError(
                f"{other} and {book} would both be the project {project_path.book_name(book)}.komadori",
                "rename one of the two",
            )
    return [_script_of_book(loaded, book) for book in found]


def books_of(folder: Path) -> list[Path]:
    """Return the books of a folder in natural order of their names, so that 2 comes before 10."""
    from natsort import natsorted

    if not folder.is_dir():
        raise SourceError(f"{folder} is not a folder", "name the folder that holds the chapters")
    visible = [one for one in folder.iterdir() if not system_path(one.name)]
    found = [one for one in visible if one.suffix.lower() in BOOK_SUFFIXES or _is_page_folder(one)]
    return natsorted(found, key=lambda one: one.name)


def _script_of_book(loaded: LoadedScript, book: Path) -> LoadedScript:
    """Return the script for one book of a folder."""
    script = loaded.script
    home = Path(script.project).parent if script.project else Path()
    cure = "rename this one, or run it from another folder"
    said = {"source": str(book), "project": str(project_path.project_for(book, home=home, cure=cure))}
    return replace(loaded, script=script.model_copy(update=said))


def _try_produce(loaded: LoadedScript, say: Say = run.ignore_progress, after: After | None = None) -> Production:
    try:
        return produce(loaded, say, after=after)
    except KomadoriError as error:
        return Production(checks.project_of(loaded.script), {}, error)


def _is_page_folder(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        return bool(books.open_book(folder).pages)
    except KomadoriError:
        return False
