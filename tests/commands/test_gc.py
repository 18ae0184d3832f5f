"""Test `gc` as a person types it: what it lists, when it removes, and when it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from main import main
from storage.library import Library
from tests.agents.test_garbage import TINY, film

pytestmark = pytest.mark.film


def test_gc_says_what_it_would_remove_and_is_refused_while_somebody_films(
    filmed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = filmed / "chapter.komadori"
    film(project, TINY.model_copy(update={"crf": 35}))
    film(project, TINY)
    before = sorted(project.glob("artifacts/??/*"))
    assert main(["gc", str(project)]) == 0
    assert "composite" in capsys.readouterr().out
    assert sorted(project.glob("artifacts/??/*")) == before
    with Library.open(project):
        assert main(["gc", str(project), "--yes"]) == 2
    assert sorted(project.glob("artifacts/??/*")) == before
    assert main(["gc", str(project), "--yes"]) == 0
    assert len(list(project.glob("artifacts/??/*"))) < len(before)
    assert main(["doctor", str(project)]) == 0
    assert main(["show", "project", str(project)]) == 0
    assert "0 damaged" in capsys.readouterr().out
