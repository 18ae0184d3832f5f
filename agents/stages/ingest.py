"""Keep the pages of the source as lossless RGB images; tools/ingest/books.py decodes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from agents.editing.plan_inputs import record_missing_inputs
from agents.executors import Job
from agents.run_context import RunContext
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Made, PageImage
from storage.errors import ProjectError, SourceError
from storage.keys import code_versions, content_key
from tools import png
from tools.ingest import books, images, layered_pages
from tools.ingest.books import PageRef, Source

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
    layer_keys = _read_layers(context, book, chosen)
    context.library.set_pages(
        [_page_image(ref, results.made[keys[ref.index]], layer_keys.get(ref.index, "")) for ref in chosen]
    )
    return {}


def _read_layers(context: RunContext, book: books.Book, chosen: Sequence[PageRef]) -> dict[int, str]:
    """Keep the planes of pages that are layered files, and return their content keys by the indices of the pages.

    A page whose layers cannot be read, or do not tell figures from the ground, is a page like any other.
    """
    jobs = {ref.index: _layers_job(book, ref) for ref in chosen if _is_layered(ref)}
    results = context.make("ingest", jobs.values())
    for index, job in jobs.items():
        if reason := results.failed.get(job.key):
            context.note("ingest", f"page {index + 1} is used without its layers: {reason}")
    return _layer_keys(jobs, results.made)


def _layer_keys(jobs: Mapping[int, Job], made: Mapping[str, Made]) -> dict[int, str]:
    """Return the content keys of the planes that were found, by the indices of their pages."""
    return {index: job.key for index, job in jobs.items() if job.key in made and made[job.key].artifacts}


def _is_layered(ref: PageRef) -> bool:
    """Return whether the layers of a page can be read here."""
    return ref.name.lower().endswith(layered_pages.SUFFIX) and layered_pages.can_read_layers()


def _layers_job(book: books.Book, ref: PageRef) -> Job:
    """Return the job that reads the layers of a page."""
    key = content_key("layered", "psd", layered_pages.VERSION, source=book.fingerprint(ref))
    arguments = {"source": str(book.source), "name": ref.name}
    return Job(key, "layered", ref.name, make_layers, arguments)


def make_layers(artifacts: Artifacts, *, source: str, name: str) -> Made:
    """Keep the planes of a page: its masks in one picture, and its ground; nothing where its layers tell none."""
    found = layered_pages.read_layers(books.load_page_bytes(source, name), name)
    if found is None:
        return Made()
    masks = np.dstack([found.figures, found.held, np.zeros_like(found.held)])
    return Made(
        artifacts={
            "masks": artifacts.keep(png.encode_png(masks), "image/png"),
            "ground": artifacts.keep(png.encode_png(found.ground), "image/png"),
        }
    )


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
    jobs = {ref.index: _layers_job(book, ref) for ref in chosen if _is_layered(ref)}
    layers = _layer_keys(jobs, library.find_many([job.key for job in jobs.values()]))
    pages = [
        _page_image(ref, made[keys[ref.index]], layers.get(ref.index, "")) for ref in chosen if keys[ref.index] in made
    ]
    stored = (library.source(), library.info(), list(library.pages()))
    return len(pages) == len(chosen) and stored == (str(book.source), book.info, pages)


def _chosen_pages(context: RunContext, source: Source) -> tuple[books.Book, Sequence[PageRef], dict[int, str]]:
    """Return the book, its chosen pages, and the content key of each by the page's index."""
    book = books.open_book(source)
    chosen = books.choose_pages(book.pages, context.settings.pages)
    return book, chosen, {ref.index: _page_key(book, ref) for ref in chosen}


def _page_key(book: books.Book, ref: PageRef) -> str:
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


def _page_image(ref: PageRef, made: Made, layers: str) -> PageImage:
    """Return a page as the library stores it."""
    return PageImage(
        index=ref.index, name=ref.name, artifact=made.artifacts["page"].sha256, layers=layers,
        width=int(str(made.facts["width"])), height=int(str(made.facts["height"])),
    )  # fmt: skip
