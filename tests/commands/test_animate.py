"""Test `animate`: its summary at the end, its question before filming, and its estimate."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from main import main
from tests.program import HOUSE, command, print_of

Said = pytest.CaptureFixture[str]


def test_the_end_sums_up_the_film_last_in_plain_lines(filmed: Path, capfd: Said) -> None:
    words = ["animate", str(filmed / "chapter"), "--project", str(filmed / "chapter.komadori")]
    assert main([*words, "-o", str(filmed / "again")]) == 0
    said = capfd.readouterr()
    assert said.out == ""
    film, subtitles, length = said.err.splitlines()[-3:]
    assert film == f"film        {filmed / 'again.mp4'}"
    assert subtitles == f"subtitles   {filmed / 'again.srt'}"
    assert re.fullmatch(r" {12}0:\d\d min, 8 shots of 8 panels on 2 pages, directed by rules", length)
    assert "\x1b" not in said.err


def test_a_dry_run_makes_nothing(finished: Path, tmp_path: Path, capfd: Said) -> None:
    before = print_of(finished)
    for project, word in ((tmp_path / "new.komadori", "(new)"), (finished / "chapter.komadori", "8 of them stand")):
        words = [
            "animate",
            str(finished / "chapter"),
            "--project",
            str(project),
            "-o",
            str(tmp_path / "a" / "film.mp4"),
        ]
        assert main([*words, "--dry-run"]) == 0
        said = capfd.readouterr().out
        assert word in said
        assert "money     none" in said
    assert print_of(finished) == before
    assert not list(tmp_path.iterdir())


def test_without_a_person_it_waits_with_the_way_to_look_and_to_go_on(filmed: Path, capfd: Said) -> None:
    words = ["animate", str(filmed / "chapter"), "--project", str(filmed / "chapter.komadori"), "--approve"]
    assert main(words) == 0
    said = capfd.readouterr().err.splitlines()
    assert said[-3].startswith("waiting     8 shots wait for approval")
    assert "storyboard" in said[-2]
    assert "without --approve" in said[-1]


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_at_a_terminal_is_asked_and_sees_bars(answer: str, filmed: Path) -> None:
    words = ["animate", filmed / "chapter", "--project", filmed / "chapter.komadori", "-o", filmed / "film.mp4"]
    mine, theirs = os.openpty()
    process = subprocess.Popen(
        command(*words, "--approve", "--fps", "13"), cwd=HOUSE, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )  # fmt: skip
    os.close(theirs)
    before, said, answered = (filmed / "film.mp4").read_bytes(), b"", False
    while True:
        try:
            told = os.read(mine, 65536)
        except OSError:  # the other end is closed
            break
        said += told
        if not answered and b"[y/N]" in said:
            answered = True
            os.write(mine, f"{answer}\n".encode())
    os.close(mine)
    assert process.wait(60) == 0, said.decode()
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
    assert "film these 8 shots?" in text
    assert ("filming shots" in text) == (answer == "y")
    assert ("8/8" in text) == (answer == "y")
    assert ("wait for approval" in text) == (answer == "n")
    assert ((filmed / "film.mp4").read_bytes() != before) == (answer == "y")
