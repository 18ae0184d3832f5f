"""The takes of all shots in the library, with their verdicts, the failures, and the cuts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as put
from sqlalchemy.engine import Connection

from storage import models
from storage.domain import Artifact, Decision
from storage.records import Cut, Fact, Failure, Judge, Take, TakeDraft, Verdict
from storage.repository import Repository, fetch_values, insert_row
from storage.shot_ids import sort_key

_TAKE = models.table(models.TakeRow)
_VERDICT = models.table(models.VerdictRow)
_FAILURE = models.table(models.FailureRow)
_CUT = models.table(models.CutRow)
_CHOSEN = models.table(models.CutTakeRow)
_ARTIFACT = models.table(models.ArtifactRow)

_TAKES = select(_TAKE).where(_TAKE.c.shot == bindparam("shot")).order_by(_TAKE.c.number)
_SHOTS, _KEYS = (func.json_each(bindparam(name)).table_valued("value") for name in ("shots", "keys"))
_FIND = select(_TAKE).where(_TAKE.c.shot.in_(select(_SHOTS.c.value)), _TAKE.c.key.in_(select(_KEYS.c.value)))
_LAST = (
    select(_TAKE.c.shot, func.max(_TAKE.c.number))
    .where(_TAKE.c.shot.in_(select(_SHOTS.c.value))).group_by(_TAKE.c.shot)
)  # fmt: skip
_ADD_TAKE = insert(_TAKE)
_REPLACE_FILM = update(_TAKE).where(_TAKE.c.id == bindparam("id_of")).values(artifact=bindparam("film"))
_VERDICTS = select(_VERDICT).where(_VERDICT.c.take == bindparam("take")).order_by(_VERDICT.c.id)
_MEASURED_TAKES = func.json_each(bindparam("takes")).table_valued("value")
_MEASURES = (
    select(_VERDICT.c.take, _VERDICT.c.measures)
    .where(_VERDICT.c.author == "measures", _VERDICT.c.take.in_(select(_MEASURED_TAKES.c.value)))
    .order_by(_VERDICT.c.id)
)
_VERDICTS_OF = select(_VERDICT).where(_VERDICT.c.take.in_(select(_MEASURED_TAKES.c.value))).order_by(_VERDICT.c.id)
_ADD_VERDICT = insert(_VERDICT)
_FILM = select(_ARTIFACT.c.sha256, _ARTIFACT.c.media_type, _ARTIFACT.c.size).where(
    _ARTIFACT.c.sha256 == bindparam("sha256")
)
_put = put(_FAILURE)
_ADD_FAILURE = _put.on_conflict_do_update(
    index_elements=["shot", "stage"], set_={"reason": _put.excluded.reason, "created": _put.excluded.created}
)


class Takes(Repository):
    """The attempts; a take is never changed and never removed."""

    def add_take(
        self,
        shot_id: str,
        *,
        key: str,
        artifact: str,
        backend: str,
        seed: int,
        attempt: int,
        facts: Mapping[str, Fact] | None = None,
    ) -> Take:
        """Add an attempt, numbered from 1 within its shot; one that stands under the key already is handed back.

        `artifact` is a sha256; a take whose own bytes are gone gets these in their place: made anew under the same
        key, on another machine, they may be other ones. Raises StorageError when there are no such bytes: no take
        without its film.
        """
        (take,) = self.add_takes(
            [TakeDraft(shot=shot_id, key=key, artifact=artifact, backend=backend, seed=seed, attempt=attempt,
                       facts=dict(facts or {}))]
        )  # fmt: skip
        return take

    def add_takes(self, drafts: Sequence[TakeDraft]) -> list[Take]:
        """The same for several attempts at once: all of them are added or none, and they come back in their order."""
        wanted = {(draft.shot, draft.key): draft for draft in drafts}
        there = self.find_takes(wanted)
        if there.keys() != wanted.keys() or self._lost_films(there, wanted):
            with self.database.writing() as connection:
                there = _found(connection, list(wanted))
                missing = [draft for each, draft in wanted.items() if each not in there]
                lost = self._lost_films(there, wanted)
                self.register_by_hash(
                    connection, [*(draft.artifact for draft in missing), *(row["film"] for row in lost)]
                )
                for statement, rows in ((_ADD_TAKE, _numbered(connection, missing)), (_REPLACE_FILM, lost)):
                    if rows:
                        connection.execute(statement, rows)
                there = _found(connection, list(wanted))
        return [there[draft.shot, draft.key] for draft in drafts]

    def _lost_films(
        self, there: Mapping[tuple[str, str], Take], wanted: Mapping[tuple[str, str], TakeDraft]
    ) -> list[dict[str, Any]]:
        """The takes whose own bytes are gone, each with those that were made in their place."""
        return [
            {"id_of": take.id, "film": wanted[each].artifact}
            for each, take in there.items()
            if take.artifact != wanted[each].artifact and not self.artifacts.has(take.artifact)
        ]

    def takes(self, shot_id: str) -> tuple[Take, ...]:
        """The attempts at a shot by number."""
        return self.read(Take, _TAKES, shot=shot_id)

    def find_take(self, shot_id: str, key: str) -> Take | None:
        """The attempt at a shot that stands under a key."""
        return self.find_takes([(shot_id, key)]).get((shot_id, key))

    def find_takes(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Take]:
        """The attempts that stand, of those that are asked for by shot and key, in one look-up."""
        asked = list(wanted)
        if not asked:
            return {}
        with self.database.reading() as connection:
            return _found(connection, asked)

    def add_verdict(
        self,
        take_id: int,
        decision: Decision,
        reason: str,
        measures: Mapping[str, float],
        *,
        author: Judge = "measures",
    ) -> Verdict:
        """Keep what a review said of a take."""
        row = {
            "take": take_id,
            "author": author,
            "decision": decision,
            "reason": reason,
            "measures": dict(measures),
            "created": models.now(),
        }
        with self.database.writing() as connection:
            return Verdict.model_validate({"id": insert_row(connection, _ADD_VERDICT, row), **row})

    def verdicts(self, take_id: int) -> tuple[Verdict, ...]:
        """What reviews said of a take, oldest first."""
        return self.read(Verdict, _VERDICTS, take=take_id)

    def latest_verdict(self, take_id: int, author: Judge | None = None) -> Verdict | None:
        """What was last said of a take, by anybody or by `author`."""
        return self.latest_verdicts([take_id], author).get(take_id)

    def latest_verdicts(self, take_ids: Iterable[int], author: Judge | None = None) -> dict[int, Verdict]:
        """The same for several takes in one look-up, by the take's id; a take of which nothing was said is missing."""
        asked = list(take_ids)
        said = self.read(Verdict, _VERDICTS_OF, takes=json.dumps(asked)) if asked else ()
        return {one.take: one for one in said if author in (None, one.author)}

    def measures(self, take_ids: Iterable[int]) -> dict[int, dict[str, float]]:
        """The numbers that were measured of takes, by the take's id; a take that was never measured is missing.

        They are facts: no setting has a part in them, as it has in the decision that a row was kept with.
        """
        with self.database.reading() as connection:
            rows = connection.execute(_MEASURES, {"takes": json.dumps(list(take_ids))})
            return {take: dict(measured) for take, measured in rows}

    def add_failure(self, shot_id: str, stage: str, reason: str) -> None:
        """Keep why a shot could not be made at a stage; the newest reason stands."""
        row = {"shot": shot_id, "stage": stage, "reason": reason, "created": models.now()}
        with self.database.writing() as connection:
            connection.execute(_ADD_FAILURE, row)

    def failures(self) -> tuple[Failure, ...]:
        """What could not be made, in the order it happened."""
        found = self.read(Failure, select(_FAILURE))
        return tuple(sorted(found, key=lambda one: (one.created, sort_key(one.shot), one.stage)))

    def clear_failures(self, shot_ids: Iterable[str] | None = None) -> None:
        """Forget the failures of these shots, or all of them, because they are tried again."""
        forget = delete(_FAILURE)
        if shot_ids is not None:
            forget = forget.where(_FAILURE.c.shot.in_(list(shot_ids)))
        with self.database.writing() as connection:
            connection.execute(forget)

    def add_cut(self, revision: int, takes: Sequence[int], film: Artifact | None, *, key: str = "") -> int:
        """Keep which takes (ids, in order) make the film of a revision, and its content key; returns the cut's id."""
        row = {"revision": revision, "key": key, "film": film.sha256 if film else None, "created": models.now()}
        with self.database.writing() as connection:
            self.register(connection, [film] if film else [])
            cut = insert_row(connection, insert(_CUT), row)
            chosen = [{"cut": cut, "position": at, "take": take} for at, take in enumerate(takes)]
            if chosen:
                connection.execute(insert(_CHOSEN), chosen)
        return cut

    def cut(self) -> Cut | None:
        """The newest cut."""
        with self.database.reading() as connection:
            row = connection.execute(select(_CUT).order_by(_CUT.c.id.desc()).limit(1)).mappings().first()
            if row is None:
                return None
            chosen = select(_CHOSEN.c.take).where(_CHOSEN.c.cut == row["id"]).order_by(_CHOSEN.c.position)
            film = fetch_values(connection, Artifact, _FILM, sha256=row["film"])
            takes = tuple(connection.execute(chosen).scalars())
            return Cut.model_validate({**row, "film": film[0] if film else None, "takes": takes})


def _numbered(connection: Connection, drafts: Sequence[TakeDraft]) -> list[dict[str, Any]]:
    """Rows for new takes, each with the next number of its shot."""
    last: dict[str, int] = dict(connection.execute(_LAST, {"shots": _json(one.shot for one in drafts)}).all())
    rows = []
    for draft in drafts:
        last[draft.shot] = last.get(draft.shot, 0) + 1
        rows.append({**draft.model_dump(), "number": last[draft.shot], "created": models.now()})
    return rows


def _found(connection: Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Take]:
    """The takes of these shots and keys."""
    asked = set(wanted)
    given = {"shots": _json(shot for shot, _ in wanted), "keys": _json(key for _, key in wanted)}
    there = {(take.shot, take.key): take for take in fetch_values(connection, Take, _FIND, **given)}
    return {each: take for each, take in there.items() if each in asked}


def _json(names: Iterable[str]) -> str:
    """A list as one text, so that the statement is prepared once whatever its length."""
    return json.dumps(list(dict.fromkeys(names)))
