"""Embed characters with the crop embedding of Magi v2, which was trained on manga (academic, non-commercial use only).

It runs the model's own code, and therefore requires a revision pinned by the user and an accepted licence. Only the
weights that embed crops are kept, about 0.4 GB.
The bounds `alike` and `margin` are first guesses, not measured on manga: set your own, or use `tones`.

Source: Sachdeva, Shin and Zisserman, Tails Tell Tales (2024).
"""

from __future__ import annotations

import cv2
import numpy as np

from tools.characters.embedding import normalize
from tools.likeness import LikenessMeasure, Vector
from tools.options import Share
from tools.pixels import as_image
from tools.plates import Image
from tools.remote_code import IMPORTED, LicenceTerms, RemoteCodeModel

TERMS = LicenceTerms(
    backend="magi2",
    model="ragavsachdeva/magiv2",
    otherwise="choose another backend for likeness, such as tones",
)
SIDE = 16
"""Minimum side of a crop in pixels: the model adds a margin around smaller ones, which may be all it sees."""


class Backend:
    """Embed crops with Magi v2.

    Args:
        device: Torch's name of the device to run on, "" for the GPU if there is one.
    """

    version = 1
    packages = IMPORTED

    def __init__(
        self,
        *,
        model: str = "",
        revision: str = "",
        licence_accepted: bool = False,
        device: str = "",
        alike: Share = 0.75,
        margin: Share = 0.03,
    ) -> None:
        self._magi = RemoteCodeModel(
            TERMS, model=model, revision=revision, accepted=licence_accepted, device=device, task="crops"
        )
        self.identity = self._magi.identity
        self.alike, self.margin = alike, margin

    @property
    def model_id(self) -> str:
        """Return the name of the model on the device while it runs."""
        return self._magi.name

    def embed(self, crop: Image) -> Vector:
        """Embed `crop`, (h, w, 3) RGB uint8, as (d,) float32 of length 1. Raises BackendError if the model fails."""
        grey = cv2.cvtColor(cv2.cvtColor(_enlarge(crop), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        with self._magi.load() as model:
            return normalize(np.asarray(model.ask(as_image(grey)), np.float32))


_CHECKED: type[LikenessMeasure] = Backend


def _enlarge(crop: Image) -> Image:
    """Enlarge a crop that is smaller than the model needs."""
    height, width = crop.shape[:2]
    if min(height, width) >= SIDE:
        return crop
    return np.asarray(cv2.resize(crop, (max(SIDE, width), max(SIDE, height))), np.uint8)
