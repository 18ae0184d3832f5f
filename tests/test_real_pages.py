"""Test the reader on real pages, where present: its scores stay within .02 of the best measured ones."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agents import run
from storage.settings import Settings

pytestmark = pytest.mark.slow  # it reads all pages of three books

BENCH = Path(__file__).resolve().parents[2] / "shared" / "bench"
LEAST = {
    ("panel@.5", "f1"): 0.87,
    ("panel@.75", "f1"): 0.80,
    ("page perfect", None): 0.46,
    ("text@.5", "f1"): 0.91,
    ("text ioa@.5", "f1"): 0.94,
    ("text order exact", None): 0.85,
}
MOST_WRONG_LETTERS = 0.055


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """The scores of all shared pages, by title."""
    if not (BENCH / "read_bench.py").exists():
        pytest.skip("the shared pages are not here")
    spec = importlib.util.spec_from_file_location("read_bench", BENCH / "read_bench.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    sys.modules["read_bench"] = scorer
    spec.loader.exec_module(scorer)
    found = run.transcribe(BENCH / "pages" / "images", Settings(order="rtl"))
    read = {page.image: json.loads(page.model_dump_json()) for page in found.pages}
    books = json.loads((BENCH / "pages" / "annotation.json").read_text(encoding="utf-8"))
    pairs = [
        (book["book_title"], page, read[page["image_paths"]["ja"].removeprefix("images/")])
        for book in books
        for page in book["pages"]
    ]
    scored: dict[str, dict[str, Any]] = scorer.score(pairs)
    return scored


@pytest.mark.parametrize(("name", "part"), LEAST, ids=lambda value: str(value or ""))
def test_the_reader_holds_its_ground(figures: dict[str, dict[str, Any]], name: str, part: str | None) -> None:
    value = figures["ALL"][name][part] if part else figures["ALL"][name]
    assert value >= LEAST[name, part]


def test_letters_are_read_right(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["ALL"]["CER letters"] <= MOST_WRONG_LETTERS


def test_no_title_is_left_behind(figures: dict[str, dict[str, Any]]) -> None:
    for title, scored in figures.items():
        assert scored["panel@.5"]["f1"] >= 0.75, title
        assert scored["text ioa@.5"]["f1"] >= 0.93, title
