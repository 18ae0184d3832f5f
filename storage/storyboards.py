"""The storyboard in the library: revisions that are only ever added, and a head that moves among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.sqlite import insert as put
from sqlmodel import Session, col, select

from storage import models
from storage.errors import ProjectError, SettingsError
from storage.keys import content_key
from storage.records import Author, Revision
from storage.shapes import ShotPlan
from storage.shelf import Shelf


class Storyboards(Shelf):
    """What is planned, and every plan there was."""

    def add_revision(self, shots: Sequence[ShotPlan], *, key: str, author: Author, message: str) -> int:
        """Add a state of the storyboard, made from the head, and move the head to it; returns its number.

        Raises SettingsError when two shots share an id or an ordinal.
        """
        _check(shots)
        plans = [(shot.ordinal, *_plan(shot)) for shot in shots]
        with self.database.writing() as session:
            row = models.Revision(parent=_head_number(session), key=key, author=author, message=message)
            session.add(row)
            session.flush()
            number = row.number
            assert number is not None
            if plans:
                shot_rows = [{"digest": digest, "name": plan["id"], "plan": plan} for _, digest, plan in plans]
                session.execute(put(models.Shot).on_conflict_do_nothing(), shot_rows)
                links = [{"revision": number, "ordinal": at, "shot": digest} for at, digest, _ in plans]
                session.execute(insert(models.RevisionShot), links)
            _point(session, number)
        return number

    def head(self) -> Revision | None:
        """The state that is to be filmed; None before the first."""
        with self.database.reading() as session:
            row = session.get(models.Revision, _head_number(session) or 0)
            return _revision(row) if row else None

    def revisions(self) -> tuple[Revision, ...]:
        """Every state there was, oldest first."""
        with self.database.reading() as session:
            rows = session.exec(select(models.Revision).order_by(col(models.Revision.number)))
            return tuple(_revision(row) for row in rows)

    def find_revision(self, key: str) -> Revision | None:
        """The newest state that was made of this, None when there is none."""
        wanted = select(models.Revision).where(models.Revision.key == key)
        with self.database.reading() as session:
            row = session.exec(wanted.order_by(col(models.Revision.number).desc()).limit(1)).first()
            return _revision(row) if row else None

    def shots(self, revision: int | None = None) -> tuple[ShotPlan, ...]:
        """The plans of a revision by ordinal, of the head unless one is named; ProjectError when it is unknown."""
        with self.database.reading() as session:
            number = _head_number(session) if revision is None else _known(session, revision)
            if number is None:
                return ()
            wanted = (
                select(models.RevisionShot.ordinal, models.Shot.plan)
                .join(models.Shot, col(models.Shot.digest) == col(models.RevisionShot.shot))
                .where(models.RevisionShot.revision == number)
                .order_by(col(models.RevisionShot.ordinal))
            )
            return tuple(ShotPlan.model_validate({**plan, "ordinal": at}) for at, plan in session.exec(wanted))

    def shot(self, name: str) -> ShotPlan:
        """One plan of the head; ProjectError when the head has no such shot."""
        for plan in self.shots():
            if plan.id == name:
                return plan
        raise ProjectError(f"there is no shot {name}", "list them with: main.py show shots PROJECT")

    def move_head(self, number: int) -> Revision:
        """Make a revision the one to be filmed. ProjectError when it is unknown."""
        with self.database.writing() as session:
            return self._move(session, _known(session, number))

    def undo(self) -> Revision:
        """Move the head to the revision it was made from. ProjectError when there is none."""
        with self.database.writing() as session:
            row = session.get(models.Revision, _head_number(session) or 0)
            if row is None or row.parent is None:
                raise ProjectError("there is nothing to undo", "this is the first storyboard of the project")
            return self._move(session, row.parent)

    def redo(self) -> Revision:
        """Move the head to the newest revision made from it. ProjectError when there is none."""
        with self.database.writing() as session:
            children = select(models.Revision).where(models.Revision.parent == (_head_number(session) or 0))
            row = session.exec(children.order_by(col(models.Revision.number).desc()).limit(1)).first()
            if row is None or row.number is None:
                raise ProjectError("there is nothing to redo", "this is the newest storyboard on its line")
            return self._move(session, row.number)

    def _move(self, session: Session, number: int) -> Revision:
        _point(session, number)
        return _revision(session.get_one(models.Revision, number))


def _plan(shot: ShotPlan) -> tuple[str, dict[str, Any]]:
    """A plan without its place, so that a shot put in before it does not make another of it."""
    plan = shot.model_dump(mode="json", exclude={"ordinal"})
    return content_key("shot", "", 1, plan=plan), plan


def _check(shots: Sequence[ShotPlan]) -> None:
    names: set[str] = set()
    places: set[int] = set()
    for shot in shots:
        if shot.id in names or shot.ordinal in places:
            what = f"id {shot.id}" if shot.id in names else f"ordinal {shot.ordinal}"
            raise SettingsError(f"two shots have the {what}", "give every shot an id and an ordinal of its own")
        names.add(shot.id)
        places.add(shot.ordinal)


def _head_number(session: Session) -> int | None:
    return session.exec(select(models.Project.head)).first()


def _known(session: Session, number: int) -> int:
    if session.get(models.Revision, number) is None:
        raise ProjectError(f"there is no revision {number}", "list them with: main.py show project PROJECT")
    return number


def _point(session: Session, number: int) -> None:
    fresh = models.Project(head=number).model_dump()
    session.execute(
        put(models.Project).values(fresh).on_conflict_do_update(index_elements=["id"], set_={"head": number})
    )


def _revision(row: models.Revision) -> Revision:
    return Revision.model_validate(row.model_dump())
