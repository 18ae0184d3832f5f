"""The `chat` command: revise a film with one message, or in a conversation."""

from __future__ import annotations

import argparse
import contextlib
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from agents.conversation import turn as chat_turn
from agents.conversation.turn import ChatTurn
from agents.editing import grammar, preview, selectors
from agents.editing.revision_report import RevisionReport
from commands import show
from commands.animate import film_project
from commands.output import take_strips
from commands.output.chat_screen import ChatScreen
from commands.output.interrupt import StoppedError, interruptible
from commands.output.terminal import PrintConsole, ProgressPrinter, print_error, print_fact, show_progress
from storage.errors import KomadoriError, SettingsError
from storage.library import Library

Listen = Callable[[], AbstractContextManager[ProgressPrinter]]
MOST = 3
"""Shots that are shown beforehand after one turn."""
PATIENCE = 20
"""Seconds of filming from which a conversation shows changed shots beforehand, asked or not."""
HISTORY = ".history"
REMEMBERED = 1000
"""Lines of the history."""
AGAIN = "film"
LOOK = re.compile(rf"(?:(?:show|look at|see) )?(?:me )?(?:shot #?)({selectors.NUMBER})\??")
OTHERWISE = (
    ("undo, undo 2, redo", "take back, do again"),
    ("shots, shot 7", "all of them with the reasons; all about one"),
    (AGAIN, "film what has no film yet; Ctrl-C stops it"),
    ("help, bye", ""),
)
"""What else can be said in a conversation."""


def run(command: argparse.Namespace) -> int:
    """Apply one message, or hold a conversation where none is given. Return 0, or 3 when shots failed."""
    said = " ".join(command.message)
    if said:
        return _one(command, said)
    if command.dry_run:
        raise SettingsError(
            "--dry-run foretells what you say", "say it: main.py chat PROJECT 'shot 7 slower' --dry-run"
        )
    return _talk(command)


def _one(command: argparse.Namespace, said: str) -> int:
    if said.strip().lower() == "help":
        print(_help())
        return 0
    console = PrintConsole(stderr=True)
    with show_progress(console) as say:
        turn = chat_turn.take_turn(command.project, said, say=say, only_foretell=command.dry_run)
    print_turn(PrintConsole(), turn, "would be" if command.dry_run else "done")
    if command.dry_run:
        return 0
    return _follow(command, console, turn.outcome, lambda: show_progress(console), beforehand=command.preview)


def _follow(
    command: argparse.Namespace,
    paper: PrintConsole,
    outcome: RevisionReport | None,
    listen: Listen,
    *,
    beforehand: bool,
) -> int:
    """Film the changed shots unless --no-film is given, after a preview with `beforehand`. Return the exit status."""
    if outcome is None:
        return 0
    if beforehand and outcome.stale:
        with listen() as say:
            names = [name for name in outcome.changed if name in outcome.stale][:MOST]
            for name, place in preview.render_preview(command.project, names, say).items():
                print_fact(paper, "preview", f"{place} (shot {selectors.short_name(name)})", "bold green")
    return 0 if command.no_film else _filmed(command, paper, listen)


def _filmed(command: argparse.Namespace, paper: PrintConsole, listen: Listen) -> int:
    return film_project(command.project, command.output, paper, listen(), brief=not command.message)


def print_turn(paper: PrintConsole, turn: ChatTurn, word: str = "done") -> None:
    """Print the result of a turn: the answer, the changes, the adjustments they needed, and the cost."""
    if turn.said:
        paper.print(turn.said, soft_wrap=True)
    for way, steps in (("undone", turn.back), ("done again", turn.forth)):
        for line in steps:
            print_fact(paper, way, line, "bold green")
    if turn.outcome is not None:
        print_changes(paper, turn.outcome, word)
    if turn.asked:
        print_fact(paper, "asked", turn.asked, "dim")


def print_changes(paper: PrintConsole, outcome: RevisionReport, word: str) -> None:
    """Print the changes, the adjustments they needed, and the price of filming them."""
    for line in outcome.said:
        print_fact(paper, word, line, "bold green")
    for note in outcome.notes:
        print_fact(paper, "note", note, "yellow")
    print_fact(paper, "price", outcome.price())


