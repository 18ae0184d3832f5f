"""Embed images with a vision model of transformers whose weights are on this machine; nothing is downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.keys import content_key
from tools import devices
from tools.diffusion.weights import Weights, refuse_pickles, translate_load_errors
from tools.optional_deps import require
from tools.plates import Image

if TYPE_CHECKING:
    from transformers import PreTrainedModel

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
PACKAGES = ("torch", "transformers")
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True)
class VisionEmbedding:
    """A vision model (`classname`) with its weights; `norm` is the mean and deviation it was trained on.

    `token` says what of its sight is taken: its first token, or what it pools. Making one loads and imports nothing;
    raises ModuleNotFoundError where torch or transformers is not installed.
    """

    classname: str
    weights: Weights
    dtype: str
    side: int
    norm: tuple[tuple[float, float, float], tuple[float, float, float]]
    token: Literal["first", "pooled"]

    def __post_init__(self) -> None:
        require(*PACKAGES)

    @cached_property
    def identity(self) -> str:
        """What enters the content keys. Raises BackendError when weights are not on this machine."""
        return f"{self.classname} {self.weights.identity} {self.dtype} {self.side}"

    @property
    def name(self) -> str:
        """What stands on the device under it."""
        return content_key("embedding", self.classname, 1, identity=self.identity)

    def of(self, picture: Image) -> NDArray[np.float32]:
        """The vector of `picture`, (h, w, 3) RGB uint8: (d,) float32 of length 1."""
        import torch

        with self._awake() as model, torch.inference_mode():
            seen = torch.from_numpy(self._prepared(picture))[None].to(model.device, model.dtype)
            told = model(pixel_values=seen)
            found = told.last_hidden_state[0, 0] if self.token == "first" else told.pooler_output[0]
            vector: NDArray[np.float32] = found.float().cpu().numpy()
        return normalize(vector)

    def _prepared(self, picture: Image) -> NDArray[np.float32]:
        """(3, side, side) as the model was trained: the aspect is not kept, the tones are normed."""
        shrinks = max(picture.shape[:2]) > self.side
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        small = cv2.resize(np.ascontiguousarray(picture), (self.side, self.side), interpolation=how)
        mean, deviation = (np.array(values, np.float32) for values in self.norm)
        normed = (small.astype(np.float32) / 255 - mean) / deviation
        return np.ascontiguousarray(normed.transpose(2, 0, 1), np.float32)

    @contextmanager
    def _awake(self) -> Iterator[PreTrainedModel]:
        with devices.load_model(self.name, self._wake) as model:
            yield model

    def _wake(self) -> PreTrainedModel:
        import transformers

        refuse_pickles(self.weights.folder)
        device = devices.best_device()
        with translate_load_errors(self.classname, self.weights):
            model = getattr(transformers, self.classname).from_pretrained(
                str(self.weights.folder), dtype=devices.torch_dtype(self.dtype, device), use_safetensors=True,
                local_files_only=True,
            )  # fmt: skip
        return model.eval().to(device)


class EmbeddingBackend:
    """What the backends share that look at characters by a vision model: `embedding` is that model."""

    packages = PACKAGES
    embedding: VisionEmbedding

    @property
    def identity(self) -> str:
        """Which weights look. Raises BackendError where they are not on this machine."""
        return self.embedding.identity

    @property
    def model_id(self) -> str:
        """What stands on the device while it looks. Raises BackendError as `identity` does."""
        return self.embedding.name

    def embed(self, crop: Image) -> NDArray[np.float32]:
        """Compute the vector of `crop`; see the protocol in `tools/likeness`."""
        return self.embedding.of(crop)


def normalize(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector (d,) brought to length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
