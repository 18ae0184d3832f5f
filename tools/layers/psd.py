"""Take the planes of a panel from the artist's own layers, out of a layered file that the book came in.

`tools/ingest/layered_pages.py` reads the file with psd-tools (MIT) when the book is opened; here nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from storage.domain import Box, Polygon
from tools.geometry import bounding_box
from tools.layers import CutRefusal, LayerCutter, PageLayers, PanelPlanes
from tools.pixels import intersect_box, polygon_mask, to_grey, whole_pixels
from tools.plates import Image, Mask

LEAST_FIGURE = 0.01
"""Least share of a panel that is figure: less of it stands before nothing."""
MOST_FIGURE = 0.92
"""Largest share of a panel that is figure or held: beyond it no ground is seen."""
PLAIN = 3.0
"""Spread of the tones (0..255) of a ground on which nothing is drawn: nobody sees it move."""


class Backend:
    """Cut planes along the artist's layers."""

    version = 1
    needs_seeds = False

    def cut(
        self,
        page: Image,
        panel: Polygon,
        *,
        seeds: Sequence[Box],
        held: Sequence[Polygon],
        layers: PageLayers | None,
    ) -> PanelPlanes | CutRefusal:
        """Divide a panel into planes; see the protocol in `tools/layers`. Seeds are not needed."""
        if layers is None:
            return CutRefusal("no_layers")
        height, width = layers.figures.shape
        box = intersect_box(whole_pixels(bounding_box(panel)), Box(0, 0, width, height))
        x0, y0, x1, y1 = (int(side) for side in box)
        if x1 <= x0 or y1 <= y0:
            return CutRefusal("no_figure")
        seen = slice(y0, y1), slice(x0, x1)
        figures, above, ground = layers.figures[seen], layers.held[seen], layers.ground[seen]
        inside = polygon_mask(panel, box) > 127
        if (refusal := _refuse(figures, above, ground, inside)) is not None:
            return refusal
        return PanelPlanes(box, _solid(figures), _solid(above), np.ascontiguousarray(ground))


def _refuse(figures: Mask, held: Mask, ground: Image, inside: np.ndarray) -> CutRefusal | None:
    """Return why there is nothing to move in a panel; None where there is."""
    area = max(1, int(inside.sum()))
    share = float((figures[inside] > 0).sum() / area)
    if share < LEAST_FIGURE:
        return CutRefusal("no_figure" if share == 0 else "too_small", share)
    covered = float(((figures > 0) | (held > 0))[inside].sum() / area)
    if covered > MOST_FIGURE:
        return CutRefusal("too_large", covered)
    free = inside & (figures == 0) & (held == 0)
    alpha = ground[..., 3:].astype(np.float32) / 255
    tones = to_grey(np.rint(ground[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8))[free]
    spread = float(tones.std()) if tones.size else 0.0
    return CutRefusal("plain_ground", spread) if spread < PLAIN else None


def _solid(mask: Mask) -> Mask:
    """Return a mask of all that is covered at all."""
    return np.where(mask > 0, 255, 0).astype(np.uint8)


_CHECKED: type[LayerCutter] = Backend
