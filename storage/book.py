"""The book in the library: its source, its pages, and what was read on them; no shot is known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import delete, insert
from sqlalchemy.dialects.sqlite import insert as put
from sqlmodel import Session, col, select

from storage import models
from storage.errors import SettingsError
from storage.settings import Settings
from storage.shapes import Appearance, Balloon, BookInfo, Character, PageImage, PageTranscript, Panel, Shape, Transcript
from storage.shelf import Shelf

Thing = TypeVar("Thing", bound=Shape)
_READ = (models.Appearance, models.Balloon, models.Panel, models.Character, models.PageReading, models.Transcript)
"""Children first, so that each can be emptied."""


class Book(Shelf):
    """What the film is made from."""

    def set_project(self, source: str, info: BookInfo) -> None:
        """Say where the book comes from and what it says of itself."""
        self._set(source=source, info=info.model_dump(mode="json"))

    def source(self) -> str | None:
        """Where the book comes from; None before it was said."""
        project = self._project()
        return project.source if project else None

    def info(self) -> BookInfo:
        """What the book says of itself."""
        project = self._project()
        return BookInfo.model_validate(project.info) if project else BookInfo()

    def set_settings(self, settings: Settings) -> None:
        """Keep what the user asked for, for the next command on this project."""
        self._set(settings=settings.model_dump(mode="json"))

    def settings(self) -> Settings | None:
        """What the user asked for the last time; None before the first."""
        project = self._project()
        return Settings.model_validate(project.settings) if project and project.settings else None

    def set_pages(self, pages: Sequence[PageImage]) -> None:
        """Replace the pages of the book. Raises StorageError when an artifact of theirs is missing."""
        with self.database.writing() as session:
            self.recognise(session, [page.artifact for page in pages])
            session.execute(delete(models.Page))
            _add(session, models.Page, [page.model_dump() for page in pages])

    def pages(self) -> tuple[PageImage, ...]:
        """The pages in their order; empty before they were ingested."""
        with self.database.reading() as session:
            rows = session.exec(select(models.Page).order_by(col(models.Page.index)))
            return tuple(PageImage.model_validate(row.model_dump()) for row in rows)

    def set_transcript(self, transcript: Transcript) -> None:
        """Replace what was read, all at once.

        Raises SettingsError when two things share an id or one names what is not there: a person may have written it.
        """
        _check(transcript)
        pages = transcript.pages
        with self.database.writing() as session:
            for table in _READ:
                session.execute(delete(table))
            session.add(models.Transcript(order=transcript.order, backend=transcript.backend))
            session.flush()
            _add(session, models.PageReading, _placed(pages, leave={"panels", "texts", "characters"}))
            _add(session, models.Character, _placed(transcript.cast))
            _add(session, models.Panel, _on_pages((page.index, page.panels) for page in pages))
            _add(session, models.Balloon, _on_pages((page.index, page.texts) for page in pages))
            _add(session, models.Appearance, _on_pages((page.index, page.characters) for page in pages))

    def transcript(self) -> Transcript | None:
        """What was read, exactly as it was given; None before the first reading."""
        with self.database.reading() as session:
            head = session.get(models.Transcript, 1)
            if head is None:
                return None
            panels = _by_page(session, models.Panel, Panel)
            texts = _by_page(session, models.Balloon, Balloon)
            characters = _by_page(session, models.Appearance, Appearance)
            pages = tuple(
                PageTranscript(
                    **row.model_dump(exclude={"position"}),
                    panels=tuple(panels.get(row.index, ())),
                    texts=tuple(texts.get(row.index, ())),
                    characters=tuple(characters.get(row.index, ())),
                )
                for row in session.exec(select(models.PageReading).order_by(col(models.PageReading.position)))
            )
            cast = tuple(
                Character.model_validate(row.model_dump(exclude={"position"}))
                for row in session.exec(select(models.Character).order_by(col(models.Character.position)))
            )
            return Transcript.model_validate(
                {"order": head.order, "backend": head.backend, "pages": pages, "cast": cast}
            )

    def _project(self) -> models.Project | None:
        with self.database.reading() as session:
            return session.get(models.Project, 1)

    def _set(self, **fields: Any) -> None:
        fresh = models.Project().model_dump() | fields
        with self.database.writing() as session:
            session.execute(put(models.Project).values(fresh).on_conflict_do_update(index_elements=["id"], set_=fields))


def _add(session: Session, table: type[models.Row], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def _placed(things: Iterable[Shape], leave: set[str] | None = None) -> list[dict[str, Any]]:
    return [{"position": at, **thing.model_dump(exclude=leave)} for at, thing in enumerate(things)]


def _on_pages(pages: Iterable[tuple[int, Sequence[Shape]]]) -> list[dict[str, Any]]:
    return [{"page": index, **row} for index, things in pages for row in _placed(things)]


def _by_page(session: Session, table: Any, shape: type[Thing]) -> dict[int, list[Thing]]:
    found: dict[int, list[Thing]] = {}
    for row in session.exec(select(table).order_by(table.page, table.position)):
        found.setdefault(row.page, []).append(shape.model_validate(row.model_dump(exclude={"page", "position"})))
    return found


def _check(transcript: Transcript) -> None:
    pages = transcript.pages
    panels = _ids("panel", (panel.id for page in pages for panel in page.panels))
    cast = _ids("character", (character.id for character in transcript.cast))
    _ids("page", (str(page.index) for page in pages))
    _ids("text", (text.id for page in pages for text in page.texts))
    _ids("appearance", (seen.id for page in pages for seen in page.characters))
    for page in pages:
        for text in page.texts:
            _known("panel", text.panel, panels)
        for seen in page.characters:
            _known("panel", seen.panel, panels)
            _known("character", seen.character, cast)


def _known(kind: str, name: str | None, there: set[str]) -> None:
    if name is not None and name not in there:
        raise SettingsError(f"the transcript names {kind} {name}, which it does not hold", _MEND)


_MEND = "give every page, panel, text and character an id of its own, and name only those that are there"


def _ids(kind: str, names: Iterator[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SettingsError(f"the transcript holds {kind} {name} twice", _MEND)
        seen.add(name)
    return seen
