"""PDFs written by hand: scans come out pixel for pixel, and locked or broken files are named."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import PIL.Image
import pypdfium2
import pytest
from numpy.typing import NDArray

from storage.errors import SourceError
from tools.ingest.pdfs import list_pdf, render_page

PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


def write_pdf(path: Path, objects: list[bytes], trailer: bytes = b"") -> Path:
    """Write the numbered `objects`, the first being the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start, count = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, table)
    path.write_bytes(out + b"trailer << /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF" % (count, trailer, start))
    return path


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %b /Length %d >> stream\n%b\nendstream" % (entries, len(data), data)


def one_page(
    path: Path,
    drawing: bytes,
    picture: bytes | None = None,
    *,
    size: bytes = b"360 600",
    more: bytes = b"",
    page: bytes = b"",
) -> Path:
    """Write a PDF of one page; `more` goes into the catalogue, `page` into the page."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %b >>" % more,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %b] /Contents 4 0 R %b"
        b" /Resources << /XObject << /P 5 0 R >> >> >>" % (size, page),
        stream(b"", drawing),
    ]
    return write_pdf(path, objects if picture is None else [*objects, picture])


def scan(pixels: NDArray[np.uint8]) -> bytes:
    return scan_of(pixels.shape[1], pixels.shape[0], pixels.tobytes())


def scan_of(width: int, height: int, data: bytes) -> bytes:
    kind = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceRGB /BitsPerComponent 8"
    return stream(b"%b /Width %d /Height %d" % (kind, width, height), data)


def rc4(key: bytes, data: bytes) -> bytes:
    box, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def write_locked_pdf(path: Path, password: bytes) -> Path:
    """Write a PDF that opens only with `password` (standard security handler, revision 2)."""
    owner, permissions, name = bytes(range(32)), 0xFFFFFFFC, b"0123456789abcdef"
    padded = (password + PADDING)[:32]
    key = hashlib.md5(padded + owner + permissions.to_bytes(4, "little") + name).digest()[:5]
    lock = b"/Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b>" % (
        owner.hex().encode(),
        rc4(key, PADDING).hex().encode(),
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] >>",
    ]
    return write_pdf(path, objects, b"/Encrypt << %b >> /ID [<%b> <%b>]" % (lock, *[name.hex().encode()] * 2))


@pytest.mark.parametrize("dpi", [72, 96, 150, 300, 600])
@pytest.mark.parametrize(("height", "width"), [(1170, 827), (4000, 160)])
def test_a_scan_comes_out_pixel_for_pixel_at_its_own_resolution(
    tmp_path: Path, dpi: int, height: int, width: int
) -> None:
    pixels = noise(height, width)
    size = b"%.4f %.4f" % (width * 72 / dpi, height * 72 / dpi)
    drawing = b"q %.4f 0 0 %.4f 0 0 cm /P Do Q" % (width * 72 / dpi, height * 72 / dpi)
    page = render_page(one_page(tmp_path / "book.pdf", drawing, scan(pixels), size=size), "page-001")
    assert page.dtype == np.uint8
    assert np.array_equal(page, pixels)


def test_a_book_written_by_an_image_program_is_read(tmp_path: Path) -> None:
    book = tmp_path / "book.pdf"
    shades = [PIL.Image.new("L", (400, 600), shade) for shade in (10, 120, 240)]
    shades[0].save(book, "PDF", save_all=True, append_images=shades[1:], title="コマ鳥", resolution=150)
    info, names = list_pdf(book)
    assert info.title == "コマ鳥"
    assert info.order is None
    assert names == ("page-001", "page-002", "page-003")
    pages = [render_page(book, name) for name in names]
    assert [page.shape for page in pages] == [(600, 400, 3)] * 3
    assert [round(int(page[300, 200, 0]) / 10) for page in pages] == [1, 12, 24]


def test_direction_and_language_are_read(tmp_path: Path) -> None:
    more = b"/Lang (ja-JP) /ViewerPreferences << /Direction /R2L >>"
    info, _ = list_pdf(one_page(tmp_path / "book.pdf", b"", more=more))
    assert (info.language, info.order) == ("ja", "rtl")
    assert "R2L" in info.order_reason
    info, _ = list_pdf(one_page(tmp_path / "plain.pdf", b""))
    assert (info.title, info.language, info.order, info.order_reason) == ("", "", None, "")


def test_a_drawn_page_gets_200_dpi_on_white(tmp_path: Path) -> None:
    page = render_page(one_page(tmp_path / "book.pdf", b"1 0 0 rg 36 36 72 72 re f"), "page-001")
    assert page.shape == (1667, 1000, 3)
    assert page[1450, 200].tolist() == [255, 0, 0]
    assert page[0, 0].tolist() == [255, 255, 255]


def test_a_poster_is_drawn_within_bounds(tmp_path: Path) -> None:
    page = render_page(one_page(tmp_path / "book.pdf", b"", size=b"14400 14400"), "page-001")
    assert abs(page.shape[0] * page.shape[1] - 12_000_000) < 10_000


def test_a_small_ornament_does_not_set_the_resolution(tmp_path: Path) -> None:
    book = one_page(tmp_path / "book.pdf", b"q 20 0 0 20 9 9 cm /P Do Q", scan(noise(900, 900)))
    assert render_page(book, "page-001").shape == (1667, 1000, 3)


def test_a_scan_in_strips_keeps_its_resolution(tmp_path: Path) -> None:
    drawing = b" ".join(b"q 360 0 0 100 0 %d cm /P Do Q" % (100 * strip) for strip in range(6))
    page = render_page(one_page(tmp_path / "book.pdf", drawing, scan(noise(250, 900))), "page-001")
    assert page.shape == (1500, 900, 3)


def test_a_scan_inside_a_form_keeps_its_resolution(tmp_path: Path) -> None:
    form = stream(
        b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Matrix [360 0 0 600 0 0] "
        b"/Resources << /XObject << /I 6 0 R >> >>",
        b"/I Do",
    )
    pixels = noise(1500, 900)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 360 600] /Contents 4 0 R"
        b" /Resources << /XObject << /F 5 0 R >> >> >>",
        stream(b"", b"/F Do"),
        form,
        scan(pixels),
    ]
    assert np.array_equal(render_page(write_pdf(tmp_path / "book.pdf", objects), "page-001"), pixels)


def test_a_turned_page_is_upright(tmp_path: Path) -> None:
    pixels = noise(1000, 600)
    drawing = b"q 360 0 0 600 0 0 cm /P Do Q"
    book = one_page(tmp_path / "book.pdf", drawing, scan(pixels), page=b"/Rotate 90")
    assert np.array_equal(render_page(book, "page-001"), np.rot90(pixels, -1))


def test_a_picture_too_large_for_memory_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    book = one_page(tmp_path / "book.pdf", b"q 360 0 0 600 0 0 cm /P Do Q", scan_of(60_000, 60_000, bytes(9999)))
    with pytest.raises(SourceError, match=r"book\.pdf: page-001 is larger than .* \(60000 x 60000 pixels\)"):
        render_page(book, "page-001")


def test_a_locked_pdf_is_refused_and_the_same_file_opens_with_its_password(tmp_path: Path) -> None:
    book = write_locked_pdf(tmp_path / "book.pdf", b"secret")
    with pytest.raises(SourceError, match=r"book\.pdf is encrypted"):
        list_pdf(book)
    with pypdfium2.PdfDocument(book, password="secret") as document:
        assert len(document) == 1


def test_a_pdf_locked_without_a_password_is_read(tmp_path: Path) -> None:
    book = write_locked_pdf(tmp_path / "book.pdf", b"")
    assert list_pdf(book)[1] == ("page-001",)
    assert render_page(book, "page-001").min() == 255


def test_damage_is_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    PIL.Image.fromarray(noise(200, 100)).save(out, "PDF")
    book = tmp_path / "book.pdf"
    for data in (b"", b"%PDF-1.7\n", out.getvalue()[:200], b"once upon a time"):
        book.write_bytes(data)
        with pytest.raises(SourceError, match=r"book\.pdf is damaged"):
            list_pdf(book)


def test_a_scan_that_cannot_be_decoded_is_no_empty_page(tmp_path: Path) -> None:
    out = io.BytesIO()
    PIL.Image.fromarray(noise(300, 200)).save(out, "PDF")
    whole, start = out.getvalue(), out.getvalue().index(b"\xff\xd8\xff")
    book = tmp_path / "book.pdf"
    book.write_bytes(whole[: start + 200] + bytes(5000) + whole[start + 5200 :])
    assert list_pdf(book)[1] == ("page-001",)
    with pytest.raises(SourceError, match=r"book\.pdf: page-001 is damaged"):
        render_page(book, "page-001")


def test_an_empty_page_is_a_page(tmp_path: Path) -> None:
    blank = scan(np.full((600, 360, 3), 255, np.uint8))
    book = one_page(tmp_path / "book.pdf", b"q 360 0 0 600 0 0 cm /P Do Q", blank)
    assert render_page(book, "page-001").min() == 255


@pytest.mark.parametrize("name", ["page-000", "page-002", "page-1", "page-00a", "", "../page-001"])
def test_a_page_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"not in the book"):
        render_page(one_page(tmp_path / "book.pdf", b""), name)


def test_the_author_and_the_chapters_of_the_outline_are_read(tmp_path: Path) -> None:
    parts = (
        b"<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 90 90] >>",
        b"<< /Type /Page /Parent 2 0 R >>", b"<< /Type /Page /Parent 2 0 R >>",
        b"<< /Type /Outlines /First 6 0 R /Last 7 0 R /Count 2 >>",
        b"<< /Title (One) /Parent 5 0 R /Next 7 0 R /First 8 0 R /Last 8 0 R /Count 1 /Dest [3 0 R /Fit] >>",
        b"<< /Title (Two) /Parent 5 0 R /Prev 6 0 R /Dest [4 0 R /Fit] >>",
        b"<< /Title (One and a half) /Parent 6 0 R /Dest [4 0 R /Fit] >>",
        b"<< /Title (Bird) /Author (Mori  Hana) >>",
    )  # fmt: skip
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, part) for number, part in enumerate(parts, 1))
    book = tmp_path / "book.pdf"
    book.write_bytes(b"%PDF-1.4\n" + body + b"trailer << /Root 1 0 R /Info 9 0 R /Size 10 >>\n%%EOF")
    info, names = list_pdf(book)
    assert len(names) == 2
    assert (info.title, info.name) == ("Bird", "Bird")
    assert [(credit.role, credit.names) for credit in info.credits] == [("author", ("Mori Hana",))]
    assert [(mark.page, mark.title) for mark in info.chapters] == [(0, "One"), (1, "Two")]
