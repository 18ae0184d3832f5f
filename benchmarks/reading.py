"""Measure the processor seconds for reading a page of the sample chapter and, where present, of real books."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.rows import BenchmarkRow
from tools.ingest import books
from tools.transcribe import load_transcriber

BOUND = 3.0
HOUSE = Path(__file__).resolve().parents[1]
REAL = HOUSE.parent / "shared" / "bench" / "pages" / "images"


def rows() -> list[BenchmarkRow]:
    """Read every page of the sample and up to twelve real ones, after one page to warm up."""
    sources = {"the sample chapter": HOUSE / "examples" / "komadori"}
    if REAL.is_dir():
        sources["real pages"] = REAL
    return [_row(name, source) for name, source in sources.items()]


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
