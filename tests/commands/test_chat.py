"""Test `chat` as a person types it: one message, a conversation, with and without filming, and its help."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
from pathlib import Path

import pytest

from agents.editing import grammar, selectors
from agents.editing.forms import FORMS
from commands.chat import run
from commands.cli.help_texts import CHAT
from main import main
from storage.errors import SettingsError
from storage.library import Library
from tests.program import HOUSE, program, refusal

pytestmark = pytest.mark.film


def seconds(folder: Path, name: str) -> float:
    with Library.open(folder, readonly=True) as library:
        return library.shot(name).seconds


def test_one_turn_changes_the_plan_says_the_price_and_films(filmed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = filmed / "chapter.komadori", filmed / "new.mp4"
    before = seconds(folder, "s003")
    assert main(["chat", str(folder), "shot 3 slower", "--preview", "-o", str(out)]) == 0
    said = capsys.readouterr()
    assert "done        shot 3 slower" in said.out
    assert "price       shot 3 to film: " in said.out
    assert "preview     " in said.err
    assert out.exists()
    assert seconds(folder, "s003") > before


def test_what_it_would_cost_is_said_before_and_nothing_is_changed(
    filmed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = filmed / "chapter.komadori"
    before = seconds(folder, "s003")
    assert main(["chat", str(folder), "shot 3 slower; shot 2 drop", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "would be    shot 3 slower" in said
    assert "price       shot 3 to film: " in said
    with Library.open(folder, readonly=True) as library:
        assert len(library.revisions()) == 1
        assert not library.messages()
    assert seconds(folder, "s003") == before
    for words_, what in (([], "--dry-run needs a message"), (["undo"], "have no preview")):
        with pytest.raises(SettingsError, match=what):
            run(argparse.Namespace(project=folder, message=words_, dry_run=True))


def test_words_without_quotes_are_one_message(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    assert main(["chat", str(folder), "shot", "3", "seconds", "5", "--no-film"]) == 0
    assert seconds(folder, "s003") == 5


def test_a_conversation_looks_changes_and_goes_on_after_an_error(
    filmed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = filmed / "chapter.komadori"
    typed = "shots\nshow me shot 3\nshot 3 seconds 6\nnonsense\nundo\nredo\nredo\nundo\nhelp\nbye\nshot 3 seconds 9\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    before = seconds(folder, "s003")
    assert main(["chat", str(folder), "--no-film"]) == 0
    said = capsys.readouterr().out
    assert "3 (s003), on page 1" in said
    assert "error       this is no edit: nonsense" in said
    assert "undone      shot 3 seconds 6" in said
    assert "done        shot 3 seconds 6" in said
    assert f"main.py show revisions {folder}\n" in said
    assert "(all forms: help)" in said
    assert "shots 3-6 drop" in said
    assert seconds(folder, "s003") == before


def test_a_word_that_means_nothing_is_refused_with_its_cure(filmed: Path) -> None:
    said = program("chat", filmed / "chapter.komadori", "make it nicer")
    assert said.returncode == 2
    what, hint = refusal(said.stderr)
    assert what == "this is no edit: make it nicer"
    assert "chat --help" in hint


def test_the_help_shows_lines_that_are_understood() -> None:
    lines = [line.strip().partition("  ")[0] for line in CHAT.splitlines() if line.startswith("  ") and line[2] != " "]
    known = [line for line in lines if not line.startswith("undo")]
    assert len(known) > 12
    for line in known:
        grammar.parse_line(line.partition(";")[0])
    assert str(selectors.ShotSelector(kind="close-up")) in selectors.EXAMPLES
    otherwise = {"frame", "move", "transition", "backend", "read", "painted"}  # which begin with another word
    assert not [verb for form in FORMS if (verb := form.do.partition(" ")[0]) not in CHAT and verb not in otherwise]


def test_while_somebody_works_on_a_project_another_may_look_and_is_told_who_it_is(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    held = f"from pathlib import Path; from storage.library import Library; mine = Library.open(Path({str(folder)!r}))"
    words = [sys.executable, "-c", f"{held}; print('held', flush=True); import time; time.sleep(60)"]
    with subprocess.Popen(words, cwd=HOUSE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        try:
            what, hint = refusal(program("chat", folder, "shot 3 slower").stderr)
            assert f"in use: process {other.pid} works on it since" in what
            assert hint == "wait until it has finished, or stop it first"
            assert "s003" in program("show", "shots", folder).stdout
        finally:
            other.kill()
