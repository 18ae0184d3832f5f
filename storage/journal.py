"""What happened on the route and what was said about the film: lines that are only ever added."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import insert
from sqlmodel import col, select

from storage import models
from storage.records import Event, Fact, Message
from storage.shelf import Shelf


class Journal(Shelf):
    """The events and the conversation."""

    def add_event(self, stage: str, kind: str, text: str = "", **facts: Fact) -> None:
        """Keep that something happened."""
        row = {"stage": stage, "kind": kind, "text": text, "facts": facts, "created": models.now()}
        with self.database.writing() as session:
            session.execute(insert(models.Event), row)

    def events(self, after: int = 0, kinds: Collection[str] | None = None) -> tuple[Event, ...]:
        """What happened after the event with this id, in order, of all kinds or of these."""
        wanted = select(models.Event).where(col(models.Event.id) > after).order_by(col(models.Event.id))
        if kinds is not None:
            wanted = wanted.where(col(models.Event.kind).in_(kinds))
        with self.database.reading() as session:
            return tuple(Event.model_validate(row.model_dump()) for row in session.exec(wanted))

    def add_message(self, role: str, text: str) -> None:
        """Keep one turn of the conversation."""
        with self.database.writing() as session:
            session.execute(insert(models.Message), {"role": role, "text": text, "created": models.now()})

    def messages(self) -> tuple[Message, ...]:
        """The conversation, oldest turn first."""
        with self.database.reading() as session:
            rows = session.exec(select(models.Message).order_by(col(models.Message.id)))
            return tuple(Message.model_validate(row.model_dump()) for row in rows)
