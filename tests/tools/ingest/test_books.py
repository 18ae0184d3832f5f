"""Books of every kind, drawn here: their pages, order and metadata, and every refusal."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from storage.errors import FormatUnsupported, SettingsError, SourceError
from tests.tools.ingest.packing import Members, page, write_zip
from tools.ingest.archives import MAX_FILES
from tools.ingest.books import PageRef, choose_pages, load_page, open_book

COMIC_INFO = b"<ComicInfo><Series>Komadori</Series><Manga>YesAndRightToLeft</Manga></ComicInfo>"


def folder(root: Path, *page_names: str) -> Path:
    """Write pages below `root`, each a little brighter than the one before."""
    for shade, name in enumerate(page_names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page(shade, "TIFF" if path.suffix == ".tif" else "PNG"))
    return root


def unpack(root: Path, members: Members) -> Path:
    """Write the members of an archive as files below `root`."""
    for name, data in members.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def page_names(source: Path) -> list[str]:
    return [ref.name for ref in open_book(source).pages]


def load_all(source: Path) -> None:
    book = open_book(source)
    for ref in book.pages:
        book.load(ref)


def refusal_of(source: Path) -> SourceError:
    """Return the error with which a book is refused when all its pages are opened and loaded."""
    with pytest.raises(SourceError) as caught:
        load_all(source)
    for line in (caught.value.what, caught.value.hint):
        assert line
        assert "\n" not in line
    return caught.value


def test_a_folder_is_read_in_natural_order_folder_by_folder(tmp_path: Path) -> None:
    expected = ["2.png", "010.jpg", "coverage.webp", "ch 2/page1.tif", "ch 10/a/1.bmp", "第２話/1.gif", "第10話/1.PNG"]
    assert page_names(folder(tmp_path, *reversed(expected))) == expected


def test_what_is_hidden_or_no_picture_is_left_out(tmp_path: Path) -> None:
    folder(tmp_path, "1.png", ".2.png", "._1.png", "__MACOSX/1.png", ".git/1.png", "book.komadori/still.png")
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "Thumbs.db").write_bytes(b"thumbs")
    (tmp_path / "empty").mkdir()
    assert page_names(tmp_path) == ["1.png"]


def test_pages_are_counted_from_0_and_loaded_by_place(tmp_path: Path) -> None:
    book = open_book(folder(tmp_path, "1.png", "2.png", "3.png"))
    assert [ref.index for ref in book.pages] == [0, 1, 2]
    assert [book.load(ref)[0, 0].tolist() for ref in book.pages] == [[0] * 3, [1] * 3, [2] * 3]


def test_folders_that_lead_back_are_walked_once(tmp_path: Path) -> None:
    folder(tmp_path, "a/1.png")
    (tmp_path / "a" / "back").symlink_to(tmp_path)
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone.png")
    assert len(page_names(tmp_path)) == 1


def test_one_image_is_a_book(tmp_path: Path) -> None:
    source = folder(tmp_path, "1.png", "only.png") / "only.png"
    book = open_book(source)
    assert book.pages == (PageRef(0, "only.png"),)
    assert book.load(book.pages[0]).shape == (30, 20, 3)


def test_several_images_are_a_book_in_natural_order(tmp_path: Path) -> None:
    folder(tmp_path, "a/9.png", "a/10.png", "b/1.png", "a/unasked.png")
    book = open_book(tuple(tmp_path / name for name in ("b/1.png", "a/10.png", "a/9.png", "a/../a/9.png")))
    assert [ref.name for ref in book.pages] == ["a/9.png", "a/10.png", "b/1.png"]
    assert [int(book.load(ref)[0, 0, 0]) for ref in book.pages] == [0, 1, 2]
    assert load_page(str(book.source), "b/1.png").shape == (30, 20, 3)
    assert open_book((tmp_path / "b" / "1.png",)).pages == (PageRef(0, "1.png"),)


def test_several_sources_must_be_images(tmp_path: Path) -> None:
    source = folder(tmp_path, "1.png", "a/1.png")
    for other in (source / "a", write_zip(tmp_path / "book.cbz", {"1.png": page()}), source / "gone.png"):
        with pytest.raises(SourceError, match=other.name):
            open_book((source / "1.png", other))
    with pytest.raises(SourceError, match="no page"):
        open_book(())


@pytest.mark.parametrize("name", ["book.cbz", "book.zip", "book.cbr", "book"])
def test_a_zip_is_a_book_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    members = {"b/10.png": page(10), "b/9.png": page(9), "__MACOSX/b/._9.png": b"", "b/info.txt": b"", "b/": b""}
    book = open_book(write_zip(tmp_path / name, members))
    assert [ref.name for ref in book.pages] == ["b/9.png", "b/10.png"]
    assert [int(book.load(ref)[0, 0, 0]) for ref in book.pages] == [9, 10]


def test_comic_info_is_believed_in_folders_and_archives(tmp_path: Path) -> None:
    source = folder(tmp_path / "book", "1.png")
    (source / "ComicInfo.xml").write_bytes(COMIC_INFO)
    archive = write_zip(tmp_path / "book.cbz", {"deep/1.png": page(), "deep/ComicInfo.xml": COMIC_INFO})
    for info in (open_book(source).info, open_book(archive).info):
        assert (info.title, info.order) == ("Komadori", "rtl")


@pytest.mark.parametrize("packed", [False, True])
def test_marks_of_comic_info_stay_with_their_pages_when_a_cover_is_put_first(tmp_path: Path, *, packed: bool) -> None:
    info = b"""<ComicInfo><Title>The bird</Title><Pages><Page Image="4" Type="FrontCover"/>
        <Page Image="0" Bookmark="Dawn"/><Page Image="2" Bookmark="Dusk"/>
        <Page Image="7" Bookmark="none"/></Pages></ComicInfo>"""
    members = {"001.png": page(), "002.png": page(), "003.png": page(), "004.png": page(), "cover.png": page()}
    source = unpack(tmp_path / "book", {**members, "ComicInfo.xml": info})
    if packed:
        source = write_zip(tmp_path / "book.cbz", {**members, "ComicInfo.xml": info})
    book = open_book(source)
    names = [ref.name for ref in book.pages]
    assert names[0] == "cover.png"
    assert book.info.cover == 0
    assert [(names[mark.page], mark.title) for mark in book.info.chapters] == [("001.png", "Dawn"), ("003.png", "Dusk")]


def test_the_uppermost_comic_info_counts(tmp_path: Path) -> None:
    other = COMIC_INFO.replace(b"Komadori", b"Other")
    archive = write_zip(tmp_path / "b.cbz", {"a/ComicInfo.xml": other, "ComicInfo.xml": COMIC_INFO, "1.png": page()})
    assert open_book(archive).info.title == "Komadori"


def test_a_pdf_is_a_book(tmp_path: Path) -> None:
    source = tmp_path / "book.pdf"
    shades = [PIL.Image.new("L", (40, 60), shade) for shade in (10, 200)]
    shades[0].save(source, "PDF", save_all=True, append_images=shades[1:], title="Komadori")
    book = open_book(source)
    assert book.info.title == "Komadori"
    assert [ref.name for ref in book.pages] == ["page-001", "page-002"]
    assert book.load(book.pages[1]).mean() > book.load(book.pages[0]).mean() + 100
    assert book.fingerprint(book.pages[0]) != book.fingerprint(book.pages[1])


def epub(path: Path, *, spine: bool) -> Path:
    container = b"<container><rootfiles><rootfile full-path='p.xml'/></rootfiles></container>"
    refs = b"<itemref idref='b'/><itemref idref='a'/>" if spine else b""
    manifest = b"<item id='a' href='10.png'/><item id='b' href='9.png'/><item id='c' href='style.css'/>"
    package = b"<package><manifest>%b</manifest><spine>%b</spine></package>" % (manifest, refs)
    return write_zip(
        path, {"META-INF/container.xml": container, "p.xml": package, "10.png": page(10), "9.png": page(9)}
    )


@pytest.mark.parametrize("spine", [True, False])
def test_an_epub_is_a_book_with_and_without_a_spine(tmp_path: Path, spine: bool) -> None:
    book = open_book(epub(tmp_path / "book.epub", spine=spine))
    assert [ref.name for ref in book.pages] == ["9.png", "10.png"]
    assert int(book.load(book.pages[0])[0, 0, 0]) == 9


def test_a_fingerprint_tells_one_page_from_another_wherever_it_lies(tmp_path: Path) -> None:
    source = folder(tmp_path / "book", "1.png", "2.png")
    book = open_book(source)
    first, second = (book.fingerprint(ref) for ref in book.pages)
    assert first == hashlib.sha256(page(0)).hexdigest()
    assert first != second
    archive = open_book(write_zip(tmp_path / "book.cbz", {"x.png": page(0)}))
    assert archive.fingerprint(archive.pages[0]) == first


def test_another_process_loads_one_page(tmp_path: Path) -> None:
    book = open_book(write_zip(tmp_path / "book.cbz", {"1.png": page(1), "2.png": page(2)}))
    ref = pickle.loads(pickle.dumps(book)).pages[1]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        loaded = pool.submit(load_page, str(book.source), ref.name).result()
        refused = pool.submit(load_page, str(book.source), "3.png").exception()
    assert np.array_equal(loaded, book.load(ref))
    assert isinstance(refused, SourceError)
    assert "3.png" in refused.what


def test_loading_writes_nothing(tmp_path: Path) -> None:
    source = folder(tmp_path / "in" / "book", "1.png")
    write_zip(tmp_path / "in" / "book.cbz", {"1.png": page(1)})
    before = sorted(tmp_path.rglob("*"))
    for path in (source, tmp_path / "in" / "book.cbz"):
        book = open_book(path)
        book.load(book.pages[0])
    assert sorted(tmp_path.rglob("*")) == before


TEN = tuple(PageRef(index, f"{index}.png") for index in range(10))


@pytest.mark.parametrize(
    ("spec", "chosen"),
    [
        ("", range(10)),
        ("  ", range(10)),
        ("3", [2]),
        ("3-5", [2, 3, 4]),
        ("1,4-6", [0, 3, 4, 5]),
        ("9-", [8, 9]),
        ("1-10", range(10)),
        ("5-6, 2 - 3, 3", [1, 2, 4, 5]),
    ],
)
def test_chosen_pages_keep_the_index_they_have_in_the_book(spec: str, chosen: list[int]) -> None:
    assert [ref.index for ref in choose_pages(TEN, spec)] == list(chosen)


@pytest.mark.parametrize(
    "spec",
    ["0", "11", "3-12", "11-", "6-3", "a", "-3", "1--3", "1,", ",", "1.5", "１", "²", "9" * 5000, "1-2-3", "\n-"],
)
def test_a_range_that_cannot_be_meant_names_the_number_of_pages(spec: str) -> None:
    with pytest.raises(SettingsError, match="10 pages") as caught:
        choose_pages(TEN, spec)
    assert "\n" not in caught.value.what
    assert len(caught.value.what) < 200


def test_a_source_that_is_missing_or_no_file_is_named(tmp_path: Path) -> None:
    assert "gone.cbz" in refusal_of(tmp_path / "gone.cbz").what
    assert "gone" in refusal_of(folder(tmp_path, "1.png") / "1.png" / "gone").what
    os.mkfifo(tmp_path / "pipe.png")
    assert "pipe.png" in refusal_of(tmp_path / "pipe.png").what


def test_a_book_without_a_page_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty holds no page" in refusal_of(tmp_path / "empty").what
    assert "holds no page" in refusal_of(write_zip(tmp_path / "words.cbz", {"notes.txt": b"notes"})).what
    assert "holds no page" in refusal_of(write_zip(tmp_path / "nothing.zip", {})).what


@contextmanager
def without_privileges() -> Iterator[None]:
    """Drop superuser rights for a while, because permissions do not apply to the superuser."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("closed", ["book", "book/1.png", "book.cbz", "book/sub"])
