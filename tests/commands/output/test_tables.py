"""Test the tables of the commands."""

from __future__ import annotations

import pytest

from commands.output.tables import table
from commands.output.terminal import PrintConsole


def test_numbers_stand_to_the_right_and_nothing_is_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    PrintConsole().print_table(table("shot in_film+ why", [("s001", 5, "long " * 30), ("s002", 12, None)]))
    header, first, second = capsys.readouterr().out.splitlines()
    assert header == "shot  in film  why"
    assert first.startswith("s001        5  long long")
    assert second == "s002       12"
