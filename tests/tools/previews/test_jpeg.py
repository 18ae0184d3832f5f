"""Test the size and content of small JPEGs."""

from __future__ import annotations

import cv2
import numpy as np

from tools.previews import jpeg


def test_a_large_picture_becomes_small_and_a_small_one_stays() -> None:
    picture = np.zeros((2000, 700, 3), np.uint8)
    picture[:, :, 0] = 200
    for longest, shape in ((1000, (1000, 350)), (4000, (2000, 700))):
        coded = jpeg.encode_jpeg(picture, longest=longest)
        seen = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)
        assert seen is not None
        assert seen.shape[:2] == shape
        assert np.abs(seen[..., ::-1].astype(int) - (200, 0, 0)).max() < 8
    assert jpeg.encode_jpeg(picture, longest=1000) == jpeg.encode_jpeg(picture, longest=1000)
