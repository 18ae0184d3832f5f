"""Compare the figures of a shot by embeddings: is one of them drawn once more beyond its panel, and do they stay alike?

A model that continues a panel may continue its figure too, so that it stands there twice; a model that animates may
give a face other features. A likeness measure that a model computes tells both, where the places of figures are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box
from tools.characters.portraits import crop_box
from tools.plates import Image, Mask

Embed = Callable[[Image], NDArray[np.float32]]
"""Returns the embedding of a picture, (d,) float32 of length 1."""
PAINTED_SHARE = 0.8
"""The share of a window that a model must have painted, so that it is beyond the panel."""
MOST_WINDOWS = 24
"""The most windows in which a figure is looked for, spread evenly over those that there are."""
SEEN_FRAMES = 5
"""The number of frames of a clip in which figures are looked at: the last, and others at equal distances before it."""
_STEPS = 2
"""Windows to the length of a figure, in each direction."""


def strongest_double(plate: Image, original: Mask, figures: Sequence[Box], embed: Embed) -> float:
    """Return how much the painted part of a plate looks like one of its figures at any place.

    Args:
        plate: The plate, (h, w, 3) RGB uint8.
        original: (h, w) uint8, above 127 where the pixels are the artist's.
        figures: The boxes of figures in pixels of the plate.
        embed: The embedding of pictures.

    Returns:
        The highest cosine similarity, -1..1; -1 where no painted part is as large as a figure.
    """
    painted = np.asarray(cv2.integral((original <= 127).astype(np.uint8)), np.int32)
    best = -1.0
    for box in figures:
        windows = list(_painted_windows(painted, box))
        known = embed(crop_box(plate, box)) if windows else None
        for number in _spread(len(windows), MOST_WINDOWS):
            assert known is not None
            best = max(best, float(known @ embed(crop_box(plate, windows[number]))))
    return best


def lowest_likeness(frames: Sequence[Image], first: Image, figures: Sequence[Box], embed: Embed) -> float:
    """Return how alike the figures of a clip stay where they stood, in the worst of some frames.

    Args:
        frames: The frames of the clip, each (h, w, 3) RGB uint8.
        first: The picture from which the clip begins, (h, w, 3).
        figures: The boxes of figures in pixels of it.
        embed: The embedding of pictures.

    Returns:
        The lowest cosine similarity, -1..1; 1 without figures or frames.
    """
    places = [len(frames) - 1 - number for number in _spread(len(frames), SEEN_FRAMES)]
    known = [embed(crop_box(first, box)) for box in figures]
    return min(
        (
            float(vector @ embed(crop_box(frames[at], box)))
            for at in places
            for vector, box in zip(known, figures, strict=True)
        ),
        default=1.0,
    )


def _painted_windows(painted: NDArray[np.int32], figure: Box) -> Iterator[Box]:
    """Yield boxes of the size of a figure that are painted, from the integral image (h + 1, w + 1) of what is."""
    height, width = (edge - 1 for edge in painted.shape)
    across, down = max(1, round(figure.width)), max(1, round(figure.height))
    for top in range(0, height - down + 1, max(1, down // _STEPS)):
        for left in range(0, width - across + 1, max(1, across // _STEPS)):
            bottom, right = top + down, left + across
            count = painted[bottom, right] - painted[top, right] - painted[bottom, left] + painted[top, left]
            if count >= PAINTED_SHARE * across * down:
                yield Box(left, top, right, bottom)


def _spread(count: int, most: int) -> list[int]:
    """Return at most `most` of the numbers from 0 to `count` - 1, evenly spread."""
    return sorted({round(number) for number in np.linspace(0, count - 1, min(count, most))})
