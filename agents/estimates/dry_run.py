"""Describe in lines of text what filming a book would make and cost, without making anything."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from agents import planning, preflight, run
from agents.book_notes import describe_notes
from agents.editing import shot_status
from agents.estimates import cost_table, pending_questions, question_costs, voice_costs
from agents.estimates.speed import ProcessingSpeed, RemainingWork, measured_speed, seconds_of
from agents.executors.local import worker_count
from storage.domain import Transcript
from storage.errors import PackageMissing, ProjectError, WeightsMissing
from storage.library import Library
from storage.project import is_project
from storage.settings import Backends, Settings
from tools.ingest import books

PANELS_A_PAGE = 5.3  # of 214 manga pages of five titles
SECONDS_A_PANEL = 3.2  # of film


def estimate(project: Path, settings: Settings, options: run.RunOptions) -> list[str]:
    """Return lines that describe what the same command without --dry-run would do.

    Raises:
        KomadoriError: As the command itself raises at its beginning.
    """
    run.check_run(settings, options, planning=True)
    assert options.source is not None, "there is a book to estimate"
    book = books.open_book(options.source)
    names = [ref.name for ref in books.choose_pages(book.pages, settings.pages)]
    is_existing = is_project(project)
    with Library.open(project, readonly=True) if is_existing else nullcontext() as library:
        work = (
            _remaining_work(library, settings, options, names)
            if library
            else _unread_work(names, options, "nothing is made yet")
        )
        pace = measured_speed(library, work.take_keys) if library else ProcessingSpeed()
        asked = cost_table.cost_rows(settings, library, pages=work.understand, plans=work.plan, shots=work.shots)
        read = library.transcript() if library and not work.pages else None
        voice = voice_costs.voice_cost(settings, library, read, pages=len(names))
    chosen, screen = settings.backends, settings.screen
    planner = planning.choose_director(settings.director, settings.model)
    takes = settings.best_of if question_costs.has_generative_backend(settings) else 1
    takes_work = replace(work, shots=work.shots * takes, film=work.film * takes)
    seconds = seconds_of(takes_work, pace, screen) / worker_count() + voice.seconds
    seconds += sum(row.seconds + (row.gpu or 0.0) for row in asked)
    costs = [*asked, *cost_table.voice_rows(voice)]
    shots = f"{work.shots} shots, {_time(work.film)} of film" if work.shots else "nothing: every shot stands"
    shots += f", the best of {takes} takes of each," if work.shots and takes > 1 else ""
    return [
        f"book      {book.info.title or book.source.name}: {len(names)} of its {len(book.pages)} pages",
        *(f"{topic:<10}{line}" for topic, line in describe_notes(book.info.notes)),
        f"project   {project}{'' if is_existing else ' (new)'}: {work.known}",
        f"read by   {chosen.transcribe}; planned by {planner}; cut out by {chosen.clean}, "
        f"extended by {chosen.outpaint}, "
        + (f"upscaled by {chosen.upscale}, " if chosen.upscale != Backends().upscale else "")
        + f"animated by {chosen.animate}, filmed by {chosen.composite}"
        + (f" (profile {settings.profile})" if settings.profile != "cpu" else ""),
        f"to read   {work.pages} pages",
        f"to film   {shots} at {screen.width} x {screen.height}, {screen.fps_name} frames a second",
        *([f"to speak  {voice.lines} lines by {voice.backend}"] if voice.backend else []),
        f"time      about {_time(seconds)} on {worker_count()} cores, "
        + ("as measured in this project" if pace.measured else "by rule of thumb")
        + ("; models that draw take longer" if any(row.gpu is None for row in asked) else "")
        + ("; how fast the model answers is a guess" if any(row.calls and row.how for row in asked) else ""),
        *(f"{'by stage' * (at == 0):<10}{line}" for at, line in enumerate(cost_table.format_table(costs))),
        f"money     {cost_table.describe_cost(costs, settings)}",
        *(
            f"{'missing' * (at == 0):<10}{one.what}: {one.hint}"
            for at, one in enumerate([*preflight.missing_for_film(settings), *filter(None, [voice.missing])])
        ),
    ]


def _remaining_work(library: Library, settings: Settings, options: run.RunOptions, names: list[str]) -> RemainingWork:
    before, read = library.settings(), library.transcript()
    if before is None or read is None or not _is_read_alike(before, settings) or [p.image for p in read.pages] != names:
        return _unread_work(names, options, "these pages are not read yet")
    unsure = ""
    try:
        items = shot_status.shot_statuses(library)
    except ProjectError:
        panels = sum(len(page.panels) for page in read.pages)
        known = "these pages are read, and not planned yet"
        seconds = panels * SECONDS_A_PANEL
        return RemainingWork(0, panels, seconds, known, *_pages_to_ask(library, settings, read), take_keys=())
    except (PackageMissing, WeightsMissing):  # what stands is told apart by the weights that made it
        found, keys = [(plan.seconds, False) for plan in library.shots()], list[str]()
        unsure = ", as far as can be told without the weights"
    else:
        found = [(item.shot.plan.seconds, item.take is not None) for item in items]
        keys = [item.take.key for item in items if item.take]
    if before.model_copy(update={"cards": settings.cards}) != settings or options.corrections:
        known = "these pages are read; the shots are planned and filmed anew"
        whole = sum(seconds for seconds, _ in found)
        return RemainingWork(0, len(found), whole, known, *_pages_to_ask(library, settings, read), keys)
    stale, left = (
        [seconds for seconds, stands in found if not stands],
        pending_questions.count_rule_planned_pages(library, settings),
    )
    known = f"{len(found)} shots are planned, {len(found) - len(stale)} of them stand{unsure}"
    if left:
        known += f"; {left} page{'s were' if left > 1 else ' was'} left to the rules, and the model is asked again"
    understand = pending_questions.count_pages_to_understand(library, settings, read)
    return RemainingWork(0, len(stale), sum(stale), known, understand, left, keys)


def _unread_work(names: list[str], options: run.RunOptions, known: str) -> RemainingWork:
    """Return the work on pages not read yet; panels are counted where a person read the page, else guessed."""
    by_hand = {page.image: len(page.panels) for page in options.corrections.pages} if options.corrections else {}
    unread = [name for name in names if name not in by_hand]
    panels = round(len(unread) * PANELS_A_PAGE) + sum(by_hand.get(name, 0) for name in names)
    known = f"{known}{'; the shots are guessed' if unread else ''}"
    return RemainingWork(len(unread), panels, panels * SECONDS_A_PANEL, known, len(names), len(names))


def _is_read_alike(before: Settings, now: Settings) -> bool:
    return (before.order, before.backends.transcribe) == (now.order, now.backends.transcribe)


def _pages_to_ask(library: Library, settings: Settings, read: Transcript) -> tuple[int, int]:
    """Return how many pages are to be understood, and how many are to be planned."""
    return pending_questions.count_pages_to_understand(library, settings, read), pending_questions.count_pages_to_plan(
        library, settings, read
    )


def _time(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 100 else f"{seconds / 60:.0f} min"
