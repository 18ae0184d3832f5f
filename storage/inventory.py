"""What a project holds: its stored files by what made them, their sizes, and the results that can be removed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import bindparam, delete, func, select, union

from storage import models
from storage.database import copy_database
from storage.repository import Repository

_MADE = models.table(models.MadeRow)
_LINK = models.table(models.MadeArtifactRow)
_ARTIFACT = models.table(models.ArtifactRow)
_PAGE = models.table(models.PageRow)
_CORRECTED = models.table(models.CorrectedPageRow)
_TAKE = models.table(models.TakeRow)
_CUT = models.table(models.CutRow)
_REVISION = models.table(models.RevisionRow)
_KEYS = func.json_each(bindparam("keys")).table_valued("value")
_OF_KEYS = select(_KEYS.c.value)
_REFERENCES = union(
    select(_LINK.c.artifact), select(_PAGE.c.artifact), select(_CORRECTED.c.reading), select(_TAKE.c.artifact),
    select(_CUT.c.film).where(_CUT.c.film.is_not(None)),
    select(_REVISION.c.inputs).where(_REVISION.c.inputs.is_not(None)),
)  # fmt: skip
UNUSED = "unused"
"""The kind of files that nothing refers to."""
PLAN_INPUTS = "plan inputs"
"""The kind of files that hold what a plan was made from."""
CORRECTION = "correction"
"""The kind of files that hold corrections of a person."""
LASTING_KINDS = frozenset({CORRECTION, PLAN_INPUTS, "reference", "recording", "learn"})
"""Kinds of files that no film makes again: a person gave them or asked for them, or they record how things were."""


@dataclass(frozen=True)
class StoredResult:
    """One file of a result."""

    key: str
    """The content key of the result."""
    tool: str
    role: str
    artifact: str
    """The SHA-256 of the file."""


@dataclass(frozen=True)
class StoredFile:
    """A file in the store; its kind is the tool that made it, CORRECTION, PLAN_INPUTS or UNUSED."""

    artifact: str
    kind: str
    size: int
    """The number of bytes."""


class Inventory(Repository):
    """The stored files and the results that refer to them."""

    def stored_results(self) -> tuple[StoredResult, ...]:
        """Return every file of every result, in the order in which the results were first made."""
        question = select(_LINK.c.key, _MADE.c.tool, _LINK.c.role, _LINK.c.artifact).join(
            _MADE, _MADE.c.key == _LINK.c.key
        )
        with self.database.reading() as connection:
            rows = connection.execute(question.order_by(_MADE.c.created, _LINK.c.key, _LINK.c.role)).all()
        return tuple(StoredResult(*row) for row in rows)

    def stored_files(self) -> tuple[StoredFile, ...]:
        """Return every file in the store with its kind: the tool that made it first."""
        kinds = self._kinds()
        with self.database.reading() as connection:
            for sha in connection.execute(select(_TAKE.c.artifact)).scalars():
                kinds.setdefault(sha, "composite")
        return tuple(
            StoredFile(path.name, kinds.get(path.name, UNUSED), path.stat().st_size)
            for path in self.artifacts.stored_files()
        )

    def missing_files(self) -> dict[str, int]:
        """Return how many files are missing from the store, by their kind.

        Those of takes without a result do not count: they were removed because nothing needs them.
        """
        return dict(Counter(kind for sha, kind in self._kinds().items() if not self.artifacts.has(sha)))

    def _kinds(self) -> dict[str, str]:
        """Return the kind of every file that a result, a correction or a plan refers to, by its SHA-256."""
        kinds: dict[str, str] = {}
        for result in self.stored_results():
            kinds.setdefault(result.artifact, result.tool)
        with self.database.reading() as connection:
            for sha in connection.execute(select(_CORRECTED.c.reading)).scalars():
                kinds.setdefault(sha, CORRECTION)
            for sha in connection.execute(select(_REVISION.c.inputs).where(_REVISION.c.inputs.is_not(None))).scalars():
                kinds.setdefault(sha, PLAN_INPUTS)
        return kinds

    def cut_keys(self) -> dict[int, str]:
        """Return the content key of the newest film of each revision, by the number of the revision."""
        with self.database.reading() as connection:
            rows = connection.execute(select(_CUT.c.revision, _CUT.c.key).order_by(_CUT.c.id)).all()
        return {revision: key for revision, key in rows if key}

    def take_keys(self, take_ids: Collection[int]) -> frozenset[str]:
        """Return the content keys of takes by their ids."""
        with self.database.reading() as connection:
            return frozenset(connection.execute(select(_TAKE.c.key).where(_TAKE.c.id.in_(take_ids))).scalars())

    def forget_results(self, keys: Collection[str]) -> None:
        """Remove results from the cache, and the rows of artifacts that nothing refers to any more; no file is removed.

        Args:
            keys: The content keys of the results.
        """
        given = {"keys": json.dumps(sorted(keys))}
        with self.database.writing() as connection:
            connection.execute(delete(_LINK).where(_LINK.c.key.in_(_OF_KEYS)), given)
            connection.execute(delete(_MADE).where(_MADE.c.key.in_(_OF_KEYS)), given)
            connection.execute(delete(_ARTIFACT).where(_ARTIFACT.c.sha256.not_in(_REFERENCES)))

    def is_database_sound(self) -> bool:
        """Return whether SQLite finds no fault in the file of the library."""
        with self.database.reading() as connection:
            return connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]

    @contextmanager
    def database_copy(self) -> Iterator[Path]:
        """Yield the path of a copy of the library's database, which is removed afterwards."""
        with TemporaryDirectory(prefix="komadori-", ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / self.database.path.name
            copy_database(self.database.path, copy)
            yield copy
