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
from agents.conversation.actions import ChatTurn
from agents.editing import grammar, preview, selectors
from agents.editing.forms import FORMS
from agents.editing.revision_report import RevisionReport
from commands import show
from commands.animate import film_project
from commands.output import take_strips
from commands.output.chat_screen import ChatScreen
from commands.output.interrupt import StoppedError, interruptible
from commands.output.terminal import PrintConsole, ProgressPrinter, print_error, print_fact, show_progress
from storage.errors import KomadoriError, SettingsError
from storage.library import Library

OpenProgress = Callable[[], AbstractContextManager[ProgressPrinter]]
MAX_PREVIEWS = 3
"""Shots that are previewed after one turn."""
PREVIEW_FROM_SECONDS = 20
"""Seconds of filming from which a conversation previews changed shots, even without --preview."""
HISTORY_FILE = ".history"
MAX_HISTORY_LINES = 1000
"""Lines of the history."""
FILM_COMMAND = "film"
CONVERSATION_COMMANDS = (
    ("undo, undo 2, redo", "step back and forward through the changes"),
    ("shots, shot 7", "all shots with their reasons; one shot in detail"),
    ("what is shot 7? why? how long is the film?", "questions about it"),
    ("1, again, never mind", "choose a proposal; repeat the last change; take it back, or drop the proposals"),
    (FILM_COMMAND, "film what has no film yet; Ctrl-C stops it"),
    ("help, bye", ""),
)
"""Commands of a conversation beside the edits."""


def run(command: argparse.Namespace) -> int:
    """Apply one message, or hold a conversation where none is given. Return 0, or 3 when shots failed."""
    message = " ".join(command.message)
    if message:
        return _run_message(command, message)
    if command.dry_run:
        raise SettingsError("--dry-run needs a message", "give it one: main.py chat PROJECT 'shot 7 slower' --dry-run")
    return _run_conversation(command)


def _run_message(command: argparse.Namespace, message: str) -> int:
    if message.strip().lower() == "help":
        print(_help_text())
        return 0
    console = PrintConsole(stderr=True)
    with show_progress(console) as say:
        turn = chat_turn.take_turn(command.project, message, say=say, dry_run=command.dry_run)
    print_turn(PrintConsole(), turn, "would be" if command.dry_run else "done")
    _print_shots(PrintConsole(), command.project, turn.shown_shots, with_pictures=not command.dry_run)
    if command.dry_run:
        return 0
    return _film_changes(command, console, turn.report, lambda: show_progress(console), with_preview=command.preview)


def _film_changes(
    command: argparse.Namespace,
    console: PrintConsole,
    report: RevisionReport | None,
    open_progress: OpenProgress,
    *,
    with_preview: bool,
) -> int:
    """Film the changed shots unless --no-film is given, after a preview with `with_preview`. Return the exit status."""
    if report is None:
        return 0
    if with_preview and report.stale:
        with open_progress() as say:
            names = [name for name in report.changed if name in report.stale][:MAX_PREVIEWS]
            for name, place in preview.render_preview(command.project, names, say).items():
                print_fact(console, "preview", f"{place} (shot {selectors.short_name(name)})", "bold green")
    return 0 if command.no_film else _film(command, console, open_progress)


def _film(command: argparse.Namespace, console: PrintConsole, open_progress: OpenProgress) -> int:
    return film_project(command.project, command.output, console, open_progress(), brief=not command.message)


def print_turn(console: PrintConsole, turn: ChatTurn, word: str = "done") -> None:
    """Print the result of a turn: the answer, the changes, the adjustments they needed, and the cost."""
    if turn.reply:
        console.print(turn.reply, soft_wrap=True)
    for number, line in enumerate(turn.proposals, start=1):
        print_fact(console, str(number), line, "bold cyan")
    for name, steps in (("undone", turn.undone), ("done again", turn.redone)):
        for line in steps:
            print_fact(console, name, line, "bold green")
    if turn.report is not None:
        print_changes(console, turn.report, word)
    if turn.model_usage:
        print_fact(console, "asked", turn.model_usage, "dim")


def _print_shots(console: PrintConsole, project: Path, shot_ids: Sequence[str], *, with_pictures: bool = True) -> None:
    """Print tables of shots, and where a picture of their takes is."""
    if not shot_ids:
        return
    with Library.open(project, readonly=True) as library:
        for shot_id in shot_ids:
            console.print_table(show.shot(library, shot_id))
        if with_pictures:
            _print_pictures(console, library, shot_ids)


