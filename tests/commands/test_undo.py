"""Test `undo` and `redo`: the film follows the plan, and nothing is made twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from main import main
from storage.library import Library


def made(folder: Path) -> int:
    with Library.open(folder, readonly=True) as library:
        return len([event for event in library.events(kinds={"made"}) if event.stage != "assemble"])


def test_the_film_goes_back_and_forth_with_the_plan(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = filmed / "chapter.komadori"
    film = filmed / "film.mp4"
    first = film.read_bytes()
    main(["chat", str(folder), "shot 3 slower"])
    slower, count = film.read_bytes(), made(folder)
    assert main(["undo", str(folder)]) == 0
    said = capsys.readouterr()
    assert "undone      shot 3 slower" in said.out
    assert "price       nothing is to be filmed" in said.out
    assert film.read_bytes() == first
    assert main(["redo", str(folder), "1"]) == 0
    assert film.read_bytes() == slower
    assert made(folder) == count


def test_nothing_to_undo_is_said_so(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["undo", str(filmed / "chapter.komadori"), "--no-film"]) == 2
    assert "error: there is nothing to undo" in capsys.readouterr().err
    assert main(["undo", str(filmed / "chapter.komadori"), "some"]) == 2
