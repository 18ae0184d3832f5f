"""Measure the processor seconds for reading a page of the sample chapter and, where present, of real books.

The scores of all pages of the real books are measured too; `make test` reads every second page of them.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import Any

from agents import run
from benchmarks.rows import BenchmarkRow
from storage.settings import Settings
from tools.ingest import books
from tools.transcribe import load_transcriber

BOUND = 3.0
HOUSE = Path(__file__).resolve().parents[1]
SHARED = HOUSE.parent / "shared" / "bench"
REAL = SHARED / "pages" / "images"
LEAST = {
    ("panel@.5", "f1"): 0.87,
    ("panel@.75", "f1"): 0.80,
    ("page perfect", None): 0.46,
    ("text@.5", "f1"): 0.91,
    ("text ioa@.5", "f1"): 0.94,
    ("text order exact", None): 0.85,
}
"""The scores of all pages of the real books, .02 below the best measured ones."""
MOST_WRONG_LETTERS = 0.055
"""The share of letters of the real books that may be read wrongly."""


def rows() -> list[BenchmarkRow]:
    """Read every page of the sample and up to twelve real ones, after one page to warm up."""
    sources = {"the sample chapter": HOUSE / "examples" / "komadori"}
    if REAL.is_dir():
        sources["real pages"] = REAL
    return [*(_row(name, source) for name, source in sources.items()), *(_score_rows() if REAL.is_dir() else ())]


def score_pages(step: int = 1) -> dict[str, dict[str, Any]]:
    """Return the scores of every `step`-th page of the shared books, by title and, under "ALL", of all together."""
    spec = importlib.util.spec_from_file_location("read_bench", SHARED / "read_bench.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    sys.modules["read_bench"] = scorer
    spec.loader.exec_module(scorer)
    chosen = ",".join(str(number + 1) for number in range(0, len(books.open_book(REAL).pages), step))
    found = run.transcribe(REAL, Settings(order="rtl", pages=chosen))
    read = {page.image: json.loads(page.model_dump_json()) for page in found.pages}
    annotation = json.loads((SHARED / "pages" / "annotation.json").read_text(encoding="utf-8"))
    pairs = [
        (book["book_title"], page, read[name])
        for book in annotation
        for page in book["pages"]
        if (name := page["image_paths"]["ja"].removeprefix("images/")) in read
    ]
    scored: dict[str, dict[str, Any]] = scorer.score(pairs)
    return scored


def _score_rows() -> list[BenchmarkRow]:
    scored = score_pages()["ALL"]
    rows = [(f"{name} {part or ''}".strip(), scored[name][part] if part else scored[name], least)
            for (name, part), least in LEAST.items()]  # fmt: skip
    wrong = scored["CER letters"]
    return [
        *(BenchmarkRow(f"real pages: {name}", f"{value:.3f}", f">= {least:.2f}", value >= least)
          for name, value, least in rows),
        BenchmarkRow("real pages: letters read wrongly", f"{wrong:.3f}", f"<= {MOST_WRONG_LETTERS:.3f}",
                     wrong <= MOST_WRONG_LETTERS),
    ]  # fmt: skip


def _row(name: str, source: Path) -> BenchmarkRow:
    book = books.open_book(source)
    reader = load_transcriber("classic")
    pages = [book.load(ref) for ref in book.pages[:: max(1, len(book.pages) // 12)][:12]]
    reader.read(pages[0])
    begin = time.process_time()
    for page in pages:
        reader.read(page)
    spent = (time.process_time() - begin) / len(pages)
    return BenchmarkRow(f"reading {name}", f"{spent:.2f} processor s a page", f"<= {BOUND:.0f} s", spent <= BOUND)
