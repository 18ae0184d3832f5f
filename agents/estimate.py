"""A book and settings in, what filming it would make and cost out, as lines of words; makes nothing."""

from __future__ import annotations

from pathlib import Path

from agents import board
from storage.errors import ProjectError
from storage.library import Library
from storage.settings import Settings
from tools import books

PANELS_A_PAGE = 5.3  # of 214 manga pages of five titles
SECONDS_A_PANEL = 3.2  # of film
READING, LOOKING, FILMING = 2.0, 0.4, 0.075  # processor seconds a page, a shot and a frame, where nothing was measured
CORES = 2


def estimate(source: books.Source, project: Path, settings: Settings) -> list[str]:
    """Say what the same command without --dry-run would do."""
    book = books.open_book(source)
    pages = len(books.choose_pages(book.pages, settings.pages))
    chosen = settings.backends
    lines = [
        f"{pages} pages of {book.info.title or 'an untitled book'} -> {project}",
        f"read by {chosen.transcribe}, cleaned by {chosen.clean}, extended by {chosen.outpaint}, "
        f"animated by {chosen.animate}, filmed by {chosen.composite}, directed by rules",
    ]
    shots, film = _planned(project, settings)
    if shots is None:
        panels = round(pages * PANELS_A_PAGE)
        film = panels * SECONDS_A_PANEL
        lines.append(f"about {panels} shots, {film / 60:.1f} min of film (nothing is planned yet)")
        seconds = pages * READING + _filming(panels, film, settings)
    else:
        lines.append(f"{shots} of the planned shots are stale, {film:.0f} s of film")
        seconds = _filming(shots, film, settings)
    lines.append(f"about {max(1, round(seconds / CORES / 60))} min on two cores, money: none (no model is asked)")
    return lines


def _filming(shots: int, film: float, settings: Settings) -> float:
    pixels = settings.screen.width * settings.screen.height / (1920 * 1080)
    return shots * LOOKING + film * settings.screen.fps * FILMING * pixels


def _planned(project: Path, settings: Settings) -> tuple[int | None, float]:
    """How many planned shots are stale and their seconds; (None, 0) when these settings have no plan yet."""
    if not project.exists():
        return None, 0.0
    with Library.open(project, readonly=True) as library:
        try:
            items = board.standing(library)
        except ProjectError:
            return None, 0.0
        if library.settings() != settings:
            return None, 0.0
        stale = [item.shot.plan.seconds for item in items if item.take is None]
        return len(stale), sum(stale)
