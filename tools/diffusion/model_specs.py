"""Read from a video model's configuration how many frames, and at what rate, it was trained to generate.

Models that share a pipeline class differ in this. Only their configuration files are read: nothing is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.errors import BackendError
from tools.diffusion.weights import Weights


@dataclass(frozen=True)
class VideoModelSpec:
    """The `frames` of one call and their `rate` a second; `ends` says that a last frame may be given to it."""

    frames: int
    rate: float
    accepts_last_frame: bool = False


def wan_spec(weights: Weights) -> VideoModelSpec:
    """Wan image-to-video: 81 frames at 16 a second, the 5B of 2.2 121 at 24.

    A last frame is heard by 2.2 A14B, and by the model of 2.1 that was made for it; 2.1 sees pictures through an
    encoder, and the others of it have no place for two. Raises BackendError when the weights are not on this machine.
    """
    if _told(weights, "model_index.json").get("expand_timesteps"):
        return VideoModelSpec(121, 24.0)
    transformer = _told(weights, "transformer/config.json")
    return VideoModelSpec(
        81, 16.0, accepts_last_frame=not transformer.get("image_dim") or bool(transformer.get("pos_embed_seq_len"))
    )


def cogvideox_spec(weights: Weights) -> VideoModelSpec:
    """CogVideoX image-to-video: 49 frames at 8 a second, 1.5 81 at 16. Raises BackendError as `wan` does."""
    newer = _told(weights, "transformer/config.json").get("patch_size_t")
    return VideoModelSpec(81, 16.0) if newer else VideoModelSpec(49, 8.0)


def svd_spec(weights: Weights) -> VideoModelSpec:
    """Stable Video Diffusion: 14 frames or, XT, 25; at 7 a second. Raises BackendError as `wan` does."""
    return VideoModelSpec(int(_told(weights, "unet/config.json").get("num_frames") or 25), 7.0)


def _told(weights: Weights, name: str) -> Mapping[str, Any]:
    """A file of settings among the weights."""
    try:
        found = json.loads((weights.folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise BackendError(f"{weights.model} holds no {name} that can be read", "name a model that diffusers can load")
    return found
