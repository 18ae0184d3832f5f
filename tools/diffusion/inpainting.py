"""Inpaint the masked part of an image, and build outpainted plates and cleaned panels with it.

Pixels outside the mask are never changed: the seam is feathered inside the mask only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from storage.domain import Balloon, Panel
from tools import devices
from tools.cutouts.backgrounds import cutout_mask, extend_background
from tools.cutouts.cutting import cut_panel, lettering_mask
from tools.devices import Relief
from tools.diffusion import pipelines
from tools.diffusion.inpainters import Painter
from tools.diffusion.step_caches import with_step_cache
from tools.measuring import correspondence
from tools.pixels import as_image
from tools.plates import Cutout, Image, Mask, Plate

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

OUTWARD = "the same manga drawing continues beyond its frame, ink lines and screentone, no text, no border"
"""Text at the beginning of every outpainting prompt."""
CLEANED = "manga drawing, ink lines and screentone, empty background without any text or frame line"
"""Prompt for removing lettering and frame lines."""
Rank = Callable[[Image, Mask, Sequence[Image]], float]
"""Takes (image, mask, references) and returns how well the inpainted area fits the rest and the references."""
FEATHER = 2.0
"""Width in pixels over which the inpainted and the original pixels are blended, inside the mask."""


def repaint(
    painter: Painter, picture: Image, mask: Mask, *, prompt: str, references: Sequence[Image], seeds: Sequence[int]
) -> list[Image]:
    """Inpaint the area of `picture` (h, w, 3) where `mask` (h, w) is 255, once for each seed.

    Raises BackendError if the weights are missing or the device runs out of memory.
    """
    from PIL import Image as Pictures

    height, width = mask.shape

    def paint(relief: Relief) -> list[Picture]:
        area = painter.megapixels * relief.size**2
        size = pipelines.size_bucket(width, height, megapixels=area, multiple=painter.multiple)
        small = Pictures.fromarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
        hole = Pictures.fromarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST))
        looked_at = [Pictures.fromarray(_no_larger(one, size[0] * size[1])) for one in references]
        pipelines.apply_relief(pipe, relief)
        step = max(1, round(len(seeds) * relief.batch)) if painter.batches else 1
        painted: list[Picture] = []
        for at in range(0, len(seeds), step):
            some = seeds[at : at + step]
            with with_step_cache(pipe, painter.pipe.cache):
                painted += painter.paint(pipe, small, hole, prompt=prompt, references=looked_at, seeds=some)
        return painted

    with painter.pipe.load(painter.assemble) as pipe:
        found = devices.with_relief(paint)
    return [_put_back(picture, np.asarray(one.convert("RGB")), mask) for one in found]


def outpaint(
    painter: Painter,
    cutouts: Sequence[Cutout],
    field: tuple[float, float, float, float],
    *,
    prompt: str,
    references: Sequence[Image],
    seed: int,
    candidates: int = 1,
    rank: Rank = correspondence.correspondence_score,
) -> Plate:
    """Make the plate over `field`, outpainted around all cutouts; see the protocol in `tools/outpaint`.

    Of `candidates` images, the best by `rank` is returned: the one whose generated area has most in common with the
    panel and the references (the ranking of RealFill, Tang et al. 2023).
    """
    everything = extend_background(cutouts, field, revealed=len(cutouts), fill="tone")
    mask = as_image(255 - cutout_mask(cutouts, everything.box))
    if not mask.any():
        return everything
    found = repaint(
        painter, everything.pixels, mask, prompt=outpaint_prompt(prompt), references=references,
        seeds=[seed * 1000 + at for at in range(candidates)],
    )  # fmt: skip
    kept = max(found, key=lambda one: rank(one, mask, references)) if candidates > 1 else found[0]
    return Plate(kept, everything.box, everything.original)


def clean_panel(
    painter: Painter,
    page: Image,
    panel: Panel,
    *,
    others: Sequence[Panel],
    balloons: Sequence[Balloon],
    remove: frozenset[str],
    seed: int,
) -> Cutout:
    """Cut a panel out and inpaint what is removed: frame line, slivers and lettering; see `tools/clean`.

    Where the panel's outline does not fill its box (slanted frames, slivers), the image is completed to the box.
    """
    whole = cut_panel(page, panel, others=others, balloons=balloons, remove=remove - {"lettering", "balloons"})
    colour, alpha = whole.pixels[..., :3], whole.pixels[..., 3]
    mask = lettering_mask(balloons, whole.box, remove)
    if remove & {"frame", "slivers"}:
        mask = np.maximum(mask, np.where(alpha < 255, 255, 0).astype(np.uint8))
    if not mask.any():
        return whole
    quiet = as_image(cv2.inpaint(np.ascontiguousarray(colour), mask, 3, cv2.INPAINT_TELEA))
    under: Image = np.where(mask[..., None] > 0, quiet, colour)
    painted = repaint(painter, under, mask, prompt=clean_prompt(), references=(), seeds=[seed * 1000])[0]
    return Cutout(np.dstack([painted, np.maximum(alpha, mask)]), whole.box, redrawn=mask)


def _no_larger(picture: Image, most: int) -> Image:
    """Limit an image to `most` pixels: a reference larger than the canvas costs memory without adding information."""
    scale = min(1.0, (most / (picture.shape[0] * picture.shape[1])) ** 0.5)
    size = max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale))
    return as_image(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _put_back(picture: Image, painted: Image, mask: Mask) -> Image:
    """Resize the generated image to the original's size and blend it into the original inside the mask."""
    height, width = mask.shape
    grown = cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC)
    inward = cv2.distanceTransform(np.pad(mask, 1, mode="edge"), cv2.DIST_L2, 3)[1:-1, 1:-1]
    share = np.clip(inward / FEATHER, 0, 1)[..., None].astype(np.float32)
    laid = as_image(picture * (1 - share) + grown * share)
    return np.where(mask[..., None] > 0, laid, picture)


def outpaint_prompt(prompt: str) -> str:
    """Return the whole prompt for outpainting."""
    return f"{OUTWARD}, {prompt}" if prompt else OUTWARD


def clean_prompt(prompt: str = "") -> str:
    """Return the prompt for cleaning; the shot's own prompt is ignored, because it describes something else."""
    return CLEANED
