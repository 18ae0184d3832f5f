"""Embed images with a vision model of transformers whose weights are on this machine; nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from storage.keys import content_key
from tools.plates import Image
from tools.vision.models import Norm, VisionBackend, VisionModel, normalize_picture, resize_picture


@dataclass(frozen=True)
class VisionEmbedding(VisionModel):
    """A vision model of transformers whose output for a picture is an embedding."""

    side: int
    """Side in pixels of its input."""
    norm: Norm
    token: Literal["first", "pooled"]
    """Which output is the embedding: the first token, or the pooled output."""

    @property
    def identity(self) -> str:
        """Return the identity of the weights, for content keys. Raises BackendError if they are not on this machine."""
        return f"{super().identity} {self.side}"

    @property
    def name(self) -> str:
        """Return the name under which the model is kept on the device."""
        return content_key("embedding", self.classname, 1, identity=self.identity)

    def embed(self, picture: Image) -> NDArray[np.float32]:
        """Embed `picture`, (h, w, 3) RGB uint8, as (d,) float32 of length 1."""
        import torch

        seen = normalize_picture(resize_picture(picture, self.side, self.side), self.norm)
        with self.on_device() as model, torch.inference_mode():
            output = model(pixel_values=torch.from_numpy(seen)[None].to(model.device, model.dtype))
            embedding = output.last_hidden_state[0, 0] if self.token == "first" else output.pooler_output[0]
            vector: NDArray[np.float32] = embedding.float().cpu().numpy()
        return normalize(vector)


class EmbeddingBackend(VisionBackend):
    """Common part of the likeness backends that use a vision model."""

    vision: VisionEmbedding

    def embed(self, crop: Image) -> NDArray[np.float32]:
        """Embed `crop`; see the protocol in `tools/likeness`."""
        return self.vision.embed(crop)


def normalize(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale a vector (d,) to length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