def _print_pictures(console: PrintConsole, library: Library, shot_ids: Sequence[str]) -> None:
    """Print where a picture of the shots is, each take below the take before it; nothing where there is no take."""
    if place := take_strips.before_and_after(library, shot_ids):
        print_fact(console, "pictures", f"{place}")


def print_changes(console: PrintConsole, report: RevisionReport, word: str) -> None:
    """Print the changes, the adjustments they needed, and the price of filming them."""
    for line in report.summary:
        print_fact(console, word, line, "bold green")
    for note in report.notes:
        print_fact(console, "note", note, "yellow")
    print_fact(console, "price", report.price())


def _help_text() -> str:
    width = max(len(form.example) for form in FORMS) + 2
    return "\n".join([
        grammar.catalogue(),
        *(f"  {line:<{width}}{about}".rstrip() for line, about in CONVERSATION_COMMANDS),
        f"The shots: {selectors.EXAMPLES}.",
        "What was read is corrected by the lines of: main.py fix --help",
    ])  # fmt: skip


def _run_conversation(command: argparse.Namespace) -> int:
    with Library.open(command.project, readonly=True) as library:
        transcript = library.transcript()
        names = [member.name for member in transcript.cast] if transcript else []
    status = 0
    with ChatScreen(command.project) as screen, _line_editing(command.project, names):
        print_fact(screen.output, "say", "what to change, such as: shot 7 slower (help, undo, shots, bye)")
        if not screen.is_interactive:
            with Library.open(command.project, readonly=True) as library:
                screen.output.print_table(show.shots(library, screen.output.width))
        screen.show()
        while (message := _read_message()) is not None:
            if not message.strip():
                screen.show()
                continue
            screen.add_message(message)
            status = _run_turn(command, screen, message) or status
    return status


def _run_turn(command: argparse.Namespace, screen: ChatScreen, message: str) -> int:
    """Answer one message and print any error. Return the exit status."""
    shot_ids: Sequence[str] = ()
    status = 0
    try:
        with interruptible():
            status, shot_ids = _answer(command, screen, message)
    except KomadoriError as error:
        print_error(screen.output, error, _localize_hint(error.hint, command.project))
    except StoppedError:
        print_fact(
            screen.output,
            "stopped",
            f"what was filmed is kept; {FILM_COMMAND} goes on, undo takes the change back",
            "yellow",
        )
    screen.show(shot_ids)
    return status


def _answer(command: argparse.Namespace, screen: ChatScreen, message: str) -> tuple[int, Sequence[str]]:
    """Show something, or apply a change and film it. Return the exit status and the ids of the shots concerned."""
    word, console = message.strip().lower(), screen.output
    if word in ("help", "?"):
        console.print(_help_text(), soft_wrap=True)
    elif word == FILM_COMMAND:
        return _film(command, console, screen.show_progress), ()
    elif word in ("shots", "show"):
        with Library.open(command.project, readonly=True) as library:
            console.print_table(show.shots(library, console.width))
    else:
        return _change(command, screen, message)
    return 0, ()


def _change(command: argparse.Namespace, screen: ChatScreen, message: str) -> tuple[int, Sequence[str]]:
    with screen.show_progress() as say:
        turn = chat_turn.take_turn(command.project, message, say=say)
    print_turn(screen.output, turn)
    report = turn.report
    _print_shots(screen.output, command.project, turn.shown_shots)
    if report is None:
        return 0, turn.shown_shots if screen.is_wide else ()
    screen.show(report.changed, is_working=True)
    with_preview = command.preview or report.seconds >= PREVIEW_FROM_SECONDS
    status = _film_changes(command, screen.output, report, screen.show_progress, with_preview=with_preview)
    if report.stale and not command.no_film:
        with Library.open(command.project, readonly=True) as library:
            _print_pictures(screen.output, library, report.changed)
    return status, report.changed


def _localize_hint(hint: str, project: Path) -> str:
    """Rewrite a hint for use within the conversation."""
    hint = hint.replace(grammar.HELP, "help").replace("main.py show shots PROJECT", "shots")
    return re.sub(r"\bPROJECT\b", shlex.quote(str(project)), hint)


def _read_message() -> str | None:
    """Read the next message from standard input; None when the person leaves."""
    try:
        message = input("> " if sys.stdin.isatty() else "")
    except EOFError:
        return None
    return None if message.strip().lower() in ("bye", "exit", "quit") else message


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
