"""Test that the line of a value in a JSON text is found."""

from __future__ import annotations

import pytest

from agents.scripting.json_positions import line_of

TEXT = """{
  "a \\"{[,": [1, {"deep": "]}"},
    [ ],
    {"x": {}, "y":
       [true,

        null]}],
  "b": -1.5e3
}
"""


@pytest.mark.parametrize(
    ("way", "line"),
    [((), 1), (('a "{[,',), 2), (('a "{[,', 1, "deep"), 2), (('a "{[,', 2), 3), (('a "{[,', 3, "y"), 5),
     (('a "{[,', 3, "y", 1), 7), (("b",), 8)],
)  # fmt: skip
def test_it_is_found_along_keys_and_places(way: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, way) == line


@pytest.mark.parametrize(
    ("way", "line"), [(("c",), 1), (('a "{[,', 9), 2), (('a "{[,', 3, "z"), 4), (("b", "deeper"), 8)]
)
def test_what_is_missing_is_where_it_would_be(way: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, way) == line
