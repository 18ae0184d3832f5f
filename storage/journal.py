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
        """Keep that something happened."""
        with self.database.writing() as connection:
            keep_event(connection, EventDraft(stage=stage, kind=kind, text=text, facts=facts))

    def events(self, after: int = 0, kinds: Collection[str] | None = None) -> tuple[Event, ...]:
        """What happened after the event with this id, in order, of all kinds or of these."""
        wanted = select(_EVENT).where(_EVENT.c.id > after).order_by(_EVENT.c.id)
        if kinds is not None:
            wanted = wanted.where(_EVENT.c.kind.in_(kinds))
        return self.read(Event, wanted)

    def failed_keys(self) -> frozenset[str]:
        """The content keys of all jobs that failed; what they were to make may stand since."""
        return frozenset(str(event.facts["key"]) for event in self.events(kinds={"failed"}) if event.facts.get("key"))

    def last_event(self) -> int:
        """The id of what happened last; 0 where nothing has."""
        with self.database.reading() as connection:
            return int(connection.execute(select(func.max(_EVENT.c.id))).scalar() or 0)

    def add_message(self, role: str, text: str) -> None:
        """Keep one turn of the conversation."""
        with self.database.writing() as connection:
            connection.execute(_ADD_MESSAGE, {"role": role, "text": text, "created": models.now()})

    def messages(self) -> tuple[Message, ...]:
        """The conversation, oldest turn first."""
        return self.read(Message, select(_MESSAGE).order_by(_MESSAGE.c.id))


def keep_event(connection: Connection, event: EventDraft) -> None:
    """Keep that something happened, in the transaction of what it tells of."""
    connection.execute(_ADD_EVENT, {**event.model_dump(), "created": models.now()})
