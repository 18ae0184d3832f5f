"""Lossless pictures between the stages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import StorageError
from tools import png


@pytest.mark.parametrize("shape", [(7, 5), (7, 5, 3), (7, 5, 4)])
def test_what_is_encoded_comes_back_as_it_was(shape: tuple[int, ...], tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    (tmp_path / "a.png").write_bytes(png.encode(pixels))
    assert (png.read(tmp_path / "a.png") == pixels).all()
    assert png.encode(pixels) == png.encode(pixels.copy())


def test_red_is_red_for_others_too() -> None:
    from io import BytesIO

    from PIL import Image

    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    assert Image.open(BytesIO(png.encode(red))).getpixel((0, 0)) == (255, 0, 0)


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(png.encode(np.zeros((9, 9), np.uint8))[:20])
    with pytest.raises(StorageError, match=r"torn\.png"):
        png.read(tmp_path / "torn.png")
