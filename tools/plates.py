"""Data types of the pictures that tools exchange, each with its place on the page; no files and no codecs.

Images are RGB uint8 arrays of shape (height, width, 3). Masks are uint8 arrays of shape (height, width), 255 = inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.domain import Box

Image = NDArray[np.uint8]
Mask = NDArray[np.uint8]
FrameFunction = Callable[[float], Image]
"""t in 0..1 -> one film frame, (screen.height, screen.width, 3) RGB uint8."""


@dataclass(frozen=True)
class Cutout:
    """A panel cut out of its page: (h, w, 4) RGBA at page scale, its top left corner at (x0, y0) of `box`.

    Alpha 255 is the artist's picture (the panel and the balloons that lean out of it), 0 is not.
    `redrawn` marks what is not the page's any more (255), (h, w): painted by a model, or by image work; None where all
    of it is.
    """

    pixels: Image
    box: Box
    redrawn: Mask | None = None


@dataclass(frozen=True)
class Plate:
    """A picture to film: (h, w, 3) RGB that shows `box` of the page plane, at w / box.width pixels a page pixel.

    `original` marks the artist's own pixels (255); the rest was continued or generated.
    """

    pixels: Image
    box: Box
    original: Mask


@dataclass(frozen=True)
class Motion:
    """A plate that moves by itself: (n, h, w, 3) RGB over `box`, at `rate` frames a second; n = 1 is a still."""

    frames: Image
    box: Box
    rate: float
