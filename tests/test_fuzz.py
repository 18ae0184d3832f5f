"""A short form of `make fuzz`: damaged inputs of every kind are read or refused, and the guard sees what it should."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.corrections import grammar as corrections
from agents.editing import forms
from agents.editing import grammar as edits
from benchmarks.fuzz.cases import kind_of
from benchmarks.fuzz.kinds import KINDS
from benchmarks.fuzz.worker import Worker
from storage.errors import KomadoriError
from tests.program import HOUSE

COUNT = 100
"""Inputs: as few as hold each kind in its share."""
WORDS = sorted({
    word for form in (*forms.FORMS, *corrections.FORMS) for word in form.example.split()
} | {"all", "shots", "3-9", "page", "0", "-1", "1e9", "½", '"', "'", ",", ";", "\n"})  # fmt: skip
LINES = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=9).map(" ".join)
SHORT = settings(max_examples=200, derandomize=True, deadline=None, database=None)


def test_damaged_inputs_are_read_or_refused(tmp_path: Path) -> None:
    worker, kinds = Worker(tmp_path / "worker"), Counter[str]()
    assert worker.run("no such kind", "1").end == "FIND", "its process dies, and another runs the rest"
    for number in range(COUNT):
        outcome = worker.run(kind_of(number), f"test-{number}")
        kinds[outcome.kind] += 1
        assert outcome.end != "FIND", f"python -m benchmarks.fuzz --case {outcome.kind}:{outcome.seed}\n{outcome.what}"
    worker.close()
    assert kinds == {name: kind.weight for name, kind in KINDS.items()}


GUARDED = """
import pathlib, sqlite3, sys
from benchmarks.fuzz import guard
guard.MOST_SECONDS = 0.2
guard.install()
room = pathlib.Path(sys.argv[1])
with guard.watching(room / "case") as watch:
    (room / "case" / "inside").write_text("x")
    (room / "outside").write_text("x")
    (room / "case" / "inside").rename(room / "moved")
    sqlite3.connect(room / "library.db").close()
    held = bytearray(200 * 2**20)
print(*(word.rpartition("/")[2] for word in watch.outside))
print(watch.mib >= 200)
try:
    with guard.watching(room / "case"):
        while True:
            pass
except guard.Hang:
    print("hang")
"""


def test_the_guard_sees_files_elsewhere_memory_and_hangs(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    seen = subprocess.run(
        [sys.executable, "-c", GUARDED, str(tmp_path)], cwd=HOUSE, capture_output=True, text=True, check=True
    )
    assert seen.stdout.splitlines() == ["outside moved library.db", "True", "hang"]


@SHORT
@given(LINES)
def test_a_line_is_an_edit_that_is_written_and_read_again_or_it_is_refused(line: str) -> None:
    try:
        edit = edits.parse_line(line)
    except KomadoriError:
        return
    assert edits.parse_line(edits.format_edit(edit)) == edit


@SHORT
@given(LINES)
def test_a_line_is_a_correction_that_is_written_and_read_again_or_it_is_refused(line: str) -> None:
    try:
        correction = corrections.parse_line(line)
    except KomadoriError:
        return
    assert corrections.parse_line(corrections.format_correction(correction)) == correction
