"""Test the pictures of takes: a change in a conversation ends with the path of one, before above after."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from commands.output import take_strips
from main import main
from storage.library import Library
from tools import png


def test_a_change_that_was_filmed_is_shown_before_and_after(
    filmed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = filmed / "chapter.komadori"
    place = folder / "films" / "preview" / "revision-2.png"
    monkeypatch.setattr("sys.stdin", io.StringIO("shots 2-3 seconds 5\nundo\nshot 5 drop\n"))
    assert main(["chat", str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.count(f"film        {filmed / 'film.mp4'}") == 3
    assert [line.split()[1] for line in said.splitlines() if line.startswith("pictures")] == [str(place)]
    assert "subtitles" not in said
    one = png.read_png(place)
    rows = one.shape[0] / (one.shape[1] / (3 * take_strips.WIDE) * take_strips.WIDE * 9 / 16)
    assert 4 < rows < 5


def test_what_has_no_film_has_no_picture(filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori", readonly=True) as library:
        assert take_strips.before_and_after(library, ["s777"]) is None
