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
MAX_PREVIEWS = 3
"""Shots that are shown beforehand after one turn."""
PREVIEW_FROM_SECONDS = 20
"""Seconds of filming from which a conversation shows changed shots beforehand, asked or not."""
HISTORY_FILE = ".history"
MAX_HISTORY_LINES = 1000
"""Lines of the history."""
FILM_COMMAND = "film"
SHOW_SHOT = re.compile(rf"(?:(?:show|look at|see) )?(?:me )?(?:shot #?)({selectors.NUMBER})\??")
CONVERSATION_COMMANDS = (
    ("undo, undo 2, redo", "take back, do again"),
    ("shots, shot 7", "all of them with the reasons; all about one"),
    (FILM_COMMAND, "film what has no film yet; Ctrl-C stops it"),
    ("help, bye", ""),
)
"""What else can be said in a conversation."""


def run(command: argparse.Namespace) -> int:
    """Apply one message, or hold a conversation where none is given. Return 0, or 3 when shots failed."""
    said = " ".join(command.message)
    if said:
        return _run_message(command, said)
    if command.dry_run:
        raise SettingsError(
            "--dry-run foretells what you say", "say it: main.py chat PROJECT 'shot 7 slower' --dry-run"
        )
    return _run_conversation(command)


def _run_message(command: argparse.Namespace, said: str) -> int:
    if said.strip().lower() == "help":
        print(_help_text())
        return 0
    console = PrintConsole(stderr=True)
    with show_progress(console) as say:
        turn = chat_turn.take_turn(command.project, said, say=say, only_foretell=command.dry_run)
    print_turn(PrintConsole(), turn, "would be" if command.dry_run else "done")
    if command.dry_run:
        return 0
    return _film_changes(command, console, turn.outcome, lambda: show_progress(console), beforehand=command.preview)


def _film_changes(
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
            names = [name for name in outcome.changed if name in outcome.stale][:MAX_PREVIEWS]
            for name, place in preview.render_preview(command.project, names, say).items():
                print_fact(paper, "preview", f"{place} (shot {selectors.short_name(name)})", "bold green")
    return 0 if command.no_film else _film(command, paper, listen)


def _film(command: argparse.Namespace, paper: PrintConsole, listen: Listen) -> int:
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


def _help_text() -> str:
    width = max(len(form.example) for form in grammar.FORMS) + 2
    return "\n".join([
        grammar.catalogue(),
        *(f"  {said:<{width}}{about}".rstrip() for said, about in CONVERSATION_COMMANDS),
        f"The shots: {selectors.EXAMPLES}.",
        "What was read is mended by the lines of: main.py fix --help",
    ])  # fmt: skip


def _run_conversation(command: argparse.Namespace) -> int:
    with Library.open(command.project, readonly=True) as library:
        transcript = library.transcript()
        names = [one.name for one in transcript.cast] if transcript else []
    status = 0
    with ChatScreen(command.project) as screen, _line_editing(command.project, names):
        print_fact(screen.page, "say", "what to change, such as: shot 7 slower (help, undo, shots, bye)")
        if not screen.live:
            with Library.open(command.project, readonly=True) as library:
                screen.page.lay(show.shots(library, screen.page.width))
        screen.show()
        while (said := _read_message()) is not None:
            if not said.strip():
                screen.show()
                continue
            screen.hear(said)
            status = _run_turn(command, screen, said) or status
    return status


def _run_turn(command: argparse.Namespace, screen: ChatScreen, said: str) -> int:
    """Answer one message and print any error. Return the exit status."""
    meant: Sequence[str] = ()
    status = 0
    try:
        with interruptible():
            status, meant = _answer(command, screen, said)
    except KomadoriError as error:
        print_error(screen.page, error, _localize_hint(error.hint, command.project))
    except StoppedError:
        print_fact(
            screen.page,
            "stopped",
            f"what was filmed is kept; {FILM_COMMAND} goes on, undo takes the change back",
            "yellow",
        )
    screen.show(meant)
    return status


def _answer(command: argparse.Namespace, screen: ChatScreen, said: str) -> tuple[int, Sequence[str]]:
    """Show something, or apply a change and film it. Return the exit status and the ids of the shots concerned."""
    word, paper = said.strip().lower(), screen.page
    one = SHOW_SHOT.fullmatch(word)
    if word in ("help", "?"):
        paper.print(_help_text(), soft_wrap=True)
    elif word == FILM_COMMAND:
        return _film(command, paper, screen.telling), ()
    elif word in ("shots", "show"):
        with Library.open(command.project, readonly=True) as library:
            paper.lay(show.shots(library, paper.width))
    elif one:
        with Library.open(command.project, readonly=True) as library:
            paper.lay(show.shot(library, one[1]))
        return 0, [selectors.full_name(one[1])] if screen.wide else ()
    else:
        return _change(command, screen, said)
    return 0, ()


def _change(command: argparse.Namespace, screen: ChatScreen, said: str) -> tuple[int, Sequence[str]]:
    with screen.telling() as say:
        turn = chat_turn.take_turn(command.project, said, say=say)
    print_turn(screen.page, turn)
    outcome = turn.outcome
    if outcome is None:
        return 0, ()
    screen.show(outcome.changed, working=True)
    beforehand = command.preview or outcome.seconds >= PREVIEW_FROM_SECONDS
    status = _film_changes(command, screen.page, outcome, screen.telling, beforehand=beforehand)
    if outcome.stale and not command.no_film:
        with Library.open(command.project, readonly=True) as library:
            place = take_strips.before_and_after(library, outcome.changed)
        if place:
            print_fact(screen.page, "pictures", f"{place}")
    return status, outcome.changed


def _localize_hint(hint: str, project: Path) -> str:
    """Rewrite a hint for use within the conversation."""
    hint = hint.replace(grammar.HELP, "help").replace("main.py show shots PROJECT", "shots")
    return re.sub(r"\bPROJECT\b", shlex.quote(str(project)), hint)


def _read_message() -> str | None:
    """Read the next message from standard input; None when the person leaves."""
    try:
        said = input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None
    return None if said.strip().lower() in ("bye", "exit", "quit") else said


@contextlib.contextmanager
def _line_editing(project: Path, names: Sequence[str]) -> Iterator[None]:
    """Offer completion by Tab and a history kept in the project, where the input is a terminal."""
    if not sys.stdin.isatty():
        yield
        return
    try:
        import readline
    except ImportError:  # Windows has none
        yield
        return
    history = project / HISTORY_FILE
    readline.set_completer_delims("")
    readline.set_completer(lambda begun, at: dict(enumerate(grammar.complete_line(begun, names))).get(at))
    libedit = "libedit" in (readline.__doc__ or "")  # as Python on a Mac has it
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    readline.set_history_length(MAX_HISTORY_LINES)
    with contextlib.suppress(OSError):
        readline.read_history_file(history)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            readline.write_history_file(history)
