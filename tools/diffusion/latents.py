"""Encode images and masks as the latents that a pipeline's UNet or transformer takes, before noise is added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tools.diffusion.pipelines import generator

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from torch import Tensor


def encode_image(pipe: DiffusionPipeline, picture: Picture, *, seed: int = 0) -> Tensor:
    """Encode a PIL image as latents (1, c, h, w), on the device of an SD or SDXL inpainting pipeline."""
    import torch

    pixels = pipe.image_processor.preprocess(picture, height=picture.height, width=picture.width)
    with torch.inference_mode():
        latents: Tensor = pipe._encode_vae_image(
            pixels.to(pipe._execution_device, pipe.unet.dtype), generator=generator(seed)
        )
    return latents


def encode_video_frame(pipe: DiffusionPipeline, picture: Picture) -> Tensor:
    """Encode a PIL image as the latents (1, c, 1, h, w) of a single video frame, for AnimateDiff and Wan."""
    import torch

    pixels = pipe.video_processor.preprocess(picture, height=picture.height, width=picture.width)
    pixels, config = pixels.to(pipe._execution_device, pipe.vae.dtype), pipe.vae.config
    latents: Tensor
    with torch.inference_mode():
        if getattr(config, "latents_mean", None) is None:
            latents = pipe.vae.encode(pixels).latent_dist.mode().unsqueeze(2) * config.scaling_factor
            return latents
        latents = pipe.vae.encode(pixels.unsqueeze(2)).latent_dist.mode()
    mean, deviation = (
        torch.tensor(values).view(1, -1, 1, 1, 1).to(latents) for values in (config.latents_mean, config.latents_std)
    )
    return (latents - mean) / deviation


def encode_packed(pipe: DiffusionPipeline, picture: Picture, mask: Picture) -> tuple[Tensor, Tensor]:
    """Encode a PIL image and its mask as packed latents (1, n, c), for a Qwen-Image-Edit pipeline."""
    import torch

    pixels = pipe.image_processor.preprocess(picture, height=picture.height, width=picture.width).unsqueeze(2)
    with torch.inference_mode():
        latents = pipe._encode_vae_image(pixels.to(pipe._execution_device, pipe.vae.dtype), generator=None)
    channels, (height, width) = latents.shape[1], latents.shape[-2:]
    holes = scale_mask(mask, (height, width)).to(latents).expand(1, channels, height, width).contiguous()
    return (
        pipe._pack_latents(latents.contiguous(), 1, channels, height, width),
        pipe._pack_latents(holes, 1, channels, height, width),
    )


def scale_mask(mask: Picture, size: tuple[int, int]) -> Tensor:
    """Scale a PIL mask to latent resolution, (1, 1, h, w) in 0..1; 1 where any of its pixels is to be inpainted."""
    import torch

    values = torch.from_numpy(np.asarray(mask.convert("L"), np.float32) / 255)[None, None]
    return torch.nn.functional.adaptive_max_pool2d(values, size)


def gaussian_noise(shape: tuple[int, ...], *, seed: int) -> Tensor:
    """Return Gaussian noise from a seed, the same on every device."""
    import torch

    return torch.randn(shape, generator=generator(seed))
