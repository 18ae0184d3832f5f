"""The argument parser of all commands: its errors, the layout of its help, and how a command is added to it."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, NoReturn

from storage.errors import SettingsError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["CommandParser"]


class CommandParser(argparse.ArgumentParser):
    """An argument parser that reports errors like the rest of the program: what is wrong, and a hint."""

    def error(self, message: str) -> NoReturn:
        """Raise SettingsError for the command line."""
        raise SettingsError(message, f"see: {self.prog} --help")


class HelpLayout(argparse.RawDescriptionHelpFormatter):
    """A help formatter with one narrow column of option names, so that every option takes few lines."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _iter_indented_subactions(self, action: argparse.Action) -> Generator[argparse.Action, None, None]:
        # not indented: argparse forgets the indent when it measures the column, and breaks the longest line
        yield from getattr(action, "_get_subactions", list)()

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        return text.partition("\n")[2] if isinstance(action, argparse._SubParsersAction) else text


def add_command(commands: Commands, name: str, about: str, *, usage: str, epilog: str = "") -> argparse.ArgumentParser:
    """Add a command that is run by the module of its name in commands/, and return its parser."""
    parser = commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        usage=f"main.py {name} {usage}".rstrip(),
        epilog=epilog or None,
        formatter_class=HelpLayout,
    )
    parser.set_defaults(run=run_command(name))
    return parser


def run_command(name: str) -> Callable[[argparse.Namespace], int]:
    """Return a function that runs the module of a command; it is imported only then."""

    def run(command: argparse.Namespace) -> int:
        return int(importlib.import_module(f"commands.{name}").run(command))

    return run
