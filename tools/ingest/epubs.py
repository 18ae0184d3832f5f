"""List the pages of an EPUB in the order of its spine, without decoding them."""

from __future__ import annotations

import functools
import html
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from storage.book_info import BookCredit, BookInfo, CreditRole
from storage.domain import Order
from storage.errors import SourceError
from tools.ingest.archives import MAX_FILES, Archive, printable_name
from tools.ingest.comic_info import MAX_XML, language_code, parse_xml
from tools.ingest.contents import Contents, has_picture_suffix, sort_key, system_path
from tools.ingest.no_book import novel_error
from tools.ingest.picture_formats import OTHER_SUFFIXES, PLUGINS, SUFFIXES, find_picture_format, is_decodable

CONTAINER = "META-INF/container.xml"
"""Path of the file that names the package of an EPUB."""
_ENCRYPTION = "META-INF/encryption.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ROLES: dict[str, CreditRole] = {
    "aut": "author", "art": "art", "ill": "art", "clr": "colours", "trl": "translation", "cov": "cover",
    "edt": "editing",
}  # fmt: skip
"""Roles by their MARC relator codes, as EPUBs write them."""
_DOCUMENT_SUFFIXES = frozenset((".xhtml", ".html", ".htm", ".xml", ".svg", ".css", ".ncx", ".js", ".ttf", ".otf"))
_PICTURE = re.compile(r"""<(?:\w+:)?(img|image)\b((?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""", re.IGNORECASE)
_REFERENCE = re.compile(r"""(?<![\w:-])(?:xlink:)?(src|href)\s*=\s*("[^"<]*"|'[^'<]*')""", re.IGNORECASE)
_STYLE = re.compile(r"""(?<![\w:-])style\s*=\s*("[^"<]*"|'[^'<]*')""", re.IGNORECASE)
_BACKGROUND = re.compile(r"""background(?:-image)?\s*:[^;]*?\burl\(\s*["']?([^"'()]+?)["']?\s*\)""", re.IGNORECASE)


@dataclass(frozen=True)
class Spine:
    """The pictures of an EPUB, and its metadata."""

    info: BookInfo
    pages: tuple[str, ...]
    """Paths of the pictures that the spine shows, in its order."""
    pictures: tuple[str, ...]
    """Paths of all pictures in the manifest."""
    documents: int
    """How many pages the spine lists, with and without a picture."""
    text_pages: tuple[str, ...]
    """Paths of the pages in the spine that show no picture."""
    cover: str = ""
    """Path of the picture that the package calls the cover; "" if it names none."""


def list_epub(archive: Archive, label: str) -> tuple[BookInfo, Contents]:
    """Return the metadata and the pages of an EPUB.

    Args:
        archive: The open EPUB.
        label: Name of the book for error messages.

    Raises:
        NoPages: The book is a text: its pages show no picture.
        SourceError: The book is damaged, or its pictures are protected.
    """
    spine = read_spine(archive, label, functools.partial(_is_picture, archive))
    shown = set(spine.pages)
    unused = [name for name in dict.fromkeys(spine.pictures) if name not in shown]
    if not spine.pages and 2 * len(unused) < spine.documents:  # else its pages show them in a way that is not known
        raise novel_error(label, spine.documents)
    by_name = tuple(sorted(unused, key=sort_key))
    found = Contents(pages=spine.pages or by_name)
    found.unsupported = {name: format for name in found.pages if (format := _unsupported_format(name))}
    cover = found.pages.index(spine.cover) if spine.cover in found.pages else None
    found.note("text_pages", spine.text_pages, str(spine.documents))
    found.note("unused_pictures", unused if spine.pages else ())
    found.note("sorted_by_name", () if spine.pages else by_name)
    return spine.info.model_copy(update={"cover": cover}), found


