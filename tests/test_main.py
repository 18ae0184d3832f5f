"""Test the program entry: help, exit statuses, interruption, and closed pipes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from main import main
from storage.library import Library
from tests.program import HOUSE, command, program, refusal

pytestmark = pytest.mark.film


COMMANDS = (
    "chat",
    "undo",
    "redo",
    "takes",
    "run",
    "animate",
    "read",
    "storyboard",
    "retake",
    "show",
    "export",
    "doctor",
    "gc",
)
posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_80_columns_and_ends_well(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as end:
        main([*name.split(), "--help"])
    said = capsys.readouterr().out
    assert end.value.code == 0
    assert max(map(len, said.splitlines())) <= 80
    assert said.endswith("\n")
    assert all(f"  {command} " in said for command in ([] if name else COMMANDS))


def test_without_a_word_it_says_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "animate" in capsys.readouterr().out


def test_an_unknown_word_is_an_error_with_a_cure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["animat"]) == 2
    what, hint = refusal(capsys.readouterr().err)
    assert "animat" in what
    assert "--help" in hint


def test_the_program_itself_ends_with_the_status(tmp_path: Path) -> None:
    said = program("show", "project", tmp_path / "nowhere")
    assert said.returncode == 2
    assert refusal(said.stderr) == (
        f"{tmp_path / 'nowhere'} is not a project",
        "make one with: main.py animate SOURCE --project DIR",
    )


def test_what_a_stranger_put_into_a_name_stays_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a\nhint: b").mkdir()
    assert main(["show", "project", str(tmp_path / "a\nhint: b")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def listening(words: list[str]) -> list[str]:
    """Return a command that reacts to Ctrl-C: background jobs of a shell and their children ignore it."""
    program = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-c", program, *words]


@posix
@pytest.mark.parametrize("word", ["SIGINT", "SIGTERM"])
def test_interrupted_it_leaves_at_once_without_a_trace_and_the_same_command_finishes(
    word: str, finished: Path, tmp_path: Path
) -> None:
    words = [
        "animate", finished / "chapter", "--project", tmp_path / "book.komadori", "-o", tmp_path / "film.mp4",
        "--transcript", finished / "transcript.json", "--height", "480",
    ]  # fmt: skip
    process = subprocess.Popen(
        listening(command(*words)), cwd=HOUSE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(tmp_path / "book.komadori", stage="composite")
    if word == "SIGINT":  # Ctrl-C reaches everybody in the group, a system that stops a program only the program
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "interrupted: the same command goes on from here", said
    assert "Traceback" not in said
    assert not left_of(process.pid)
    with Library.open(tmp_path / "book.komadori") as library:
        stood = {event.facts["key"] for event in library.events(kinds={"made"})}
        takes = sum(len(library.takes(plan.id)) for plan in library.shots())
    assert takes < 8, "it went on to the end of its stage"
    assert not (tmp_path / "film.mp4").exists()
    if word == "SIGINT":
        again = program(*words)
        assert again.returncode == 0, again.stderr
        assert (tmp_path / "film.mp4").exists()
        with Library.open(tmp_path / "book.komadori", readonly=True) as library:
            keys = [event.facts["key"] for event in library.events(kinds={"made"})]
        assert stood < set(keys)
        assert len(keys) == len(set(keys)), "something was made twice"


@posix
def test_what_was_told_not_to_listen_goes_on_not_listening() -> None:
    words = "import signal, main; signal.signal(signal.SIGHUP, signal.SIG_IGN); main.prepare_process(); "
    words += "print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, signal.getsignal(signal.SIGTERM) is main._stop)"
    said = subprocess.run([sys.executable, "-c", words], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "True"]


def wait_for(project: Path, stage: str) -> None:
    """Wait until the stage has begun in a project that another process works on."""
    for _ in range(1200):
        time.sleep(0.05)
        try:
            with Library.open(project, readonly=True) as library:
                if any(event.stage == stage for event in library.events()):
                    return
        except Exception:  # it is just being made
            continue
    raise AssertionError(f"{stage} never began")


def left_of(group: int) -> list[str]:
    """Return processes of the group that still run after half a second; ffmpeg may still be closing its file."""
    if shutil.which("ps") is None:
        return []
    time.sleep(0.5)
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [args for pgid, state, args in rows if int(pgid) == group and not state.startswith("Z")]


@posix
@pytest.mark.parametrize("words", ["storyboard", "show shots"])
def test_a_reader_that_leaves_early_is_no_error(words: str, finished: Path) -> None:
    asked = command(*words.split(), finished / "chapter.komadori")
    process = subprocess.Popen(asked, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 0


def test_a_film_is_finished_though_nobody_listens_to_its_progress(filmed: Path) -> None:
    words = ["animate", filmed / "chapter", "--project", filmed / "chapter.komadori", "-o", filmed / "again.mp4"]
    process = subprocess.Popen(command(*words), cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr
    process.stderr.close()
    assert process.wait(120) == 0
    assert (filmed / "again.mp4").read_bytes() == (filmed / "film.mp4").read_bytes()


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'langgraph', 'cv2', 'numpy', 'moviepy', 'rapidocr', 'torch', 'sqlmodel', 'openai', 'rich', 'pydantic'}"
    program = f"""
import sys, contextlib
sys.argv = ['main.py', '--help']
with contextlib.suppress(SystemExit):
    import main; main.main()
print('HEAVY', sorted({heavy} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("HEAVY []"), done.stdout.splitlines()[-1]
