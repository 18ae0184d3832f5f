"""Protocol and loader of likeness measures, which compare characters by an embedding of each image of them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tools import backends
from tools.backends import Backend
from tools.plates import Image

Vector = NDArray[np.float32]


@runtime_checkable
class LikenessMeasure(Backend, Protocol):
    """Tells how alike two pictures of characters are: the dot product of their vectors, 1 for the same picture.

    Both bounds are the backend's to set: a stranger should seldom be taken for a friend.

    Attributes:
        alike: The likeness (0..1) from which on groups of sightings are taken for one character.
        margin: By how much (0..1) they must be more alike than the next candidate.
    """

    alike: float
    margin: float

    def embed(self, crop: Image) -> Vector:
        """Compute the vector of one picture of a character.

        Args:
            crop: The picture, (h, w, 3) RGB uint8 of at least 1 x 1.

        Returns:
            (d,) float32 of length 1; d is the same for all pictures.

        Raises:
            BackendError: The weights are not on this machine, or the model fails on this picture.
        """
        ...


def load_likeness_measure(name: str, **options: object) -> LikenessMeasure:
    """Load a likeness measure.

    Args:
        name: A file of `tools/likeness/`, such as "tones", or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The measure, one and the same for equal options; its weights are loaded when it is at work.

    Raises:
        BackendError: There is no such backend, it is no likeness measure, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
        SettingsError: Its model brings code of its own, and the licence or the revision was not agreed to.
    """
    backend = backends.load_backend("likeness", name, **options)
    if not isinstance(backend, LikenessMeasure):
        raise backends.protocol_error("likeness", name, "LikenessMeasure")
    return backend
