"""The takes of all shots in the library, with their verdicts, the failures, and the cuts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as put
from sqlalchemy.engine import Connection

from storage import models
from storage.domain import Artifact, Decision
from storage.records import Cut, Fact, Failure, Judge, Take, TakeDraft, Verdict
from storage.repository import Repository, fetch_values, insert_row
from storage.shapes import JsonObject
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
    """The takes of all shots; a take is never changed and never removed."""

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
        """Add one take of a shot.

        If the shot already has a take under this key, that take is returned. If the bytes of its segment are missing,
        the given artifact replaces them: made again under the same key on another machine, the bytes can differ.

        Args:
            shot_id: The id of the shot.
            key: The content key of the segment.
            artifact: The SHA-256 of the segment.
            backend: The backend that made the segment.
            seed: The seed that it was made with.
            attempt: The number of the attempt in the fallback ladder, from 0.
            facts: Small values about the take.

        Returns:
            The take; its number counts from 1 within the shot.

        Raises:
            StorageError: There is no file for `artifact`.
        """
        (take,) = self.add_takes(
            [TakeDraft(shot=shot_id, key=key, artifact=artifact, backend=backend, seed=seed, attempt=attempt,
                       facts=dict(facts or {}))]
        )  # fmt: skip
        return take

    def add_takes(self, drafts: Sequence[TakeDraft]) -> list[Take]:
        """Add several takes in one transaction, as `add_take` does; all of them are added or none.

        Of two drafts of a shot under one key the first is added, as if they were added one after the other.

        Args:
            drafts: The takes to add.

        Returns:
            The takes, in the order of `drafts`.

        Raises:
            StorageError: There is no file for an artifact.
        """
        wanted = dict[tuple[str, str], TakeDraft]()
        for draft in drafts:
            wanted.setdefault((draft.shot, draft.key), draft)
        existing = self.find_takes(wanted)
        if existing.keys() != wanted.keys() or self._replacement_rows(existing, wanted):
            with self.database.writing() as connection:
                existing = _query_takes(connection, list(wanted))
                missing = [draft for shot_and_key, draft in wanted.items() if shot_and_key not in existing]
                lost = self._replacement_rows(existing, wanted)
                self.register_by_hash(
                    connection, [*(draft.artifact for draft in missing), *(row["film"] for row in lost)]
                )
                for statement, rows in ((_ADD_TAKE, _number_takes(connection, missing)), (_REPLACE_FILM, lost)):
                    if rows:
                        connection.execute(statement, rows)
                existing = _query_takes(connection, list(wanted))
        return [existing[draft.shot, draft.key] for draft in drafts]

    def _replacement_rows(
        self, existing: Mapping[tuple[str, str], Take], wanted: Mapping[tuple[str, str], TakeDraft]
    ) -> list[JsonObject]:
        """Return an update for each take whose file is missing, with the artifact that replaces it."""
        return [
            {"id_of": take.id, "film": wanted[shot_and_key].artifact}
            for shot_and_key, take in existing.items()
            if take.artifact != wanted[shot_and_key].artifact and not self.artifacts.has(take.artifact)
        ]

    def takes(self, shot_id: str) -> tuple[Take, ...]:
        """Return the takes of a shot, by number.

        Args:
            shot_id: The id of the shot.
        """
        return self.read(Take, _TAKES, shot=shot_id)

    def find_take(self, shot_id: str, key: str) -> Take | None:
        """Return the take of a shot under a content key; None if there is none.

        Args:
            shot_id: The id of the shot.
            key: The content key of the segment.
        """
        return self.find_takes([(shot_id, key)]).get((shot_id, key))

    def find_takes(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Take]:
        """Return existing takes for several shots in one query.

        Args:
            wanted: Pairs of shot id and content key.

        Returns:
            The takes that exist, by shot id and content key.
        """
        pairs = list(wanted)
        if not pairs:
            return {}
        with self.database.reading() as connection:
            return _query_takes(connection, pairs)

    def add_verdict(
        self,
        take_id: int,
        decision: Decision,
        reason: str,
        measures: Mapping[str, float],
        *,
        author: Judge = "measures",
    ) -> Verdict:
        """Store a verdict on a take.

        Args:
            take_id: The id of the take.
            decision: Whether the take is approved, is to be made again, or a person is asked.
            reason: The reason, in words.
            measures: The measured values by name.
            author: Who judged it: the measures, or the critic.

        Returns:
            The stored verdict.
        """
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
        """Return all verdicts on a take, oldest first.

        Args:
            take_id: The id of the take.
        """
        return self.read(Verdict, _VERDICTS, take=take_id)

    def latest_verdict(self, take_id: int, author: Judge | None = None) -> Verdict | None:
        """Return the latest verdict on a take; None if there is none.

        Args:
            take_id: The id of the take.
            author: Consider only verdicts of this judge.
        """
        return self.latest_verdicts([take_id], author).get(take_id)

    def latest_verdicts(self, take_ids: Iterable[int], author: Judge | None = None) -> dict[int, Verdict]:
        """Return the latest verdicts on several takes in one query.

        Args:
            take_ids: The ids of the takes.
            author: Consider only verdicts of this judge.

        Returns:
            Verdicts by the id of their take; a take without a verdict is left out.
        """
        ids = list(take_ids)
        rows = self.read(Verdict, _VERDICTS_OF, takes=json.dumps(ids)) if ids else ()
        return {verdict.take: verdict for verdict in rows if author in (None, verdict.author)}

    def measures(self, take_ids: Iterable[int]) -> dict[int, dict[str, float]]:
        """Return the measured values of several takes in one query.

        They are facts: unlike the decision that they are stored with, they do not depend on the settings.

        Args:
            take_ids: The ids of the takes.

        Returns:
            Values by name, by the id of the take; a take that was never measured is left out.
        """
        with self.database.reading() as connection:
            rows = connection.execute(_MEASURES, {"takes": json.dumps(list(take_ids))})
            return {take: dict(measured) for take, measured in rows}

    def add_failure(self, shot_id: str, stage: str, reason: str) -> None:
        """Store why a shot could not be made at a stage; it replaces the last reason for this stage.

        Args:
            shot_id: The id of the shot.
            stage: The name of the stage.
            reason: The reason, in words.
        """
        row = {"shot": shot_id, "stage": stage, "reason": reason, "created": models.now()}
        with self.database.writing() as connection:
            connection.execute(_ADD_FAILURE, row)

    def failures(self) -> tuple[Failure, ...]:
        """Return all failures, in the order in which they happened."""
        rows = self.read(Failure, select(_FAILURE))
        return tuple(sorted(rows, key=lambda failure: (failure.created, sort_key(failure.shot), failure.stage)))

    def clear_failures(self, shot_ids: Iterable[str] | None = None) -> None:
        """Remove failures, before their shots are tried again.

        Args:
            shot_ids: The ids of the shots; None removes all failures.
        """
        statement = delete(_FAILURE)
        if shot_ids is not None:
            statement = statement.where(_FAILURE.c.shot.in_(list(shot_ids)))
        with self.database.writing() as connection:
            connection.execute(statement)

    def add_cut(self, revision: int, takes: Sequence[int], film: Artifact | None, *, key: str = "") -> int:
        """Store which takes make the film of a revision.

        Args:
            revision: The number of the revision.
            takes: The ids of the takes, in order.
            film: The joined film; None if it is not joined yet.
            key: The content key of the film; "" if it has none.

        Returns:
            The id of the cut.
        """
        row = {"revision": revision, "key": key, "film": film.sha256 if film else None, "created": models.now()}
        with self.database.writing() as connection:
            self.register(connection, [film] if film else [])
            cut = insert_row(connection, insert(_CUT), row)
            rows = [{"cut": cut, "position": position, "take": take} for position, take in enumerate(takes)]
            if rows:
                connection.execute(insert(_CHOSEN), rows)
        return cut

    def cut(self) -> Cut | None:
        """Return the newest cut; None if there is none."""
        with self.database.reading() as connection:
            row = connection.execute(select(_CUT).order_by(_CUT.c.id.desc()).limit(1)).mappings().first()
            if row is None:
                return None
            chosen = select(_CHOSEN.c.take).where(_CHOSEN.c.cut == row["id"]).order_by(_CHOSEN.c.position)
            film = fetch_values(connection, Artifact, _FILM, sha256=row["film"])
            takes = tuple(connection.execute(chosen).scalars())
            return Cut.model_validate({**row, "film": film[0] if film else None, "takes": takes})


def _number_takes(connection: Connection, drafts: Sequence[TakeDraft]) -> list[JsonObject]:
    """Return rows for new takes, each with the next number of its shot."""
    last_numbers: dict[str, int] = dict(
        connection.execute(_LAST, {"shots": _json_list(item.shot for item in drafts)}).all()
    )
    rows = []
    for draft in drafts:
        last_numbers[draft.shot] = last_numbers.get(draft.shot, 0) + 1
        rows.append({**draft.model_dump(), "number": last_numbers[draft.shot], "created": models.now()})
    return rows


def _query_takes(connection: Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Take]:
    """Return the existing takes of these shots and keys."""
    pairs = set(wanted)
    parameters = {"shots": _json_list(shot for shot, _ in wanted), "keys": _json_list(key for _, key in wanted)}
    by_key = {(take.shot, take.key): take for take in fetch_values(connection, Take, _FIND, **parameters)}
    return {pair: take for pair, take in by_key.items() if pair in pairs}


def _json_list(names: Iterable[str]) -> str:
    """Return names without duplicates as one JSON text: the statement is prepared once for any number of names."""
    return json.dumps(list(dict.fromkeys(names)))
