"""Generate videos of any length with AnimateDiff, through overlapping temporal windows (FreeNoise).

FreeNoise (Qiu et al. 2024), as implemented in diffusers: temporal attention runs window by window, and the results are
blended where windows overlap, at every step, as in MultiDiffusion (Bar-Tal et al. 2023) and AVID (Zhang et al. 2024).
The noise of later frames is a permutation of the noise of earlier ones, so that distant frames stay consistent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.diffusion.pipelines import generator

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from diffusers.models.attention import FreeNoiseTransformerBlock
    from torch import Tensor

STRIDE = 4
"""A window begins so many parts of a window after the one before: most frames are seen by that many."""


def opened(kind: type) -> type:
    """The class of a pipeline without windows, with them: AnimateDiff has them, its SparseCtrl has not."""
    from diffusers.pipelines.free_noise_utils import AnimateDiffFreeNoiseMixin

    return type(kind.__name__, (AnimateDiffFreeNoiseMixin, kind), {"__module__": kind.__module__})


def divided(pipe: DiffusionPipeline, length: int) -> None:
    """Let a fresh pipeline of an `opened` class look through windows of `length` frames, and work in such parts."""
    pipe.enable_free_noise(context_length=length, context_stride=stride(length))
    for block in pipe.controlnet.down_blocks:  # SparseCtrl looks along time too
        pipe._enable_free_noise_in_block(block)
    for layer in _layers(pipe):
        if not hasattr(layer, "attn2"):  # diffusers asks for one that SparseCtrl's layers have not
            layer.attn2 = None
    pipe.enable_free_noise_split_inference(temporal_split_size=length)


def fitted(pipe: DiffusionPipeline, frames: int, length: int) -> None:
    """Make the windows of a `divided` pipeline fit a film of `frames`: no window is longer than the film."""
    window = min(length, frames)
    for layer in _layers(pipe):
        layer.set_free_noise_properties(window, stride(window))


def stride(length: int) -> int:
    """How many frames later the next window begins."""
    return max(1, length // STRIDE)


def repeated(noise: Tensor, length: int, *, seed: int) -> Tensor:
    """Noise (n, c, frames, h, w) whose frames after the first `length` are those before, shuffled by the stride."""
    import torch

    chance, step, found = generator(seed), stride(length), noise.clone()
    for at in range(length, noise.shape[2], step):
        order = at - length + torch.randperm(step, generator=chance)
        count = min(step, noise.shape[2] - at)
        found[:, :, at : at + count] = found[:, :, order[:count]]
    return found


def _layers(pipe: DiffusionPipeline) -> list[FreeNoiseTransformerBlock]:
    from diffusers.models.attention import FreeNoiseTransformerBlock

    layers = [*pipe.unet.modules(), *pipe.controlnet.modules()]
    return [layer for layer in layers if isinstance(layer, FreeNoiseTransformerBlock)]
