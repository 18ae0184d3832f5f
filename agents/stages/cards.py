"""Film the cards of a film: its title over the cover, its chapters and its credits. They are no shots.

A book that has no title of its own gets no cards, so that films of bare images stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from agents import film_credits
from agents.executors import Job
from agents.resolved_shot import ResolvedShot
from agents.run_context import RunContext
from agents.stages import composite
from storage.artifacts import Artifacts
from storage.book_info import BookInfo
from storage.domain import Made, PageImage, VideoFormat
from storage.keys import code_versions, content_key
from tools import cards as card_tools
from tools import png
from tools.cards import Card, ChapterCard, CreditLine, EndCard, TitleCard, drawing, titles, typefaces
from tools.plates import FrameFunction
from tools.previews.jpeg import POSTER_LONGEST, encode_jpeg
from tools.video import clips

VERSION = 1
"""Raised when the same card makes another segment or poster than before: part of the content keys."""
CREDITS_MARK = "Credits"
"""The title of the film's chapter that begins with its credits."""
MAX_SHORT_CHAPTERS = 3
"""Chapters that may have fewer than two pages each; more of them are a list of pages."""
CardKind = Literal["title", "chapter", "end"]


@dataclass(frozen=True)
class PlacedCard:
    """A card with its place in the film."""

    shot: str
    """The id of the shot that it stands before; "" for the end card."""
    mark: str
    """The title of the film's chapter that begins with it; "" where that is the chapter of the shot's page."""
    job: Job


def make_cards(context: RunContext, info: BookInfo, shots: Sequence[ResolvedShot]) -> list[tuple[PlacedCard, Made]]:
    """Make the cards of a film in their order; one that fails is left out.

    Args:
        context: The run's context.
        info: The metadata of the book.
        shots: The shots in the film, in order.
    """
    placed, undrawn = plan_cards(context, info, shots)
    if not placed:
        return []
    found = context.library.find_many([card.job.key for card in placed])
    if undrawn and len(found) < len({card.job.key for card in placed}):
        context.note("cards", f"no typeface here has all characters of: {'; '.join(undrawn)}")
    made = context.make("cards", [card.job for card in placed], found).made
    return [(card, made[card.job.key]) for card in placed if card.job.key in made]


def plan_cards(
    context: RunContext, info: BookInfo, shots: Sequence[ResolvedShot]
) -> tuple[list[PlacedCard], list[str]]:
    """Return the cards of a film, none where it gets none, and the words that no typeface can draw. Makes nothing."""
    if not (context.settings.cards and shots):
        return [], []
    source = context.library.source() if info.cover is not None else None
    title = film_title(info, source or "")
    if not title:
        return [], []
    pages = [page for _, page in sorted(shots[0].shot.images.items())]
    undrawn: list[str] = []
    over = _drawable_title(_title_card(info, title), undrawn)
    cover = next((page for page in pages if page.index == info.cover), pages[0])
    placed = [PlacedCard(shots[0].shot.id, title, _job(context, "title", over, make_title, cover))]
    for shot, words in _chapter_places(chapter_starts(info, pages), shots):
        if typefaces.can_draw(words):
            card = _job(context, "chapter", ChapterCard(title=words), make_card)
            placed.append(PlacedCard(shot, "", card))
        else:
            undrawn.append(words)
    end = _drawable_credits(film_credits.end_card(context, info, shots), undrawn)
    placed.append(PlacedCard("", CREDITS_MARK, _job(context, "end", end, make_card)))
    return placed, undrawn


def film_title(info: BookInfo, source: str) -> str:
    """Return the title that a film's card shows; "" where its book has none that reads as a title, and gets no cards.

    The name of the source counts only for a book that names its cover.
    """
    for text in (info.series, info.name, info.title):
        if title := titles.title_text(text):
            return title
    return titles.title_of_name(PurePath(source).name) if info.cover is not None else ""


def chapter_starts(info: BookInfo, pages: Sequence[PageImage]) -> dict[int, str]:
    """Return the titles of chapters by the index of their first page: as the book says, else as its folders do.

    Args:
        info: The metadata of the book.
        pages: The pages of the film, in order.

    Returns:
        Two chapters or more; nothing for a book without any, or where nearly every page has a mark of its own.
    """
    starts: dict[int, str] = {}
    for mark in info.chapters:
        first = next((page.index for page in pages if page.index >= mark.page), None)
        if first is not None and (title := titles.chapter_title(mark.title)):
            starts[first] = title
    if len(starts) < 2:
        starts = _folder_starts(pages)
    is_page_list = len(starts) > MAX_SHORT_CHAPTERS and 2 * len(starts) > len(pages)
    return starts if len(starts) >= 2 and not is_page_list else {}


