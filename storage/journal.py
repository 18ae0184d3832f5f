"""The log of events and the conversation about the film; entries are only added."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from storage import models
from storage.records import Event, EventDraft, Fact, Message
from storage.repository import Repository

_EVENT = models.table(models.EventRow)
_MESSAGE = models.table(models.MessageRow)
_ADD_EVENT = insert(_EVENT)
_ADD_MESSAGE = insert(_MESSAGE)


class Journal(Repository):
    """The events and the conversation."""

    def add_event(self, stage: str, kind: str, text: str = "", **facts: Fact) -> None:
        """Store an event."""
        with self.database.writing() as connection:
            keep_event(connection, EventDraft(stage=stage, kind=kind, text=text, facts=facts))

    def events(self, after: int = 0, kinds: Collection[str] | None = None) -> tuple[Event, ...]:
        """Return the events after the one with id `after`, oldest first, of all kinds or only of `kinds`."""
        wanted = select(_EVENT).where(_EVENT.c.id > after).order_by(_EVENT.c.id)
        if kinds is not None:
            wanted = wanted.where(_EVENT.c.kind.in_(kinds))
        return self.read(Event, wanted)

    def failed_keys(self) -> frozenset[str]:
        """Return the content keys of all jobs that ever failed; their results may exist by now."""
        return frozenset(str(event.facts["key"]) for event in self.events(kinds={"failed"}) if event.facts.get("key"))

    def last_event(self) -> int:
        """Return the id of the newest event; 0 if there is none."""
        with self.database.reading() as connection:
            return int(connection.execute(select(func.max(_EVENT.c.id))).scalar() or 0)

    def add_message(self, role: str, text: str) -> None:
        """Store one turn of the conversation."""
        with self.database.writing() as connection:
            connection.execute(_ADD_MESSAGE, {"role": role, "text": text, "created": models.now()})

    def messages(self) -> tuple[Message, ...]:
        """Return the conversation, oldest turn first."""
        return self.read(Message, select(_MESSAGE).order_by(_MESSAGE.c.id))


def keep_event(connection: Connection, event: EventDraft) -> None:
    """Store an event within an open transaction, together with the change that it describes."""
    connection.execute(_ADD_EVENT, {**event.model_dump(), "created": models.now()})
