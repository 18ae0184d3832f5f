"""The cache of finished jobs: results by the content key that they were made under."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as put

from storage import models
from storage.domain import Artifact, Made
from storage.journal import keep_event
from storage.records import EventDraft
from storage.repository import Repository

_MADE = models.table(models.MadeRow)
_LINK = models.table(models.MadeArtifactRow)
_ARTIFACT = models.table(models.ArtifactRow)
_put = put(_MADE)
_ADD = _put.on_conflict_do_update(index_elements=["key"], set_={"facts": _put.excluded.facts})
_FORGET = delete(_MADE).where(_MADE.c.key == bindparam("made"))
_UNLINK = delete(_LINK).where(_LINK.c.key == bindparam("made"))
_ADD_LINK = insert(_LINK)
# the keys as one JSON text instead of hundreds of parameters: no limit, and the statement is prepared once
_REQUESTED_KEYS = func.json_each(bindparam("keys")).table_valued("value")
_FIND = (
    select(_MADE.c.key, _MADE.c.facts, _LINK.c.role, _ARTIFACT.c.sha256, _ARTIFACT.c.media_type, _ARTIFACT.c.size)
    .select_from(_MADE.outerjoin(_LINK, _LINK.c.key == _MADE.c.key).outerjoin(_ARTIFACT))
    .where(_MADE.c.key.in_(select(_REQUESTED_KEYS.c.value)))
)


RESTORED = "restored"
"""The kind of the events for results that are made again because a file of theirs was damaged or missing."""


class Cache(Repository):
    """Results of finished jobs, so that nothing is made twice."""

    def add_made(self, key: str, tool: str, made: Made, *, event: EventDraft | None = None) -> None:
        """Store the result of a job under its content key, in one transaction.

        Storing the same result again changes nothing. A new result replaces the files of an old one.

        Args:
            key: The content key of the job.
            tool: The tool or stage that made the result.
            made: Its artifacts and facts.
            event: An entry for the journal, written in the same transaction.
        """
        links = [{"key": key, "role": role, "artifact": artifact.sha256} for role, artifact in made.artifacts.items()]
        with self.database.writing() as connection:
            self.register(connection, made.artifacts.values())
            connection.execute(_ADD, {"key": key, "tool": tool, "facts": made.facts, "created": models.now()})
            # it may be made anew because a file had gone missing: forget the lost one
            connection.execute(_UNLINK, {"made": key})
            if links:
                connection.execute(_ADD_LINK, links)
            if event is not None:
                keep_event(connection, event)
            if key in self.incomplete:
                stage, text = (event.stage, event.text) if event else (tool, tool)
                keep_event(
                    connection, EventDraft(stage=stage, kind=RESTORED, text=text, facts={"key": key, "tool": tool})
                )
        self.incomplete.discard(key)

    def forget_made(self, key: str) -> None:
        """Remove the result under a key, so that it is made again when it is needed.

        Args:
            key: The content key of the job.
        """
        with self.database.writing() as connection:
            connection.execute(_UNLINK, {"made": key})
            connection.execute(_FORGET, {"made": key})

    def find_made(self, key: str) -> Made | None:
        """Return the result under a key.

        Args:
            key: The content key of a job.

        Returns:
            Its artifacts and facts; None if there is no result, or if one of its files is missing.
        """
        return self.find_many([key]).get(key)

    def find_many(self, keys: Iterable[str]) -> dict[str, Made]:
        """Return the results under several keys in one query.

        Args:
            keys: The content keys of jobs.

        Returns:
            Results by key. A key is left out if it has no result, or if one of its files is missing.
        """
        key_list = list(keys)
        if not key_list:
            return {}
        facts = {}
        artifacts: dict[str, dict[str, Artifact]] = {}
        with self.database.reading() as connection:
            for key, values, role, sha256, media_type, size in connection.execute(
                _FIND, {"keys": json.dumps(key_list)}
            ):
                facts[key] = values
                roles = artifacts.setdefault(key, {})
                if role is not None:
                    roles[role] = Artifact(sha256=sha256, media_type=media_type, size=size)
        found = {
            key: Made(artifacts=roles, facts=facts[key])
            for key, roles in artifacts.items()
            if all(self.artifacts.has(artifact) for artifact in roles.values())
        }
        self.incomplete |= artifacts.keys() - found.keys()
        return found

    def find_by_tool(self, tool: str) -> tuple[tuple[str, Made], ...]:
        """Return the results of a tool or stage with their content keys, in the order in which they were made.

        Results with a missing file are left out.
        """
        question = select(_MADE.c.key).where(_MADE.c.tool == tool).order_by(_MADE.c.created, _MADE.c.key)
        with self.database.reading() as connection:
            keys = list(connection.execute(question).scalars())
        found = self.find_many(keys)
        return tuple((key, found[key]) for key in keys if key in found)

    def made_tools(self) -> frozenset[str]:
        """Return the names of all tools that have results in the cache."""
        with self.database.reading() as connection:
            return frozenset(connection.execute(select(_MADE.c.tool).distinct()).scalars())
