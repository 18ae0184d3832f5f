"""The book in the library: its source, its pages and its transcript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as put
from sqlalchemy.engine import Connection

from storage import models
from storage.book_info import BookInfo
from storage.domain import PageImage, Shape, Transcript
from storage.errors import ProjectTooNew
from storage.repository import Repository
from storage.settings import Settings
from storage.shapes import JsonObject
from storage.transcript_references import check_references

_PROJECT = models.table(models.ProjectRow)
_PAGE = models.table(models.PageRow)
_TRANSCRIPT = models.table(models.TranscriptRow)
_PAGE_READING = models.table(models.PageReadingRow)
_PANEL = models.table(models.PanelRow)
_BALLOON = models.table(models.BalloonRow)
_CHARACTER = models.table(models.CharacterRow)
_APPEARANCE = models.table(models.AppearanceRow)
_TRANSCRIPT_TABLES = (_APPEARANCE, _BALLOON, _PANEL, _CHARACTER, _PAGE_READING, _TRANSCRIPT)
"""The tables of a transcript; each comes before the tables that it refers to, so that they can be emptied in order."""


class StoredBook(Repository):
    """The source, pages, settings and transcript of the book."""

    def set_project(self, source: str, info: BookInfo) -> None:
        """Store where the book comes from, and its metadata."""
        self._update_project(source=source, info=info.model_dump(mode="json"))

    def source(self) -> str | None:
        """Return where the book comes from; None if it was not set yet."""
        return self._project_row().get("source")

    def info(self) -> BookInfo:
        """Return the metadata of the book."""
        with self.database.reading() as connection:
            return BookInfo.model_validate(_project_row(connection).get("info", {}))

    def set_settings(self, settings: Settings) -> None:
        """Store the settings for the next command on this project."""
        self._update_project(settings=settings.model_dump(mode="json"))

    def settings(self) -> Settings | None:
        """Return the stored settings; None if there are none yet.

        Raises:
            ProjectTooNew: They hold a setting that this version does not know.
        """
        values = self._project_row().get("settings")
        try:
            return Settings.model_validate(values) if values else None
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
            replace_pages(connection, pages)

    def pages(self) -> tuple[PageImage, ...]:
        """Return the pages in order; empty before the book was ingested."""
        return self.read(PageImage, select(_PAGE).order_by(_PAGE.c.index))

    def set_transcript(self, transcript: Transcript) -> None:
        """Replace the transcript in one transaction.

        Raises:
            SettingsError: Two items have the same id, or a reference is broken (a person may have written it).
        """
        check_references(transcript)
        self.generation += 1
        with self.database.writing() as connection:
            replace_transcript(connection, transcript)

    def transcript(self) -> Transcript | None:
        """Return the transcript exactly as it was stored; None before the first one."""
        with self.database.reading() as connection:
            head = (
                connection.execute(select(_TRANSCRIPT.c.order, _TRANSCRIPT.c.backend, _TRANSCRIPT.c.narrator))
                .mappings()
                .first()
            )
            if head is None:
                return None
            tables = {"panels": _PANEL, "balloons": _BALLOON, "characters": _APPEARANCE}
            rows_by_field = {field: _rows_by_page(connection, table) for field, table in tables.items()}
            pages = [
                {**page, **{field: rows.get(page["index"], ()) for field, rows in rows_by_field.items()}}
                for page in _ordered_rows(connection, _PAGE_READING)
            ]
            cast = _ordered_rows(connection, _CHARACTER)
            return Transcript.model_validate({**head, "pages": pages, "cast": cast})

    def _project_row(self) -> Mapping[str, Any]:
        with self.database.reading() as connection:
            return _project_row(connection)

    def _update_project(self, **fields: object) -> None:
        with self.database.writing() as connection:
            update_project(connection, **fields)


def update_project(connection: Connection, **fields: object) -> None:
    """Set columns of the row of the project."""
    fresh = models.ProjectRow().model_dump() | fields
    connection.execute(put(_PROJECT).values(fresh).on_conflict_do_update(index_elements=["id"], set_=fields))


def replace_pages(connection: Connection, pages: Sequence[PageImage]) -> None:
    """Replace the pages of the book; their artifacts are registered."""
    connection.execute(delete(_PAGE))
    _insert_rows(connection, _PAGE, [{**page.model_dump(), "layers": page.layers} for page in pages])


def replace_transcript(connection: Connection, transcript: Transcript) -> None:
    """Replace the transcript."""
    pages = transcript.pages
    for table in _TRANSCRIPT_TABLES:
        connection.execute(delete(table))
    _insert_rows(connection, _TRANSCRIPT, [_transcript_row(transcript)])
    _insert_rows(connection, _PAGE_READING, _rows_with_position(pages, leave={"panels", "balloons", "characters"}))
    _insert_rows(connection, _CHARACTER, _rows_with_position(transcript.cast))
    _insert_rows(connection, _PANEL, _page_rows((page.index, page.panels) for page in pages))
    _insert_rows(connection, _BALLOON, _page_rows((page.index, page.balloons) for page in pages))
    _insert_rows(connection, _APPEARANCE, _page_rows((page.index, page.characters) for page in pages))


def _transcript_row(transcript: Transcript) -> dict[str, object]:
    narrator = transcript.narrator.model_dump() if transcript.narrator else None
    return {"id": 1, "order": transcript.order, "backend": transcript.backend, "narrator": narrator}


def _project_row(connection: Connection) -> Mapping[str, Any]:
    return dict(connection.execute(select(_PROJECT)).mappings().first() or {})


def _insert_rows(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _rows_with_position(items: Iterable[Shape], leave: set[str] | None = None) -> list[dict[str, object]]:
    """Return a row of each item, with all its fields: also those that its JSON leaves out at their default."""
    return [
        {"position": position, **_left_out_fields(item, leave or set()), **item.model_dump(exclude=leave)}
        for position, item in enumerate(items)
    ]


def _left_out_fields(item: Shape, leave: set[str]) -> dict[str, object]:
    fields = type(item).model_fields.items()
    return {name: field.default for name, field in fields if field.exclude_if is not None and name not in leave}


def _page_rows(pages: Iterable[tuple[int, Sequence[Shape]]]) -> list[dict[str, object]]:
    return [{"page": index, **row} for index, items in pages for row in _rows_with_position(items)]


def _ordered_rows(connection: Connection, table: Table) -> list[JsonObject]:
    rows = connection.execute(select(table).order_by(table.c.position)).mappings()
    return [{name: value for name, value in row.items() if name != "position"} for row in rows]


def _rows_by_page(connection: Connection, table: Table) -> dict[int, list[JsonObject]]:
    rows_by_page: dict[int, list[JsonObject]] = {}
    for row in _ordered_rows(connection, table):
        rows_by_page.setdefault(row.pop("page"), []).append(row)
    return rows_by_page
