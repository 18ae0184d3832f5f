"""The storyboard in the library: revisions that are only added, and a head that moves among them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.sqlite import insert as put
from sqlalchemy.engine import Connection

from storage import models
from storage.artifacts import Artifacts
from storage.database import Database
from storage.domain import Artifact, ShotPlan, VideoFormat
from storage.errors import ProjectError, SettingsError
from storage.keys import content_key
from storage.records import Author, LostEdit, PlanInputs, Revision, RevisionDraft, RevisionKind, root_plan
from storage.repository import Repository, fetch_values, insert_row
from storage.shapes import JsonObject
from storage.shot_ids import sort_key

_PROJECT = models.table(models.ProjectRow)
_REVISION = models.table(models.RevisionRow)
_SHOT = models.table(models.ShotRow)
_PLACE = models.table(models.RevisionShotRow)
_PLANS_OF = (
    select(_SHOT.c.plan).join(_PLACE).where(_SHOT.c.name == bindparam("name"))
    .group_by(_SHOT.c.digest).order_by(func.min(_PLACE.c.revision))
)  # fmt: skip
_DROPPED_SHOTS = text(
    """
    WITH RECURSIVE line(number) AS (
        SELECT head FROM project WHERE head IS NOT NULL
        UNION ALL
        SELECT revision.parent FROM revision JOIN line ON revision.number = line.number
        WHERE revision.parent IS NOT NULL AND revision.kind != 'plan'
    )
    SELECT place.ordinal, shot.plan, max(place.revision)
    FROM line JOIN revision_shot AS place ON place.revision = line.number JOIN shot ON shot.digest = place.shot
    WHERE shot.name NOT IN (
        SELECT name FROM shot JOIN revision_shot ON digest = shot JOIN project ON revision = head
    )
    GROUP BY shot.name
    """
)
"""The latest plan of each shot that the head lacks and an ancestor has, back to the director's plan.

SQLite takes the other columns from the row that holds the maximum.
"""

_RevisionState = tuple[int, str, str | None]
"""All that tells two states of a revision's row apart: its number, when it was made, and its inputs, added later."""
_REVISION_STATES = text("SELECT number, created, inputs FROM revision ORDER BY number")
_NUMBERS = func.json_each(bindparam("numbers")).table_valued("value")
_NUMBERED_REVISIONS = select(_REVISION).where(_REVISION.c.number.in_(select(_NUMBERS.c.value)))


