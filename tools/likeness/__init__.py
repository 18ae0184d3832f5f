"""A character's picture in, a vector that is close to those of the same character out. Knows no page and no name."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tools.plates import Image

Vector = NDArray[np.float32]


class Likeness(Protocol):
    """Tells how alike two pictures of characters are: the product of their vectors, 1 for the same picture.

    `alike` is the likeness from which groups of sightings are taken for one character, `margin` by how much they must
    be more alike than a rival. Both are the backend's to set: a stranger should seldom be taken for a friend.
    """

    version: int
    alike: float
    margin: float

    def embed(self, crop: Image) -> Vector:
        """The vector of `crop`, (h, w, 3) RGB uint8 of at least 1 x 1: (d,) float32 of length 1, d the same for all."""
        ...