def test_what_may_not_be_read_is_named(closed: str) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder is closed to everyone else
        room = Path(name)
        room.chmod(0o755)
        folder(room / "book", "1.png", "sub/2.png")
        write_zip(room / "book.cbz", {"1.png": page()})
        (room / closed).chmod(0)
        with without_privileges():
            said = refusal_of(room / ("book.cbz" if closed == "book.cbz" else "book"))
        (room / closed).chmod(0o700)
    assert closed in said.what
    assert "permissions" in said.hint


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("book.cbr", b"Rar!\x1a\x07\x01\x00"),
        ("book.cbz", b"Rar!\x1a\x07\x00"),
        ("book.cb7", b"7z\xbc\xaf\x27\x1c"),
        ("book.cbr", b"damaged"),
        ("book.cbt", b"1.png\0"),
        ("book.cbt", b"\x1f\x8b"),
    ],
)
def test_damaged_archives_of_other_formats_are_named(tmp_path: Path, name: str, head: bytes) -> None:
    (tmp_path / name).write_bytes(head + bytes(100))
    assert name in refusal_of(tmp_path / name).what


@pytest.mark.parametrize("name", ["notes.txt", "book", "book.cbz", "book.zip", "book.epub", "book.pdf", "book.jpg"])
def test_words_are_no_book_whatever_they_are_called(tmp_path: Path, name: str) -> None:
    for data in (b"once upon a time", b""):
        (tmp_path / name).write_bytes(data)
        assert name in refusal_of(tmp_path / name).what


