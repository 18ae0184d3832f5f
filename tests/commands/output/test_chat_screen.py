"""Test a conversation at a terminal: the shots stand beside the text, below it, or not at all."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from commands.output.chat_screen import ChatScreen
from commands.output.terminal import PrintConsole, print_fact
from storage.errors import ProjectError
from tests.program import HOUSE, command

LONG = "/a/very/long/path/" * 8 + "film.mp4"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
CLEAR, APART, BACK = "\x1b[2J", "\x1b[?1049h", "\x1b[?1049l"


class Screen(PrintConsole):
    """A terminal of a given size that records what is sent to it."""

    def __init__(self, width: int, height: int, *, there: bool = True) -> None:
        Console.__init__(
            self, file=io.StringIO(), force_terminal=there, width=width, height=height, legacy_windows=False,
            highlight=False, markup=False, emoji=False, color_system=None,
        )  # fmt: skip

    @property
    def sent(self) -> str:
        assert isinstance(self.file, io.StringIO)
        return self.file.getvalue()

    @property
    def rows(self) -> list[str]:
        """Return what stands on the screen since it was last cleared."""
        return ESCAPES.sub("", self.sent.rpartition(CLEAR)[2]).splitlines()


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("width", [100, 120, 200])
def test_on_a_wide_terminal_the_shots_stand_beside_what_is_said(finished: Path, width: int) -> None:
    screen = Screen(width, 20)
    with ChatScreen(finished / "chapter.komadori", screen) as chat:
        chat.add_message("shot 3 slower")
        print_fact(chat.output, "film", LONG)
        chat.show(["s003"])
        rows = screen.rows
        assert len(rows) == 19
        assert {row.index("│") for row in rows} == {rows[0].index("│")}
        assert all(cell_len(row) <= width for row in rows)
        said, listed = (
            [part.strip() for part in parts] for parts in zip(*(row.split("│") for row in rows), strict=True)
        )
        assert said[-2:] != ["", ""]
        assert "> shot 3 slower" in said
        assert LONG in "".join(said).replace(" ", "")
        assert listed[0].split()[:6] == ["shot", "page", "s", "camera", "state"][:5] + ["says"] * (width == 200)
        assert [row.split()[1] for row in listed if row.startswith("›")] == ["3"]
        assert ("hello there" in rows[1]) is (width == 200)
        assert listed[9].startswith("8 shots, 0:")
    assert screen.sent.count(APART) == screen.sent.count(BACK) == 1
    assert LONG in screen.sent.rpartition(BACK)[2]


@pytest.mark.usefixtures("somebody")
def test_on_a_narrow_terminal_the_shots_that_changed_stand_below_what_is_said(finished: Path) -> None:
    screen = Screen(80, 24)
    with ChatScreen(finished / "chapter.komadori", screen) as chat:
        before = len(screen.rows)
        assert before == 10
        chat.add_message("shots 2-3 slower")
        print_fact(chat.output, "note", "many words " * 12)
        print_fact(chat.output, "film", LONG)
        chat.show(["s002", "s003"])
        rows = screen.rows[before:]
        assert [row[:12] for row in rows[:3]] == ["note        ", " " * 12, "film        "]
        assert rows[2].endswith(LONG)
        assert [row.split()[0] for row in rows[3:]] == ["shot", "2", "3"]
        assert all(len(row) <= 80 for row in rows if LONG not in row)
    assert APART not in screen.sent
    assert CLEAR not in screen.sent


@pytest.mark.usefixtures("somebody")
def test_on_a_narrow_terminal_an_answer_that_changed_nothing_costs_no_look_at_the_project(filmed: Path) -> None:
    screen, project = Screen(80, 20), filmed / "chapter.komadori"
    with ChatScreen(project, screen) as chat:
        project.rename(filmed / "elsewhere")
        print_fact(chat.output, "note", "nothing changed")
        chat.show()
        chat.show(["s003"], is_working=True)
        assert "nothing changed" in screen.rows[-1]
        with pytest.raises(ProjectError):
            chat.show(["s003"])


def test_where_nobody_looks_there_are_plain_lines(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody, piped = Screen(200, 50, there=False), Screen(200, 50)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for screen in (nobody, piped):
        with ChatScreen(finished / "chapter.komadori", screen) as chat:
            chat.add_message("shot 3 slower")
            print_fact(chat.output, "film", LONG)
            chat.show(["s003"])
        assert ESCAPES.sub("", screen.sent) == f"film        {LONG}\n"


@pytest.mark.usefixtures("somebody")
def test_an_answer_longer_than_the_screen_is_leafed_through(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen, leaves = Screen(120, 20), list[str]()
    monkeypatch.setattr("builtins.input", lambda prompt: leaves.append("\n".join(screen.rows)))
    with ChatScreen(finished / "chapter.komadori", screen) as chat:
        for number in range(45):
            chat.output.print(f"line {number}")
        chat.show()
        leaves.append("\n".join(screen.rows))
    assert ["line 0 " in leaf for leaf in leaves] == [True, False, False]
    assert ["line 20 " in leaf for leaf in leaves] == [False, True, False]
    assert "line 44 " in leaves[-1]


@pytest.mark.usefixtures("somebody")
def test_a_terminal_that_is_made_narrow_and_wide_again_shows_all_that_was_said(finished: Path) -> None:
    screen = Screen(120, 20)
    with ChatScreen(finished / "chapter.komadori", screen) as chat:
        print_fact(chat.output, "one", "first")
        chat.show()
        screen.width = 80
        print_fact(chat.output, "two", "second")
        chat.show()
        assert screen.rows[-2:] == ["one         first", "two         second"]
        screen.width = 120
        chat.show()
        assert [row.split("│")[0].split() for row in screen.rows[-2:]] == [["one", "first"], ["two", "second"]]


def test_a_person_at_a_terminal_talks_leaves_and_finds_the_words_again(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    with At(130, 24, "chat", folder, "--no-film") as terminal:
        assert "8 shots" in terminal.says("")
        assert re.search(r"› +3 +1 .* to film", terminal.says("shot 3 slo\t\r"))
        assert "undone      shot 3 slower" in terminal.says("undo\r")
        assert "error       this is no edit: sing" in terminal.says("sing\r")
        last = terminal.says("bye\r", until=BACK).rpartition(BACK)[2] + terminal.rest()
    assert terminal.program.returncode == 0
    assert re.findall(r"^> (.*?)\s*$", ESCAPES.sub("", last), re.MULTILINE) == ["shot 3 slower", "undo", "sing"]
    kept = [line for line in (folder / ".history").read_text().splitlines() if not line.startswith("_HiStOrY")]
    assert kept == ["shot 3 slower", "undo", "sing", "bye"]


class At:
    """The program at a real terminal of a given size."""

    def __init__(self, width: int, height: int, *words: object) -> None:
        self._mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.program = subprocess.Popen(
            command(*words), cwd=HOUSE, stdin=theirs, stdout=theirs, stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color"}, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> At:
        return self

    def __exit__(self, *ignored: object) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self._mine)

    def says(self, typed: str, until: str = "\n> ") -> str:
        """Type a line and return the screen once the program waits for input again."""
        os.write(self._mine, typed.encode())
        said = ""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            said += self._heard(0.2)
            shown = said if until == BACK else ESCAPES.sub("", said.rpartition(CLEAR)[2]).replace("\r", "")
            if until in shown and (until == BACK or shown.endswith(until)):
                return shown
        raise AssertionError(f"it did not answer {typed!r}: {said}")

    def rest(self) -> str:
        """Return the output until the program ends."""
        said = ""
        while self.program.poll() is None:
            said += self._heard(0.1)
        return said + self._heard(0.1)

    def _heard(self, seconds: float) -> str:
        if not select.select([self._mine], [], [], seconds)[0]:
            return ""
        try:
            return os.read(self._mine, 65536).decode(errors="replace")
        except OSError:  # it has left
            return ""
