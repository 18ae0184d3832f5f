"""Load a vision model of transformers whose weights are on this machine, and prepare the pictures it sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.keys import content_key
from tools import devices
from tools.diffusion.weights import Weights, refuse_pickles, translate_load_errors
from tools.optional_deps import require
from tools.plates import Image

PACKAGES = ("torch", "transformers")
Norm = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Mean and standard deviation of RGB in 0..1 that a model was trained with."""
IMAGENET: Norm = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF: Norm = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
CLIP: Norm = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


@dataclass(frozen=True)
class VisionModel:
    """A vision model of transformers with its weights; nothing is downloaded.

    Making one loads and imports nothing; raises ModuleNotFoundError if torch or transformers is not installed.
    """

    classname: str
    weights: Weights
    dtype: str

    def __post_init__(self) -> None:
        require(*PACKAGES)

    @cached_property
    def identity(self) -> str:
        """Return the identity of the weights, for content keys. Raises BackendError if they are not on this machine."""
        return f"{self.classname} {self.weights.identity} {self.dtype}"

    @property
    def name(self) -> str:
        """Return the name under which the model is kept on the device."""
        return content_key("vision", self.classname, 1, identity=self.identity)

    @contextmanager
    def on_device(self) -> Iterator[Any]:
        """Load the model for the duration of the block; it stays on the device until another one is loaded."""
        with devices.load_model(self.name, self.load) as model:
            yield model

    def load(self) -> Any:
        """Read the weights and move them to the best device. Raises BackendError if they are not such a model's."""
        import transformers

        refuse_pickles(self.weights.folder)
        device = devices.best_device()
        with translate_load_errors(self.classname, self.weights):
            model = getattr(transformers, self.classname).from_pretrained(
                str(self.weights.folder), dtype=devices.torch_dtype(self.dtype, device), use_safetensors=True,
                local_files_only=True,
            )  # fmt: skip
        return model.eval().to(device)


class VisionBackend:
    """The common part of backends that run one vision model."""

    packages = PACKAGES
    vision: VisionModel

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights. Raises BackendError if they are not on this machine."""
        return self.vision.identity

    @property
    def model_id(self) -> str:
        """Return the name of the model on the device while it runs. Raises BackendError as `identity` does."""
        return self.vision.name


def normalize_picture(picture: Image, norm: Norm) -> NDArray[np.float32]:
    """Return a picture, (h, w, 3) RGB uint8, as a model sees it, (3, h, w) float32."""
    mean, deviation = (np.array(values, np.float32) for values in norm)
    normed = (picture.astype(np.float32) / 255 - mean) / deviation
    return np.ascontiguousarray(normed.transpose(2, 0, 1), np.float32)


def resize_picture(picture: Image, width: int, height: int, enlarge: int = cv2.INTER_CUBIC) -> Image:
    """Return a picture of another size; its aspect ratio is not kept."""
    is_larger = picture.shape[1] > width or picture.shape[0] > height
    interpolation = cv2.INTER_AREA if is_larger else enlarge
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), (width, height), interpolation=interpolation), np.uint8)
