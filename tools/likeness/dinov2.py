"""Embed characters with DINOv2, a self-supervised vision model that captures shape and texture.

Weights: Apache-2.0, 90 MB; `model` may name another size.
The bounds `alike` and `margin` are first guesses, not measured on manga: set your own, or use `tones`.

Source: Oquab et al., DINOv2: Learning Robust Visual Features without Supervision (2023).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.characters.embedding import EmbeddingBackend, VisionEmbedding
from tools.diffusion.weights import Weights
from tools.likeness import LikenessMeasure
from tools.options import Precision, Share
from tools.vision.models import IMAGENET


class Backend(EmbeddingBackend):
    """Embed crops with DINOv2.

    Args:
        side: Side in pixels to which crops are resized, a multiple of 14.
    """

    version = 1

    def __init__(
        self,
        *,
        model: str = "facebook/dinov2-small",
        revision: str = "",
        dtype: Precision = "auto",
        side: Annotated[int, Field(ge=14, le=2016, multiple_of=14)] = 224,
        alike: Share = 0.75,
        margin: Share = 0.03,
    ) -> None:
        self.vision = VisionEmbedding("Dinov2Model", Weights(model, revision), dtype, side, IMAGENET, "first")
        self.alike, self.margin = alike, margin


_CHECKED: type[LikenessMeasure] = Backend
