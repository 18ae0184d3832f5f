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

CUTOFF = 0.25
"""Cutoff of the low-pass filter, as a share of the highest frequency in space and in time; the value of the paper."""
SIGNAL_SHARE = 0.153
"""Share of the first frame in the noise: step 850 of Stable Diffusion's 1000, the value of the paper."""


def mix_low_frequencies(noise: Tensor, first: Tensor, *, cutoff: float = CUTOFF) -> Tensor:
    """Replace the low frequencies of `noise` (n, c, frames, h, w) by those of `first` (n, c, 1, h, w), held still.

    Both are latents of about unit variance. A Gaussian in the 3D Fourier transform separates low and high frequencies.
    The first frame is noised with `noise` itself, so that no frequency loses variance at the cutoff.
    """
    import torch

    low = _gaussian(noise.shape[2:], cutoff).to(noise.device)
    change = SIGNAL_SHARE * first.to(noise) - (1 - (1 - SIGNAL_SHARE**2) ** 0.5) * noise
    spectrum = torch.fft.fftn(change.float(), dim=(2, 3, 4)) * low
    mixed: Tensor = noise + torch.fft.ifftn(spectrum, dim=(2, 3, 4)).real.to(noise)
    return mixed


def wan_initial_latents(pipe: DiffusionPipeline, request: VideoRequest, *, reference_count: int = 0) -> Tensor:
    """Return initial latents for a Wan pipeline, in which `reference_count` reference latents come before the video."""
    import torch

    first = latents.encode_video_frame(pipe, request.first).float()
    count = (request.frames - 1) // pipe.vae_scale_factor_temporal + 1
    noise = latents.gaussian_noise((*first.shape[:2], reference_count + count, *first.shape[3:]), seed=request.seed).to(
        first
    )
    return torch.cat([noise[:, :, :reference_count], mix_low_frequencies(noise[:, :, reference_count:], first)], dim=2)


def _gaussian(size: tuple[int, ...], cutoff: float) -> Tensor:
    """Return the weight of every frequency, (frames, h, w): 1 at frequency 0, exp(-1/2) at `cutoff` of the highest."""
    import torch

    axes = torch.meshgrid(*(2 * torch.fft.fftfreq(edge) for edge in size), indexing="ij")
    return torch.exp(-torch.stack(axes).square().sum(0) / (2 * cutoff**2))
