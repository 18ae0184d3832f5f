"""Inpaint the masked part of an image, and build outpainted plates and cleaned panels with it.

Pixels outside the mask are never changed: the seam is feathered inside the mask only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from storage.domain import Balloon, Box, Panel
from tools import devices
from tools.cutouts.backgrounds import cutout_mask, extend_background
from tools.cutouts.cutting import cut_panel, lettering_mask
from tools.devices import Relief
from tools.diffusion import pipelines
from tools.diffusion.inpainters import Painter
from tools.diffusion.painting_windows import PaintingWindow, plan_windows
from tools.diffusion.reference_masks import Masks, draw_reference_masks, with_reference_masks
from tools.diffusion.step_caches import with_step_cache
from tools.measuring import correspondence
from tools.pixels import as_image, is_grey, to_grey
from tools.plates import Cutout, Image, Mask, Plate

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture

OUTPAINT_PROMPT = (
    "the same drawing continues beyond its frame, in its own lines, shading and colours, no text, no border"
)
"""Text at the beginning of every outpainting prompt, for books in black and white and in colour."""
CLEAN_PROMPT = "the same drawing in its own lines, shading and colours, background without any text or frame line"
"""Prompt for removing lettering and frame lines."""
REDRAW_PROMPT = "Keep everything else, and the artist's own lines, shading and colours"
"""Text at the end of every prompt that changes a panel."""
COLOR_PROMPT = (
    "Colour this drawing in black and white as a page of a colour comic, in even, natural colours. What the other "
    "pictures show has the same colours here. Keep every line, all shading and the white of balloons, and draw nothing "
    "new"
)
"""Text at the beginning of every prompt that colours a panel."""
Rank = Callable[[Image, Mask, Sequence[Image]], float]
"""Takes (image, mask, references) and returns how well the inpainted area fits the rest and the references."""
FEATHER = 2.0
"""Width in pixels over which the inpainted and the original pixels are blended, inside the mask."""


def repaint(
    painter: Painter,
    picture: Image,
    mask: Mask,
    *,
    prompt: str,
    references: Sequence[Image],
    seeds: Sequence[int],
    most_windows: int = 0,
    reference_masks: Masks = None,
    keeps_grey: bool = True,
) -> list[Image]:
    """Inpaint the area of `picture` (h, w, 3) where `mask` (h, w) is 255, once for each seed.

    With `most_windows` a large picture is painted in so many windows at most (`painting_windows.plan_windows`). Where
    `keeps_grey` is set, a grey picture stays grey. Raises BackendError if the weights are missing or the device runs
    out of memory.
    """
    planned = plan_windows(mask, most_windows, megapixels=painter.megapixels, multiple=painter.multiple)
    images, grey = [picture] * len(seeds), keeps_grey and is_grey(picture)
    with painter.pipe.load(painter.assemble) as pipe:
        for number, window in enumerate(planned):
            # in the first window all seeds see the same; later on each sees what it has painted itself
            local = with_reference_masks(painter, reference_masks, window.place)
            batches = [list(seeds)] if number == 0 else [[seed] for seed in seeds]
            parts = [
                part
                for before, batch in zip(images, batches, strict=False)
                for part in _paint_window(local, pipe, before, window, prompt, references, batch)
            ]
            images = [_put_in(image, part, window, grey=grey) for image, part in zip(images, parts, strict=True)]
    return images


def _paint_window(
    painter: Painter,
    pipe: DiffusionPipeline,
    picture: Image,
    window: PaintingWindow,
    prompt: str,
    references: Sequence[Image],
    seeds: Sequence[int],
) -> list[Image]:
    """Return what a painter paints in one window of a picture, for each seed, at the size of its canvas."""
    from PIL import Image as Pictures

    part = picture[window.place]
    beyond = window.height - part.shape[0], window.width - part.shape[1]
    part = as_image(cv2.copyMakeBorder(part, 0, beyond[0], 0, beyond[1], cv2.BORDER_REPLICATE))
    hole = cv2.copyMakeBorder(window.mask, 0, beyond[0], 0, beyond[1], cv2.BORDER_CONSTANT, value=0)

    def paint(relief: Relief) -> list[Picture]:
        area = window.megapixels * relief.size**2
        size = pipelines.size_bucket(window.width, window.height, megapixels=area, multiple=painter.multiple)
        small_picture = Pictures.fromarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA))
        small_mask = Pictures.fromarray(cv2.resize(hole, size, interpolation=cv2.INTER_NEAREST))
        small_references = [Pictures.fromarray(_limit_pixels(image, size[0] * size[1])) for image in references]
        pipelines.apply_relief(pipe, relief)
        step = max(1, round(len(seeds) * relief.batch)) if painter.batches else 1
        painted: list[Picture] = []
        for start in range(0, len(seeds), step):
            batch = seeds[start : start + step]
            with with_step_cache(pipe, painter.pipe.cache):
                painted += painter.paint(
                    pipe, small_picture, small_mask, prompt=prompt, references=small_references, seeds=batch
                )
        return painted

    return [np.asarray(image.convert("RGB")) for image in devices.with_relief(paint)]


def _put_in(picture: Image, painted: Image, window: PaintingWindow, *, grey: bool) -> Image:
    """Return a picture with what was painted in one of its windows."""
    height, width = window.mask.shape
    enlarged = _fit(painted, (window.width, window.height), grey=grey)[:height, :width]
    changed = picture.copy()
    changed[window.place] = _feather(picture[window.place], enlarged, window.mask)
    return changed


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
    most_windows: int = 0,
    reference_places: Sequence[Sequence[Box]] = (),
) -> Plate:
    """Make the plate over `field`, outpainted around all cutouts; see the protocol in `tools/outpaint`.

    Of `candidates` images, the best by `rank` is returned: the one whose generated area has most in common with the
    panel and the references (the ranking of RealFill, Tang et al. 2023).
    """
    background = extend_background(cutouts, field, revealed=len(cutouts), fill="tone")
    mask = as_image(255 - cutout_mask(cutouts, background.box))
    if not mask.any():
        return background
    images = repaint(
        painter, background.pixels, mask, prompt=outpaint_prompt(prompt), references=references,
        seeds=[seed * 1000 + number for number in range(candidates)], most_windows=most_windows,
        reference_masks=draw_reference_masks(reference_places, background.box, mask.shape[::-1]),
    )  # fmt: skip
    best = max(images, key=lambda image: rank(image, mask, references)) if candidates > 1 else images[0]
    return Plate(best, background.box, background.original)


def clean_panel(
    painter: Painter,
    page: Image,
    panel: Panel,
    *,
    others: Sequence[Panel],
    balloons: Sequence[Balloon],
    remove: frozenset[str],
    seed: int,
    most_windows: int = 0,
) -> Cutout:
    """Cut a panel out and inpaint what is removed: frame line, slivers and lettering; see `tools/clean`.

    Where the panel's outline does not fill its box (slanted frames, slivers), the image is completed to the box.
    """
    cutout = cut_panel(page, panel, others=others, balloons=balloons, remove=remove - {"lettering", "balloons"})
    colour, alpha = cutout.pixels[..., :3], cutout.pixels[..., 3]
    mask = lettering_mask(balloons, cutout.box, remove)
    if remove & {"frame", "slivers"}:
        mask = np.maximum(mask, np.where(alpha < 255, 255, 0).astype(np.uint8))
    if not mask.any():
        return cutout
    filled = as_image(cv2.inpaint(np.ascontiguousarray(colour), mask, 3, cv2.INPAINT_TELEA))
    base: Image = np.where(mask[..., None] > 0, filled, colour)
    painted = repaint(
        painter, base, mask, prompt=clean_prompt(), references=(), seeds=[seed * 1000], most_windows=most_windows
    )[0]  # fmt: skip
    return Cutout(np.dstack([painted, np.maximum(alpha, mask)]), cutout.box, redrawn=mask)


def _limit_pixels(picture: Image, most: int) -> Image:
    """Limit an image to `most` pixels: a reference larger than the canvas costs memory without adding information."""
    scale = min(1.0, (most / (picture.shape[0] * picture.shape[1])) ** 0.5)
    size = max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale))
    return as_image(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def blend_in(picture: Image, painted: Image, mask: Mask) -> Image:
    """Resize the generated image to the original's size and blend it into the original inside the mask.

    It becomes grey where the original is grey.
    """
    height, width = mask.shape
    return _feather(picture, _fit(painted, (width, height), grey=is_grey(picture)), mask)


def _fit(painted: Image, size: tuple[int, int], *, grey: bool) -> Image:
    """Return a generated image at a size (w, h), without its colours if `grey` is set."""
    if grey:
        painted = np.repeat(to_grey(painted)[..., None], 3, axis=2)
    return as_image(cv2.resize(painted, size, interpolation=cv2.INTER_CUBIC))


def _feather(picture: Image, painted: Image, mask: Mask) -> Image:
    """Blend a generated image of the same size into the original, inside the mask."""
    distance = cv2.distanceTransform(np.pad(mask, 1, mode="edge"), cv2.DIST_L2, 3)[1:-1, 1:-1]
    opacity = np.clip(distance / FEATHER, 0, 1)[..., None].astype(np.float32)
    blended = as_image(picture * (1 - opacity) + painted * opacity)
    return np.where(mask[..., None] > 0, blended, picture)


def outpaint_prompt(prompt: str) -> str:
    """Return the whole prompt for outpainting."""
    return f"{OUTPAINT_PROMPT}, {prompt}" if prompt else OUTPAINT_PROMPT


def redraw_prompt(prompt: str) -> str:
    """Return the whole prompt for a change of a panel."""
    return f"{prompt}. {REDRAW_PROMPT}"


def color_prompt(prompt: str) -> str:
    """Return the whole prompt for colouring a panel."""
    return f"{COLOR_PROMPT}. {prompt}" if prompt else COLOR_PROMPT


def clean_prompt(prompt: str = "") -> str:
    """Return the prompt for cleaning; the shot's own prompt is ignored, because it describes something else."""
    return CLEAN_PROMPT
