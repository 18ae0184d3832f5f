"""What was tried for the shots: takes, what a review said of them, what failed, and the cuts made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, insert
from sqlalchemy.dialects.sqlite import insert as put
from sqlmodel import col, func, select

from storage import models
from storage.records import Cut, Fact, Failure, Take, Verdict
from storage.shapes import Artifact, Decision
from storage.shelf import Shelf


class Takes(Shelf):
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

        `artifact` is a sha256. Raises StorageError when there are no such bytes: no take without its film.
        """
        with self.database.writing() as session:
            there = select(models.Take).where(models.Take.shot == shot_id, models.Take.key == key)
            row = session.exec(there).first()
            if row is None:
                self.recognise(session, [artifact])
                last = session.exec(select(func.max(models.Take.number)).where(models.Take.shot == shot_id)).one()
                row = models.Take(
                    shot=shot_id,
                    number=(last or 0) + 1,
                    key=key,
                    artifact=artifact,
                    backend=backend,
                    seed=seed,
                    attempt=attempt,
                    facts=dict(facts or {}),
                )
                session.add(row)
                session.flush()
            return _take(row)

    def takes(self, shot_id: str) -> tuple[Take, ...]:
        """The attempts at a shot by number."""
        with self.database.reading() as session:
            rows = session.exec(
                select(models.Take).where(models.Take.shot == shot_id).order_by(col(models.Take.number))
            )
            return tuple(_take(row) for row in rows)

    def find_take(self, shot_id: str, key: str) -> Take | None:
        """The attempt at a shot that stands under a key."""
        with self.database.reading() as session:
            row = session.exec(select(models.Take).where(models.Take.shot == shot_id, models.Take.key == key)).first()
            return _take(row) if row else None

    def add_verdict(self, take_id: int, decision: Decision, reason: str, measures: Mapping[str, float]) -> Verdict:
        """Keep what a review said of a take."""
        row = models.Verdict(take=take_id, decision=decision, reason=reason, measures=dict(measures))
        with self.database.writing() as session:
            session.add(row)
            session.flush()
            return _verdict(row)

    def verdicts(self, take_id: int) -> tuple[Verdict, ...]:
        """What reviews said of a take, oldest first."""
        wanted = select(models.Verdict).where(models.Verdict.take == take_id).order_by(col(models.Verdict.id))
        with self.database.reading() as session:
            return tuple(_verdict(row) for row in session.exec(wanted))

    def latest_verdict(self, take_id: int) -> Verdict | None:
        """What the last review said of a take."""
        said = self.verdicts(take_id)
        return said[-1] if said else None

    def add_failure(self, shot_id: str, stage: str, reason: str) -> None:
        """Keep why a shot could not be made at a stage; the newest reason stands."""
        row = {"shot": shot_id, "stage": stage, "reason": reason, "created": models.now()}
        with self.database.writing() as session:
            place = ["shot", "stage"]
            session.execute(put(models.Failure).values(row).on_conflict_do_update(index_elements=place, set_=row))

    def failures(self) -> tuple[Failure, ...]:
        """What could not be made, in the order it happened."""
        with self.database.reading() as session:
            rows = session.exec(select(models.Failure).order_by(col(models.Failure.created), col(models.Failure.shot)))
            return tuple(Failure.model_validate(row.model_dump()) for row in rows)

    def clear_failures(self, shot_ids: Iterable[str]) -> None:
        """Forget the failures of these shots, because they are tried again."""
        with self.database.writing() as session:
            session.execute(delete(models.Failure).where(col(models.Failure.shot).in_(list(shot_ids))))

    def add_cut(self, revision: int, takes: Sequence[int], film: Artifact | None) -> int:
        """Keep which takes (ids, in order) make the film of a revision; returns the cut's id."""
        with self.database.writing() as session:
            if film:
                self.register(session, [film])
            row = models.Cut(revision=revision, film=film.sha256 if film else None)
            session.add(row)
            session.flush()
            assert row.id is not None
            links = [{"cut": row.id, "position": at, "take": take} for at, take in enumerate(takes)]
            if links:
                session.execute(insert(models.CutTake), links)
            return row.id

    def cut(self) -> Cut | None:
        """The newest cut."""
        with self.database.reading() as session:
            row = session.exec(select(models.Cut).order_by(col(models.Cut.id).desc()).limit(1)).first()
            if row is None:
                return None
            takes = select(models.CutTake.take).where(models.CutTake.cut == row.id)
            chosen = tuple(session.exec(takes.order_by(col(models.CutTake.position))))
            film = session.get(models.Artifact, row.film) if row.film else None
            kept = Artifact.model_validate(film.model_dump(exclude={"created"})) if film else None
            return Cut.model_validate({**row.model_dump(), "film": kept, "takes": chosen})


def _take(row: models.Take) -> Take:
    return Take.model_validate(row.model_dump())


def _verdict(row: models.Verdict) -> Verdict:
    return Verdict.model_validate(row.model_dump())
