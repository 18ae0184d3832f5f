"""Test ComicInfo.xml as common programs and attackers write it: accepted values and refused files."""

from __future__ import annotations

import pytest

from storage.book_info import BookInfo, BookNote
from storage.errors import SourceError
from tools.ingest.comic_info import language_code, parse_comic_info, read_comic_info

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE ComicInfo [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><ComicInfo><Title>&c;</Title></ComicInfo>"""
OTHER_FILE = (
    b"""<!DOCTYPE ComicInfo [<!ENTITY a SYSTEM "file:///etc/passwd">]><ComicInfo><Title>&a;</Title></ComicInfo>"""
)


def write_comic_info(**fields: str) -> bytes:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<ComicInfo {schema}>{inside}</ComicInfo>'.encode()


def test_title_language_and_order_are_read() -> None:
    data = write_comic_info(
        Series="コマ鳥", Number="3", Title="The  bird\n", LanguageISO="ja", Manga="YesAndRightToLeft"
    )
    info = parse_comic_info(data, "ComicInfo.xml")
    assert info.title == "コマ鳥 3 - The bird"
    assert info.language == "ja"
    assert info.order == "rtl"
    assert info.order_reason == "ComicInfo.xml says Manga=YesAndRightToLeft"


@pytest.mark.parametrize(
    ("manga", "order"), [("YesAndRightToLeft", "rtl"), ("No", "ltr"), ("Yes", None), ("Unknown", None), ("", None)]
)
def test_only_a_clear_word_sets_the_order(manga: str, order: str | None) -> None:
    info = parse_comic_info(write_comic_info(Manga=manga), "ComicInfo.xml")
    assert info.order == order
    assert bool(info.order_reason) == bool(order)


def test_a_title_is_made_of_what_there_is() -> None:
    assert parse_comic_info(write_comic_info(Title="One"), "x").title == "One"
    assert parse_comic_info(write_comic_info(Series="One", Title="One"), "x").title == "One"
    assert parse_comic_info(write_comic_info(Number="4"), "x").title == ""
    assert parse_comic_info(write_comic_info(), "x").title == ""


@pytest.mark.parametrize("data", [LAUGHS, OTHER_FILE])
def test_entities_are_refused_and_the_file_is_named(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"book\.cbz: ComicInfo\.xml"):
        parse_comic_info(data, "book.cbz: ComicInfo.xml")


def test_a_document_type_without_declarations_is_harmless() -> None:
    assert (
        parse_comic_info(b'<!DOCTYPE ComicInfo SYSTEM "x.dtd"><ComicInfo><Title>T</Title></ComicInfo>', "x").title
        == "T"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"\x89PNG\r\n",
        b"<ComicInfo><Pages/></ComicInfo>",
    ],
)
def test_a_file_without_a_field_is_said_with_its_reason(data: bytes) -> None:
    info = parse_comic_info(data, "ch1/ComicInfo.xml")
    (note,) = info.notes
    assert info == BookInfo(notes=(note,))
    assert (note.kind, note.names) == ("unread_metadata", ("ch1/ComicInfo.xml",))
    assert note.value


RIGHT_TO_LEFT = "<ComicInfo><Series>Été & {}</Series><Manga>YesAndRightToLeft</Manga></ComicInfo>"


@pytest.mark.parametrize(
    ("data", "title", "repair"),
    [
        (RIGHT_TO_LEFT.format("鳥").replace("&", "&amp;").encode(), "Été & 鳥", False),
        (RIGHT_TO_LEFT.format("鳥").encode(), "Été & 鳥", True),
        (RIGHT_TO_LEFT.format("鳥").encode("utf-8-sig"), "Été & 鳥", True),
        (RIGHT_TO_LEFT.format("鳥").encode("utf-16"), "Été & 鳥", True),
        (RIGHT_TO_LEFT.format("&eacute;&nbsp;&lt;x").encode(), "Été & é <x", True),
        (RIGHT_TO_LEFT.format("\x0b!").encode("latin-1"), "Été & !", True),
        (RIGHT_TO_LEFT.format("!").replace("</ComicInfo>", "").encode(), "Été & !", True),
        (
            RIGHT_TO_LEFT.format("!").replace("<Series>", "<Summary><br>a < b</Summary><Series>").encode(),
            "Été & !",
            True,
        ),
        (b"junk before " + RIGHT_TO_LEFT.format("!").encode() + b"\0\0", "Été & !", True),
    ],
)
def test_what_is_not_well_formed_is_read_and_said(data: bytes, title: str, repair: bool) -> None:
    info = parse_comic_info(data, "ComicInfo.xml")
    assert (info.title, info.order) == (title, "rtl")
    assert [note.kind for note in info.notes] == ["repaired_metadata"] * repair


@pytest.mark.parametrize(
    ("declared", "written", "guessed"),
    [
        ("utf-8", "cp1252", True), ("utf-8", "cp932", True), ("", "gb18030", True), ("utf-8", "cp949", True),
        ("utf-16", "utf-8", False), ("cp932", "cp932", False), ("iso-8859-1", "latin-1", False),
        ("utf-8", "utf-16-le", False), ("utf-8", "utf-16", False), ("ascii", "utf-8", False),
    ],
)  # fmt: skip
def test_the_declared_encoding_counts_where_the_bytes_agree(declared: str, written: str, guessed: bool) -> None:
    titles = {
        "cp1252": "Été ë",
        "cp932": "コマ鳥の話",
        "gb18030": "小鸟的故事",
        "cp949": "작은 새의 이야기",
        "latin-1": "Été ë",
    }
    title = titles.get(written, "Été 鳥")
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    data = f"{declaration}<ComicInfo><Title>{title}</Title><Manga>YesAndRightToLeft</Manga></ComicInfo>"
    info = parse_comic_info(data.encode(written), "ComicInfo.xml")
    assert (info.title, info.order) == (title, "rtl")
    assert [note.kind for note in info.notes] == ["repaired_metadata"] * guessed


@pytest.mark.parametrize(
    "data",
    [
        '<comicinfo><SERIES>Bird</SERIES><manga>yesandrighttoleft</manga></comicinfo>',
        '<ComicInfo xmlns="http://example.org/ci"><Series>Bird</Series><Manga>YesAndRightToLeft</Manga></ComicInfo>',
        '<c:ComicInfo xmlns:c="x"><c:Series>Bird</c:Series><c:Manga> RightToLeft </c:Manga></c:ComicInfo>',
        '<Books><Book><ComicInfo><Series>Bird</Series><Manga>Yes and right to left</Manga></ComicInfo></Book></Books>',
        '<ComicInfo><Parts><Series>No</Series></Parts><Series>Bird</Series><Manga>rtl</Manga></ComicInfo>',
    ],
)  # fmt: skip
def test_elements_may_have_any_case_namespace_and_depth(data: str) -> None:
    info = parse_comic_info(data.encode(), "ComicInfo.xml")
    assert (info.title, info.order, info.notes) == ("Bird", "rtl", ())


@pytest.mark.parametrize("manga", ["Ja", "右から左", "YesAndUpwards"])
def test_a_direction_that_is_not_understood_is_said(manga: str) -> None:
    info = parse_comic_info(write_comic_info(Series="Bird", Manga=manga), "ComicInfo.xml")
    assert info.order is None
    assert info.notes == (BookNote.of("unknown_order", ["ComicInfo.xml"], manga),)


def test_the_uppermost_file_that_can_be_used_counts_and_the_others_are_said() -> None:
    files = {
        "b/c/ComicInfo.xml": write_comic_info(Series="Deep"),
        "a/comicinfo.XML": write_comic_info(Series="Bird"),
        "ComicInfo.xml": b"",
        "001.png": b"",
    }
    info = read_comic_info(files, files.__getitem__, str)
    assert info.title == "Bird"
    assert [(note.kind, note.names) for note in info.notes] == [
        ("unread_metadata", ("ComicInfo.xml",)),
        ("unused_metadata", ("b/c/ComicInfo.xml",)),
    ]
    assert read_comic_info(["001.png"], files.__getitem__, str) == BookInfo()


def test_entities_stay_refused_where_the_file_is_not_well_formed_too() -> None:
    for data in (LAUGHS + b"<", LAUGHS.decode().encode("utf-16")):
        with pytest.raises(SourceError):
            parse_comic_info(data, "ComicInfo.xml")


def test_utf_16_is_read() -> None:
    text = write_comic_info(Title="鳥").decode().replace("utf-8", "utf-16")
    assert parse_comic_info(text.encode("utf-16"), "x").title == "鳥"


@pytest.mark.parametrize(
    ("said", "code"),
    [("ja", "ja"), ("ja-JP", "ja"), ("EN_us", "en"), ("jpn", "ja"), ("und", ""), ("", ""), (" zh-Hant ", "zh")],
)
def test_languages_are_named_by_two_letters(said: str, code: str) -> None:
    assert language_code(said) == code


def test_who_made_the_book_and_where_its_chapters_begin_is_read() -> None:
    data = write_comic_info(
        Series="Komadori", Number="2", Title="The bird", Writer="A. Mori, B. Mori, A. Mori", Penciller="Hana",
        Translator="", Publisher="House, Ltd.",
        Pages='<Page Image="0" Type="FrontCover"/><Page Image="9" Bookmark="Two"/><Page image="1" bookmark=" One "/>'
        '<Page Image="9" Bookmark="again"/><Page Image="-1" Bookmark="x"/><Page Bookmark="x"/>',
    )  # fmt: skip
    info = parse_comic_info(data, "ComicInfo.xml")
    assert (info.series, info.number, info.name) == ("Komadori", "2", "The bird")
    assert [(credit.role, credit.names) for credit in info.credits] == [
        ("story", ("A. Mori", "B. Mori")), ("art", ("Hana",)), ("publisher", ("House, Ltd.",)),
    ]  # fmt: skip
    assert info.cover == 0
    assert [(mark.page, mark.title) for mark in info.chapters] == [(1, "One"), (9, "Two")]


def test_a_file_with_credits_alone_is_as_empty_as_before() -> None:
    info = parse_comic_info(write_comic_info(Writer="Mori"), "ComicInfo.xml")
    assert [note.kind for note in info.notes] == ["unread_metadata"]
    assert (info.title, info.credits) == ("", ())
