"""A content key goes in, what was made under it comes out, or None; knows no tool and no shot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as put
from sqlmodel import col

from storage import models
from storage.shapes import Artifact, Made
from storage.shelf import Shelf


class Memo(Shelf):
    """What was made, so that nothing is made twice."""

    def add_made(self, key: str, tool: str, made: Made) -> None:
        """Remember what was made under a key, wholly or not at all. Adding the same again changes nothing."""
        links = [{"key": key, "role": role, "artifact": one.sha256} for role, one in made.artifacts.items()]
        row = {"key": key, "tool": tool, "facts": made.facts, "created": models.now()}
        again = {"facts": made.facts}
        with self.database.writing() as session:
            self.register(session, made.artifacts.values())
            session.execute(put(models.Made).values(row).on_conflict_do_update(index_elements=["key"], set_=again))
            # made anew because a file had gone missing: what there was points to the lost one
            session.execute(delete(models.MadeArtifact).where(col(models.MadeArtifact.key) == key))
            if links:
                session.execute(insert(models.MadeArtifact), links)

    def find_made(self, key: str) -> Made | None:
        """What was made under the key; None when nothing was, or when a file of it is missing."""
        return self.find_many([key]).get(key)

    def find_many(self, keys: Iterable[str]) -> dict[str, Made]:
        """What was made under these keys; a key is left out when nothing was, or when a file of it is missing."""
        # one text instead of hundreds of parameters: no limit, and the statement is prepared once
        wanted = func.json_each(json.dumps(list(keys))).table_valued("value")
        link, kept = models.MadeArtifact, models.Artifact
        rows = (
            select(col(models.Made.key), col(models.Made.facts), col(link.role), *map(col, _KEPT))
            .outerjoin(link, col(link.key) == col(models.Made.key))
            .outerjoin(kept, col(kept.sha256) == col(link.artifact))
            .where(col(models.Made.key).in_(select(wanted.c.value)))
        )
        facts, artifacts = {}, dict[str, dict[str, Artifact]]()
        with self.database.reading() as session:
            for key, fact, role, sha256, media_type, size in session.execute(rows):
                facts[key] = fact
                roles = artifacts.setdefault(key, {})
                if role is not None:
                    roles[role] = Artifact(sha256=sha256, media_type=media_type, size=size)
        return {
            key: Made(artifacts=roles, facts=facts[key])
            for key, roles in artifacts.items()
            if all(self.artifacts.has(one) for one in roles.values())
        }

    def missing(self, keys: Sequence[str]) -> list[str]:
        """Those keys under which nothing stands, in the order given, each once."""
        there = self.find_many(keys)
        return [key for key in dict.fromkeys(keys) if key not in there]


_KEPT = (models.Artifact.sha256, models.Artifact.media_type, models.Artifact.size)