def _folder_starts(pages: Sequence[PageImage]) -> dict[int, str]:
    """Return the titles of the folders of pages by the index of their first page; none where pages have one folder."""
    folders = [PurePath(page.name).parts[:-1] for page in pages]
    shared = 0
    while folders and all(len(folder) > shared and folder[shared] == folders[0][shared] for folder in folders):
        shared += 1
    starts, before = dict[int, str](), None
    for page, folder in zip(pages, folders, strict=True):
        if folder != before:
            words = [title for part in folder[shared:] if (title := titles.chapter_title(part))]
            if words:
                starts[page.index] = " – ".join(words)
        before = folder
    return starts


def _chapter_places(starts: dict[int, str], shots: Sequence[ResolvedShot]) -> Iterable[tuple[str, str]]:
    """Yield the first shot of each chapter, with the title of the chapter."""
    seen: set[int] = set()
    for resolved in shots:
        start = max((page for page in starts if page <= resolved.shot.plan.page), default=None)
        if start is not None and start not in seen:
            seen.add(start)
            yield resolved.shot.id, starts[start]


def _title_card(info: BookInfo, title: str) -> TitleCard:
    """Return the words of the title card: the series, or the title itself; below it the number and the title in it."""
    is_series = title == titles.title_text(info.series)
    below = [info.number, titles.title_text(info.name)] if is_series else []
    subtitle = " – ".join(part for part in below if part and part != title)
    return TitleCard(title=title, subtitle=subtitle, byline=film_credits.byline(info))


def _drawable_title(card: TitleCard, undrawn: list[str]) -> TitleCard:
    """Return the card without the words that no typeface can draw; without its title it has none at all."""
    words = {"title": card.title, "subtitle": card.subtitle, "byline": card.byline}
    missing = {name: text for name, text in words.items() if not typefaces.can_draw(text)}
    undrawn += missing.values()
    return TitleCard() if "title" in missing else card.model_copy(update=dict.fromkeys(missing, ""))


def _drawable_credits(card: EndCard, undrawn: list[str]) -> EndCard:
    """Return the credits without the lines that no typeface can draw."""

    def is_drawable(line: CreditLine | str) -> bool:
        text = line if isinstance(line, str) else f"{line.role} {line.names}"
        if not typefaces.can_draw(text):
            undrawn.append(text)
            return False
        return True

    return card.model_copy(
        update={"credits": tuple(filter(is_drawable, card.credits)), "notes": tuple(filter(is_drawable, card.notes))}
    )


def _job(
    context: RunContext, kind: CardKind, card: Card, make: Callable[..., Made], cover: PageImage | None = None
) -> Job:
    """Return the job that films a card."""
    settings = context.settings
    seconds = {"title": drawing.TITLE_SECONDS, "chapter": drawing.CHAPTER_SECONDS, "end": drawing.END_SECONDS}[kind]
    arguments: dict[str, Any] = {
        "card": card,
        "frames": settings.screen.frame_count(seconds),
        "screen": settings.screen,
        "crf": settings.crf,
        "preset": settings.preset,
        **({"cover": cover.artifact} if cover else {}),
    }
    versions = code_versions(cards=VERSION, segment=clips.SEGMENT_VERSION)
    key = content_key("cards", kind, card_tools.VERSION, **arguments, typefaces=typefaces.typeface_names(), **versions)
    return Job(key, "cards", f"{kind} card", make, arguments)


def make_title(
    artifacts: Artifacts, *, card: TitleCard, cover: str, frames: int, screen: VideoFormat, crf: int, preset: str
) -> Made:
    """Film the title card, and draw the film's poster."""
    page = png.read_png(artifacts.open(cover))[..., :3]
    title = drawing.TitleFilm(card, page, screen)
    made = _film(artifacts, title.frame, frames, screen, crf, preset)
    poster = encode_jpeg(title.poster(), longest=POSTER_LONGEST)
    return made.model_copy(update={"artifacts": {**made.artifacts, "poster": artifacts.keep(poster, "image/jpeg")}})


def make_card(
    artifacts: Artifacts, *, card: ChapterCard | EndCard, frames: int, screen: VideoFormat, crf: int, preset: str
) -> Made:
    """Film the card of a chapter, or the credits."""
    frame = drawing.end_frames(card, screen) if isinstance(card, EndCard) else drawing.chapter_frames(card, screen)
    return _film(artifacts, frame, frames, screen, crf, preset)


def _film(artifacts: Artifacts, frame: FrameFunction, frames: int, screen: VideoFormat, crf: int, preset: str) -> Made:
    return Made(
        artifacts={"segment": composite.encode_segment(artifacts, frame, frames, screen, crf, preset)},
        facts={"frames": frames},
    )
