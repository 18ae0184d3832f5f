"""Score how well an inpainted area matches reference images, with diffusion features (DIFT).

DIFT (Tang et al. 2023): the features that a diffusion UNet computes for a slightly noised image are similar where two
images show the same part of the same object. Any SD or SDXL checkpoint works, so the one that inpaints also ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from tools.diffusion import pipelines
from tools.diffusion.inpainters import Painter
from tools.diffusion.latents import encode_image, gaussian_noise
from tools.plates import Image, Mask

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from torch import Tensor

TIMESTEP = 261
"""Timestep (of 1000) whose noise is added, and the decoder block whose features are used: the values of the paper."""
BLOCK = 1


def dift_score(painter: Painter, picture: Image, mask: Mask, references: Sequence[Image]) -> float:
    """Return the mean likeness (-1..1) of each cell of the masked area to its most similar cell in the references.

    Args:
        painter: Any painter whose pipeline has a Stable Diffusion UNet.
        picture: The inpainted image, (h, w, 3) RGB uint8.
        mask: The inpainted area, (h, w) uint8, above 127 inside.
        references: Reference images, each (h, w, 3) RGB uint8; without any, the unmasked area takes their place.

    Returns:
        The mean cosine similarity; 0 if the mask is empty or there is nothing to compare with.
    """
    import torch

    if not (mask > 127).any():
        return 0.0
    with painter.pipe.load(painter.assemble) as pipe:
        cells = dift_features(pipe, picture, painter)
        inside_mask = cv2.resize(mask, (cells.shape[2], cells.shape[1]), interpolation=cv2.INTER_AREA) > 127
        inside = torch.from_numpy(inside_mask).to(cells.device)
        reference_cells = [dift_features(pipe, reference, painter).flatten(1) for reference in references] or [
            cells[:, ~inside]
        ]
        masked_cells, other_cells = cells[:, inside], torch.cat(reference_cells, dim=1)
        if not masked_cells.shape[1] or not other_cells.shape[1]:
            return 0.0
        return float((masked_cells.T @ other_cells).max(dim=1).values.mean())


def dift_features(pipe: DiffusionPipeline, picture: Image, painter: Painter) -> Tensor:
    """Return the DIFT features of an image, (c, h, w) float32 on the device, of length 1 in every cell.

    `pipe` is a loaded inpainting pipeline.
    """
    import torch
    from PIL import Image as Pictures

    height, width = picture.shape[:2]
    size = pipelines.size_bucket(width, height, megapixels=painter.megapixels, multiple=painter.multiple)
    image = Pictures.fromarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA))
    unet = pipe.unet
    outputs: dict[str, Tensor] = {}
    hook = unet.up_blocks[min(BLOCK, len(unet.up_blocks) - 1)].register_forward_hook(
        lambda _module, _inputs, output: outputs.update(features=output)
    )
    try:
        with torch.inference_mode():
            latents = encode_image(pipe, image)
            noise = gaussian_noise(latents.shape, seed=0).to(latents)
            alpha = pipe.scheduler.alphas_cumprod[TIMESTEP].to(latents)
            noised = alpha.sqrt() * latents + (1 - alpha).sqrt() * noise
            if unet.config.in_channels == 9:  # nothing is masked: the UNet sees the whole picture
                noised = torch.cat([noised, torch.zeros_like(latents[:, :1]), latents], dim=1)
            embeds, conditions = _conditions(pipe, image)
            unet(noised, TIMESTEP, encoder_hidden_states=embeds, added_cond_kwargs=conditions)
    finally:
        hook.remove()
    return torch.nn.functional.normalize(outputs["features"][0].float(), dim=0)


def match_points(
    painter: Painter, picture: Image, other: Image, points: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Find the points of another image that show what points of an image show.

    Args:
        painter: Any painter whose pipeline has a Stable Diffusion UNet.
        picture: The image, (h, w, 3) RGB uint8.
        other: The other image, (h, w, 3) RGB uint8.
        points: (x, y) in pixels of `picture`.

    Returns:
        For each point the middle of the most similar cell, (x, y) in pixels of `other`.
    """
    with painter.pipe.load(painter.assemble) as pipe:
        own, others = (dift_features(pipe, image, painter) for image in (picture, other))
    (rows, columns), (height, width) = own.shape[1:], picture.shape[:2]
    found = list[tuple[float, float]]()
    for x, y in points:
        row, column = min(rows - 1, int(y * rows / height)), min(columns - 1, int(x * columns / width))
        best = int((own[:, row, column] @ others.flatten(1)).argmax())
        down, across = divmod(best, others.shape[2])
        found.append(
            ((across + 0.5) * other.shape[1] / others.shape[2], (down + 0.5) * other.shape[0] / others.shape[1])
        )
    return found


def _conditions(pipe: DiffusionPipeline, shown: Picture) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the embeddings of an empty prompt, and the other conditions that this UNet requires."""
    import torch

    device = pipe._execution_device
    embeds, _, *pooled = pipe.encode_prompt(
        "", device=device, num_images_per_prompt=1, do_classifier_free_guidance=False
    )
    conditions: dict[str, Tensor] = {}
    if pooled:  # SDXL
        size = [shown.height, shown.width]
        conditions["text_embeds"] = pooled[0]
        conditions["time_ids"] = torch.tensor([[*size, 0, 0, *size]], device=device, dtype=embeds.dtype)
    if pipe.unet.config.encoder_hid_dim_type == "ip_image_proj":
        conditions["image_embeds"] = pipe.prepare_ip_adapter_image_embeds([[shown]], None, device, 1, False)
    return embeds, conditions
