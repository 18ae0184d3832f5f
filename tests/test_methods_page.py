"""The table of methods in docs/methods.md: every backend, option, module and test that it names is there."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tools import backends

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "methods.md"
READING_LIST = ROOT.parent / "shared" / "design" / "methods-state.md"
BACKEND = re.compile(r"^(\w+)\.(\w+)(?:\((\w+)\))?$")
LISTED = re.compile(r"^\| (\d+) \|.*\| (P[1-6])(?: \(\w+\))? \|$")
"""A row of the reading list that has a package of work, and its number."""


@dataclass(frozen=True)
class Row:
    """One method of the table."""

    numbers: tuple[int, ...]
    """Its rows in the reading list."""
    name: str
    state: str
    places: tuple[str, ...]
    """What stands in code quotes in the third column."""
    reason: str
    tests: tuple[str, ...]


def rows() -> list[Row]:
    cells = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if re.match(r"^\| \d", line)
    ]
    return [
        Row(
            tuple(int(number) for number in numbers.split(", ")),
            name,
            state,
            tuple(re.findall(r"`([^`]+)`", where)),
            where,
            tuple(re.findall(r"`([^`]+)`", tests)),
        )
        for numbers, name, state, where, tests in cells
    ]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_what_a_row_names_is_there(row: Row) -> None:
    assert row.state in {"works", "retired"}
    if row.state == "works":
        assert row.places
        assert row.tests
        assert [place for place in row.places if not _is_there(place)] == []
        assert [test for test in row.tests if not _is_a_test(test)] == []
    else:
        assert row.reason
        assert row.tests == ()


def test_every_method_of_the_reading_list_has_a_row() -> None:
    if not READING_LIST.is_file():
        pytest.skip("needs the reading list, which is not part of the project")
    listed = {
        int(found[1]) for line in READING_LIST.read_text(encoding="utf-8").splitlines() if (found := LISTED.match(line))
    }
    assert listed - {number for row in rows() for number in row.numbers} == set()


def _is_there(place: str) -> bool:
    if "/" in place:
        return (ROOT / place).exists()
    found = BACKEND.match(place)
    if found is None or found[2] not in backends.backend_names(found[1]):
        return False
    backend = importlib.import_module(f"tools.{found[1]}.{found[2]}").Backend
    return found[3] is None or found[3] in inspect.signature(backend).parameters


def _is_a_test(name: str) -> bool:
    path, _, function = name.partition("::")
    return function in _functions(ROOT / path)


@cache
def _functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )
