"""The book in the library: its source, its pages and its transcript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as put
from sqlalchemy.engine import Connection

from storage import models
from storage.domain import BookInfo, PageImage, Shape, Transcript
from storage.errors import ProjectTooNew, SettingsError
from storage.repository import Repository
from storage.settings import Settings

_PROJECT = models.table(models.ProjectRow)
_PAGE = models.table(models.PageRow)
_TRANSCRIPT = models.table(models.TranscriptRow)
_READING = models.table(models.PageReadingRow)
_PANEL = models.table(models.PanelRow)
_BALLOON = models.table(models.BalloonRow)
_CHARACTER = models.table(models.CharacterRow)
_APPEARANCE = models.table(models.AppearanceRow)
_READ = (_APPEARANCE, _BALLOON, _PANEL, _CHARACTER, _READING, _TRANSCRIPT)
"""The tables of a transcript; each comes before the tables that it refers to, so that they can be emptied in order."""


class Book(Repository):
    """The source, pages, settings and transcript of the book."""

    def set_project(self, source: str, info: BookInfo) -> None:
        """Store where the book comes from, and its metadata."""
        self._set(source=source, info=info.model_dump(mode="json"))

    def source(self) -> str | None:
        """Return where the book comes from; None if it was not set yet."""
        return self._project().get("source")

    def info(self) -> BookInfo:
        """Return the metadata of the book."""
        return BookInfo.model_validate(self._project().get("info", {}))

    def set_settings(self, settings: Settings) -> None:
        """Store the settings for the next command on this project."""
        self._set(settings=settings.model_dump(mode="json"))

    def settings(self) -> Settings | None:
        """Return the stored settings; None if there are none yet.

        Raises:
            ProjectTooNew: They hold a setting that this version does not know.
        """
        asked = self._project().get("settings")
        try:
            return Settings.model_validate(asked) if asked else None
        except ValidationError as error:
            name = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise ProjectTooNew(f"the project's settings hold {name}, unknown here", "update Komadori") from None

    def set_pages(self, pages: Sequence[PageImage]) -> None:
        """Replace the pages of the book.

        Raises:
            StorageError: The file of a page is missing.
        """
        self.generation += 1
        with self.database.writing() as connection:
            self.register_by_hash(connection, [page.artifact for page in pages])
            connection.execute(delete(_PAGE))
            _add(connection, _PAGE, [page.model_dump() for page in pages])

    def pages(self) -> tuple[PageImage, ...]:
        """Return the pages in order; empty before the book was ingested."""
        return self.read(PageImage, select(_PAGE).order_by(_PAGE.c.index))

    def set_transcript(self, transcript: Transcript) -> None:
        """Replace the transcript in one transaction.

        Raises:
            SettingsError: Two items have the same id, or a reference is broken (a person may have written it).
        """
        check_references(transcript)
        pages = transcript.pages
        self.generation += 1
        with self.database.writing() as connection:
            for table in _READ:
                connection.execute(delete(table))
            _add(connection, _TRANSCRIPT, [{"id": 1, "order": transcript.order, "backend": transcript.backend}])
            _add(connection, _READING, _placed(pages, leave={"panels", "balloons", "characters"}))
            _add(connection, _CHARACTER, _placed(transcript.cast))
            _add(connection, _PANEL, _on_pages((page.index, page.panels) for page in pages))
            _add(connection, _BALLOON, _on_pages((page.index, page.balloons) for page in pages))
            _add(connection, _APPEARANCE, _on_pages((page.index, page.characters) for page in pages))

    def transcript(self) -> Transcript | None:
        """Return the transcript exactly as it was stored; None before the first one."""
        with self.database.reading() as connection:
            head = connection.execute(select(_TRANSCRIPT.c.order, _TRANSCRIPT.c.backend)).mappings().first()
            if head is None:
                return None
            tables = {"panels": _PANEL, "balloons": _BALLOON, "characters": _APPEARANCE}
            things = {field: _by_page(connection, table) for field, table in tables.items()}
            pages = [
                {**page, **{field: found.get(page["index"], ()) for field, found in things.items()}}
                for page in _in_place(connection, _READING)
            ]
            cast = _in_place(connection, _CHARACTER)
        return Transcript.model_validate({**head, "pages": pages, "cast": cast})

    def _project(self) -> Mapping[str, Any]:
        with self.database.reading() as connection:
            return dict(connection.execute(select(_PROJECT)).mappings().first() or {})

    def _set(self, **fields: object) -> None:
        fresh = models.ProjectRow().model_dump() | fields
        with self.database.writing() as connection:
            connection.execute(put(_PROJECT).values(fresh).on_conflict_do_update(index_elements=["id"], set_=fields))


def _add(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _placed(things: Iterable[Shape], leave: set[str] | None = None) -> list[dict[str, object]]:
    return [{"position": at, **thing.model_dump(exclude=leave)} for at, thing in enumerate(things)]


def _on_pages(pages: Iterable[tuple[int, Sequence[Shape]]]) -> list[dict[str, object]]:
    return [{"page": index, **row} for index, things in pages for row in _placed(things)]


def _in_place(connection: Connection, table: Table) -> list[dict[str, Any]]:
    rows = connection.execute(select(table).order_by(table.c.position)).mappings()
    return [{name: value for name, value in row.items() if name != "position"} for row in rows]


def _by_page(connection: Connection, table: Table) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _in_place(connection, table):
        found.setdefault(row.pop("page"), []).append(row)
    return found


def check_references(transcript: Transcript) -> None:
    """Check that all ids of a transcript are unique and that all references exist.

    Raises:
        SettingsError: They are not; the message names the place.
    """
    pages = transcript.pages
    panels = _ids("panel", (panel.id for page in pages for panel in page.panels))
    cast = _ids("character", (character.id for character in transcript.cast))
    _ids("page", (str(page.index) for page in pages))
    _ids("text", (text.id for page in pages for text in page.balloons))
    _ids("appearance", (seen.id for page in pages for seen in page.characters))
    for page in pages:
        for text in page.balloons:
            _known(f"{page.image}: text {text.id}", "panel", text.panel, panels)
        for seen in page.characters:
            _known(f"{page.image}: appearance {seen.id}", "panel", seen.panel, panels)
            _known(f"{page.image}: appearance {seen.id}", "character", seen.character, cast)


def _known(place: str, kind: str, name: str | None, there: set[str]) -> None:
    if name is not None and name not in there:
        raise SettingsError(f"{place} names {kind} {name}, which the transcript does not hold", _MEND)


_MEND = "give every page, panel, text and character an id of its own, and name only those that are there"


def _ids(kind: str, names: Iterator[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SettingsError(f"the transcript holds {kind} {name} twice", _MEND)
        seen.add(name)
    return seen