def read_spine(archive: Archive, label: str, is_page: Callable[[str], bool]) -> Spine:
    """List the pictures of an EPUB, from container.xml to the package and along its spine.

    Args:
        archive: The open EPUB.
        label: Name of the book for error messages.
        is_page: Returns whether a path is a picture.

    Raises:
        SourceError: The book is damaged, or its pictures are protected.
    """
    package_path = _package_path(archive, label)
    package = _read_xml(archive, package_path, label)
    base = posixpath.dirname(package_path)
    items = {
        item.get("id", ""): _resolve(base, item.get("href", ""), label)
        for item in package.iterfind("{*}manifest/{*}item")
    }
    spine = package.find("{*}spine")
    refs = [] if spine is None else spine.findall("{*}itemref")
    path_of_each = dict.fromkeys(items.get(ref.get("idref", ""), "") for ref in refs)
    documents = [path for path in path_of_each if path]
    pages: list[str] = []
    text_pages: list[str] = []
    for path in documents[: MAX_FILES + 1]:
        shown = list(_pictures_of(archive, path, label, is_page))
        pages += shown
        text_pages += [] if shown else [path]
        if len(pages) > MAX_FILES:
            break
    pictures = tuple(path for path in items.values() if path and is_page(path))
    _refuse_protected(archive, label, {*pages, *pictures})
    info, cover = _read_info(package, spine), items.get(_cover_item(package), "")
    return Spine(info, tuple(pages), pictures, len(documents), tuple(text_pages), cover)


def _package_path(archive: Archive, label: str) -> str:
    """Return the path of the package that container.xml names."""
    root = _read_xml(archive, CONTAINER, label).find("{*}rootfiles/{*}rootfile")
    if root is None or not root.get("full-path"):
        raise _damaged_error(label, "container.xml names no package")
    return _resolve("", root.get("full-path", ""), label)


def _read_xml(archive: Archive, path: str, label: str) -> ElementTree.Element:
    """Return the parsed XML file `path` of the archive."""
    if path not in archive:
        raise _damaged_error(label, f"{printable_name(path)} is missing")
    try:
        return parse_xml(archive.read(path, MAX_XML), f"{label}: {printable_name(path)}")
    except ElementTree.ParseError as reason:
        raise _damaged_error(label, f"{printable_name(path)} is not well-formed") from reason


def _resolve(base: str, href: str, label: str) -> str:
    """Return the path inside the archive that `href` refers to; "" for targets elsewhere (the web, a data URI)."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not parts.path:
        return ""
    path = posixpath.normpath(posixpath.join("/" if parts.path.startswith("/") else base, unquote(parts.path)))
    if path == ".." or path.startswith("../"):
        raise SourceError(
            f"{label} shows a picture outside the book: {printable_name(href)}",
            "this book is not made like an EPUB; make it anew",
        )
    return path.lstrip("/")


def _pictures_of(archive: Archive, item: str, label: str, is_page: Callable[[str], bool]) -> Iterator[str]:
    """Yield the pictures that one item of the spine shows, each once; most show one, some a whole chapter."""
    if is_page(item):
        yield _require(archive, item, label)
        return
    if item not in archive:
        raise _damaged_error(label, f"{printable_name(item)} is missing")
    base = posixpath.dirname(item)
    hrefs = _image_references(_decode_markup(archive.read(item, MAX_XML)))
    for path in dict.fromkeys(_resolve(base, href, label) for href in hrefs):
        if is_page(path):
            yield _require(archive, path, label)


def _require(archive: Archive, path: str, label: str) -> str:
    """Return `path` if the archive holds it."""
    if path not in archive:
        raise _damaged_error(label, f"{printable_name(path)} is missing")
    return path


def _image_references(markup: str) -> list[str]:
    """Return the references of all <img> and SVG <image> elements; without any, of backgrounds in `style` attributes.

    The markup is searched as text, in one pass. Pages use entities of HTML and break rules of XML, which an XML parser
    refuses, and the HTML parser of the standard library fails on some damaged pages.
    """
    first, *rest = markup.split("<!--")
    visible = first + " ".join(part.partition("-->")[2] for part in rest)
    elements = [
        html.unescape(quoted[1:-1])
        for tag, attributes in _PICTURE.findall(visible)
        for name, quoted in _REFERENCE.findall(attributes)
        if (name.lower() == "src") == (tag.lower() == "img")
    ]
    styles = (html.unescape(quoted[1:-1]) for quoted in _STYLE.findall(visible))
    return elements or [reference for style in styles for reference in _BACKGROUND.findall(style)]


def _decode_markup(data: bytes) -> str:
    """Decode markup by its byte order mark, its declared encoding, or as UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    declared = re.search(rb"""encoding=["']([A-Za-z0-9_.-]+)["']""", data[:200])
    try:
        return data.decode(declared[1].decode() if declared else "utf-8-sig", errors="replace")
    except LookupError:
        return data.decode("utf-8", errors="replace")


