"""Train a LoRA for FLUX.2 [klein]; its authors publish a base model to train.

Weights: as in `outpaint.klein_inpaint`; all of them are on the device while it learns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.diffusion.lora_training import PipelineTrainer
from tools.learn import LoraTrainer

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from torch import Generator, Tensor


@dataclass(frozen=True)
class Packed:
    """The latents of a picture as a sequence of tokens."""

    tokens: Tensor
    """(1, h * w, channels)."""
    ids: Tensor
    """The place of each token, (1, h * w, 4)."""


@dataclass(eq=False, kw_only=True)
class Backend(PipelineTrainer[Packed]):
    """Train a LoRA for FLUX.2 [klein] by flow matching; see `PipelineTrainer`."""

    pipeline_class = "Flux2KleinInpaintPipeline"
    multiple = 16

    model: str = "black-forest-labs/FLUX.2-klein-4B"

    def _prepare(self, pipe: DiffusionPipeline, picture: Picture, generator: Generator) -> Packed:
        pixels = pipe.image_processor.preprocess(picture, height=picture.height, width=picture.width)
        pixels = pixels.to(pipe.vae.device, pipe.vae.dtype)
        latents = pipe._encode_vae_image(image=pixels, generator=generator)
        return Packed(pipe._pack_latents(latents), pipe._prepare_latent_ids(latents))

    def _new_loss(self, pipe: DiffusionPipeline, caption: str) -> Callable[[Packed, Generator], Tensor]:
        import torch

        words, word_ids = pipe.encode_prompt(caption)
        transformer = pipe.transformer
        device, dtype = words.device, transformer.dtype

        def loss(sample: Packed, generator: Generator) -> Tensor:
            latents = sample.tokens.to(device, torch.float32)
            noise = torch.randn(latents.shape, generator=generator).to(device)
            # moments in the middle teach most: logit-normal, Esser et al., Scaling Rectified Flow Transformers (2024)
            share = torch.sigmoid(torch.randn((1,), generator=generator)).to(device)
            seen = (1 - share) * latents + share * noise
            with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
                predicted = transformer(
                    hidden_states=seen.to(dtype), timestep=share.to(dtype), guidance=None,
                    encoder_hidden_states=words, txt_ids=word_ids, img_ids=sample.ids.to(device), return_dict=False,
                )[0]  # fmt: skip
            return torch.nn.functional.mse_loss(predicted.float(), noise - latents)

        return loss


_CHECKED: type[LoraTrainer] = Backend
