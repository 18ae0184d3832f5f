"""Read a book's own metadata from ComicInfo.xml as leniently as is safe, for many programs write it wrongly."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree
from xml.parsers import expat

from storage.book_info import BookCredit, BookInfo, BookNote, ChapterMark, CreditRole
from storage.domain import Order
from storage.errors import SourceDamaged, SourceError
from tools.ingest.encodings import TEXT_ENCODINGS, guess_encoding

MAX_XML = 4 * 2**20
"""Bytes of one XML file; the package list of a book with 10,000 pages has two million."""

_FILE_NAME = "comicinfo.xml"
_FIELDS = ("series", "number", "title", "languageiso", "manga")
_CREDITS: dict[str, CreditRole] = {
    "writer": "story", "penciller": "art", "inker": "inks", "colorist": "colours", "letterer": "lettering",
    "coverartist": "cover", "translator": "translation", "editor": "editing", "publisher": "publisher",
}  # fmt: skip
"""Fields that name people, several of them divided by commas."""
_ALL_FIELDS = (*_FIELDS, *_CREDITS)
_ORDERS: dict[str, Order | None] = {
    "yesandrighttoleft": "rtl",
    "righttoleft": "rtl",
    "rtl": "rtl",
    "no": "ltr",
    "lefttoright": "ltr",
    "ltr": "ltr",
    "yes": None,  # a manga, whatever its direction
    "unknown": None,
    "": None,
}
_LANGUAGES = {
    "jpn": "ja", "jp": "ja", "japanese": "ja", "eng": "en", "english": "en", "zho": "zh", "chi": "zh", "cn": "zh",
    "chinese": "zh", "kor": "ko", "kr": "ko", "korean": "ko", "fra": "fr", "fre": "fr", "french": "fr", "deu": "de",
    "ger": "de", "german": "de", "spa": "es", "spanish": "es", "ita": "it", "italian": "it", "por": "pt", "rus": "ru",
}  # fmt: skip
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "unknown", "none"})
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARATION_LENGTH = 400
_DECLARATION = re.compile(r"""^\s*<\?xml[^>]*?(?:encoding\s*=\s*["']([A-Za-z0-9_.:-]+)["'][^>]*)?\?>""")
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_SIMPLE_ELEMENT = re.compile(
    rf"<(?:\w+:)?({'|'.join(_ALL_FIELDS)})(?:\s[^<>]*)?>(?:<!\[CDATA\[)?([^<]*?)(?:\]\]>)?</", re.IGNORECASE
)


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
        raise _declarations_error(name)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as reason:
        raise ElementTree.ParseError(str(reason)) from reason


def _declarations_error(name: str) -> SourceError:
    return SourceError(
        f"{name} declares entities of its own", "no honest book needs them; remove that part of the file"
    )


def is_comic_info(name: str) -> bool:
    """Return whether a path is that of a metadata file, in any case of letters and in any folder."""
    return PurePosixPath(name).name.casefold() == _FILE_NAME


def read_comic_info(names: Iterable[str], read: Callable[[str], bytes], label: Callable[[str], str]) -> BookInfo:
    """Return the metadata of a book from the ComicInfo.xml nearest to the top that can be used.

    Args:
        names: Paths of the book's files.
        read: Returns the bytes of a file.
        label: Returns the name of a file for error messages.

    Raises:
        SourceError: A file declares entities, is too large, or may not be read.
    """
    info, notes = BookInfo(), list[BookNote]()
    paths = sorted((name for name in names if is_comic_info(name)), key=lambda name: (name.count("/"), name))
    for at, path in enumerate(paths):
        try:
            info = parse_comic_info(read(path), path, label(path))
        except SourceDamaged:  # the pages may be sound
            info = BookInfo(notes=(BookNote.of("unread_metadata", [path], "it is damaged in the archive"),))
        notes += info.notes
        if not any(note.kind == "unread_metadata" for note in info.notes):
            if unused := paths[at + 1 :]:
                notes.append(BookNote.of("unused_metadata", unused))
            break
    return info.model_copy(update={"notes": tuple(notes)})


def parse_comic_info(data: bytes, path: str, label: str = "") -> BookInfo:
    """Return the metadata in ComicInfo.xml: Series, Number, Title, LanguageISO, Manga, who made it, and Pages.

    Names of elements may have any case, any namespace and any depth. The encoding is the declared one where the bytes
    agree with it. A file that is not well-formed is repaired, and in the end searched for its elements as text. The
    notes say what was guessed, and that a file gave nothing.

    Args:
        data: The bytes of the file.
        path: Path of the file below the source, for notes.
        label: Name of the file for error messages.

    Raises:
        SourceError: The file declares entities.
    """
    text, guessed = _decode_text(data)
    fields, marks, repair = _read_fields(text, label or path)
    notes: list[BookNote] = []
    if not fields.keys() & set(_FIELDS):
        reason = (
            "it is empty" if not text.strip() else "it holds none of the fields Series, Title, LanguageISO or Manga"
        )
        return BookInfo(notes=(BookNote.of("unread_metadata", [path], reason),))
    if repairs := [words for words in (guessed and f"read as {guessed}", repair) if words]:
        notes.append(BookNote.of("repaired_metadata", [path], "; ".join(repairs)))
    manga = fields.get("manga", "")
    word = re.sub(r"[^a-z]", "", manga.lower())
    if word not in _ORDERS or (manga and not word):
        notes.append(BookNote.of("unknown_order", [path], manga))
    order = _ORDERS.get(word)
    return BookInfo(
        title=_title(fields.get("series", ""), fields.get("number", ""), fields.get("title", "")),
        series=fields.get("series", ""),
        number=fields.get("number", ""),
        name=fields.get("title", ""),
        credits=tuple(
            BookCredit(role=role, names=names) for field, role in _CREDITS.items() if (names := _names(fields, field))
        ),
        cover=marks.cover,
        chapters=marks.chapters,
        language=language_code(fields.get("languageiso", "")),
        order=order,
        order_reason=f"{PurePosixPath(path).name} says Manga={manga}" if order else "",
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class PageMarks:
    """What a file says of single pages."""

    cover: int | None = None
    chapters: tuple[ChapterMark, ...] = ()


def _names(fields: Mapping[str, str], field: str) -> tuple[str, ...]:
    """Return the names in a field, each once. A publisher's name may hold a comma."""
    text = fields.get(field, "")
    names = [text] if field == "publisher" else re.split(r"[,;、，]", text)
    return tuple(dict.fromkeys(name for part in names if (name := part.strip())))


def _page_marks(root: ElementTree.Element) -> PageMarks:
    """Return the cover and the bookmarks in the list of pages (Image counts from 0)."""
    cover, chapters = None, dict[int, ChapterMark]()
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag.rpartition("}")[2].lower() != "page":
            continue
        values = {name.lower(): " ".join(value.split()) for name, value in element.attrib.items()}
        if not re.fullmatch(r"[0-9]{1,6}", values.get("image", "")):
            continue
        page = int(values["image"])
        if cover is None and values.get("type", "").lower() == "frontcover":
            cover = page
        if title := values.get("bookmark", ""):
            chapters.setdefault(page, ChapterMark(page=page, title=title))
    return PageMarks(cover, tuple(chapters[page] for page in sorted(chapters)))


def language_code(language: str) -> str:
    """Shorten a language such as "ja-JP", "ja_JP" or "jpn" to "ja"; return "" if no single language is named."""
    code = language.strip().lower().replace("_", "-").split("-")[0]
    return "" if code in _NO_LANGUAGE else _LANGUAGES.get(code, code)


def _decode_text(data: bytes) -> tuple[str, str]:
    """Return XML as text, and the encoding if it had to be guessed."""
    marks = (*_BYTE_ORDER_MARKS, *_UNMARKED)
    if marked := next((encoding for mark, encoding in marks if data.lstrip()[: len(mark)] == mark), ""):
        return data.decode(marked, errors="replace"), ""
    declaration = _DECLARATION.match(data[:_DECLARATION_LENGTH].decode("latin-1"))
    declared = (declaration[1] or "") if declaration else ""
    # A declaration that can be read byte by byte is not in UTF-16, whatever it says; .NET writes it so.
    for encoding in ("" if declared.lower().startswith(("utf-16", "utf-32")) else declared, "utf-8"):
        try:
            if encoding:
                return data.decode(encoding), ""
        except (UnicodeDecodeError, LookupError):
            continue
    guess = guess_encoding(data, TEXT_ENCODINGS)
    return data.decode(guess, errors="replace"), guess


def _read_fields(text: str, label: str) -> tuple[dict[str, str], PageMarks, str]:
    """Return the fields of a file by their names in lower case, its pages, and what had to be done to read them."""
    whole = _cut_declaration(text.lstrip("\ufeff \t\r\n"))
    if "<!ENTITY" in whole:
        raise _declarations_error(label)
    for repair, attempt in (("", whole), ("escaped what XML forbids", _escape_text(whole))):
        try:
            root = parse_xml(attempt.encode("utf-8", "replace"), label)
            return _fields_of(root), _page_marks(root), repair
        except ElementTree.ParseError:
            continue
    found: dict[str, str] = {}
    for field, value in _SIMPLE_ELEMENT.findall(_CONTROL.sub(" ", whole)):
        found.setdefault(field.lower(), " ".join(html.unescape(value).split()))
    return found, PageMarks(), "searched as text, because it is not well-formed" if found else ""


def _cut_declaration(text: str) -> str:
    """Return XML without its declaration, because the text is decoded already."""
    declaration = _DECLARATION.match(text[:_DECLARATION_LENGTH])
    return text[declaration.end() :] if declaration else text


def _escape_text(text: str) -> str:
    """Escape ampersands and entities of HTML, and remove control characters and what stands around the root."""
    inside = _cut_declaration(text[text.find("<") : text.rfind(">") + 1])
    plain = _ENTITY.sub(lambda found: found[0] if _is_xml_entity(found[1]) else html.unescape(found[0]), inside)
    return _BARE_AMPERSAND.sub("&amp;", _CONTROL.sub(" ", plain))


def _is_xml_entity(name: str) -> bool:
    return name in ("amp", "lt", "gt", "quot", "apos")


def _fields_of(root: ElementTree.Element) -> dict[str, str]:
    """Return the fields of a parsed file; of a field that stands in several places, the one nearest to the root."""
    fields: dict[str, str] = {}
    level = [root]
    while level:
        for element in level:
            name = element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
            value = " ".join((element.text or "").split())
            if name in _ALL_FIELDS and value:
                fields.setdefault(name, value)
        level = [child for element in level for child in element]
    return fields


def _title(series: str, number: str, title: str) -> str:
    """Join series, number and title to one title."""
    volume = f"{series} {number}".strip() if series else ""
    return " - ".join(part for part in dict.fromkeys((volume, title)) if part)
