"""Read the pages into a transcript in reading order; corrections made by a person win over any backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

from agents.corrections import carry_over, grammar, transcript_overlay
from agents.corrections.characters import replace_characters
from agents.editing.plan_inputs import view_page
from agents.executors import Job
from agents.run_context import RunContext
from agents.stages.cast import gather_cast
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Made, Order, PageImage, PageTranscript, Transcript
from storage.errors import BackendError
from storage.keys import code_versions, content_key
from storage.records import Correction
from storage.settings import Options
from tools import backends, png
from tools.reading import order as reading_order
from tools.transcribe import load_transcriber

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

VERSION = 1
"""Raised when the answer of a transcriber is kept differently: part of the content key."""


def run(context: RunContext, state: State) -> State:
    """Read every page, decide the book's reading order, and keep the transcript.

    Raises:
        BackendError: A page could not be read.
    """
    pages = context.library.pages()
    transcript_overlay.keep_corrections(context, pages, lambda page: as_read(context, page))
    by_hand = transcript_overlay.pages_by_hand(context.library, pages)
    jobs = {page.index: _read_job(context, page) for page in pages if page.index not in by_hand}
    known = context.library.find_many([job.key for job in jobs.values()])
    results = context.make("read", jobs.values(), known)
    for page in pages:
        if page.index in jobs and (reason := results.failed.get(jobs[page.index].key)):
            raise BackendError(
                f"{page.name} could not be read: {reason}",
                "try --transcribe classic, a --transcript by hand, or --pages without it",
            )
    pages_read = {
        page.index: by_hand.get(page.index)
        or localize_ids(_load_page(context, results.made[jobs[page.index].key], page))
        for page in pages
    }
    correction = context.library.correction()
    order, reason = _decide_order(context, list(pages_read.values()), correction)
    context.note("read", f"reading order {order}: {reason}")
    unread = {index for index, job in jobs.items() if job.key not in known}
    retouched = _carry_corrections_over(
        context, pages, correction, order, {index: pages_read[index] for index in jobs}, unread
    )
    pages_read |= retouched
    by_hand |= retouched
    language = context.library.info().language or reading_order.lettering_language(list(pages_read.values()))
    arranged = tuple(
        pages_read[page.index]
        if page.index in by_hand
        else reading_order.arrange_page(pages_read[page.index], order, language)
        for page in pages
    )
    transcript = Transcript(order=order, backend=context.settings.backends.transcribe, pages=arranged)
    context.library.set_transcript(transcript.model_copy(update={"cast": gather_cast(transcript)}))
    return {}


def as_read(context: RunContext, page: PageImage) -> PageTranscript | None:
    """Return what the backend read on a page, before panels are put in order; None while it has not read the page."""
    made = context.library.find_made(_read_job(context, page).key)
    return localize_ids(_load_page(context, made, page)) if made else None


def make(artifacts: Artifacts, *, backend: str, options: Options, page: str, language: str) -> Made:
    """Read one page with a transcriber."""
    reader = load_transcriber(backend, **options)
    return _keep_page(artifacts, reader.read(png.read_png(artifacts.open(page)), language=language))


def localize_ids(page: PageTranscript) -> PageTranscript:
    """Rename a page's characters from "k0" to "p7-k0", so that characters of different pages are not mixed up."""
    return replace_characters(page, lambda name: f"p{page.index}-{name}" if name else name)


def _read_job(context: RunContext, page: PageImage) -> Job:
    """Return the job that reads one page."""
    backend, language = context.settings.backends.transcribe, context.library.info().language
    options = context.settings.options_of("transcribe", backend)
    reader = context.backend("transcribe", backend)
    identity = backends.weights_identity(reader) or options
    parts = {"page": page.artifact, "language": language, "identity": identity, **code_versions(read=VERSION)}
    key = content_key("read", backend, reader.version, **parts)
    arguments = {"backend": backend, "options": options, "page": page.artifact, "language": language}
    # a large model runs in the model process, which releases it before another model is loaded
    model = backends.device_model(reader)
    return Job(key, "read", page.name, make, arguments, waits=not model and backends.is_shared(reader), model=model)


