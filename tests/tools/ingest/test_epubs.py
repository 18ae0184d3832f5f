"""EPUBs as different programs write them: the order of their pages, and the errors of broken books."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from storage.book_info import BookInfo, BookNote
from storage.errors import NoPages, SourceError
from tests.tools.ingest.packing import page as page_bytes
from tools.ingest.contents import Contents
from tools.ingest.epubs import Spine, list_epub, read_spine
from tools.ingest.picture_formats import is_decodable
from tools.ingest.zip_archives import ZipArchive

CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.xml" media-type="application/oebps-package+xml"/></rootfiles></container>"""


def package(items: dict[str, str], spine: list[str], direction: str = "") -> str:
    manifest = "".join(f'<item id="{name}" href="{href}" media-type="x/y"/>' for name, href in items.items())
    refs = "".join(f'<itemref idref="{name}"/>' for name in spine)
    attribute = f' page-progression-direction="{direction}"' if direction else ""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>コマ鳥</dc:title><dc:language>ja-JP</dc:language></metadata>
<manifest>{manifest}</manifest><spine{attribute}>{refs}</spine></package>"""


def img(source: str) -> str:
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><body>&nbsp;<!-- <img src="old.jpg"/> --><p><img alt="a > b"
 data-src="lazy.jpg" src='{source}'/></p></body></html>"""


def svg(source: str) -> str:
    return f"""<html xmlns="http://www.w3.org/1999/xhtml" xmlns:xlink="http://www.w3.org/1999/xlink"><body>
<svg:svg xmlns:svg="http://www.w3.org/2000/svg"><svg:image width="9" xlink:href="{source}"/></svg:svg></body></html>"""


