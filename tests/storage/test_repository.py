"""Test that artifacts are registered once, and by hash only where their bytes exist."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from storage import models
from storage.domain import Artifact
from storage.errors import StorageError
from storage.library import Library
from storage.repository import fetch_values

KEPT = models.table(models.ArtifactRow)


def test_an_artifact_is_registered_once(library: Library) -> None:
    kept = library.artifacts.keep(b"\x89PNG\r\n\x1a\n", "image/png")
    with library.database.writing() as connection:
        library.register(connection, [kept, kept])
        library.register(connection, [kept.model_copy(update={"media_type": "image/x-other"})])
        library.register_by_hash(connection, [kept.sha256])
        assert connection.execute(select(func.count()).select_from(KEPT)).scalar() == 1
        asked = select(KEPT.c.sha256, KEPT.c.media_type, KEPT.c.size)
        assert fetch_values(connection, Artifact, asked) == (kept,)


def test_an_artifact_known_by_name_is_looked_at(library: Library) -> None:
    kept = library.artifacts.keep(b"\x89PNG\r\n\x1a\n", "image/png")
    with library.database.writing() as connection:
        library.register_by_hash(connection, [kept.sha256])
        with pytest.raises(StorageError):
            library.register_by_hash(connection, ["f" * 64])
    asked = select(KEPT.c.sha256, KEPT.c.media_type, KEPT.c.size)
    assert library.read(Artifact, asked) == (kept,)
