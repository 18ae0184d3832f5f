"""A person's corrections of the transcript: states that are only added, and a head that moves among them.

Each state holds all corrections up to then. A page is identified by the artifact of its image, so that a correction
stays valid when other pages of the book are chosen; the corrected page is itself an artifact. Before the first state
nothing is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import insert, select
from sqlalchemy.dialects.sqlite import insert as put
from sqlalchemy.engine import Connection

from storage import models
from storage.domain import Artifact, Order, PageTranscript
from storage.errors import ArtifactDamaged, ProjectError, UserFileDamaged
from storage.records import Author, Correction, CorrectionKind
from storage.repository import Repository, insert_row
from storage.sound import CharacterVoice

Value = TypeVar("Value")
_PROJECT = models.table(models.ProjectRow)
_CORRECTION = models.table(models.CorrectionRow)
_PAGE = models.table(models.CorrectedPageRow)


@dataclass(frozen=True)
class CorrectionDraft:
    """A state of the corrections to add; its fields are those of `Corrections.add_correction`."""

    pages: Mapping[str, PageTranscript | None]
    author: Author
    message: str
    kind: CorrectionKind = "fix"
    key: str = ""
    edits: tuple[Mapping[str, object], ...] = ()
    order: Order | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, str | None] = field(default_factory=dict)
    voices: Mapping[str, CharacterVoice | None] = field(default_factory=dict)


class Corrections(Repository):
    """All states of the corrections, and the head: the state in force."""

    def add_correction(
        self,
        pages: Mapping[str, PageTranscript | None],
        *,
        author: Author,
        message: str,
        kind: CorrectionKind = "fix",
        key: str = "",
        edits: Sequence[Mapping[str, object]] = (),
        order: Order | None = None,
        names: Mapping[str, str] | None = None,
        merged: Mapping[str, str | None] | None = None,
        voices: Mapping[str, CharacterVoice | None] | None = None,
    ) -> Correction | None:
        """Add a state whose parent is the head, and move the head to it.

        Arguments that are not given leave their part as it is.

        Args:
            pages: Corrected pages by the artifact of their image; None if a page is to be read again.
            author: Who corrected it.
            message: What was corrected, in words.
            kind: How the state came about.
            key: The content key of the transcript that it was taken from; "" if there is none.
            edits: The corrections that made it, as JSON values.
            order: The reading direction of the book.
            names: The names of characters by id.
            merged: The character that another one was merged into, by id; None if they are two characters after all.
            voices: What is said of the voices of characters, by id; None if nothing is said any more.

        Returns:
            The new state; None if it would equal the head (nothing is added then).
        """
        draft = CorrectionDraft(
            pages, author, message, kind, key, tuple(edits), order, names or {}, merged or {}, voices or {}
        )
        return self.add_corrections([draft])[0]

    def add_corrections(self, drafts: Sequence[CorrectionDraft]) -> list[Correction | None]:
        """Add states one after the other, each the parent of the next; all are added or none.

        Returns:
            Each new state; None for one that would equal the state before it (nothing is added then).
        """
        stored = [{page: self._store_page(reading) for page, reading in draft.pages.items()} for draft in drafts]
        with self.database.writing() as connection:
            return [self._add_state(connection, draft, pages) for draft, pages in zip(drafts, stored, strict=True)]

    def _add_state(
        self, connection: Connection, draft: CorrectionDraft, stored: Mapping[str, Artifact | None]
    ) -> Correction | None:
        """Add a state with corrected pages that are stored already, and move the head to it."""
        head = _head_number(connection)
        before = _read_states(connection, head).get(head) if head is not None else None
        readings = {page: artifact.sha256 if artifact else None for page, artifact in stored.items()}
        voices_now = _apply_changes(before.voices if before else {}, draft.voices)
        state: dict[str, object] = {
            "order": draft.order or (before.order if before else None),
            "names": _apply_changes(before.names if before else {}, draft.names),
            "merged": _apply_changes(before.merged if before else {}, draft.merged),
            "voices": voices_now,
        }
        pages_then = before.pages if before else {}
        pages_now = _apply_changes(pages_then, readings)
        if pages_now == pages_then and state == _whole_book_fields(before):
            return None
        self.register(connection, [artifact for artifact in stored.values() if artifact])
        voices = {who: voice.model_dump() for who, voice in voices_now.items()}
        row = {
            "parent": head, "kind": draft.kind, "key": draft.key, "author": draft.author, "message": draft.message,
            "edits": [dict(edit) for edit in draft.edits], "created": models.now(), **state, "voices": voices,
        }  # fmt: skip
        number = insert_row(connection, insert(_CORRECTION), row)
        rows = [{"correction": number, "page": page, "reading": sha} for page, sha in pages_now.items()]
        if rows:
            connection.execute(insert(_PAGE), rows)
        set_head(connection, number)
        return _read_states(connection, number)[number]

    def correction(self) -> Correction | None:
        """Return the corrections in force; None if there are none."""
        with self.database.reading() as connection:
            head = _head_number(connection)
            return None if head is None else _read_states(connection, head)[head]

    def corrections(self) -> tuple[Correction, ...]:
        """Return all states, oldest first."""
        with self.database.reading() as connection:
            return tuple(_read_states(connection).values())

    def correction_ancestry(self) -> tuple[Correction, ...]:
        """Return the head and all its ancestors, oldest first."""
        with self.database.reading() as connection:
            states, number = _read_states(connection), _head_number(connection)
        lineage: list[Correction] = []
        while number is not None:
            lineage.append(states[number])
            number = states[number].parent
        return tuple(reversed(lineage))

    def corrected_pages(self, pages: Iterable[str]) -> dict[str, PageTranscript]:
        """Return the corrected pages among those with these images.

        Their index, image and ids are those of the time of the correction.

        Args:
            pages: The artifacts of page images.

        Returns:
            Corrected pages by the artifact of their image.

        Raises:
            UserFileDamaged: The file of a corrected page is missing or damaged.
        """
        head = self.correction()
        if head is None:
            return {}
        paths = {page: self._open_page(head, page) for page in pages if page in head.pages}
        return {
            page: PageTranscript.model_validate_json(path.read_text(encoding="utf-8")) for page, path in paths.items()
        }

    def _open_page(self, head: Correction, page: str) -> Path:
        """Return the file of a corrected page; the error for a damaged one names the correction that made it."""
        try:
            return self.artifacts.open(head.pages[page])
        except ArtifactDamaged as error:
            lineage = self.correction_ancestry()
            made_by = next(state for state in lineage if state.pages.get(page) == head.pages[page])
            raise UserFileDamaged(
                f"what the correction {made_by.message!r} stored is damaged or missing",
                f"undo it with main.py undo PROJECT (correction {made_by.number} of {head.number}), and make it again",
                name=made_by.message,
            ) from error

    def move_correction(self, number: int | None) -> None:
        """Make another state of the corrections the one in force; None takes the pages as they were read."""
        with self.database.writing() as connection:
            set_head(connection, number)

    def undo_correction(self) -> Correction:
        """Move the head to its parent, and return the state that was undone.

        Raises:
            ProjectError: There is no correction.
        """
        with self.database.writing() as connection:
            head = _head_number(connection)
            if head is None:
                raise ProjectError("there is no correction to undo", "the pages stand as they were read")
            undone = _read_states(connection, head)[head]
            set_head(connection, undone.parent)
            return undone

    def redo_correction(self) -> Correction:
        """Move the head to its newest child, and return that state.

        Raises:
            ProjectError: The head has no child.
        """
        with self.database.writing() as connection:
            head = _head_number(connection)
            children = [state for state in _read_states(connection).values() if state.parent == head]
            if not children:
                raise ProjectError("there is no correction to redo", "this is the newest one on its line")
            set_head(connection, children[-1].number)
            return children[-1]

    def _store_page(self, reading: PageTranscript | None) -> Artifact | None:
        return self.artifacts.keep(reading.model_dump_json().encode(), "application/json") if reading else None


def _apply_changes(before: Mapping[str, Value], changes: Mapping[str, Value | None]) -> dict[str, Value]:
    """Return a mapping with changes applied; None removes a name."""
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


def _whole_book_fields(correction: Correction | None) -> dict[str, object]:
    if correction is None:
        return {"order": None, "names": {}, "merged": {}, "voices": {}}
    return correction.model_dump(include={"order", "names", "merged"}) | {"voices": correction.voices}


def _head_number(connection: Connection) -> int | None:
    return connection.execute(select(_PROJECT.c.corrected)).scalar()


def _read_states(connection: Connection, only: int | None = None) -> dict[int, Correction]:
    """Return all states by number, oldest first, or only one of them."""
    states, corrected = select(_CORRECTION), select(_PAGE)
    if only is not None:
        states, corrected = states.where(_CORRECTION.c.number == only), corrected.where(_PAGE.c.correction == only)
    pages: dict[int, dict[str, str]] = {}
    for number, page, reading in connection.execute(corrected.order_by(_PAGE.c.page)):
        pages.setdefault(number, {})[page] = reading
    rows = connection.execute(states.order_by(_CORRECTION.c.number)).mappings()
    return {row["number"]: Correction.model_validate({**row, "pages": pages.get(row["number"], {})}) for row in rows}


def set_head(connection: Connection, number: int | None) -> None:
    """Make a state the one in force; None takes all corrections back."""
    fresh = models.ProjectRow(corrected=number).model_dump()
    change = {"corrected": number}
    connection.execute(put(_PROJECT).values(fresh).on_conflict_do_update(index_elements=["id"], set_=change))
