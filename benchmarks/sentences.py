"""Measure how long it takes to understand a sentence without a model, and to load the grammar for the first one."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from agents.language.parser import load_grammar, parse_sentence
from benchmarks.rows import BenchmarkRow

SENTENCES = Path(__file__).parents[1] / "tests" / "agents" / "language" / "understood.tsv"
LOAD_BOUND, SENTENCE_BOUND = 0.5, 0.06
"""Most processor seconds to load the grammar, and for 19 of 20 sentences."""


def rows() -> list[BenchmarkRow]:
    """Parse the sentences of the tests, with their misspelt words, each for the first time."""
    begin = time.process_time()
    load_grammar()
    load = time.process_time() - begin
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    sentences = [line for line in lines if line and not line.startswith(("#", "= "))]
    taken = []
    for sentence in sentences:
        begin = time.process_time()
        parse_sentence(sentence, forgive_typos=True)
        taken.append(time.process_time() - begin)
    late = sorted(taken)[int(0.95 * len(taken))]
    return [
        BenchmarkRow(f"understanding one of {len(sentences)} sentences", f"{1000 * statistics.median(taken):.0f} ms"),
        BenchmarkRow("  19 of 20 of them", f"{1000 * late:.0f} ms", "<= 60 ms", late <= SENTENCE_BOUND),
        BenchmarkRow("  loading the grammar", f"{1000 * load:.0f} ms", "<= 500 ms", load <= LOAD_BOUND),
    ]
