"""Say where in a picture a model looks at each of its references, so that no character gets the face of another.

FastComposer (Xiao et al. 2023) and others localise attention in the same way; IP-Adapter has masks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from storage.domain import Box
from tools.plates import Mask

GROWTH = 0.25
"""Share of its size by which a place grows on each side: what is painted continues a figure beyond its frame."""
Masks = tuple[Mask, ...] | None
"""A mask for each reference, 255 where it counts; None where all count everywhere."""


@runtime_checkable
class TakesReferenceMasks(Protocol):
    """A painter that can look at each reference in its own place."""

    @property
    def reference_masks(self) -> Masks:
        """Return the masks of the references, each of the size of what is painted."""
        ...


PainterT = TypeVar("PainterT")


def draw_reference_masks(places: Sequence[Sequence[Box]], box: Box, size: tuple[int, int]) -> Masks:
    """Draw a mask for each reference.

    Args:
        places: For each reference, boxes in page pixels. One without any counts wherever no other has its place.
        box: The part of the page plane that the masks cover, in page pixels.
        size: The size of the masks (w, h) in pixels.

    Returns:
        The masks, (h, w) uint8; None where no reference has a place.
    """
    if not any(places):
        return None
    masks = [np.zeros((size[1], size[0]), np.uint8) for _ in places]
    scale = size[0] / box.width, size[1] / box.height
    for mask, boxes in zip(masks, places, strict=True):
        for place in boxes:
            right, down = GROWTH * place.width, GROWTH * place.height
            x0, x1 = ((edge - box.x0) * scale[0] for edge in (place.x0 - right, place.x1 + right))
            y0, y1 = ((edge - box.y0) * scale[1] for edge in (place.y0 - down, place.y1 + down))
            mask[max(0, round(y0)) : max(0, round(y1)), max(0, round(x0)) : max(0, round(x1))] = 255
    taken = np.max(masks, axis=0)
    return tuple(mask if boxes else 255 - taken for mask, boxes in zip(masks, places, strict=True))


def with_reference_masks(painter: PainterT, masks: Masks, place: tuple[slice, slice]) -> PainterT:
    """Return a painter that looks at each reference where its mask says, in one part of the masked picture."""
    if masks is None or not isinstance(painter, TakesReferenceMasks):
        return painter
    return replace(painter, reference_masks=tuple(mask[place] for mask in masks))  # type: ignore[type-var]