def _help() -> str:
    wide = max(len(form.example) for form in grammar.FORMS) + 2
    return "\n".join([
        grammar.catalogue(),
        *(f"  {said:<{wide}}{about}".rstrip() for said, about in OTHERWISE),
        f"The shots: {selectors.EXAMPLES}.",
        "What was read is mended by the lines of: main.py fix --help",
    ])  # fmt: skip


def _talk(command: argparse.Namespace) -> int:
    with Library.open(command.project, readonly=True) as library:
        transcript = library.transcript()
        names = [one.name for one in transcript.cast] if transcript else []
    status = 0
    with ChatScreen(command.project) as desk, _typing(command.project, names):
        print_fact(desk.page, "say", "what to change, such as: shot 7 slower (help, undo, shots, bye)")
        if not desk.live:
            with Library.open(command.project, readonly=True) as library:
                desk.page.lay(show.shots(library, desk.page.width))
        desk.show()
        while (said := _heard()) is not None:
            if not said.strip():
                desk.show()
                continue
            desk.hear(said)
            status = _turn(command, desk, said) or status
    return status


def _turn(command: argparse.Namespace, desk: ChatScreen, said: str) -> int:
    """Answer one message and print any error. Return the exit status."""
    meant: Sequence[str] = ()
    status = 0
    try:
        with interruptible():
            status, meant = _answered(command, desk, said)
    except KomadoriError as error:
        print_error(desk.page, error, _here(error.hint, command.project))
    except StoppedError:
        print_fact(
            desk.page, "stopped", f"what was filmed is kept; {AGAIN} goes on, undo takes the change back", "yellow"
        )
    desk.show(meant)
    return status


def _answered(command: argparse.Namespace, desk: ChatScreen, said: str) -> tuple[int, Sequence[str]]:
    """Show something, or apply a change and film it. Return the exit status and the ids of the shots concerned."""
    word, paper = said.strip().lower(), desk.page
    one = LOOK.fullmatch(word)
    if word in ("help", "?"):
        paper.print(_help(), soft_wrap=True)
    elif word == AGAIN:
        return _filmed(command, paper, desk.telling), ()
    elif word in ("shots", "show"):
        with Library.open(command.project, readonly=True) as library:
            paper.lay(show.shots(library, paper.width))
    elif one:
        with Library.open(command.project, readonly=True) as library:
            paper.lay(show.shot(library, one[1]))
        return 0, [selectors.full_name(one[1])] if desk.wide else ()
    else:
        return _changed(command, desk, said)
    return 0, ()


def _changed(command: argparse.Namespace, desk: ChatScreen, said: str) -> tuple[int, Sequence[str]]:
    with desk.telling() as say:
        turn = chat_turn.take_turn(command.project, said, say=say)
    print_turn(desk.page, turn)
    outcome = turn.outcome
    if outcome is None:
        return 0, ()
    desk.show(outcome.changed, working=True)
    beforehand = command.preview or outcome.seconds >= PATIENCE
    status = _follow(command, desk.page, outcome, desk.telling, beforehand=beforehand)
    if outcome.stale and not command.no_film:
        with Library.open(command.project, readonly=True) as library:
            place = take_strips.before_and_after(library, outcome.changed)
        if place:
            print_fact(desk.page, "pictures", f"{place}")
    return status, outcome.changed


def _here(hint: str, project: Path) -> str:
    """Rewrite a hint for use within the conversation."""
    hint = hint.replace(grammar.HELP, "help").replace("main.py show shots PROJECT", "shots")
    return re.sub(r"\bPROJECT\b", shlex.quote(str(project)), hint)


def _heard() -> str | None:
    """Read the next message from standard input; None when the person leaves."""
    try:
        said = input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None
    return None if said.strip().lower() in ("bye", "exit", "quit") else said


@contextlib.contextmanager
def _typing(project: Path, names: Sequence[str]) -> Iterator[None]:
    """Offer completion by Tab and a history kept in the project, where the input is a terminal."""
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
    readline.set_completer(lambda begun, at: dict(enumerate(grammar.complete_line(begun, names))).get(at))
    libedit = "libedit" in (readline.__doc__ or "")  # as Python on a Mac has it
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    readline.set_history_length(REMEMBERED)
    with contextlib.suppress(OSError):
        readline.read_history_file(kept)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            readline.write_history_file(kept)
