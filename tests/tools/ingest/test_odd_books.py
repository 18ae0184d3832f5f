"""Books as people have them: odd names, suffixes, covers, metadata and books in books, several oddities at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import PIL.Image
import pytest

from storage.book_info import BookNote
from storage.errors import NoPages, SeveralBooks
from tests.tools.ingest.packing import Members, has_libarchive, page, write_7z, write_rar, write_tar, write_zip
from tests.tools.ingest.test_books import COMIC_INFO, folder, refusal_of, unpack
from tools.ingest.books import open_book


def test_archives_of_every_format_are_books_under_any_suffix(tmp_path: Path) -> None:
    members = {"b/10.png": page(10), "b/9.png": page(9), "cover.png": page(1), "ComicInfo.xml": COMIC_INFO}
    writers: list[Callable[[Path, Members], Path]] = [
        write_zip,
        write_tar,
        *([write_7z, write_rar] if has_libarchive() else []),
    ]
    for write in writers:
        for suffix in (".cbz", ".cbr", ".cb7", ".cbt", ".jpg", ""):
            book = open_book(write(tmp_path / f"book{suffix}", members))
            assert [ref.name for ref in book.pages] == ["cover.png", "b/9.png", "b/10.png"]
            assert [int(book.load(ref)[0, 0, 0]) for ref in book.pages] == [1, 9, 10]
            assert book.fingerprint(book.pages[1]) == hashlib.sha256(page(9)).hexdigest()
            assert (book.info.title, book.info.order) == ("Komadori", "rtl")


def test_a_picture_and_a_pdf_are_what_they_are_whatever_they_are_called(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(page(7, "AVIF"))
    (tmp_path / "page.cbz").write_bytes(page(7))
    PIL.Image.new("L", (40, 60)).save(tmp_path / "book.pdf")
    (tmp_path / "book.pdf").rename(tmp_path / "book.cbz")
    for name in ("page", "page.cbz"):
        book = open_book(tmp_path / name)
        assert abs(int(book.load(book.pages[0])[0, 0, 0]) - 7) < 3
    assert [ref.name for ref in open_book(tmp_path / "book.cbz").pages] == ["page-001"]


def test_all_that_can_be_odd_at_once(tmp_path: Path) -> None:
    """Japanese names without an encoding, from the root of a disk, with a cover, metadata in a folder, as .cbr."""
    info = "<comicinfo><Series>小鳥 & 猫</Series><Manga>YesAndRightToLeft</Manga></comicinfo>"
    members = {
        "/作品/第１０話.png": page(30),
        "/作品/第２話.png": page(20),
        "/作品/表紙.png": page(10),
        "/作品/付録": page(40, "JPEG2000"),
        "/作品/info/COMICINFO.XML": info.encode("cp932"),
        "/作品/@eaDir/第２話.png": page(99),
        "/作品/読んで.txt": b"text",
    }
    book = open_book(write_zip(tmp_path / "作品.cbr", members, "cp932"))
    names = ["作品/表紙.png", "作品/付録", "作品/第２話.png", "作品/第１０話.png"]
    assert [ref.name for ref in book.pages] == names
    assert [int(book.load(ref)[0, 0, 0]) for ref in book.pages] == [10, 40, 20, 30]
    assert (book.info.title, book.info.order) == ("小鳥 & 猫", "rtl")
    files = [name[1:] for name in members]
    assert book.info.notes == (
        BookNote.of("guessed_names", files, "cp932"),
        BookNote.of("stripped_slashes", files),
        BookNote.of("system_files", ["作品/@eaDir"]),
        BookNote.of("other_files", ["作品/読んで.txt"]),
        BookNote.of("pages_by_content", ["作品/付録"]),
        BookNote.of("covers_first", ["作品/表紙.png"]),
        BookNote.of("repaired_metadata", ["作品/info/COMICINFO.XML"], "read as cp932; escaped what XML forbids"),
    )


def test_several_images_with_a_cover(tmp_path: Path) -> None:
    folder(tmp_path, "1.png", "2.png", "cover.png")
    book = open_book(tuple(tmp_path / name for name in ("1.png", "2.png", "cover.png")))
    assert [ref.name for ref in book.pages] == ["cover.png", "1.png", "2.png"]
    assert book.info.notes == (BookNote.of("covers_first", ["cover.png"]),)


def test_images_in_an_epub_without_a_package_are_read_and_said(tmp_path: Path) -> None:
    members = {"mimetype": b"application/epub+zip", "2.jpg": page(2), "10.jpg": page(10), "ComicInfo.xml": COMIC_INFO}
    book = open_book(write_zip(tmp_path / "book.epub", members))
    assert [ref.name for ref in book.pages] == ["2.jpg", "10.jpg"]
    assert book.info.order == "rtl"
    assert book.info.notes == (
        BookNote.of("other_files", ["mimetype"]),
        BookNote.of("archive_not_epub", ["book.epub"]),
    )
    assert "damaged" in refusal_of(write_zip(tmp_path / "words.epub", {"words.txt": b"words"})).what


def test_books_in_a_folder_or_an_archive_are_answered_with_the_command_for_them(tmp_path: Path) -> None:
    chapter = write_zip(tmp_path / "one.cbz", {"1.png": page()}).read_bytes()
    members = {"Chapter 10.cbz": chapter, "Chapter 2.cbz": chapter, "readme.txt": b"text", "@eaDir/3.cbz": chapter}
    for source in (unpack(tmp_path / "series", members), write_zip(tmp_path / "all.zip", members)):
        with pytest.raises(SeveralBooks) as caught:
            open_book(source)
        assert caught.value.books == ("Chapter 2.cbz", "Chapter 10.cbz")
        assert "main.py run SCRIPT.toml --chapters" in caught.value.hint
    mixed = open_book(unpack(tmp_path / "series", {"1.png": page()}))
    assert [ref.name for ref in mixed.pages] == ["1.png"]
    assert BookNote.of("books_inside", ["Chapter 2.cbz", "Chapter 10.cbz"]) in mixed.info.notes


def test_a_book_without_a_picture_says_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(NoPages) as caught:
        open_book(unpack(tmp_path / "book", {"notes.txt": b"text", "@eaDir/1.png": page()}))
    assert "notes.txt" in caught.value.what
    assert "@eaDir" in caught.value.what


def test_metadata_that_is_damaged_in_its_archive_costs_no_page(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "book.cbz", {"ComicInfo.xml": COMIC_INFO, "1.png": page(1)})
    path.write_bytes(path.read_bytes().replace(b"<Manga>Yes", b"<Manga>Now", 1))
    book = open_book(path)
    assert int(book.load(book.pages[0])[0, 0, 0]) == 1
    assert [(note.kind, note.names) for note in book.info.notes] == [("unread_metadata", ("ComicInfo.xml",))]


def test_metadata_among_files_of_a_system_is_not_the_books(tmp_path: Path) -> None:
    book = open_book(write_zip(tmp_path / "book.cbz", {"__MACOSX/ComicInfo.xml": COMIC_INFO, "1.png": page(1)}))
    assert book.info.order is None


def test_two_threads_read_one_archive(tmp_path: Path) -> None:
    members = {f"{number:03d}.png": page(number) for number in range(60)}
    for write in (write_zip, write_tar):
        book = open_book(write(tmp_path / "book.cbz", members))
        with ThreadPoolExecutor(4) as pool:
            shades = [int(pixels[0, 0, 0]) for pixels in pool.map(book.load, book.pages)]
        assert shades == list(range(60))


def test_a_book_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    for write in (write_zip, write_tar):
        first = open_book(write(tmp_path / "book.cbz", {"1.png": page(1)}))
        assert int(first.load(first.pages[0])[0, 0, 0]) == 1
        write(tmp_path / "book.cbz", {"1.png": page(200), "2.png": page(2)})
        assert [int(first.load(first.pages[0])[0, 0, 0]), len(open_book(tmp_path / "book.cbz").pages)] == [200, 2]