def write_epub(path: Path, members: dict[str, str | bytes]) -> Path:
    """Write an EPUB of three pages, its spine against the order of its names, with `members` added or changed."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def book_of(tmp_path: Path, members: dict[str, str | bytes]) -> Path:
    """Pack a book of three pages, its spine against the order of its names, with `members` added or changed."""
    whole: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.xml": package(
            {"a": "text/a.xhtml", "b": "text/b.xhtml", "c": "img/page%203.jpg", "i": "img/1.jpg", "j": "img/2.jpg"},
            ["b", "a", "c"],
            "rtl",
        ),
        "OEBPS/text/a.xhtml": img("../img/1.jpg#xywh=1,2,3,4"),
        "OEBPS/text/b.xhtml": svg("../img/2.jpg"),
        "OEBPS/img/1.jpg": b"1",
        "OEBPS/img/2.jpg": b"2",
        "OEBPS/img/page 3.jpg": b"3",
    }
    whole.update(members)
    return write_epub(tmp_path / "book.epub", {name: data for name, data in whole.items() if data != ""})


def spine_of(path: Path) -> Spine:
    with ZipArchive(path) as archive:
        return read_spine(archive, path.name, lambda name: name.endswith(".jpg"))


def test_pages_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    spine = spine_of(book_of(tmp_path, {}))
    assert spine.pages == ("OEBPS/img/2.jpg", "OEBPS/img/1.jpg", "OEBPS/img/page 3.jpg")
    assert sorted(spine.pictures) == ["OEBPS/img/1.jpg", "OEBPS/img/2.jpg", "OEBPS/img/page 3.jpg"]


def test_the_package_tells_title_language_and_order(tmp_path: Path) -> None:
    info = spine_of(book_of(tmp_path, {})).info
    assert (info.title, info.language, info.order) == ("コマ鳥", "ja", "rtl")
    assert "rtl" in info.order_reason


@pytest.mark.parametrize("direction", ["", "default"])
def test_a_book_without_a_direction_has_no_order(tmp_path: Path, direction: str) -> None:
    manifest = package({"a": "text/a.xhtml"}, ["a"], direction)
    info = spine_of(book_of(tmp_path, {"OEBPS/book.xml": manifest})).info
    assert info.order is None
    assert info.order_reason == ""


def test_a_document_may_show_a_whole_chapter(tmp_path: Path) -> None:
    chapter = (
        '<img src="../img/2.jpg"><img src="../img/1.jpg"><img src="../img/2.jpg"><img src="data:image/png;base64,AA">'
    )
    spine = spine_of(book_of(tmp_path, {"OEBPS/text/b.xhtml": chapter, "OEBPS/text/a.xhtml": "<p>words</p>"}))
    assert spine.pages == ("OEBPS/img/2.jpg", "OEBPS/img/1.jpg", "OEBPS/img/page 3.jpg")


@pytest.mark.parametrize(
    "style",
    ["background-image: url('../img/1.jpg')", "color: red; background: #fff url( ../img/1.jpg ) no-repeat",
     "background:url(&quot;../img/1.jpg&quot;)"],
)  # fmt: skip
def test_a_page_may_show_its_picture_as_a_background(tmp_path: Path, style: str) -> None:
    spine = spine_of(book_of(tmp_path, {"OEBPS/text/a.xhtml": f'<div class="page" style="{style}"></div>'}))
    assert spine.pages == ("OEBPS/img/2.jpg", "OEBPS/img/1.jpg", "OEBPS/img/page 3.jpg")
    assert spine.text_pages == ()
    beside = f'<img src="../img/2.jpg"/><hr style="{style}"/>'
    assert spine_of(book_of(tmp_path, {"OEBPS/text/a.xhtml": beside})).pages == (
        "OEBPS/img/2.jpg", "OEBPS/img/2.jpg", "OEBPS/img/page 3.jpg",
    ), "beside pictures it is an ornament"  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-16", "cp932", "utf-8-sig"])
def test_documents_may_be_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    page = f'<?xml version="1.0" encoding="{encoding}"?>' + img("../img/鳥.jpg")
    members: dict[str, str | bytes] = {"OEBPS/text/a.xhtml": page.encode(encoding), "OEBPS/img/鳥.jpg": b"4"}
    assert "OEBPS/img/鳥.jpg" in spine_of(book_of(tmp_path, members)).pages


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"META-INF/container.xml": ""}, "container.xml is missing"),
        ({"META-INF/container.xml": "<container/>"}, "names no package"),
        ({"OEBPS/book.xml": ""}, "book.xml is missing"),
        ({"OEBPS/book.xml": "<package>"}, "not well-formed"),
        ({"OEBPS/text/a.xhtml": ""}, "a.xhtml is missing"),
        ({"OEBPS/img/2.jpg": ""}, "2.jpg is missing"),
        ({"OEBPS/text/a.xhtml": img("../../../etc/1.jpg")}, "outside the book"),
        ({"META-INF/container.xml": CONTAINER.replace("OEBPS/book.xml", "../book.xml")}, "outside the book"),
        ({"OEBPS/book.xml": '<!DOCTYPE p [<!ENTITY a "b">]><package>&a;</package>'}, "entities"),
    ],
)
def test_a_broken_book_says_what_is_wrong(tmp_path: Path, members: dict[str, str | bytes], why: str) -> None:
    with pytest.raises(SourceError) as refusal:
        spine_of(book_of(tmp_path, members))
    assert "book.epub" in refusal.value.what
    assert why in refusal.value.what
    assert refusal.value.hint


def encryption(path: str) -> str:
    return f"""<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
 xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:CipherData>
