"""Start video denoising from noise that already has the low frequencies of the first frame (FrameInit).

FrameInit of ConsistI2V (Ren et al. 2024). A model takes the layout of a video from the lowest frequencies of its
initial noise. Where these contain the first frame, noised to the same level, the video keeps that layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.diffusion import latents
from tools.diffusion.image_to_video import VideoRequest

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Tensor

STOP = 0.25
"""Where the low-pass ends, as a share of the highest frequency in space and in time; the paper's own."""
SIGNAL = 0.153
"""How much of the first frame is left in the noise: step 850 of Stable Diffusion's 1000, the paper's own."""


def begun(noise: Tensor, first: Tensor, *, stop: float = STOP) -> Tensor:
    """`noise` (n, c, frames, h, w) with the low frequencies of `first` (n, c, 1, h, w), standing still.

    Both are latents, of about unit variance. Low and high are parted by a Gaussian in the 3D Fourier transform. The
    first frame is noised with `noise` itself, so that no frequency loses variance where the two meet.
    """
    import torch

    low = _gaussian(noise.shape[2:], stop).to(noise.device)
    change = SIGNAL * first.to(noise) - (1 - (1 - SIGNAL**2) ** 0.5) * noise
    spectrum = torch.fft.fftn(change.float(), dim=(2, 3, 4)) * low
    mixed: Tensor = noise + torch.fft.ifftn(spectrum, dim=(2, 3, 4)).real.to(noise)
    return mixed


def wan(pipe: DiffusionPipeline, asked: VideoRequest, *, shown: int = 0) -> Tensor:
    """The latents that a pipeline of Wan begins with, in which `shown` references stand before the film."""
    import torch

    first = latents.shown(pipe, asked.first).float()
    count = (asked.frames - 1) // pipe.vae_scale_factor_temporal + 1
    noise = latents.chance((*first.shape[:2], shown + count, *first.shape[3:]), seed=asked.seed).to(first)
    return torch.cat([noise[:, :, :shown], begun(noise[:, :, shown:], first)], dim=2)


def _gaussian(size: tuple[int, ...], stop: float) -> Tensor:
    """The weight of every frequency, (frames, h, w): 1 for none, exp(-1/2) at `stop` of the highest."""
    import torch

    axes = torch.meshgrid(*(2 * torch.fft.fftfreq(edge) for edge in size), indexing="ij")
    return torch.exp(-torch.stack(axes).square().sum(0) / (2 * stop**2))
