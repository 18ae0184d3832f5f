"""Every kind of note has a topic and a line that names its files and its value."""

from __future__ import annotations

from typing import get_args

import pytest

from agents.book_notes import MAX_NAMED, describe_note, describe_notes, note_topic
from storage.book_info import BookNote, NoteKind


@pytest.mark.parametrize("kind", get_args(NoteKind))
def test_every_kind_has_a_topic_and_one_line(kind: NoteKind) -> None:
    line = describe_note(BookNote.of(kind, ["ch1/a\nb.png"], "cp932"))
    assert note_topic(BookNote(kind=kind)) in ("left out", "reordered", "assumed", "metadata")
    assert "\n" not in line
    assert kind == "sorted_by_name" or "ch1/a\ufffdb.png" in line


def test_names_beyond_a_few_are_counted() -> None:
    notes = [BookNote.of("other_files", [f"{n}.txt" for n in range(30)]), BookNote.of("covers_first", ["{x}.jpg"])]
    (_, many), (_, one) = describe_notes(notes)
    assert f"and {30 - MAX_NAMED} more" in many
    assert "{x}.jpg" in one
