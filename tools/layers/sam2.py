"""Cut figures out of the boxes around them with SAM 2, which tells things apart by what they are.

Weights: Apache-2.0; about 0.2 GB (small), 0.4 GB (base-plus). `model` may name another size.
The edge that it finds is moved onto the nearest drawn line, and a cut that would be seen to be wrong is refused.

Source: Ravi et al., SAM 2: Segment Anything in Images and Videos (2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from storage.domain import Box, Polygon
from tools.cutouts.panel_scene import CutBounds, Flags, PanelScene, panel_box
from tools.diffusion.weights import Weights
from tools.geometry import bounding_box, overlap_area
from tools.layers import CutRefusal, LayerCutter, PageLayers, PanelPlanes
from tools.options import Precision, Share
from tools.plates import Image
from tools.vision.models import VisionBackend, VisionModel
from tools.vision.segmentation import Segment, segment_boxes


class Backend(VisionBackend):
    """Cut figures with SAM 2.

    Args:
        pixels: The longer side of a panel at the working size, at which edges are moved onto lines.
        certain: Least agreement with the figure (intersection over union) that SAM 2 itself must expect of its mask.
        on_lines: Least share of a figure's edge that lies on drawn lines.
        plain: Least spread of the tones (0..255) of a ground that can be seen to move.
    """

    version = 1
    needs_seeds = True

    def __init__(
        self,
        *,
        model: str = "facebook/sam2.1-hiera-small",
        revision: str = "",
        dtype: Precision = "float32",
        pixels: Annotated[int, Field(ge=100, le=2000)] = 640,
        certain: Share = 0.7,
        on_lines: Share = 0.7,
        plain: Annotated[float, Field(ge=0, le=255)] = 8.0,
    ) -> None:
        self.vision = VisionModel("Sam2Model", Weights(model, revision), dtype)
        self.pixels, self.certain = pixels, certain
        self.bounds = CutBounds(on_lines=on_lines, plain=plain)

    def cut(
        self,
        page: Image,
        panel: Polygon,
        *,
        seeds: Sequence[Box],
        held: Sequence[Polygon],
        layers: PageLayers | None,
    ) -> PanelPlanes | CutRefusal:
        """Divide a panel into planes; see the protocol in `tools/layers`. The artist's layers are not used."""
        box = panel_box(page, panel)
        places = [seed for seed in seeds if overlap_area(seed, box) > 0]
        if not places or min(box.width, box.height) < 8:
            return CutRefusal("no_figure")
        scene = PanelScene(page, panel, held, self.pixels)
        local = [Box(p.x0 - box.x0, p.y0 - box.y0, p.x1 - box.x0, p.y1 - box.y0) for p in places]
        middles = [bounding_box(polygon).center for polygon in held]
        beside = [(x - box.x0, y - box.y0) for x, y in middles]
        with self.vision.on_device() as sam:
            segments = segment_boxes(sam, scene.art, local, beside)
        least = min(segment.certainty for segment in segments)
        if least < self.certain:
            return CutRefusal("uncertain", least)
        figures = figures_of(scene, segments, places)
        return scene.refuse(figures, places, self.bounds) or scene.planes(figures)


def figures_of(scene: PanelScene, segments: Sequence[Segment], places: Sequence[Box]) -> Flags:
    """Return the figures of some segments, each within its own box, with their edges on drawn lines.

    Args:
        scene: The panel.
        segments: What was segmented at the size of the page.
        places: The box of each segment in page pixels.
    """
    height, width = scene.tones.shape
    rough = np.zeros((height, width), bool)
    for segment, place in zip(segments, places, strict=True):
        small = cv2.resize(segment.mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_AREA) > 127
        rough |= small & scene.covered([place])
    within = scene.covered(places) & scene.inside & ~scene.held
    return scene.without_specks(scene.move_onto_lines(rough & within, within))


_CHECKED: type[LayerCutter] = Backend