def _carry_corrections_over(
    context: RunContext,
    pages_now: Sequence[PageImage],
    correction: Correction | None,
    order: Order,
    fresh: Mapping[int, PageTranscript],
    unread: Set[int],
) -> dict[int, PageTranscript]:
    """Carry corrections over to pages that were retouched since the last plan, and store them as one correction.

    Args:
        context: The run's context.
        pages_now: The pages of the book.
        correction: The corrections in force.
        order: The reading order of the book.
        fresh: The pages that nobody corrected, as they were read, by index.
        unread: The pages that were read for the first time.

    Returns:
        The corrected pages by index.
    """
    library, present = context.library, {page.artifact for page in pages_now}
    gone = [artifact for artifact in correction.pages if artifact not in present] if correction else []
    new = _new_pages(library, pages_now, fresh, unread) if gone else []
    if correction is None or not new:
        return {}
    corrected = library.corrected_pages(gone)
    arranged = [(page, reading_order.arrange_page(fresh[page.index], order)) for page in new]
    found = carry_over.find_retouched(corrected, arranged, partial(view_page, library.artifacts))
    done: dict[int, PageTranscript] = {}
    pages: dict[str, PageTranscript | None] = {}
    by_index = {page.index: (page, read) for page, read in arranged}
    for artifact, index in found.items():
        page, read = by_index[index]
        ours = corrected[artifact]
        before = PageImage(index=index, name=ours.image, artifact=artifact, width=ours.width, height=ours.height)
        base = as_read(context, before)
        result = carry_over.carry_over(base and reading_order.arrange_page(base, order), ours, read, order)
        for fix in result.lost:
            context.note("read", f"not carried over: {grammar.format_correction(fix)} (it is drawn otherwise now)")
        done[index] = result.page
        pages |= {artifact: None, page.artifact: result.page}
    if pages:
        numbers = ", ".join(str(index + 1) for index in sorted(done))
        message = f"page {numbers}: corrections carried over to the retouched picture"
        library.add_correction(pages, author=correction.author, message=message, kind="rebase")
    return done


def _new_pages(
    library: Library, pages: Sequence[PageImage], fresh: Mapping[int, PageTranscript], unread: Set[int]
) -> list[PageImage]:
    """Return the uncorrected pages whose pictures are new since the last plan, or were corrected in it.

    The latter were corrected by what was carried over, and that was undone together with a later correction. Without a
    plan, new pages are those that were never read before.
    """
    head = library.head()
    planned = library.plan_inputs(head.number) if head else None
    if planned is None:
        return [page for page in pages if page.index in fresh and page.index in unread]
    states = {state.number: state for state in library.corrections()}
    was_corrected = states[planned.correction].pages if planned.correction in states else {}
    known = {page.artifact for page in planned.pages} - set(was_corrected)
    return [page for page in pages if page.index in fresh and page.artifact not in known]


def _keep_page(artifacts: Artifacts, found: PageTranscript) -> Made:
    """Keep what a transcriber found."""
    return Made(artifacts={"transcript": artifacts.keep(found.model_dump_json().encode(), "application/json")})


def _load_page(context: RunContext, made: Made, page: PageImage) -> PageTranscript:
    """Open what a transcriber found, with the page's index and name."""
    text = context.library.artifacts.open(made.artifacts["transcript"]).read_text(encoding="utf-8")
    return PageTranscript.model_validate_json(text).model_copy(update={"index": page.index, "image": page.name})


def _decide_order(context: RunContext, found: list[PageTranscript], correction: Correction | None) -> tuple[Order, str]:
    """Return the reading order of the book, and why."""
    if context.settings.order != "auto":
        return context.settings.order, "as asked"
    if correction and correction.order:
        return correction.order, "as the corrected transcript says"
    return reading_order.decide_order(found, context.library.info())
