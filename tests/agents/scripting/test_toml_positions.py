"""Test that the lines of values in a script are found."""

from __future__ import annotations

from pathlib import Path

from agents.scripting.toml_positions import TomlPosition, line_of, position_of
from tests.agents.scripting.test_scripts import WHOLE


def test_lines_of_values_are_found() -> None:
    assert line_of(WHOLE, ("edits", 0)) == 6
    assert line_of(WHOLE, ("edits", 2)) == 7
    assert line_of(WHOLE, ("settings", "crf")) == 15
    assert line_of(WHOLE, ("export", 0, "to")) == 19
    assert line_of(WHOLE, ("nothing",)) == 1


def test_a_place_is_said_as_file_and_line() -> None:
    places = {"settings": TomlPosition(Path("film.toml"), WHOLE, ("settings",))}
    assert position_of(places, ("settings", "crf")) == "film.toml:15: "
    assert position_of(places, ("cast",)) == ""
