"""Sources that are no single book: what the errors hold, and that the commands in their hints fit the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.book_info import BookNote
from tools.ingest.contents import Contents
from tools.ingest.no_book import no_pages_error, novel_error, several_books_error


@pytest.mark.parametrize(
    ("books", "command"),
    [
        (("1.cbz", "2.cbz"), "main.py run SCRIPT.toml --chapters '{}'"),
        (("vol 1/1.cbz", "vol 1/2.cbz"), "main.py run SCRIPT.toml --chapters '{}/vol 1'"),
        (("1/1.cbz", "2/2.cbz"), "main.py animate '{}/1/1.cbz'"),
        (("1.cbz",), "main.py animate '{}/1.cbz'"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_hint_is_a_command_for_these_books(
    tmp_path: Path, books: tuple[str, ...], command: str, packed: bool
) -> None:
    folder = tmp_path / "all of it"
    source = folder.with_suffix(".zip")
    if packed:
        source.touch()
    else:
        folder.mkdir()
    error = several_books_error(source if packed else folder, books)
    assert error.books == books
    if not packed or "/" not in books[0]:
        assert command.format(folder) in error.hint


def test_what_is_held_instead_of_pages_is_named() -> None:
    assert (
        "a.txt, b.txt, c.txt and 2 more"
        in no_pages_error(Path("book"), Contents(others=tuple(f"{c}.txt" for c in "abcde"))).what
    )
    skipped = BookNote.of("system_files", [f"@eaDir/{number}.jpg" for number in range(500)])
    assert "500 other files" in no_pages_error(Path("book"), Contents(notes=[skipped])).what
    assert novel_error("book.epub", 30).text_pages == 30
