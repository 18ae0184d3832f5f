"""An empty project for the tests of what is asked of a language model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A new project without a film."""
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        yield library
