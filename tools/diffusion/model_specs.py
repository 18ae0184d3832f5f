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
    """The number of frames per call and the rate that a video model was trained on."""

    frames: int
    """Frames in one call."""
    rate: float
    """Frames per second."""
    accepts_last_frame: bool = False
    """Whether a last frame can be given in addition to the first."""
    has_experts: bool = False
    """Whether high and low noise have denoisers of their own."""
    guidance: float = 5.0
    """The guidance scale that its authors use."""
    shift: float | None = None
    """The shift of its scheduler that its authors use; None for that of its own files."""


def read_config(weights: Weights, name: str) -> Mapping[str, Any]:
    """Read a JSON configuration file in the folder of the weights. Raises BackendError if it is not there."""
    try:
        config = json.loads((weights.folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = None
    if not isinstance(config, dict):
        raise BackendError(f"{weights.model} holds no {name} that can be read", "name a model that diffusers can load")
    return config


def wan_spec(weights: Weights) -> VideoModelSpec:
    """Return the spec of a Wan image-to-video model: 81 frames at 16 per second, or 121 at 24 for the 5B model of 2.2.

    The A14B model of 2.2 has two experts, and its authors run it with guidance 3.5 and shift 5 (`wan_i2v_A14B.py` in
    their repository), all others with guidance 5. It accepts a last frame, and so does the 2.1 model made for it (FLF).
    Models of 2.1 encode images with an image encoder, and the others of them have no position embeddings for two.
    Raises BackendError if the weights are not on this machine.
    """
    index = read_config(weights, "model_index.json")
    if index.get("expand_timesteps"):
        return VideoModelSpec(121, 24.0)
    if index.get("boundary_ratio"):
        return VideoModelSpec(81, 16.0, accepts_last_frame=True, has_experts=True, guidance=3.5, shift=5.0)
    transformer = read_config(weights, "transformer/config.json")
    return VideoModelSpec(
        81, 16.0, accepts_last_frame=not transformer.get("image_dim") or bool(transformer.get("pos_embed_seq_len"))
    )


def takes_conditions(weights: Weights) -> bool:
    """Return whether an LTX-Video model takes known frames at any moment.

    0.9.5 and later do; their scheduler has no dynamic shift (diffusers, `scripts/convert_ltx_to_diffusers.py`), which
    the pipeline of conditions does not compute. Raises BackendError if the weights are not on this machine.
    """
    return not read_config(weights, "scheduler/scheduler_config.json").get("use_dynamic_shifting")


def svd_spec(weights: Weights) -> VideoModelSpec:
    """Return the spec of a Stable Video Diffusion model: 14 frames, or 25 for XT, at 7 per second.

    Raises BackendError if the weights are not on this machine.
    """
    return VideoModelSpec(int(read_config(weights, "unet/config.json").get("num_frames") or 25), 7.0)
