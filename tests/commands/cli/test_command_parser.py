"""Test that the parser reports errors as the program does, and imports a command only when it runs."""

from __future__ import annotations

import sys

import pytest

from commands.cli.command_parser import CommandParser, HelpLayout, add_command
from storage.errors import SettingsError


def test_a_command_is_imported_when_it_runs_and_errors_have_a_hint() -> None:
    parser = CommandParser(prog="main.py", formatter_class=HelpLayout)
    commands = parser.add_subparsers()
    add_command(commands, "nowhere", "do nothing", usage="").add_argument("--often", type=int)
    given = parser.parse_args(["nowhere", "--often", "3"])
    assert given.often == 3
    assert "commands.nowhere" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        given.run(given)
    with pytest.raises(SettingsError) as refused:
        parser.parse_args(["nowhere", "--often", "x"])
    assert "--help" in refused.value.hint
    assert "do nothing" in parser.format_help()
