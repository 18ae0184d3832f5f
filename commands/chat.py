"""`chat`: a project and words in, the film as they want it out; one turn, or a conversation."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from agents import film, preview, talk
from agents.edits import which, words
from agents.outcome import Outcome
from agents.talk import Turn
from commands import show
from commands.animate import tell
from commands.terminal import Paper, fact, telling
from storage.errors import KomadoriError
from storage.library import Library
from storage.settings import Settings

MOST = 3
"""Shots that are shown beforehand after one turn."""
HISTORY = ".history"
AGAIN = "film"
HELP = f"""{{forms}}
  undo, undo 2, redo                    take back, do again
  shots, shot 7                         the list of shots; one of them
  {AGAIN}                                  film what has no film yet
  help, bye
The shots: {which.EXAMPLES}.
What was read is mended by the lines of: main.py fix --help"""


def run(command: argparse.Namespace) -> int:
    """Take one turn, or talk. Returns 0, or 3 when shots failed."""
    said = " ".join(command.message)
    if said:
        return _one(command, said)
    return _talk(command)


def _one(command: argparse.Namespace, said: str) -> int:
    if said.strip().lower() == "help":
        print(HELP.format(forms=words.catalogue()))
        return 0
    console = Paper(stderr=True)
    with telling(console) as say:
        turn = talk.hear(command.project, said, say=say)
    told(Paper(), turn)
    return _follow(command, console, turn.outcome)


def _follow(command: argparse.Namespace, console: Paper, outcome: Outcome | None) -> int:
    """Show what was changed, and film it, as far as it is wished for. Returns the exit status."""
    if outcome is None:
        return 0
    if command.preview and outcome.stale:
        with telling(console) as say:
            names = [name for name in outcome.changed if name in outcome.stale][:MOST]
            for name, place in preview.preview(command.project, names, say).items():
                fact(console, "preview", f"{place} (shot {which.shown(name)})", "bold green")
    if command.no_film:
        return 0
    with telling(console) as say:
        report = film.animate(command.project, _settings(command.project), film.Wishes(output=command.output), say)
    return tell(console, report)


def told(paper: Paper, turn: Turn) -> None:
    """Print what came of a turn: the words, what was done, what had to be bent, and what it costs."""
    if turn.said:
        paper.print(turn.said, soft_wrap=True)
    if turn.asked:
        fact(paper, "asked", turn.asked)
    if turn.outcome is None:
        return
    done(paper, turn.outcome, "done")


def done(paper: Paper, outcome: Outcome, word: str) -> None:
    """Print what was done, what had to be bent for it, and what is to be filmed."""
    for line in outcome.said:
        fact(paper, word, line, "bold green")
    for note in outcome.notes:
        fact(paper, "note", note, "yellow")
    fact(paper, "to film", outcome.price())


def _settings(project: Path) -> Settings:
    with Library.open(project, readonly=True) as library:
        return library.settings() or Settings()


def _talk(command: argparse.Namespace) -> int:
    paper, status = Paper(), 0
    with Library.open(command.project, readonly=True) as library:
        paper.lay(show.shots(library, paper.width))
    fact(paper, "say", "what to change, such as: shot 7 slower (help, undo, shots, bye)")
    with _typing(command.project):
        while (said := _heard(paper)) is not None:
            try:
                status = _answered(command, paper, said) or status
            except KomadoriError as error:
                fact(paper, "error", error.what, "bold red")
                fact(paper, "hint", error.hint, "yellow")
    return status


def _answered(command: argparse.Namespace, paper: Paper, said: str) -> int:
    """One turn of a conversation: a look, or a change that is shown at once and then filmed."""
    word = said.strip().lower()
    if word in ("help", "?"):
        print(HELP.format(forms=words.catalogue()))
    elif word == AGAIN:
        console = Paper(stderr=True)
        with telling(console) as say:
            return tell(console, film.animate(command.project, _settings(command.project), film.Wishes(), say))
    elif word in ("shots", "show") or word.replace("show ", "") in _names(command.project):
        with Library.open(command.project, readonly=True) as library:
            one = word.replace("show ", "")
            paper.lay(show.shots(library, paper.width) if word in ("shots", "show") else show.shot(library, one))
    else:
        with telling(Paper(stderr=True)) as say:
            turn = talk.hear(command.project, said, say=say)
        told(paper, turn)
        return _follow(command, Paper(stderr=True), turn.outcome)
    return 0


def _names(project: Path) -> set[str]:
    with Library.open(project, readonly=True) as library:
        return {f"shot {which.shown(plan.id)}" for plan in library.shots()}


def _heard(paper: Paper) -> str | None:
    """The next words; None when the person leaves."""
    try:
        said = input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None
    return None if said.strip().lower() in ("bye", "exit", "quit") else said or "help"


@contextlib.contextmanager
def _typing(project: Path) -> Iterator[None]:
    """Completion by Tab and a history that outlives the conversation, where somebody types."""
    if not sys.stdin.isatty():
        yield
        return
    try:
        import readline
    except ImportError:  # Windows has none
        yield
        return
    kept = project / HISTORY
    readline.set_completer_delims("")
    readline.set_completer(lambda begun, at: dict(enumerate(words.completions(begun))).get(at))
    readline.parse_and_bind("tab: complete")
    with contextlib.suppress(OSError):
        readline.read_history_file(kept)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            readline.write_history_file(kept)
