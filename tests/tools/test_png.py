"""Tests of PNG encoding, decoding and the cache of decoded pictures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.errors import StorageError
from tools import png


@pytest.mark.parametrize("shape", [(7, 5), (7, 5, 3), (7, 5, 4)])
def test_what_is_encoded_comes_back_as_it_was(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    (tmp_path / "a.png").write_bytes(png.encode_png(pixels))
    assert (png.read_png(tmp_path / "a.png") == pixels).all()
    assert png.encode_png(pixels) == png.encode_png(pixels.copy())


def test_red_is_red_for_others_too() -> None:
    from io import BytesIO

    from PIL import Image

    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    assert Image.open(BytesIO(png.encode_png(red))).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_picture_in_a_folder_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"na\xefve")  # OpenCV itself crashes on it
    folder.mkdir()
    (folder / "a.png").write_bytes(png.encode_png(np.full((3, 4), 7, np.uint8)))
    assert png.read_png(folder / "a.png").tolist() == [[7] * 4] * 3


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(png.encode_png(np.zeros((9, 9), np.uint8))[:20])
    with pytest.raises(StorageError, match=r"torn\.png"):
        png.read_png(tmp_path / "torn.png")


def test_a_picture_is_decoded_once_for_all_and_is_the_callers_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    png.forget_cached()
    places = [tmp_path / name for name in ("a", "b")]
    for number, place in enumerate(places):
        place.write_bytes(png.encode_png(np.full((40, 30, 3), number, np.uint8)))
    decoded, read = list[str](), png.read_png

    def counting(path: Path) -> NDArray[np.uint8]:
        decoded.append(path.name)
        return read(path)

    monkeypatch.setattr(png, "read_png", counting)
    png.read_cached(places[1])[:] = 9
    assert (png.read_cached(places[1]) == 1).all()
    assert decoded == ["b"]
    monkeypatch.setattr(png, "CACHE_BYTES", 40 * 30 * 3)
    png.read_cached(places[0])
    png.read_cached(places[1])
    assert decoded == ["b", "a", "b"], "only so many bytes are kept"
    monkeypatch.undo()
    monkeypatch.setattr(png, "read_png", counting)
    decoded.clear()
    for number in (0, 1, 2, 1, 0):
        place = tmp_path / str(number)
        if not place.exists():
            place.write_bytes(png.encode_png(np.full((40, 30, 3), number, np.uint8)))
        png.read_cached(place)
    assert decoded == ["0", "1", "2", "0"], "only so many pictures are kept"
    places[1].write_bytes(b"torn")
    with pytest.raises(StorageError):
        png.read_cached(places[1])
    png.forget_cached()