def _refuse_protected(archive: Archive, label: str, wanted: set[str]) -> None:
    """Raise SourceError for pictures under DRM; obfuscated fonts stand in the same list and do not matter."""
    if _ENCRYPTION not in archive:
        return
    for reference in _read_xml(archive, _ENCRYPTION, label).iter():
        if reference.tag.endswith("}CipherReference") and _resolve("", reference.get("URI", ""), label) in wanted:
            raise SourceError(f"{label} is protected (DRM)", "give a copy without protection, or its pages as images")


def _is_picture(archive: Archive, name: str) -> bool:
    """Return whether a path is a picture that a page may show, by its suffix or else by its first bytes."""
    suffix = PurePosixPath(name).suffix.lower()
    if not name or system_path(name) or suffix in _DOCUMENT_SUFFIXES:
        return False
    if suffix in SUFFIXES or OTHER_SUFFIXES.get(suffix) in PLUGINS:
        return True
    return name in archive and find_picture_format(archive.read_heads([name])[name]) != ""


def _unsupported_format(name: str) -> str:
    """Return the format of a picture that cannot be decoded here by its suffix, else ""."""
    format = OTHER_SUFFIXES.get(PurePosixPath(name).suffix.lower(), "")
    return format if format and not is_decodable(format) else ""


def _read_info(package: ElementTree.Element, spine: ElementTree.Element | None) -> BookInfo:
    """Return the title, language and page order of the package, and who made the book."""
    direction = "" if spine is None else spine.get("page-progression-direction", "")
    orders: dict[str, Order] = {"rtl": "rtl", "ltr": "ltr"}
    order = orders.get(direction)
    title = _texts(package, "title")
    return BookInfo(
        title=title[0] if title else "",
        name=title[0] if title else "",
        credits=_read_credits(package),
        rights=" ".join(_texts(package, "rights")),
        language=language_code("".join(_texts(package, "language")[:1])),
        order=order,
        order_reason=f"the EPUB's spine says page-progression-direction={direction}" if order else "",
    )


def _texts(package: ElementTree.Element, field: str) -> list[str]:
    """Return the values of a field of Dublin Core that are not empty."""
    found = (" ".join((element.text or "").split()) for element in package.iterfind(f"{{*}}metadata/{_DC}{field}"))
    return [text for text in found if text]


def _read_credits(package: ElementTree.Element) -> tuple[BookCredit, ...]:
    """Return who made the book, by the role that an attribute (EPUB 2) or a refinement (EPUB 3) gives."""
    refined = {
        meta.get("refines", "").lstrip("#"): (meta.text or "").strip()
        for meta in package.iterfind("{*}metadata/{*}meta")
        if meta.get("property") == "role"
    }
    found: dict[CreditRole, list[str]] = {}
    for field in ("creator", "contributor"):
        for element in package.iterfind(f"{{*}}metadata/{_DC}{field}"):
            said = element.get("{http://www.idpf.org/2007/opf}role") or refined.get(element.get("id", ""), "")
            role = _ROLES.get(said.lower(), "author" if field == "creator" else None)
            if role and (name := " ".join((element.text or "").split())):
                found.setdefault(role, []).append(name)
    if publishers := _texts(package, "publisher"):
        found["publisher"] = publishers[:1]
    return tuple(BookCredit(role=role, names=tuple(dict.fromkeys(names))) for role, names in found.items())


def _cover_item(package: ElementTree.Element) -> str:
    """Return the id of the manifest's item that is the cover, as EPUB 3 or 2 says it; "" if there is none."""
    for item in package.iterfind("{*}manifest/{*}item"):
        if "cover-image" in item.get("properties", "").split():
            return item.get("id", "")
    for meta in package.iterfind("{*}metadata/{*}meta"):
        if meta.get("name") == "cover":
            return meta.get("content", "")
    return ""


def _damaged_error(label: str, why: str) -> SourceError:
    """Return the error for a damaged EPUB."""
    return SourceError(f"{label} is damaged: {why}", "fetch the EPUB again")


def is_epub(name: str, archive: Archive) -> bool:
    """Return whether a zip archive called `name` is read as an EPUB; one without pictures is refused as damaged."""
    if CONTAINER in archive.names:
        return True
    return PurePosixPath(name).suffix.lower() == ".epub" and not any(map(has_picture_suffix, archive.names))