<enc:CipherReference URI="{path}"/></enc:CipherData></enc:EncryptedData></encryption>"""


def test_protected_pages_are_refused_and_hidden_fonts_do_not_matter(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="DRM"):
        spine_of(book_of(tmp_path, {"META-INF/encryption.xml": encryption("OEBPS/img/1.jpg")}))
    fonts = book_of(tmp_path, {"META-INF/encryption.xml": encryption("OEBPS/fonts/a.ttf")})
    assert len(spine_of(fonts).pages) == 3


def opened(path: Path) -> tuple[BookInfo, Contents]:
    with ZipArchive(path) as archive:
        return list_epub(archive, path.name)


def test_pages_without_a_picture_and_pictures_without_a_page_are_counted(tmp_path: Path) -> None:
    vector = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
    items = {
        "a": "a.xhtml",
        "b": "b.xhtml",
        "s": "s.svg",
        "w": "w.xhtml",
        "d": "d.xhtml",
        "c": "cover.jpg",
        "x": "x.css",
    }
    members: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.xml": package(items, ["a", "s", "w", "d", "b"]),
        "OEBPS/a.xhtml": img("1.jpg"),
        "OEBPS/b.xhtml": svg("page"),
        "OEBPS/s.svg": vector,
        "OEBPS/w.xhtml": "<p>words</p>",
        "OEBPS/d.xhtml": '<img src="data:image/png;base64,AAAA"/>',
        "OEBPS/1.jpg": page_bytes(1),
        "OEBPS/page": page_bytes(2),
        "OEBPS/cover.jpg": page_bytes(0),
        "OEBPS/x.css": "p {}",
    }
    _, found = opened(write_epub(tmp_path / "book.epub", members))
    assert found.pages == ("OEBPS/1.jpg", "OEBPS/page")
    assert found.notes == [
        BookNote.of("text_pages", ["OEBPS/s.svg", "OEBPS/w.xhtml", "OEBPS/d.xhtml"], "5"),
        BookNote.of("unused_pictures", ["OEBPS/cover.jpg"]),
    ]


def text_book(tmp_path: Path, pages: int, pictures: int) -> Path:
    chapters = {f"c{n}": f"{n}.xhtml" for n in range(pages)}
    images = {f"i{n}": f"{n}.jpg" for n in range(pictures)}
    members: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.xml": package({**chapters, **images}, list(chapters)),
        **{f"OEBPS/{path}": "<p>Call me Ishmael.</p>" for path in chapters.values()},
        **{f"OEBPS/{path}": page_bytes(9) for path in images.values()},
    }
    return write_epub(tmp_path / "book.epub", members)


def test_a_novel_is_called_a_text(tmp_path: Path) -> None:
    for pictures in (0, 1, 2):
        with pytest.raises(NoPages) as caught:
            opened(text_book(tmp_path, 6, pictures))
        assert caught.value.text_pages == 6


def test_pictures_that_pages_show_in_an_unknown_way_come_sorted_by_name(tmp_path: Path) -> None:
    _, found = opened(text_book(tmp_path, 12, 12))
    names = [f"OEBPS/{n}.jpg" for n in range(12)]
    assert list(found.pages) == names
    assert [(note.kind, note.count) for note in found.notes] == [("text_pages", 12), ("sorted_by_name", 12)]


def test_a_picture_in_a_format_that_is_not_read_is_a_page_that_can_be_left_out(tmp_path: Path) -> None:
    _, found = opened(book_of(tmp_path, {"OEBPS/text/a.xhtml": img("../img/1.jxl"), "OEBPS/img/1.jxl": b"\xff\x0a"}))
    assert "OEBPS/img/1.jxl" in found.pages
    assert found.unsupported == ({} if is_decodable("JPEG XL") else {"OEBPS/img/1.jxl": "JPEG XL"})


def test_the_package_names_who_made_the_book_and_its_cover(tmp_path: Path) -> None:
    written = package({"a": "img/1.jpg", "b": "img/2.jpg"}, ["a", "b"])
    two = written.replace(
        "</metadata>",
        '<dc:creator xmlns:opf="http://www.idpf.org/2007/opf" opf:role="art">Hana</dc:creator>'
        "<dc:creator>Mori</dc:creator>"
        "<dc:contributor>somebody</dc:contributor><dc:publisher>House</dc:publisher><dc:rights>CC BY 4.0</dc:rights>"
        '<meta name="cover" content="b"/></metadata>',
    )
    three = written.replace(
        "</metadata>",
        '<dc:creator id="x">Mori</dc:creator><dc:contributor id="y">Ann</dc:contributor>'
        '<meta refines="#y" property="role">trl</meta></metadata>',
    ).replace('<item id="b"', '<item properties="cover-image" id="b"')
    pictures: dict[str, str | bytes] = {f"OEBPS/img/{n}.jpg": page_bytes(n) for n in (1, 2)}
    found = []
    for number, text in enumerate((two, three, written)):
        members = {"META-INF/container.xml": CONTAINER, "OEBPS/book.xml": text, **pictures}
        info, contents = list_epub(ZipArchive(write_epub(tmp_path / f"{number}.epub", members)), "book")
        assert contents.pages == ("OEBPS/img/1.jpg", "OEBPS/img/2.jpg")
        found.append((info.cover, info.rights, {credit.role: credit.names for credit in info.credits}))
    assert found == [
        (1, "CC BY 4.0", {"art": ("Hana",), "author": ("Mori",), "publisher": ("House",)}),
        (1, "", {"author": ("Mori",), "translation": ("Ann",)}),
        (None, "", {}),
    ]
