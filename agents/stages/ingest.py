"""Keep the pages of the source as lossless RGB images; tools/ingest/books.py decodes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.editing.plan_inputs import record_missing_inputs
from agents.executors import Job
from agents.run_context import RunContext
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Made, PageImage
from storage.errors import ProjectError, SourceError
from storage.keys import code_versions, content_key
from tools import png
from tools.ingest import books, images
from tools.ingest.books import Source

VERSION = 1
"""Raised when a page of the same book is kept differently: part of the content key."""


def run(context: RunContext, state: State) -> State:
    """Keep every chosen page.

    Raises:
        SourceError: A page cannot be read: a film without it would not be the film of the book.
        ProjectError: No source is given, and the project has no pages.
    """
    record_missing_inputs(context.library)  # before anything that a plan was made from changes
    if context.source is None:
        if not context.library.pages():
            raise ProjectError("this project has no pages yet", "run: main.py animate SOURCE")
        _restore_pages(context)
        return {}
    book, chosen, keys = _chosen_pages(context, context.source)
    results = context.make("ingest", [_ingest_job(book, keys[ref.index], ref.name) for ref in chosen])
    for reason in results.failed.values():
        raise SourceError(reason, "repair or remove that page, or leave it out with --pages")
    context.library.set_project(str(book.source), book.info)
    context.library.set_pages([_page_image(ref.index, ref.name, results.made[keys[ref.index]]) for ref in chosen])
    return {}


def _restore_pages(context: RunContext) -> None:
    """Decode pages whose stored image is missing again from the book, where it is still in its place.

    Raises:
        ProjectError: The book is not there, or has other pages.
    """
    lost = [page for page in context.library.pages() if not context.library.artifacts.has(page.artifact)]
    if not lost:
        return
    said = context.library.source() or ""
    # a relative path was said where the project's folder is by default
    places = [place for place in (Path(said), context.library.folder.parent / said) if said and place.exists()]
    jobs = dict[str, Job]()
    if places:
        book = books.open_book(places[0])
        refs = {ref.name: ref for ref in book.pages}
        known = [page.name for page in lost if page.name in refs]
        jobs = {name: _ingest_job(book, _page_key(book, refs[name]), name) for name in known}
    made = context.make("ingest", jobs.values()).made
    for page in lost:
        found = made.get(jobs[page.name].key) if page.name in jobs else None
        if found is None or found.artifacts["page"].sha256 != page.artifact:
            raise ProjectError(
                f"the image of page {page.name} is damaged or missing, and {said or 'the book'} does not have it",
                f"give the book again: main.py animate SOURCE --project {context.library.folder}",
            )


def is_current(context: RunContext) -> bool:
    """Return whether the project's pages are the current pages of its book; True where no book is given."""
    if context.source is None:
        return True
    book, chosen, keys = _chosen_pages(context, context.source)
    library = context.library
    made = library.find_many(list(keys.values()))
    pages = [_page_image(ref.index, ref.name, made[keys[ref.index]]) for ref in chosen if keys[ref.index] in made]
    stored = (library.source(), library.info(), list(library.pages()))
    return len(pages) == len(chosen) and stored == (str(book.source), book.info, pages)


def _chosen_pages(context: RunContext, source: Source) -> tuple[books.Book, Sequence[books.PageRef], dict[int, str]]:
    """Return the book, its chosen pages, and the content key of each by the page's index."""
    book = books.open_book(source)
    chosen = books.choose_pages(book.pages, context.settings.pages)
    return book, chosen, {ref.index: _page_key(book, ref) for ref in chosen}


def _page_key(book: books.Book, ref: books.PageRef) -> str:
    """Return the content key of a page's image."""
    versions = code_versions(pictures=images.VERSION)
    return content_key("ingest", "books", VERSION, source=book.fingerprint(ref), **versions)


def make(artifacts: Artifacts, *, source: str, name: str) -> Made:
    """Decode one page of the book and keep it."""
    pixels = books.load_page(source, name)
    height, width = pixels.shape[:2]
    return Made(
        artifacts={"page": artifacts.keep(png.encode_png(pixels), "image/png")},
        facts={"width": width, "height": height},
    )


def _ingest_job(book: books.Book, key: str, name: str) -> Job:
    """Return the job that decodes one page."""
    return Job(key, "ingest", name, make, {"source": str(book.source), "name": name})


def _page_image(index: int, name: str, made: Made) -> PageImage:
    """Return a page as the library stores it."""
    width, height = int(str(made.facts["width"])), int(str(made.facts["height"]))
    return PageImage(index=index, name=name, artifact=made.artifacts["page"].sha256, width=width, height=height)
