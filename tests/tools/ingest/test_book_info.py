"""Test ComicInfo.xml as common programs and attackers write it: accepted values and refused files."""

from __future__ import annotations

import pytest

from storage.errors import SourceError
from tools.ingest.book_info import language_code, parse_comic_info

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
    [b"", b"<ComicInfo><Series>Tom & Jerry</Series>", b"\xff\xfe", b'<?xml version="1.0" encoding="klingon"?><a/>'],
)
def test_a_damaged_file_costs_only_what_it_says(data: bytes) -> None:
    info = parse_comic_info(data, "ComicInfo.xml")
    assert info.title == ""
    assert info.order is None
    assert "damaged" in info.order_reason


def test_utf_16_is_read() -> None:
    text = write_comic_info(Title="鳥").decode().replace("utf-8", "utf-16")
    assert parse_comic_info(text.encode("utf-16"), "x").title == "鳥"


@pytest.mark.parametrize(
    ("said", "code"),
    [("ja", "ja"), ("ja-JP", "ja"), ("EN_us", "en"), ("jpn", "ja"), ("und", ""), ("", ""), (" zh-Hant ", "zh")],
)
def test_languages_are_named_by_two_letters(said: str, code: str) -> None:
    assert language_code(said) == code
