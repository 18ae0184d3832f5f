"""Keep the pages of the source as lossless RGB images; tools/ingest/books.py decodes them."""

from __future__ import annotations

from collections.abc import Sequence

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
"""Raised when a page of the same book is kept otherwise than before: part of the content key."""


def run(ctx: RunContext, state: State) -> State:
    """Keep every chosen page. A page that cannot be read ends the run: a film with a hole is not the book."""
    if ctx.source is None:
        if not ctx.library.pages():
            raise ProjectError("this project has no pages yet", "run: main.py animate SOURCE")
        return {}
    book, chosen, keys = _chosen(ctx, ctx.source)
    results = ctx.make("ingest", [_job(book, keys[ref.index], ref.name) for ref in chosen])
    for reason in results.failed.values():
        raise SourceError(reason, "mend or remove that page, or leave it out with --pages")
    ctx.library.set_project(str(book.source), book.info)
    ctx.library.set_pages([_page(ref.index, ref.name, results.made[keys[ref.index]]) for ref in chosen])
    return {}


def is_current(ctx: RunContext) -> bool:
    """Whether the project's pages are those that its book has now; also where no book is given."""
    if ctx.source is None:
        return True
    book, chosen, keys = _chosen(ctx, ctx.source)
    library = ctx.library
    made = library.find_many(list(keys.values()))
    pages = [_page(ref.index, ref.name, made[keys[ref.index]]) for ref in chosen if keys[ref.index] in made]
    there = (library.source(), library.info(), list(library.pages()))
    return len(pages) == len(chosen) and there == (str(book.source), book.info, pages)


def _chosen(ctx: RunContext, source: Source) -> tuple[books.Book, Sequence[books.PageRef], dict[int, str]]:
    """The book, the pages of it that are wanted, and the content key of each by its index."""
    book = books.open_book(source)
    chosen = books.choose_pages(book.pages, ctx.settings.pages)
    versions = code_versions(pictures=images.VERSION)
    prints = {ref.index: book.fingerprint(ref) for ref in chosen}
    keys = {index: content_key("ingest", "books", VERSION, source=one, **versions) for index, one in prints.items()}
    return book, chosen, keys


def make(artifacts: Artifacts, *, source: str, name: str) -> Made:
    """Decode one page of the book and keep it."""
    pixels = books.load_page(source, name)
    height, width = pixels.shape[:2]
    return Made(
        artifacts={"page": artifacts.keep(png.encode_png(pixels), "image/png")},
        facts={"width": width, "height": height},
    )


def _job(book: books.Book, key: str, name: str) -> Job:
    return Job(key, "ingest", name, make, {"source": str(book.source), "name": name})


def _page(index: int, name: str, made: Made) -> PageImage:
    width, height = int(str(made.facts["width"])), int(str(made.facts["height"]))
    return PageImage(index=index, name=name, artifact=made.artifacts["page"].sha256, width=width, height=height)
