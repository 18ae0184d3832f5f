"""Test that an enlarged drawing is crisp and has no halos."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tools.cutouts.enlargement import enlarge


def slanted(size: int, thick: float) -> np.ndarray:
    """Draw a black slanted line and a disc at a large size, averaged down as on a page of 800 pixels."""
    large = np.full((size * 8, size * 8), 255, np.uint8)
    cv2.line(large, (size, size * 2), (size * 7, size * 5), 0, round(thick * 8))
    cv2.circle(large, (size * 5, size * 2), size, 90, -1)
    return cv2.resize(large, (size, size), interpolation=cv2.INTER_AREA)


def test_lines_come_out_nearer_to_the_large_drawing_than_by_cubic_enlarging() -> None:
    small, truth = slanted(80, 2.0), cv2.resize(slanted(640, 16.0), (320, 320), interpolation=cv2.INTER_AREA)
    ours = np.abs(enlarge(small, (320, 320)).astype(int) - truth).mean()
    cubic = np.abs(cv2.resize(small, (320, 320), interpolation=cv2.INTER_CUBIC).astype(int) - truth).mean()
    assert ours < 0.75 * cubic


def test_no_halo_arises_around_lines_on_grey() -> None:
    small = np.full((60, 60), 180, np.uint8)
    small[28:31] = 20
    large = enlarge(small, (210, 210))
    assert large.max() <= 183
    assert large.min() >= 14


def test_what_jpeg_left_on_white_paper_is_not_enlarged() -> None:
    small = np.full((60, 60), 255, np.uint8)
    small[::3, ::4] = 249
    assert enlarge(small, (200, 200)).min() == 255


def test_colour_stays_where_it_was() -> None:
    small = np.full((50, 50, 3), (240, 200, 180), np.uint8)
    small[20:30] = (40, 80, 160)
    large = enlarge(small, (150, 150))
    assert large[5, 5].tolist() == pytest.approx([240, 200, 180], abs=4)
    assert large[75, 75].tolist() == pytest.approx([40, 80, 160], abs=6)


@pytest.mark.parametrize("size", [(61, 61), (90, 90), (120, 121), (333, 301)])
def test_the_size_asked_for_comes_out(size: tuple[int, int]) -> None:
    assert enlarge(slanted(60, 2.0), size).shape == (size[1], size[0])
