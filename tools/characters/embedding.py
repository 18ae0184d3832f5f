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
"""Mean and standard deviation of RGB in 0..1 on ImageNet."""
PACKAGES = ("torch", "transformers")
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True)
class VisionEmbedding:
    """A vision model of transformers with its weights.

    Making one loads and imports nothing; raises ModuleNotFoundError if torch or transformers is not installed.
    """

    classname: str
    weights: Weights
    dtype: str
    side: int
    """Side in pixels of its input."""
    norm: tuple[tuple[float, float, float], tuple[float, float, float]]
    """Mean and standard deviation of RGB in 0..1 that it was trained with."""
    token: Literal["first", "pooled"]
    """Which output is the embedding: the first token, or the pooled output."""

    def __post_init__(self) -> None:
        require(*PACKAGES)

    @cached_property
    def identity(self) -> str:
        """Return the identity of the weights, for content keys. Raises BackendError if they are not on this machine."""
        return f"{self.classname} {self.weights.identity} {self.dtype} {self.side}"

    @property
    def name(self) -> str:
        """Return the name under which the model is kept on the device."""
        return content_key("embedding", self.classname, 1, identity=self.identity)

    def embed(self, picture: Image) -> NDArray[np.float32]:
        """Embed `picture`, (h, w, 3) RGB uint8, as (d,) float32 of length 1."""
        import torch

        with self._loaded_model() as model, torch.inference_mode():
            pixels = torch.from_numpy(self._prepare(picture))[None].to(model.device, model.dtype)
            output = model(pixel_values=pixels)
            embedding = output.last_hidden_state[0, 0] if self.token == "first" else output.pooler_output[0]
            vector: NDArray[np.float32] = embedding.float().cpu().numpy()
        return normalize(vector)

    def _prepare(self, picture: Image) -> NDArray[np.float32]:
        """Return the model's input, (3, side, side), normalised; the aspect ratio is not kept."""
        is_larger = max(picture.shape[:2]) > self.side
        interpolation = cv2.INTER_AREA if is_larger else cv2.INTER_CUBIC
        small = cv2.resize(np.ascontiguousarray(picture), (self.side, self.side), interpolation=interpolation)
        mean, deviation = (np.array(values, np.float32) for values in self.norm)
        normed = (small.astype(np.float32) / 255 - mean) / deviation
        return np.ascontiguousarray(normed.transpose(2, 0, 1), np.float32)

    @contextmanager
    def _loaded_model(self) -> Iterator[PreTrainedModel]:
        with devices.load_model(self.name, self._load) as model:
            yield model

    def _load(self) -> PreTrainedModel:
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
    """Common part of the likeness backends that use a vision model."""

    packages = PACKAGES
    embedding: VisionEmbedding

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights. Raises BackendError if they are not on this machine."""
        return self.embedding.identity

    @property
    def model_id(self) -> str:
        """Return the name of the model on the device while it runs. Raises BackendError as `identity` does."""
        return self.embedding.name

    def embed(self, crop: Image) -> NDArray[np.float32]:
        """Embed `crop`; see the protocol in `tools/likeness`."""
        return self.embedding.embed(crop)


def normalize(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale a vector (d,) to length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