class Storyboards(Repository):
    """All revisions of the storyboard, and the head: the revision that is filmed."""

    def __init__(self, database: Database, artifacts: Artifacts) -> None:
        super().__init__(database, artifacts)
        self._known_revisions: dict[_RevisionState, Revision] = {}

    def add_revision(
        self,
        shots: Sequence[ShotPlan],
        *,
        key: str,
        author: Author,
        message: str,
        edits: Sequence[Mapping[str, Any]] = (),
        screen: VideoFormat | None = None,
        kind: RevisionKind = "edit",
        origin: int | None = None,
        inputs: PlanInputs | None = None,
        lost: Sequence[LostEdit] = (),
    ) -> int:
        """Add a revision whose parent is the head, and move the head to it.

        The revision stores the video format of the project's settings.

        Args:
            shots: The plans of all shots.
            key: The content key of the plan.
            author: Who made the revision.
            message: What was changed, in words.
            edits: The edits that were applied to the head, as JSON values.
            screen: A new video format for the project's settings; None keeps the present one.
            kind: How the revision came about.
            origin: The number of the revision whose changes it repeats.
            inputs: What a director's plan was made from.
            lost: For a rebase, the edits that could not be carried over.

        Returns:
            The number of the revision.

        Raises:
            SettingsError: Two shots have the same id or ordinal.
        """
        draft = RevisionDraft(
            tuple(shots), key, author, message, tuple(edits), kind, origin, inputs, tuple(lost), screen
        )  # fmt: skip
        number = self._add_drafts(_head_number, [draft])
        assert number is not None
        return number

    def add_branch(self, parent: int | None, drafts: Sequence[RevisionDraft]) -> None:
        """Add revisions one after the other, and move the head to the last one; all are added or none.

        Args:
            parent: The number of the revision that is the parent of the first; None if it has none.
            drafts: The revisions, each the parent of the next; without any, the head moves to `parent`.

        Raises:
            SettingsError: Two shots of a revision have the same id or ordinal.
        """
        self._add_drafts(lambda connection: parent, drafts)

    def head(self) -> Revision | None:
        """Return the revision that is filmed; None before the first one."""
        with self.database.reading() as connection:
            number = _head_number(connection)
            return None if number is None else _read_revision(connection, number)

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions, oldest first."""
        with self.database.reading() as connection:
            return self._all_revisions(connection)

    def ancestry(self) -> tuple[Revision, ...]:
        """Return the head and all its ancestors, oldest first."""
        with self.database.reading() as connection:
            number = _head_number(connection)
            by_number = {revision.number: revision for revision in self._all_revisions(connection)}
        lineage: list[Revision] = []
        while number is not None:
            lineage.append(by_number[number])
            number = by_number[number].parent
        return tuple(reversed(lineage))

    def _all_revisions(self, connection: Connection) -> tuple[Revision, ...]:
        """Return all revisions, oldest first; a long history is not parsed again for every edit."""
        states: list[_RevisionState] = [(row[0], row[1], row[2]) for row in connection.execute(_REVISION_STATES)]
        known = self._known_revisions
        if fresh := [state[0] for state in states if state not in known]:
            rows = fetch_values(connection, Revision, _NUMBERED_REVISIONS, numbers=json.dumps(fresh))
            found = {revision.number: revision for revision in rows}
            known = {state: known.get(state) or found[state[0]] for state in states}
            self._known_revisions = known
        return tuple(known[state] for state in states)

    def plan_inputs(self, number: int | None) -> PlanInputs | None:
        """Return what the plan was made from that a revision is based on.

        Args:
            number: The number of the revision.

        Returns:
            The inputs; None if they were not recorded, as in projects of older versions, or cannot be read any more.
        """
        root = root_plan(self.revisions(), number)
        if root is None or root.inputs is None or not self.artifacts.has(root.inputs):
            return None
        try:
            return PlanInputs.model_validate_json(self.artifacts.open(root.inputs).read_bytes())
        except ValidationError:
            return None  # written by a newer version, or damaged

    def record_plan_inputs(self, number: int, inputs: PlanInputs) -> None:
        """Record what the plan of a revision was made from, where an older version left that out."""
        stored = self._store_inputs(inputs)
        with self.database.writing() as connection:
            self.register(connection, [stored])
            change = update(_REVISION).where(_REVISION.c.number == number, _REVISION.c.inputs.is_(None))
            connection.execute(change.values(inputs=stored.sha256))

    def dropped_shots(self) -> tuple[ShotPlan, ...]:
        """Return the latest plan of each shot that was left out since the director's plan, by ordinal.

        Shots of earlier plans do not count: their panels may have other ids now.
        """
        with self.database.reading() as connection:
            rows = connection.execute(_DROPPED_SHOTS).all()
            dropped = [ShotPlan.model_validate({**json.loads(plan), "ordinal": ordinal}) for ordinal, plan, _ in rows]
        return tuple(sorted(dropped, key=lambda shot: (shot.ordinal, sort_key(shot.id))))

    def plans_of(self, name: str) -> tuple[ShotPlan, ...]:
        """Return all different plans of a shot over all revisions, oldest first; their ordinal is 0.

        Args:
            name: The id of the shot.
        """
        with self.database.reading() as connection:
            rows = connection.execute(_PLANS_OF, {"name": name}).scalars().all()
            return tuple(ShotPlan.model_validate({**plan, "ordinal": 0}) for plan in rows)

    def shots(self, revision: int | None = None) -> tuple[ShotPlan, ...]:
        """Return the plans of a revision, by ordinal.

        Args:
            revision: The number of the revision; None takes the head.

        Raises:
            ProjectError: There is no such revision.
        """
        with self.database.reading() as connection:
            number = _head_number(connection) if revision is None else _read_revision(connection, revision).number
            return _read_plans(connection, _PLACE.c.revision == number)

    def shot(self, name: str) -> ShotPlan:
        """Return the plan of one shot of the head.

        Args:
            name: The id of the shot.

        Raises:
            ProjectError: The head has no such shot.
        """
        with self.database.reading() as connection:
            plans = _read_plans(connection, _PLACE.c.revision == _head_number(connection), _SHOT.c.name == name)
        if not plans:
            raise ProjectError(f"there is no shot {name}", "list them with: main.py show shots PROJECT")
        return plans[0]

    def move_head(self, number: int, screen: VideoFormat | None = None) -> Revision:
        """Make another revision the one that is filmed.

        Args:
            number: The number of the revision.
            screen: A new video format for the project's settings; None keeps the present one.

        Returns:
            The revision.

        Raises:
            ProjectError: There is no such revision.
        """
        self.generation += 1
        with self.database.writing() as connection:
            return set_head(connection, number, screen)

    def _add_drafts(self, parent_in: Callable[[Connection], int | None], drafts: Sequence[RevisionDraft]) -> int | None:
        """Add revisions in one transaction, move the head to the last one, and return its number."""
        self.generation += 1
        stored = [self._store_inputs(draft.inputs) if draft.inputs else None for draft in drafts]
        with self.database.writing() as connection:
            self.register(connection, filter(None, stored))
            number = parent_in(connection)
            for draft, inputs in zip(drafts, stored, strict=True):
                number = _insert_revision(connection, number, draft, inputs.sha256 if inputs else None)
                set_head(connection, number, draft.screen)
            if number is not None and not drafts:
                set_head(connection, number)
        return number

    def _store_inputs(self, inputs: PlanInputs) -> Artifact:
        return self.artifacts.keep(inputs.model_dump_json().encode(), "application/json")


def _insert_revision(connection: Connection, parent: int | None, draft: RevisionDraft, inputs: str | None) -> int:
    _check_unique(draft.shots)
    plans = [(shot.ordinal, *_hash_plan(shot)) for shot in draft.shots]
    row: JsonObject = {
        "key": draft.key, "author": draft.author, "message": draft.message, "created": models.now(), "parent": parent,
        "kind": draft.kind, "origin": draft.origin,
        "edits": [dict(edit) for edit in draft.edits],
        "screen": draft.screen.model_dump(mode="json") if draft.screen else _read_settings(connection).get("screen"),
        "inputs": inputs, "lost": [one.model_dump(mode="json") for one in draft.lost],
    }  # fmt: skip
    number = insert_row(connection, insert(_REVISION), row)
    if plans:
        shot_rows = [{"digest": digest, "name": plan["id"], "plan": plan} for _, digest, plan in plans]
        connection.execute(put(_SHOT).on_conflict_do_nothing(), shot_rows)
        places = [{"revision": number, "ordinal": ordinal, "shot": digest} for ordinal, digest, _ in plans]
        connection.execute(insert(_PLACE), places)
    return number


def _hash_plan(shot: ShotPlan) -> tuple[str, JsonObject]:
    """Return the hash and the JSON of a plan without its ordinal, so that an inserted shot changes no other plan."""
    plan = shot.model_dump(mode="json", exclude={"ordinal"})
    return content_key("shot", "", 1, plan=plan), plan


def _check_unique(shots: Sequence[ShotPlan]) -> None:
    names: set[str] = set()
    places: set[int] = set()
    for shot in shots:
        if shot.id in names or shot.ordinal in places:
            duplicate = f"id {shot.id}" if shot.id in names else f"ordinal {shot.ordinal}"
            raise SettingsError(f"two shots have the {duplicate}", "give every shot an id and an ordinal of its own")
        names.add(shot.id)
        places.add(shot.ordinal)


def _read_plans(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[ShotPlan, ...]:
    query = select(_PLACE.c.ordinal, _SHOT.c.plan).join(_SHOT).where(*conditions).order_by(_PLACE.c.ordinal)
    return tuple(ShotPlan.model_validate({**plan, "ordinal": ordinal}) for ordinal, plan in connection.execute(query))


def _head_number(connection: Connection) -> int | None:
    return connection.execute(select(_PROJECT.c.head)).scalar()


def _read_revision(connection: Connection, number: int) -> Revision:
    rows = fetch_values(connection, Revision, select(_REVISION).where(_REVISION.c.number == number))
    if not rows:
        raise ProjectError(f"there is no revision {number}", "list them with: main.py show project PROJECT")
    return rows[0]


def _read_settings(connection: Connection) -> Mapping[str, Any]:
    return connection.execute(select(_PROJECT.c.settings)).scalar() or {}


def set_head(connection: Connection, number: int, screen: VideoFormat | None = None) -> Revision:
    """Move the head, and set its video format in the same transaction, so that a kill cannot come between the two."""
    revision = _read_revision(connection, number)
    change: JsonObject = {"head": number}
    if screen is not None:
        change["settings"] = {**_read_settings(connection), "screen": screen.model_dump(mode="json")}
    row = models.ProjectRow(**change).model_dump()
    connection.execute(put(_PROJECT).values(row).on_conflict_do_update(index_elements=["id"], set_=change))
    return revision
