"""Describe in words what was omitted, reordered or guessed when a book was opened."""

from __future__ import annotations

from collections.abc import Iterable

from storage.book_info import BookNote, NoteKind
from tools.ingest.archives import printable_name

MAX_NAMED = 4
"""Names that a line gives as examples."""

_TOPICS: dict[NoteKind, str] = {
    "system_files": "left out",
    "other_files": "left out",
    "working_files": "left out",
    "books_inside": "left out",
    "duplicate_names": "left out",
    "text_pages": "left out",
    "unused_pictures": "left out",
    "covers_first": "reordered",
    "sorted_by_name": "reordered",
    "guessed_names": "assumed",
    "stripped_slashes": "assumed",
    "pages_by_content": "assumed",
    "archive_not_epub": "assumed",
    "unread_metadata": "metadata",
    "repaired_metadata": "metadata",
    "unused_metadata": "metadata",
    "unknown_order": "metadata",
}
_SENTENCES: dict[NoteKind, str] = {
    "system_files": "files of the system or of a NAS: {names}",
    "other_files": "no pictures: {names}",
    "working_files": "files of drawing programs that have an exported picture beside them: {names}",
    "books_inside": "books between the pages, to be filmed one by one: {names}",
    "duplicate_names": "files that a later one of the same name replaces: {names}",
    "text_pages": "{count} of the book's {value} pages show no picture: {names}",
    "unused_pictures": "pictures that no page of the book shows: {names}",
    "covers_first": "covers come first: {names}",
    "sorted_by_name": "the book names no order of its pages, so they are sorted by name",
    "guessed_names": "names without a declared encoding are read as {value}: {names}",
    "stripped_slashes": "paths from the root of a disk are taken as paths in the book: {names}",
    "pages_by_content": "pages by their first bytes, as their names do not say so: {names}",
    "archive_not_epub": "{names} has no package of an EPUB and is read as an archive of pictures",
    "unread_metadata": "{names} could not be used: {value}; set --order if the book is read from the right",
    "repaired_metadata": "{names} is not well-formed: {value}",
    "unused_metadata": "another file says it already: {names}",
    "unknown_order": "{names} gives no reading direction that is known: Manga={value}",
}


def note_topic(note: BookNote) -> str:
    """Return in one or two words what kind of fact a note is, such as "left out"."""
    return _TOPICS[note.kind]


def describe_note(note: BookNote) -> str:
    """Return a note as one line."""
    names = ", ".join(printable_name(name, 80) for name in note.names[:MAX_NAMED])
    more = f" and {note.count - MAX_NAMED} more" if note.count > MAX_NAMED else ""
    return _SENTENCES[note.kind].format(names=names + more, count=note.count, value=printable_name(note.value, 120))


def describe_notes(notes: Iterable[BookNote]) -> list[tuple[str, str]]:
    """Return the topic and the line of each note."""
    return [(note_topic(note), describe_note(note)) for note in notes]