def test_a_bad_page_is_named_with_its_book(tmp_path: Path) -> None:
    source = folder(tmp_path / "book", "ch1/1.png")
    (source / "ch1" / "2.jpg").write_text("once upon a time")
    assert str(source / "ch1/2.jpg") in refusal_of(source).what
    archive = write_zip(tmp_path / "book.cbz", {"ch1/1.png": page(), "ch1/2.png": page()[:-30]})
    assert "book.cbz: ch1/2.png is damaged" in refusal_of(archive).what


def test_a_page_that_is_not_read_is_refused_by_name_and_can_be_left_out(tmp_path: Path) -> None:
    members = {"1.png": page(1), "2.jxr": b"II\xbc\x01" + bytes(60), "3.png": page(3), "4.png": page(4)}
    for source in (write_zip(tmp_path / "book.cbz", members), unpack(tmp_path / "book", members)):
        book = open_book(source)
        with pytest.raises(FormatUnsupported) as caught:
            choose_pages(book.pages, "")
        assert caught.value.format == "JPEG XR"
        assert "2.jxr" in caught.value.what
        assert "--pages 1,3-4" in caught.value.hint
        chosen = choose_pages(book.pages, "1,3-4")
        assert [int(book.load(ref)[0, 0, 0]) for ref in chosen] == [1, 3, 4]


