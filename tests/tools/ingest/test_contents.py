"""The files of books as they lie on disks: which are pages, in what order, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from storage.book_info import BookNote
from tests.tools.ingest.packing import page
from tools.ingest.contents import Contents, put_covers_first, sort_contents, sort_key, system_path

PNG = page()


def contents(*names: str, heads: dict[str, bytes] | None = None) -> Contents:
    def read_heads(asked: Iterable[str]) -> dict[str, bytes]:
        return {name: (heads or {}).get(name, b"once upon a time")[:64] for name in asked}

    return sort_contents(names, read_heads)


def kinds(found: Contents) -> dict[str, tuple[str, ...]]:
    return {note.kind: note.names for note in found.notes}


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("@eaDir/001.png/SYNOPHOTO_THUMB_M.png", "@eaDir"), ("ch1/@eaDir/1.png", "ch1/@eaDir"),
        ("#recycle/1.png", "#recycle"), ("@Recycle/1.png", "@Recycle"), ("#snapshot/a/1.png", "#snapshot"),
        (".yacreaderlibrary/covers/1.jpg", ".yacreaderlibrary"), (".@__thumb/1.jpg", ".@__thumb"),
        ("__MACOSX/._1.png", "__MACOSX"), ("._1.png", "._1.png"), (".DS_Store", ".DS_Store"),
        ("Thumbs.db", "Thumbs.db"), ("a/THUMBS.DB", "a/THUMBS.DB"), ("$RECYCLE.BIN/1.png", "$RECYCLE.BIN"),
        ("System Volume Information/x", "System Volume Information"), ("lost+found/1.png", "lost+found"),
        ("desktop.ini", "desktop.ini"), ("book.komadori/still.png", "book.komadori"), ("ch1/001.png", ""),
        ("@home/001.png", ""), ("#1/001.png", ""),
    ],
)  # fmt: skip
def test_files_of_systems_and_devices_are_known(name: str, system: str) -> None:
    assert system_path(name) == system


def test_everything_that_is_no_page_is_said_once() -> None:
    found = contents(
        "1.png", "@eaDir/1.png", "@eaDir/2.png", ".DS_Store", "ComicInfo.xml", "a/comicinfo.XML", "notes.txt",
        "extra/vol2.cbz", "2.png", "2.psd", "3.kra", "3.jpg", "4.psd",
    )  # fmt: skip
    assert found.pages == ("1.png", "2.png", "3.jpg", "4.psd")
    assert found.unsupported == {}
    assert kinds(found) == {
        "system_files": (".DS_Store", "@eaDir"),
        "other_files": ("notes.txt",),
        "working_files": ("2.psd", "3.kra"),
        "books_inside": ("extra/vol2.cbz",),
    }


def test_an_ordinary_book_leaves_nothing_to_say() -> None:
    assert contents("ch1/001.jpg", "ch1/002.webp", "ch2/001.png", "ComicInfo.xml").notes == []


def test_first_bytes_make_pages_of_names_that_do_not_say_so() -> None:
    heads = {
        "0.image.jpg25": page(format="JPEG"), "1": page(format="WEBP"), "2.dat": page(format="AVIF"), "3.txt": PNG,
        "4.jp": page(format="JPEG2000"), "5.bmpx": page(format="BMP"), "6.png.part": PNG, "7.png~": PNG, "8.doc": b"BM",
        "9": b"PK\x03\x04", "10.xcf": PNG, "11.jxr": b"II\xbc\x01",
    }  # fmt: skip
    found = contents(*heads, heads=heads)
    assert found.pages == ("0.image.jpg25", "1", "2.dat", "3.txt", "4.jp", "5.bmpx", "10.xcf", "11.jxr")
    assert found.unsupported == {"11.jxr": "JPEG XR"}
    assert found.books == ("9",)
    assert kinds(found) == {
        "other_files": ("6.png.part", "7.png~", "8.doc"),
        "books_inside": ("9",),
        "pages_by_content": ("0.image.jpg25", "1", "2.dat", "3.txt", "4.jp", "5.bmpx"),
    }


def test_a_raw_photograph_is_no_page_for_the_thumbnail_it_begins_with() -> None:
    found = contents("1.dng", heads={"1.dng": page(format="TIFF")})
    assert found.unsupported == {"1.dng": "DNG"}


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["001.jpg", "002.jpg", "cover.jpg"], ["cover.jpg"]),
        (["001.jpg", "Folder.JPG"], ["Folder.JPG"]),
        (["1.png", "2.png", "Front Cover.png"], ["Front Cover.png"]),
        (["01.png", "表紙.png"], ["表紙.png"]),
        (["01.png", "封面.png"], ["封面.png"]),
        (["01.png", "표지.png"], ["표지.png"]),
        (["Bird v01 001.png", "Bird v01 002.png", "Bird v01 Cover.png"], ["Bird v01 Cover.png"]),
        (["a/001.png", "a/cover.png", "b/001.png", "b/cover.png"], ["a/cover.png", "b/cover.png"]),
        (["01.png", "cover1.png", "cover2.png"], ["cover1.png", "cover2.png"]),
        (["01.png", "back cover.png"], []),
        (["01.png", "coverage.png", "discover.png", "recover.png"], []),
        (["01.png", "02 cover.png", "03.png"], []),
        (["cover 1.png", "cover 2.png"], []),
        (["cover.png", "page1.png"], []),
    ],
)
def test_covers_come_first_in_their_folder_and_are_said_where_they_moved(names: list[str], first: list[str]) -> None:
    pages, moved = put_covers_first(sorted(names, key=sort_key))
    assert list(moved) == first
    assert sorted(pages) == sorted(names)
    for cover in first:
        folder = cover.rpartition("/")[0]
        beside = [name for name in pages if name.rpartition("/")[0] == folder]
        assert cover in beside[: len(first)]
    assert kinds(contents(*names)).get("covers_first", ()) == moved


def test_notes_name_some_and_count_all() -> None:
    found = contents("1.png", *(f"{number}.txt" for number in range(50)))
    assert found.notes == [BookNote.of("other_files", sorted((f"{n}.txt" for n in range(50)), key=sort_key))]
    assert (found.notes[0].count, len(found.notes[0].names)) == (50, 20)
