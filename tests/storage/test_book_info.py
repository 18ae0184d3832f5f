"""Notes about a book keep some names and count all, and come back as they were stored."""

from __future__ import annotations

from storage.book_info import MAX_NAMES, BookInfo, BookNote
from storage.library import Library


def test_a_note_keeps_some_names_and_counts_all() -> None:
    note = BookNote.of("other_files", (f"{n}.txt" for n in range(3 * MAX_NAMES)))
    assert (len(note.names), note.count) == (MAX_NAMES, 3 * MAX_NAMES)


def test_notes_are_stored_with_the_book_and_missing_in_older_projects(library: Library) -> None:
    info = BookInfo(title="鳥", notes=(BookNote.of("guessed_names", ["第１話.png"], "cp932"),))
    library.set_project("/books/鳥.cbz", info)
    assert library.info() == info
    assert BookInfo.model_validate({"title": "鳥", "language": "", "order": None, "order_reason": ""}).notes == ()