def test_a_suffix_that_is_not_read_does_not_hide_a_picture_that_is(tmp_path: Path) -> None:
    book = open_book(write_zip(tmp_path / "book.cbz", {"1.jxl": page(7), "2.heic": page(8, "WEBP")}))
    assert [book.load(ref).shape for ref in choose_pages(book.pages, "")] == [(30, 20, 3)] * 2


def test_a_name_that_cannot_be_written_down_is_refused(tmp_path: Path) -> None:
    source = folder(tmp_path / "book", "1.png")
    (source / os.fsdecode(b"\xff.png")).write_bytes(page())
    assert "name" in refusal_of(source).what


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    source = folder(tmp_path / "book", "1.png")
    for number in range(MAX_FILES):
        (source / f"{number}.txt").touch()
    assert "10000" in refusal_of(source).what


def test_a_file_too_large_for_a_page_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.bmp").open("wb") as file:
        file.truncate(2**40)
    assert "huge.bmp" in refusal_of(tmp_path / "huge.bmp").what


@pytest.mark.parametrize("name", ["../secret.png", "/etc/secret.png", "a/../../secret.png", "gone.png", "ch1"])
def test_no_page_is_loaded_from_outside_the_book(tmp_path: Path, name: str) -> None:
    folder(tmp_path, "secret.png", "book/ch1/1.png")
    with pytest.raises(SourceError):
        load_page(str(tmp_path / "book"), name)
