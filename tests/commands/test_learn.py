"""Test `learn` as a person types it: what the project has learned, and a film that has nothing to learn with."""

from __future__ import annotations

from pathlib import Path

import pytest

from main import main


def test_a_film_without_a_model_learns_nothing(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = str(filmed / "chapter.komadori")
    assert main(["learn", project]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1, "a heading, and no rows"
    assert main(["learn", project, "mika"]) == 2
    assert main(["learn", project, "mika", "--forget"]) == 2
    assert main(["learn", project, "mika", "--steps", "many"]) == 2
