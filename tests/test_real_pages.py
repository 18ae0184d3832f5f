"""Test the reader on every second real page, where present; `make bench` reads all of them.

The scores stay within .02 of the best measured ones.
"""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.reading import SHARED, score_pages

pytestmark = pytest.mark.slow  # it reads pages of three books

LEAST = {
    ("panel@.5", "f1"): 0.92,
    ("panel@.75", "f1"): 0.85,
    ("page perfect", None): 0.62,
    ("text@.5", "f1"): 0.94,
    ("text ioa@.5", "f1"): 0.97,
    ("text order exact", None): 0.84,
}
MOST_WRONG_LETTERS = 0.043


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """The scores of the pages that are read, by title."""
    if not (SHARED / "read_bench.py").exists():
        pytest.skip("the shared pages are not here")
    return score_pages(step=2)


@pytest.mark.parametrize(("name", "part"), LEAST, ids=lambda value: str(value or ""))
def test_the_reader_holds_its_ground(figures: dict[str, dict[str, Any]], name: str, part: str | None) -> None:
    value = figures["ALL"][name][part] if part else figures["ALL"][name]
    assert value >= LEAST[name, part]


def test_letters_are_read_right(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["ALL"]["CER letters"] <= MOST_WRONG_LETTERS


def test_no_title_is_left_behind(figures: dict[str, dict[str, Any]]) -> None:
    for title, scored in figures.items():
        assert scored["panel@.5"]["f1"] >= 0.89, title
        assert scored["text ioa@.5"]["f1"] >= 0.95, title
