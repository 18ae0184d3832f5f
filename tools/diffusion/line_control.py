"""Guide painting by the artist's own lines, with a ControlNet for line art.

Zhang et al., ControlNet (2023); ControlNet++ (xinsir, 2024), which has one network for many conditions. No model draws
the condition: it is the ink of the panel. Where no ink is known there is none in it, which says to a ControlNet that no
lines are wanted there; so what it adds to the denoiser is left out in such places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.errors import BackendError
from tools.diffusion.model_specs import read_config
from tools.diffusion.weights import Weights
from tools.pixels import as_image, find_ink, to_grey
from tools.plates import Mask

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, ModelMixin
    from PIL.Image import Image as Picture
    from torch import Tensor

LINE_ART = 3
"""The number of thin lines among the conditions of ControlNet++ (README of github.com/xinsir6/ControlNetPlus)."""
INK_REACH = 6.0
"""Pixels around a stroke with whose mean tone it is compared."""
REACH = 16
"""Pixels of the canvas by which a ControlNet reaches into what is painted: two cells of latents."""
CLASSES = {
    "ControlNetModel": "StableDiffusionXLControlNetInpaintPipeline",
    "ControlNetUnionModel": "StableDiffusionXLControlNetUnionInpaintPipeline",
}
"""The pipeline for each class of ControlNets."""


@dataclass(frozen=True)
class LineControl:
    """A ControlNet of SDXL that is shown white lines on black."""

    weights: Weights
    strength: float
    """How much it weighs; 1 is full weight."""
    until: float
    """Share of the steps after which it no longer takes part."""
    redraws: bool = False
    """Whether the ink under the mask is known too, because a drawing is changed and no hole filled."""

    @property
    def classname(self) -> str:
        """Return the class of its network in diffusers.

        The checkpoints of ControlNet++ call themselves ControlNetModel, and say how many conditions they know. Raises
        BackendError if it is no ControlNet, or not on this machine.
        """
        config = read_config(self.weights, "config.json")
        name = "ControlNetUnionModel" if "num_control_type" in config else str(config.get("_class_name"))
        if name not in CLASSES:
            raise BackendError(
                f"{self.weights.model} is a {name}, and no ControlNet for line art", "name a ControlNet of SDXL"
            )
        return name

    def load(self, dtype: object) -> ModelMixin:
        """Load the network."""
        import diffusers

        kind = getattr(diffusers, self.classname)
        return kind.from_pretrained(str(self.weights.folder), dtype=dtype, use_safetensors=True, local_files_only=True)

    def pipeline_class(self, model: Weights) -> type[DiffusionPipeline]:
        """Return the inpainting pipeline that takes it with a checkpoint of SDXL.

        Raises BackendError for a UNet with channels for the mask, which diffusers does not run with ControlNet++.
        """
        import diffusers

        if self.classname == "ControlNetUnionModel" and not model.is_file:
            channels = read_config(model, "unet/config.json").get("in_channels", 4)
            if channels != 4:
                raise BackendError(
                    f"{model.model} has {channels} channels, and ControlNet++ needs a model of 4",
                    'name another one, such as model = "stabilityai/stable-diffusion-xl-base-1.0"',
                )
        kind: type[DiffusionPipeline] = getattr(diffusers, CLASSES[self.classname])
        return kind

    def call_arguments(self, pictures: Sequence[Picture], masks: Sequence[Picture]) -> dict[str, object]:
        """Return the arguments of a call for these pictures and masks."""
        lines = [self.draw_lines(picture, mask) for picture, mask in zip(pictures, masks, strict=True)]
        union = self.classname == "ControlNetUnionModel"
        return {
            "control_image": [lines] if union else lines,
            "controlnet_conditioning_scale": float(self.strength), "control_guidance_end": float(self.until),
        } | ({"control_mode": [LINE_ART]} if union else {})  # fmt: skip

    def draw_lines(self, picture: Picture, mask: Picture) -> Picture:
        """Return the condition: the known ink of a picture, white on black."""
        from PIL import Image

        ink = as_image(find_ink(to_grey(np.asarray(picture.convert("RGB"))), INK_REACH) * 255)
        if not self.redraws:
            ink = np.where(np.asarray(mask) > 0, 0, ink).astype(np.uint8)
        return Image.fromarray(ink).convert("RGB")

    @contextmanager
    def only_where_known(self, pipe: DiffusionPipeline, masks: Sequence[Picture]) -> Iterator[None]:
        """Let the ControlNet of a loaded pipeline count only where ink is known, until the end of the block.

        Args:
            pipe: The pipeline.
            masks: The mask of each picture of the batch; classifier-free guidance may double it.
        """
        import torch

        if self.redraws:
            yield
            return
        known = torch.from_numpy(np.stack([_known_area(np.asarray(mask)) for mask in masks]))[:, None]

        def leave_out(_module: object, _given: object, output: tuple[Sequence[Tensor], Tensor]) -> object:
            return [_weigh(part, known) for part in output[0]], _weigh(output[1], known)

        hook = pipe.controlnet.register_forward_hook(leave_out)
        try:
            yield
        finally:
            hook.remove()


def _known_area(mask: Mask) -> NDArray[np.float32]:
    """Return 1 where ink is known and close to it, 0 elsewhere."""
    kernel = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    return (cv2.dilate(255 - mask, kernel) > 0).astype(np.float32)


def _weigh(residual: Tensor, known: Tensor) -> Tensor:
    """Return what a ControlNet adds at one size of latents, without what lies in unknown places."""
    from torch.nn import functional

    share = functional.interpolate(known.to(residual), size=residual.shape[-2:], mode="area")
    return residual * share.repeat(residual.shape[0] // share.shape[0], 1, 1, 1)
