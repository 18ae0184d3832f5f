"""Test the progress display: live bars on a terminal, plain lines in a log."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from agents.run_context import Progress
from commands.output.terminal import (
    PlainProgress,
    PrintConsole,
    ProgressBars,
    print_doubts,
    print_error,
    print_fact,
    show_progress,
)
from storage.errors import ProjectError

ROUND = [
    Progress("ingest", "begin", done=0, total=2),
    Progress("ingest", "made", "001.png", 1, 2, seconds=0.1),
    Progress("ingest", "failed", "002[red].png: it is damaged", 2, 2),
    Progress("ingest", "end", done=2, total=2),
    Progress("storyboard", "note", "4 shots, 12 s, directed by rules"),
    Progress("clean", "begin", done=4, total=4, cached=4),
    Progress("clean", "end", done=4, total=4, cached=4),
    Progress("composite", "begin", done=1, total=4, cached=1),
    Progress("composite", "made", "s002", 2, 4, 1, 0.5),
]


def drawn(width: int, progress: list[Progress]) -> str:
    """Return the last picture that a terminal of this width shows."""
    console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None, legacy_windows=False)
    bars = ProgressBars(console)
    for said in progress:
        bars(said)
    bars.stop()
    file = console.file
    assert isinstance(file, io.StringIO)
    text = re.sub(r"\x1b\[\?25[lh]", "", file.getvalue())
    return re.split(r"(?:\r?\x1b\[2K|\x1b\[1A)+", text)[-1]


@pytest.mark.parametrize("width", [80, 120])
def test_every_stage_has_one_line_and_its_columns_stand_in_line(width: int) -> None:
    rows = [line.rstrip() for line in drawn(width, ROUND).splitlines() if "/" in line]
    assert [re.split(r"\s{2,}|━", row[2:])[0].strip() for row in rows] == [
        "opening pages", "cutting panels out", "filming shots",
    ]  # fmt: skip
    assert all(len(row) <= width for row in rows)
    assert len({row.index("/") for row in rows}) == 1
    assert "2/2" in rows[0]
    assert "1 failed" in rows[0]
    assert "stood already" in rows[1]
    assert "2/4" in rows[2]
    assert "left" in rows[2]
    assert rows[2].endswith("s002")


def test_a_long_name_does_not_break_its_line() -> None:
    long = [ROUND[0], Progress("ingest", "made", "a/very/long/" * 20, 1, 2)]
    assert len([line for line in drawn(80, long).splitlines() if line.strip()]) == 1


def test_a_stage_that_comes_round_again_stays_in_its_line() -> None:
    again = [*ROUND, Progress("composite", "end", done=4, total=4, cached=1)]
    again += [
        Progress("clean", "begin", done=4, total=4, cached=4),
        Progress("clean", "end", done=4, total=4, cached=4),
    ]
    again += [Progress("composite", "begin", done=3, total=4, cached=3), Progress("composite", "made", "s001", 4, 4, 3)]
    rows = [line for line in drawn(80, again).splitlines() if "/" in line]
    assert len(rows) == 3
    assert "stood already" in rows[1]
    assert "4/4" in rows[2]


def test_after_a_rest_it_draws_below() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with show_progress(console) as say:
        say(ROUND[0])
        say.stop()
        say(Progress("composite", "begin", done=0, total=4))
        say(Progress("composite", "end", done=4, total=4))


def test_a_log_gets_plain_lines_and_what_stands_already_is_not_worth_one() -> None:
    console = Console(file=io.StringIO(), width=40)
    with show_progress(console) as say:
        assert isinstance(say, PlainProgress)
        for said in ROUND:
            say(said)
    file = console.file
    assert isinstance(file, io.StringIO)
    assert file.getvalue().splitlines() == [
        "opening pages: 2 to do",
        "opening pages: FAILED 002[red].png: it is damaged",
        "opening pages: 2 of 2 done",
        "storyboard: 4 shots, 12 s, directed by rules",
        "filming shots: 3 to do, 1 stand already",
    ]


def test_paper_prints_what_stands_there_and_folds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_fact(PrintConsole(), "film", "/a/[bold]name[/]/" + "x" * 300 + ".mp4 :robot:", "red")
    assert capsys.readouterr().out == "film        /a/[bold]name[/]/" + "x" * 300 + ".mp4 :robot:\n"


def test_a_fault_is_printed_with_its_cure_or_a_hint_in_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    error = ProjectError("there is no shot 9", "see: main.py show shots PROJECT")
    print_error(PrintConsole(), error)
    print_error(PrintConsole(), error, "shots")
    fault = "error       there is no shot 9"
    cures = ["hint        see: main.py show shots PROJECT", "hint        shots"]
    assert capsys.readouterr().out.splitlines() == [fault, cures[0], fault, cures[1]]


def test_doubts_are_told_once_with_their_pages(capsys: pytest.CaptureFixture[str]) -> None:
    doubts = {f"{page:03d}.png": ["panels overlap", *(["no panel"] if page == 7 else [])] for page in range(1, 12)}
    print_doubts(PrintConsole(), doubts)
    many, one = capsys.readouterr().out.splitlines()
    assert many == (
        "look twice  panels overlap: 001.png 002.png 003.png 004.png 005.png 006.png 007.png 008.png and 3 more"
    )
    assert one == "look twice  no panel: 007.png"
