"""Generate videos of any length with AnimateDiff, through overlapping temporal windows (FreeNoise).

FreeNoise (Qiu et al. 2024), as implemented in diffusers: temporal attention runs window by window, and the results are
blended where windows overlap, at every step, as in MultiDiffusion (Bar-Tal et al. 2023) and AVID (Zhang et al. 2024).
The noise of later frames is a permutation of the noise of earlier ones, so that distant frames stay consistent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.diffusion.pipelines import generator

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from diffusers.models.attention import FreeNoiseTransformerBlock
    from torch import Tensor
    from torch.nn import Module

STRIDE_DIVISOR = 4
"""Windows start a quarter of their length apart, so most frames are in four of them."""


def add_free_noise(kind: type) -> type:
    """Return a pipeline class with FreeNoise added, which diffusers lacks for AnimateDiff with SparseCtrl."""
    from diffusers.pipelines.free_noise_utils import AnimateDiffFreeNoiseMixin

    return type(kind.__name__, (AnimateDiffFreeNoiseMixin, kind), {"__module__": kind.__module__})


def enable_windows(pipe: DiffusionPipeline, length: int) -> None:
    """Set a new pipeline, of a class from `add_free_noise`, to windows of `length` frames, computed one by one."""
    pipe.enable_free_noise(context_length=length, context_stride=window_stride(length))
    for block in pipe.controlnet.down_blocks:  # SparseCtrl looks along time too
        pipe._enable_free_noise_in_block(block)
    for layer in _layers(pipe):
        if not hasattr(layer, "attn2"):  # diffusers asks for one that SparseCtrl's layers have not
            layer.attn2 = None
    pipe.enable_free_noise_split_inference(temporal_split_size=length)
    if not hasattr(pipe.unet.mid_block, "motion_modules"):  # of a motion adapter without one for it
        _compute_whole(pipe.unet.mid_block)


def fit_windows(pipe: DiffusionPipeline, frames: int, length: int) -> None:
    """Adapt the windows of a pipeline with windows to a video of `frames`: no window is longer than the video."""
    window = min(length, frames)
    for layer in _layers(pipe):
        layer.set_free_noise_properties(window, window_stride(window))


def window_stride(length: int) -> int:
    """Return how many frames after one window the next one starts."""
    return max(1, length // STRIDE_DIVISOR)


def repeat_noise(noise: Tensor, length: int, *, seed: int) -> Tensor:
    """Replace noise (n, c, frames, h, w) after the first `length` frames by earlier frames, shuffled by stride."""
    import torch

    random, step, result = generator(seed), window_stride(length), noise.clone()
    for start in range(length, noise.shape[2], step):
        order = start - length + torch.randperm(step, generator=random)
        count = min(step, noise.shape[2] - start)
        result[:, :, start : start + count] = result[:, :, order[:count]]
    return result


def _compute_whole(block: Module) -> None:
    """Undo the splitting of a block that looks at each frame by itself: it calls its layers in another way."""
    for name in ("resnets", "attentions"):
        layers: Any = getattr(block, name)
        for number, layer in enumerate(layers):
            layers[number] = layer.module


def _layers(pipe: DiffusionPipeline) -> list[FreeNoiseTransformerBlock]:
    """Return the temporal transformer blocks of the UNet and the SparseCtrl model."""
    from diffusers.models.attention import FreeNoiseTransformerBlock

    layers = [*pipe.unet.modules(), *pipe.controlnet.modules()]
    return [layer for layer in layers if isinstance(layer, FreeNoiseTransformerBlock)]
