"""Render the pages of a PDF, scans pixel for pixel; the only file that imports pypdfium2."""

from __future__ import annotations

import contextlib
import ctypes
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from storage.book_info import BookCredit, BookInfo, ChapterMark
from storage.errors import SourceError
from tools.ingest.archives import printable_name
from tools.ingest.comic_info import language_code
from tools.ingest.images import MAX_PIXELS, refuse_large
from tools.plates import Image

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfObject, PdfPage

DRAWN_SCALE = 200 / 72
"""Pixels per point of a page that is drawn and not scanned: 200 dpi, at which lettering of 2 mm is 16 pixels high."""

DRAWN_PIXELS = 12_000_000
"""Most pixels of such a page: an A3 sheet at 200 dpi has 8 million, and posters gain nothing from more."""

SCAN_PIXELS = 100_000
"""Least pixels of a scanned page; fewer are a decoration that says nothing about the page's resolution."""

_PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD
_PDFIUM = threading.Lock()  # PDFium keeps global state: two threads in it crash the process


def list_pdf(source: Path) -> tuple[BookInfo, tuple[str, ...]]:
    """Return the metadata of a PDF and the names of its pages, "page-001" and so on.

    Raises:
        SourceError: The PDF is damaged or encrypted.
    """
    with _open_document(source) as document:
        return _read_info(document), tuple(f"page-{number:03d}" for number in range(1, len(document) + 1))


def render_page(source: Path, name: str) -> Image:
    """Render one page at the resolution of its scan.

    Args:
        source: Path of the PDF.
        name: Name of the page, as returned by `list_pdf`.

    Returns:
        The image of the page, (h, w, 3) RGB uint8.

    Raises:
        SourceError: The page is damaged, too large, or not in the book.
    """
    label = f"{printable_name(source.name)}: {printable_name(name)}"
    number = re.fullmatch(r"page-([0-9]{3,6})", name)
    with _open_document(source) as document:
        if number is None or not 1 <= int(number[1]) <= len(document):
            raise SourceError(f"{label} is not in the book", "was the PDF changed? start again with a new project")
        try:
            with contextlib.closing(document[int(number[1]) - 1]) as page:
                return _render(page, label)
        except SourceError:
            raise
        except Exception as reason:  # PdfiumError, or a failed allocation
            raise SourceError(f"{label} is damaged", "fetch the PDF again, or print it to a new PDF") from reason


@contextlib.contextmanager
def _open_document(source: Path) -> Iterator[PdfDocument]:
    """Open a PDF while PDFium is locked for other threads."""
    import pypdfium2

    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as reason:
            if getattr(reason, "err_code", None) == _PASSWORD_NEEDED:
                raise SourceError(
                    f"{printable_name(source.name)} is encrypted", "open it with its password and print it to a new PDF"
                ) from reason
            raise SourceError(
                f"{printable_name(source.name)} is damaged or cut short", "fetch the PDF again"
            ) from reason
        with contextlib.closing(document):
            yield document


def _render(page: PdfPage, label: str) -> Image:
    """Render a page on white, at the size that fits its scan."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    width, height = _pixel_size(page, label)
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_BGR)
    with contextlib.closing(bitmap):
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        points_wide, points_high = page.get_size()
        # A twentieth of a pixel less than the bitmap: rounded up, as PDFium does, a scan then fills it exactly and is
        # copied. Without it, a breath too much makes the scan one pixel larger, and every line of it is resampled.
        matrix = pdfium.FS_MATRIX((width - 0.05) / points_wide, 0, 0, (height - 0.05) / points_high, 0, 0)
        clip = pdfium.FS_RECTF(0, 0, width, height)
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
        pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap.raw, page.raw, matrix, clip, flags)
        pixels: Image = bitmap.to_numpy()[:, :, :3].copy()
    if pixels.min() == pixels.max():
        for picture in _page_pictures(page):
            picture.get_bitmap()  # PDFium leaves out what it cannot decode; asked for it alone, it fails
    return pixels


def _page_pictures(page: PdfPage) -> Iterator[PdfObject]:
    """Yield the pictures on a page."""
    import pypdfium2.raw as pdfium

    yield from page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE])


def _pixel_size(page: PdfPage, label: str) -> tuple[int, int]:
    """Return the width and height of the rendered page in pixels."""
    points_wide, points_high = page.get_size()
    area = points_wide * points_high
    scale = _scan_scale(page, area, label)
    most = MAX_PIXELS
    if scale * scale * area < SCAN_PIXELS:
        scale, most = DRAWN_SCALE, DRAWN_PIXELS
    scale = min(scale, (most / area) ** 0.5)
    return max(1, round(points_wide * scale)), max(1, round(points_high * scale))


def _scan_scale(page: PdfPage, area: float, label: str) -> float:
    """Return the pixels per point of the finest pictures that together cover half the page; 0 if none do.

    Scans come in one piece, in strips, or as a fine mask over a coarse background.
    """
    scans: list[tuple[float, float]] = []
    for picture in _page_pictures(page):
        width, height = picture.get_px_size()
        refuse_large(width, height, label)
        if (placed := _placed_area(picture)) > 0:
            scans.append(((width * height / placed) ** 0.5, placed))
    covered = 0.0
    for scale, placed in sorted(scans, reverse=True):
        covered += placed
        if covered >= area / 2:
            return float(scale)
    return 0.0


def _placed_area(picture: PdfObject) -> float:
    """Return the area that a picture takes on its page in square points, including the forms around it."""
    left, bottom, right, top = picture.get_bounds()
    form = picture.container
    while form is not None:
        left, bottom, right, top = form.get_matrix().on_rect(left, bottom, right, top)
        form = form.container
    return float(abs(right - left) * abs(top - bottom))


def _read_info(document: PdfDocument) -> BookInfo:
    """Return the title, author, chapters, language and reading direction of a PDF."""
    import pypdfium2.raw as pdfium

    direction = ctypes.create_string_buffer(16)
    pdfium.FPDF_VIEWERREF_GetName(document.raw, b"Direction", direction, len(direction))
    language = ctypes.create_string_buffer(64)
    pdfium.FPDFCatalog_GetLanguage(
        document.raw, ctypes.cast(language, ctypes.POINTER(pdfium.FPDF_WCHAR)), len(language)
    )
    from_right = direction.value == b"R2L"
    title, author = (" ".join(document.get_metadata_value(field).split()) for field in ("Title", "Author"))
    return BookInfo(
        title=title,
        name=title,
        credits=(BookCredit(role="author", names=(author,)),) if author else (),
        chapters=_read_outline(document),
        language=language_code(language.raw.decode("utf-16-le", errors="replace").partition("\0")[0]),
        order="rtl" if from_right else None,
        order_reason="the PDF's viewer preferences say Direction=R2L" if from_right else "",
    )


def _read_outline(document: PdfDocument) -> tuple[ChapterMark, ...]:
    """Return the chapters of a PDF's outline: its uppermost level, each page once; none if it is damaged."""
    chapters: dict[int, ChapterMark] = {}
    with contextlib.suppress(Exception):  # PdfiumError, or a text that cannot be decoded
        for bookmark in document.get_toc(max_depth=1):
            target, title = bookmark.get_dest(), " ".join(bookmark.get_title().split())
            page = target.get_index() if target else None
            if page is not None and title:
                chapters.setdefault(page, ChapterMark(page=page, title=title))
    return tuple(chapters[page] for page in sorted(chapters))
