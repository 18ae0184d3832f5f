"""Decode pictures of every kind, sound and broken: the pixels and the errors that name the file."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from storage.errors import FormatUnsupported, SourceError
from tools.ingest.images import decode_image
from tools.ingest.picture_formats import FORMATS, UNSIGNED_FORMATS, list_decoders

WRITTEN = [name for name in FORMATS if name != "PSD"]
"""The formats that Pillow writes too."""


def encode(pixels: NDArray[np.generic] | PIL.Image.Image, format: str = "PNG", **options: object) -> bytes:
    picture = pixels if isinstance(pixels, PIL.Image.Image) else PIL.Image.fromarray(pixels)
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def drawing(height: int = 60, width: int = 40) -> NDArray[np.uint8]:
    """Draw a page with four different corners: red, green, blue, grey."""
    page = np.full((height, width, 3), 255, np.uint8)
    page[:10, :10] = (200, 0, 0)
    page[:10, -10:] = (0, 200, 0)
    page[-10:, :10] = (0, 0, 200)
    page[-10:, -10:] = 90
    return page


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of_size(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(1000)))


def deep_png(samples: NDArray[np.uint16], colour: int) -> bytes:
    """Write a 16-bit PNG by hand, for Pillow only writes grey ones; colour 2 is RGB, 4 grey and alpha, 6 RGBA."""
    height, width, _ = samples.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "JPEG2000", "QOI"])
def test_lossless_pixels_come_out_as_they_went_in(format: str) -> None:
    page = decode_image(encode(drawing(), format), "page")
    assert page.dtype == np.uint8
    assert np.array_equal(page, drawing())
    page[0, 0] = 1  # it is ours to draw on


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "GIF", "AVIF"])
def test_lossy_formats_are_read(format: str) -> None:
    page = decode_image(encode(drawing(), format), "page")
    assert page.shape == (60, 40, 3)
    assert np.abs(page[2:8, 2:8].astype(int) - (200, 0, 0)).max() < 40


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "RGBA"])
def test_every_kind_of_colour_becomes_rgb(mode: str) -> None:
    picture = PIL.Image.fromarray(drawing()).convert(mode)
    page = decode_image(encode(picture, "TIFF" if mode == "CMYK" else "PNG"), "page")
    expected = np.asarray(picture.convert("RGB"))
    assert page.shape == (60, 40, 3)
    assert np.abs(page.astype(int) - expected).max() <= 1


def test_a_cmyk_jpeg_is_not_inverted() -> None:
    page = decode_image(encode(PIL.Image.fromarray(drawing()).convert("CMYK"), "JPEG", quality=95), "page")
    assert page[30, 20].min() > 245
    assert page[3, 3, 0] > 180
    assert page[3, 3, 1:].max() < 40


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_rotation_is_applied_once(orientation: int, format: str) -> None:
    stored_to_upright: dict[
        int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
    ] = {  # what a viewer does with the stored rows
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, 1),
    }
    exif = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    finest: dict[str, object] = {"lossless": True} if format == "WEBP" else {"quality": 98} if format == "JPEG" else {}
    page = decode_image(encode(drawing(), format, exif=exif, **finest), "page")
    expected = stored_to_upright[orientation](drawing())
    assert page.shape == expected.shape
    assert np.abs(page.astype(int) - expected).mean() < 3


def test_broken_exif_does_not_cost_the_page() -> None:
    page = decode_image(encode(drawing(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + bytes(9)), "page")
    assert page.shape == (60, 40, 3)


def test_what_is_transparent_lies_on_white_paper() -> None:
    picture = np.zeros((4, 4, 4), np.uint8)
    picture[0] = (0, 0, 0, 255)
    picture[1] = (0, 0, 0, 128)
    page = decode_image(encode(picture), "page")
    assert page[0, 0, 0] == 0
    assert abs(int(page[1, 0, 0]) - 127) <= 1
    assert page[3, 0, 0] == 255


def test_a_transparent_colour_of_a_palette_is_paper() -> None:
    picture = PIL.Image.frombytes("P", (4, 2), bytes([0, 0, 0, 0, 1, 1, 1, 1]))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    page = decode_image(encode(picture, "GIF", transparency=0), "page")
    assert page[0, 0].tolist() == [255, 255, 255]
    assert page[1, 0].tolist() == [40, 50, 60]


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16)[None, :].repeat(4, 0)
    for format in ("PNG", "TIFF"):
        page = decode_image(encode(ramp, format), "page")
        assert np.array_equal(page[0, :, 0], np.arange(256))
    big_endian = PIL.Image.frombytes("I;16B", (256, 4), ramp.astype(">u2").tobytes())
    assert np.array_equal(decode_image(encode(big_endian, "TIFF"), "page")[0, :, 0], np.arange(256))


def test_a_dark_page_of_sixteen_bits_stays_dark() -> None:
    assert decode_image(encode(np.full((4, 4), 200, np.uint16)), "page").max() == 1


@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_deep_colour_is_scaled(colour: int, channels: int) -> None:
    samples = np.full((3, 256, channels), 65535, np.uint16)
    samples[:, :, 0] = np.arange(256) * 257
    page = decode_image(deep_png(samples, colour), "page")
    assert np.array_equal(page[0, :, 0], np.arange(256))


@pytest.mark.parametrize("white", [1.0, 255.0, 65535.0])
def test_floating_point_grey_is_scaled(white: float) -> None:
    ramp = np.linspace(0, white, 256, dtype=np.float32)[None, :].repeat(4, 0)
    assert np.abs(decode_image(encode(ramp, "TIFF"), "page")[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_of_an_animation_the_first_picture_counts() -> None:
    first, second = (PIL.Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    for format in ("GIF", "WEBP", "PNG", "TIFF"):
        page = decode_image(encode(first, format, save_all=True, append_images=[second]), "page")
        assert page[4, 4, 0] > 200
        assert page[4, 4, 2] < 60


def test_a_tall_strip_is_kept_as_it_is() -> None:
    strip = np.full((20000, 800), 255, np.uint8)
    strip[19990:] = 0
    page = decode_image(encode(strip, compress_level=1), "strip")
    assert page.shape == (20000, 800, 3)
    assert page[19995].max() == 0


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (10_000, 9_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_from_the_header(width: int, height: int, recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(SourceError) as refusal:
        decode_image(png_of_size(width, height), "huge.png")
    assert "huge.png" in refusal.value.what
    assert f"{width} x {height}" in refusal.value.what
    assert not recwarn.list, "an error has two lines, and no warning before them"


@pytest.mark.parametrize("data", [b"", b"once upon a time", bytes(5000), b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_what_is_no_picture_is_named(data: bytes) -> None:
    with pytest.raises(SourceError) as refusal:
        decode_image(data, "003.jpg")
    assert "003.jpg" in refusal.value.what
    assert refusal.value.hint


def test_formats_outside_the_list_never_meet_their_decoder() -> None:
    for format in ("PPM", "ICO", "TGA", "PDF"):
        with pytest.raises(SourceError, match="not a picture"):
            decode_image(encode(drawing(), format), "003.png")


@pytest.mark.parametrize("format", WRITTEN)
def test_a_picture_cut_short_is_refused_and_never_half_shown(format: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (80, 60, 3), np.uint8)
    whole = encode(noise, format)
    for share in (0.1, 0.3, 0.5, 0.8, 0.95):
        with pytest.raises(SourceError, match=r"cut\.img"):
            decode_image(whole[: int(len(whole) * share)], "cut.img")


@pytest.mark.parametrize("format", WRITTEN)
def test_damage_anywhere_ends_in_a_page_or_in_one_kind_of_error(format: str) -> None:
    dice = random.Random(format)
    whole = encode(PIL.Image.fromarray(drawing()).convert("P" if format == "GIF" else "RGB"), format)
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            page = decode_image(bytes(broken), "broken")
        except SourceError as refusal:
            said = f"{refusal.what}{refusal.hint}"
        else:
            said = f"broken page of {page.shape[2]} channels"
        assert "broken" in said
        assert "\n" not in said


@pytest.mark.parametrize(("suffix", "format"), sorted(UNSIGNED_FORMATS.items()))
def test_formats_without_a_signature_are_read_under_their_suffix_alone(suffix: str, format: str) -> None:
    data = encode(PIL.Image.fromarray(drawing()), format)
    assert np.array_equal(decode_image(data, f"001{suffix}"), drawing())
    with pytest.raises(SourceError):
        decode_image(data, "001.png")


def write_psd(pixels: NDArray[np.uint8]) -> bytes:
    """Write the flattened picture of a Photoshop file without layers, uncompressed."""
    height, width, channels = pixels.shape
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, height, width, 8, 3)
    return header + struct.pack(">IIIH", 0, 0, 0, 0) + pixels.transpose(2, 0, 1).tobytes()


def test_the_flattened_picture_of_a_photoshop_file_is_read() -> None:
    assert np.array_equal(decode_image(write_psd(drawing()), "001.psd"), drawing())


@pytest.mark.skipif("HEIF" not in list_decoders(), reason="pillow-heif is not installed")
def test_heif_is_read_with_its_plugin_and_never_half_shown() -> None:
    whole = encode(PIL.Image.fromarray(drawing()), "HEIF", quality=95)
    assert np.abs(decode_image(whole, "001.heic")[2:8, 2:8].astype(int) - (200, 0, 0)).max() < 40
    for share in (0.3, 0.8):
        with pytest.raises(SourceError, match=r"001\.heic"):
            decode_image(whole[: int(len(whole) * share)], "001.heic")


@pytest.mark.parametrize(
    ("head", "format"),
    [(b"\xff\x0a", "JPEG XL"), (b"8BPS\0\x02", "PSB"), (b"gimp xcf v011", "GIMP"), (b"CSFCHUNK", "Clip Studio")],
)
def test_a_format_that_is_not_read_is_known_by_its_first_bytes(head: bytes, format: str) -> None:
    with pytest.raises(FormatUnsupported) as caught:
        decode_image(head + bytes(100), "003.png")
    assert caught.value.format == format
    assert "003.png" in caught.value.what
