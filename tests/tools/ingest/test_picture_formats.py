"""Formats of pictures by first bytes, and the list of those that can be decoded here."""

from __future__ import annotations

import pytest

from tests.tools.ingest.packing import page
from tools.ingest import picture_formats
from tools.ingest.picture_formats import FORMATS, describe_remedy, find_picture_format, is_decodable, list_decoders


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("PSD", "QOI")])
def test_first_bytes_tell_the_format(format: str) -> None:
    assert find_picture_format(page(format=format)[:64]) == format
    assert is_decodable(format)


@pytest.mark.parametrize(
    ("head", "format"),
    [
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIF"), (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", ""), (b"\xff\x4f\xff\x51\0\0", "JPEG2000"), (b"\xff\x0a\0", "JPEG XL"),
        (b"BM once upon a time in a land far away", ""), (b"", ""), (b"PK\x03\x04", ""), (b"P6 once", ""),
    ],
)  # fmt: skip
def test_other_first_bytes_are_told_apart(head: bytes, format: str) -> None:
    assert find_picture_format(head) == format


def test_a_format_with_a_plugin_is_read_where_the_plugin_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_formats, "_plugin_decoders", lambda: ("HEIF",))
    assert is_decodable("HEIF")
    assert not is_decodable("JPEG XL")
    assert "HEIF" in list_decoders(".heic")
    monkeypatch.setattr(picture_formats, "_plugin_decoders", lambda: ())
    assert not is_decodable("HEIF")
    assert "pillow-heif" in describe_remedy("HEIF")
    assert "pip" not in describe_remedy("SVG")
