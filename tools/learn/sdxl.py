"""Train a LoRA for Stable Diffusion XL, for checkpoints that paint into a mask and for those that do not.

Weights: as in `outpaint.sdxl_inpaint`; all of them are on the device while it learns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.diffusion.latents import encode_image
from tools.diffusion.lora_training import PipelineTrainer, random_hole
from tools.learn import LoraTrainer

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from torch import Generator, Tensor

MASKED_CHANNELS = 9
"""Channels that a UNet takes which also sees the mask (1) and the picture without its hole (4)."""
AESTHETIC_SCORE = 6.0
"""The score that the pipeline of diffusers asks for, in checkpoints that were trained with scores."""


@dataclass(frozen=True)
class Sample:
    """What is computed once of a picture."""

    latents: Tensor
    """(1, 4, h, w)."""
    known: Tensor | None
    """The mask and the latents of the picture without its hole, (1, 5, h, w); None for a UNet that takes neither."""
    time_ids: Tensor
    """The sizes that SDXL is conditioned on, (1, 6), or (1, 5) with a score."""


@dataclass(eq=False, kw_only=True)
class Backend(PipelineTrainer[Sample]):
    """Train a LoRA for Stable Diffusion XL; see `PipelineTrainer`."""

    pipeline_class = "StableDiffusionXLInpaintPipeline"
    usual_config = "stabilityai/stable-diffusion-xl-base-1.0"
    multiple = 64

    model: str = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1"

    def _prepare(self, pipe: DiffusionPipeline, picture: Picture, generator: Generator) -> Sample:
        import torch

        latents = encode_image(pipe, picture)
        size = (picture.height, picture.width)
        scored = bool(pipe.config.requires_aesthetics_score)
        sizes = [*size, 0, 0, AESTHETIC_SCORE] if scored else [*size, 0, 0, *size]
        known = None
        if pipe.unet.config.in_channels == MASKED_CHANNELS:
            hole = random_hole(latents.shape[2], latents.shape[3], generator)
            known = torch.cat([hole, encode_image(pipe, _with_grey_hole(picture, hole))], dim=1)
        return Sample(latents, known, torch.tensor([sizes], dtype=torch.float32))

    def _new_loss(self, pipe: DiffusionPipeline, caption: str) -> Callable[[Sample, Generator], Tensor]:
        import torch
        from diffusers import DDPMScheduler

        words, _, pooled, _ = pipe.encode_prompt(caption, do_classifier_free_guidance=False)
        schedule = DDPMScheduler.from_config(pipe.scheduler.config)
        unet = pipe.unet
        device, dtype = words.device, words.dtype

        def loss(sample: Sample, generator: Generator) -> Tensor:
            latents = sample.latents.to(device, torch.float32)
            noise = torch.randn(latents.shape, generator=generator).to(device)
            moment = torch.randint(0, schedule.config.num_train_timesteps, (1,), generator=generator).to(device)
            seen = schedule.add_noise(latents, noise, moment)
            if sample.known is not None:
                seen = torch.cat([seen, sample.known.to(device)], dim=1)
            sizes = sample.time_ids.to(device, dtype)
            with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
                predicted = unet(
                    seen.to(dtype), moment, encoder_hidden_states=words,
                    added_cond_kwargs={"text_embeds": pooled, "time_ids": sizes}, return_dict=False,
                )[0]  # fmt: skip
            if schedule.config.prediction_type == "v_prediction":
                noise = schedule.get_velocity(latents, noise, moment)
            return torch.nn.functional.mse_loss(predicted.float(), noise)

        return loss


def _with_grey_hole(picture: Picture, hole: Tensor) -> Picture:
    """Return the picture with grey, which is 0 to the VAE, in a hole of latents, (1, 1, h, w)."""
    from PIL import Image

    mask = Image.fromarray((hole[0, 0].numpy() * 255).astype("uint8")).resize(picture.size, Image.Resampling.NEAREST)
    return Image.composite(Image.new("RGB", picture.size, (128, 128, 128)), picture, mask)


_CHECKED: type[LoraTrainer] = Backend
