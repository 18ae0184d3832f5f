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
    """Measure how alike two images of characters are: the dot product of their embeddings, 1 for equal images.

    Each backend sets its own bounds, so that different characters are seldom taken for one.

    Attributes:
        alike: Lowest likeness (0..1) at which groups of sightings are taken for one character.
        margin: How much more alike (0..1) they must be than the next candidate.
    """

    alike: float
    margin: float

    def embed(self, crop: Image) -> Vector:
        """Embed one image of a character.

        Args:
            crop: The image, (h, w, 3) RGB uint8 of at least 1 x 1 pixel.

        Returns:
            The embedding, (d,) float32 of length 1; d is the same for all images.

        Raises:
            BackendError: The weights are not on this machine, or the model fails on this image.
        """
        ...


def load_likeness_measure(name: str, **options: object) -> LikenessMeasure:
    """Load a likeness measure.

    Args:
        name: A module of `tools/likeness/`, such as "tones", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The measure; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no likeness measure, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
        SettingsError: The model brings its own code, and its licence was not accepted or its revision not pinned.
    """
    backend = backends.load_backend("likeness", name, **options)
    if not isinstance(backend, LikenessMeasure):
        raise backends.protocol_error("likeness", name, "LikenessMeasure")
    return backend
