"""Test `takes` as a person types it: the list, the strip, the choice, and the lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from main import main
from storage.library import Library
from tools import png


def test_takes_are_listed_compared_chosen_and_locked(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, strip = filmed / "chapter.komadori", filmed / "strip.png"
    film = filmed / "film.mp4"
    first = film.read_bytes()
    main(["chat", str(folder), "shot 3 seconds 6"])
    capsys.readouterr()
    assert main(["takes", str(folder), "3"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert [(row[0], "●" in row, "yes" in row) for row in rows] == [("1", False, True), ("2", True, True)]
    assert main(["takes", str(folder), "3", "--compare", str(strip)]) == 0
    assert png.read_png(strip).shape[1] > 900
    assert main(["takes", str(folder), "3", "--choose", "1", "--lock"]) == 0
    assert "nothing is to be filmed" in capsys.readouterr().out
    assert film.read_bytes() == first
    with Library.open(folder, readonly=True) as library:
        assert library.shot("s003").locked
    assert main(["takes", str(folder), "3", "--choose", "2", "--no-film"]) == 2
    assert "shot 3 is locked" in capsys.readouterr().err
    assert main(["takes", str(folder), "77"]) == 2
