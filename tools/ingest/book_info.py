"""Read a book's own metadata from ComicInfo.xml, with a parser that is safe for untrusted XML."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.parsers import expat

from storage.domain import BookInfo, Order
from storage.errors import SourceError

MAX_XML = 4 * 2**20
"""Bytes of one XML file; the package list of a book with 10,000 pages has two million."""

COMIC_INFO = "ComicInfo.xml"
"""Name of the metadata file that comic readers put into a book."""

_THREE_LETTERS = {"jpn": "ja", "eng": "en", "zho": "zh", "chi": "zh", "kor": "ko"}
_NO_LANGUAGE = frozenset({"und", "zxx", "mul"})


def parse_xml(data: bytes, name: str) -> ElementTree.Element:
    """Parse XML that declares no entities.

    Args:
        data: The bytes of the file.
        name: Name of the file for error messages.

    Raises:
        SourceError: The document type has declarations; they can expand without end, or read other files.
        xml.etree.ElementTree.ParseError: The XML is not well-formed.
    """
    _refuse_declarations(data, name)
    try:
        return ElementTree.fromstring(data)
    except (LookupError, ValueError) as reason:  # an encoding that Python does not know
        raise ElementTree.ParseError(str(reason)) from reason


def _refuse_declarations(data: bytes, name: str) -> None:
    """Raise SourceError if the XML has a document type with declarations of its own."""

    def doctype(_root: str, _system: str | None, _public: str | None, has_declarations: bool) -> None:
        if has_declarations:
            refuse()

    def refuse(*_declaration: object) -> None:
        raise SourceError(
            f"{name} declares entities of its own", "no honest book needs them; remove that part of the file"
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as reason:
        raise ElementTree.ParseError(str(reason)) from reason


def parse_comic_info(data: bytes, name: str) -> BookInfo:
    """Return the metadata in ComicInfo.xml (Series, Number, Title, LanguageISO, Manga).

    A file that is not well-formed gives no metadata, and `order_reason` says so; the pages can still be read.

    Args:
        data: The bytes of the file.
        name: Name of the file for error messages.

    Raises:
        SourceError: The file declares entities.
    """
    try:
        root = parse_xml(data, name)
    except ElementTree.ParseError:
        return BookInfo(order_reason=f"{COMIC_INFO} is damaged and was not read")
    fields = {child.tag: " ".join((child.text or "").split()) for child in root}
    manga = fields.get("Manga", "")
    orders: dict[str, Order] = {"yesandrighttoleft": "rtl", "no": "ltr"}
    order = orders.get(manga.lower())
    return BookInfo(
        title=_title(fields.get("Series", ""), fields.get("Number", ""), fields.get("Title", "")),
        language=language_code(fields.get("LanguageISO", "")),
        order=order,
        order_reason=f"{COMIC_INFO} says Manga={manga}" if order else "",
    )


def language_code(language: str) -> str:
    """Shorten a language such as "ja-JP", "ja_JP" or "jpn" to "ja"; return "" if no single language is named."""
    code = language.strip().lower().replace("_", "-").split("-")[0]
    return "" if code in _NO_LANGUAGE else _THREE_LETTERS.get(code, code)


def _title(series: str, number: str, title: str) -> str:
    """Join series, number and title to one title."""
    volume = f"{series} {number}".strip() if series else ""
    return " - ".join(part for part in dict.fromkeys((volume, title)) if part)
