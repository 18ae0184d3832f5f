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
"""RGB picture, (height, width, 3) uint8."""
Mask = NDArray[np.uint8]
"""Mask, (height, width) uint8, 255 = inside."""
FrameFunction = Callable[[float], Image]
"""Function from time 0..1 in a shot to one film frame, (screen.height, screen.width, 3) RGB uint8."""


@dataclass(frozen=True)
class GreyFrames:
    """A frame function of a shot without colours: whoever knows it takes one tone for each pixel instead of three."""

    tones: Callable[[float], Mask]
    """Function from time 0..1 to the tones of one film frame, (screen.height, screen.width) uint8."""

    def __call__(self, t: float) -> Image:
        """Return one film frame, (screen.height, screen.width, 3) RGB uint8."""
        return np.repeat(self.tones(t)[..., np.newaxis], 3, axis=2)


@dataclass(frozen=True)
class Cutout:
    """A panel cut out of its page, at page scale."""

    pixels: Image
    """(h, w, 4) RGBA; alpha 255 is the artist's picture (the panel and the balloons that overlap its frame)."""
    box: Box
    """Position on the page in page pixels; the top left pixel lies at (x0, y0)."""
    redrawn: Mask | None = None
    """Mask of pixels painted by a model or by image processing (255), (h, w); None if all pixels are the page's own."""


@dataclass(frozen=True)
class Plate:
    """The still picture that a shot is filmed from."""

    pixels: Image
    """(h, w, 3) RGB uint8, with w / box.width pixels per page pixel."""
    box: Box
    """The part of the page plane that it shows, in page pixels; it may reach beyond the page."""
    original: Mask
    """Mask of the artist's own pixels (255), (h, w); the rest was continued or generated."""


@dataclass(frozen=True)
class KeyFrame:
    """A picture that the animation of a plate comes to at a moment."""

    at: float
    """The moment, as a share of the shot: above 0, and 1 for its end."""
    pixels: Image
    """(h, w, 3) RGB uint8 in the size of the plate, over the same box."""


@dataclass(frozen=True)
class Motion:
    """A plate that moves by itself."""

    frames: Image
    """(n, h, w, 3) RGB uint8; n = 1 is a still."""
    box: Box
    """The part of the page plane that the frames show, in page pixels."""
    rate: float
    """Frames per second."""
    keys: tuple[int, ...] = ()
    """The numbers of the frames that are pictures given to the model, and not what it drew; in order."""
