"""Test the tables of `show`: readable at 80 and at 120 columns, one entry a line in a pipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from main import main
from storage.library import Library
from tests.program import refusal

Said = pytest.CaptureFixture[str]


def shown(what: str, project: Path, capsys: Said) -> list[str]:
    assert main(["show", what, str(project)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line != line.rstrip()]
    return lines


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("what", ["project", "shots", "takes", "events"])
def test_a_table_fits_its_terminal(
    what: str, columns: int, finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = shown(what, finished / "chapter.komadori", capsys)
    assert max(len(line) for line in lines) <= columns
    assert not any("\x1b" in line or "…" in line for line in lines)


def test_a_shot_takes_two_lines_at_most_on_a_narrow_terminal(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = shown("shots", finished / "chapter.komadori", capsys)
    assert 8 <= len(lines) - 1 <= 16


def test_where_nobody_looks_a_shot_is_one_whole_line(finished: Path, capsys: Said) -> None:
    header, *lines = shown("shots", finished / "chapter.komadori", capsys)
    assert header.split() == ["shot", "page", "panels", "lines", "seconds", "state", "generated", "by", "why"]
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        plans = library.shots()
    assert [line.split()[0] for line in lines] == [plan.id for plan in plans]
    assert all(plan.reason in line and re.search(r"take 1 +0% ", line) for plan, line in zip(plans, lines, strict=True))


def test_takes_say_which_of_them_are_in_the_film(filmed: Path, capsys: Said) -> None:
    _, *before = shown("takes", filmed / "chapter.komadori", capsys)
    assert len(before) == 8
    assert all("●" in line and line.rstrip().endswith("approve") for line in before)


def test_a_project_tells_of_itself(finished: Path, capsys: Said) -> None:
    rows = {line.split()[0]: line for line in shown("project", finished / "chapter.komadori", capsys)}
    assert "8, all of them stand" in rows["shots"]
    assert "320 x 180 at 12" in rows["picture"]
    assert re.search(r"0:\d\d min, 8 takes", rows["film"])
    assert "8 panels, rtl" in rows["read"]


def test_a_project_that_was_only_begun_tells_that_too(tmp_path: Path, capsys: Said) -> None:
    Library.open(tmp_path / "new.komadori", create=True).close()
    assert sum("not yet" in line for line in shown("project", tmp_path / "new.komadori", capsys)) >= 3
    assert main(["show", "shots", str(tmp_path / "new.komadori")]) == 2
    assert "no storyboard yet" in refusal(capsys.readouterr().err)[0]


def test_events_are_told_in_their_order(finished: Path, capsys: Said) -> None:
    lines = shown("events", finished / "chapter.komadori", capsys)[1:]
    stages = list(dict.fromkeys(line.split()[1] for line in lines))
    assert stages[:2] == ["ingest", "read"]
    assert stages[-1] == "assemble"


def test_backends_are_listed_without_a_project_and_a_table_without_one_is_refused(capsys: Said) -> None:
    assert main(["show", "backends"]) == 0
    listed = capsys.readouterr().out
    assert re.search(r"transcribe +classic +ready", listed)
    assert main(["show", "shots"]) == 2
    assert "PROJECT" in refusal(capsys.readouterr().err)[1]
