"""Embed characters with SigLIP 2, which was trained on images with captions: hair, clothes and the like.

Weights: Apache-2.0, 1.5 GB of which a quarter is loaded; `model` may name another checkpoint.
The bounds `alike` and `margin` are first guesses, not measured on manga: set your own, or use `tones`.

Source: Tschannen et al., SigLIP 2: Multilingual Vision-Language Encoders (2025); Zhai et al., SigLIP (2023).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tools.characters.embedding import EmbeddingBackend, VisionEmbedding
from tools.diffusion.weights import Weights
from tools.likeness import LikenessMeasure
from tools.options import Precision, Share
from tools.vision.models import HALF


class Backend(EmbeddingBackend):
    """Embed crops with SigLIP 2.

    Args:
        side: Side in pixels to which crops are resized, that of the checkpoint.
    """

    version = 1

    def __init__(
        self,
        *,
        model: str = "google/siglip2-base-patch16-224",
        revision: str = "",
        dtype: Precision = "auto",
        side: Annotated[int, Field(ge=14, le=2048)] = 224,
        alike: Share = 0.85,
        margin: Share = 0.03,
    ) -> None:
        self.vision = VisionEmbedding("SiglipVisionModel", Weights(model, revision), dtype, side, HALF, "pooled")
        self.alike, self.margin = alike, margin


_CHECKED: type[LikenessMeasure] = Backend
