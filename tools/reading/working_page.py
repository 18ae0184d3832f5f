"""Prepare a page for panel detection: grey, contrast-stretched, at a working size, with unknown pixels marked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.plates import Image, Mask

WORKING_SIDE = 980.0
"""Side in pixels of the square that has as many pixels as a working page.

Frame lines stay 2 to 4 pixels wide at this size, and a page takes little time.
"""

MAX_ENLARGEMENT = 4.0
"""A page is enlarged at most so much, so that a small copy of a page is read like the page itself."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class WorkingPage:
    """A page prepared for panel detection."""

    grey: Grey
    """(h, w) uint8, stretched so that ink is 0 and paper 255."""
    unknown: Mask
    """Mask of the same size, 255 = under lettering and balloons, where the drawing cannot be seen."""
    scale: float
    """Working pixels per page pixel."""

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.grey.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.grey.shape[0])

    @cached_property
    def side(self) -> float:
        """Side in pixels of the square with the page's area, at most twice the width; thresholds scale with it."""
        return float(min((self.width * self.height) ** 0.5, 2.0 * self.width))


def _stretch_contrast(grey: Grey) -> Grey:
    """Stretch contrast so that ink is 0 and paper 255; a page without paper stays as it is.

    Old paper is yellow and thin prints are pale.
    """
    dark, light = np.percentile(grey[::3, ::3], (1, 97))
    dark, light = min(float(dark), 60.0), max(float(light), 170.0)
    table = np.clip((np.arange(256) - dark) * 255.0 / (light - dark), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(grey, table), dtype=np.uint8)


def resize_page(page: Grey, size: tuple[int, int]) -> Grey:
    """Return a page, (h, w) or (h, w, 3), at the given width and height."""
    method = cv2.INTER_AREA if size[0] < page.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(page, size, interpolation=method), dtype=np.uint8)


def make_working_page(page: Image, unknown: Mask | None = None) -> WorkingPage:
    """Prepare `page`, (h, w, 3) RGB uint8, for panel detection; `unknown` is a mask of the page's own size."""
    height, width = page.shape[:2]
    scale = min(MAX_ENLARGEMENT, WORKING_SIDE / float(min((height * width) ** 0.5, 2.0 * width)))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    hidden = np.zeros((height, width), np.uint8) if unknown is None else np.asarray(unknown, dtype=np.uint8)
    if scale != 1.0:
        grey = resize_page(grey, size)
        hidden = np.asarray(cv2.resize(hidden, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    return WorkingPage(_stretch_contrast(grey), hidden, scale)
