"""Take what is nearest in a panel for its figures, by depth that Depth Anything V2 estimates; no box is needed.

Weights: Apache-2.0 (the small model alone), 0.1 GB. Larger ones are not free for every use.
The edge of what is near is moved onto the nearest drawn line. A panel without a step in its depth is refused.

Source: Yang et al., Depth Anything V2 (2024); Otsu, A Threshold Selection Method from Gray-Level Histograms (1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from storage.domain import Box, Polygon
from tools.cutouts.panel_scene import CutBounds, Flags, PanelScene, panel_box
from tools.diffusion.weights import Weights
from tools.geometry import overlap_area
from tools.layers import CutRefusal, LayerCutter, PageLayers, PanelPlanes
from tools.options import Precision, Share
from tools.pixels import as_image
from tools.plates import Image
from tools.vision.depth import estimate_nearness
from tools.vision.models import VisionBackend, VisionModel


class Backend(VisionBackend):
    """Cut figures by depth.

    Args:
        pixels: The longer side of a panel at the working size, at which edges are moved onto lines.
        step: Least share of the spread of depth that lies between near and far (Otsu's measure of separability).
        largest: Largest share of the panel that is near.
        on_lines: Least share of a figure's edge that lies on drawn lines.
        plain: Least spread of the tones (0..255) of a ground that can be seen to move.
    """

    version = 1
    needs_seeds = False

    def __init__(
        self,
        *,
        model: str = "depth-anything/Depth-Anything-V2-Small-hf",
        revision: str = "",
        dtype: Precision = "float32",
        pixels: Annotated[int, Field(ge=100, le=2000)] = 640,
        step: Share = 0.75,
        largest: Share = 0.7,
        on_lines: Share = 0.6,
        plain: Annotated[float, Field(ge=0, le=255)] = 8.0,
    ) -> None:
        self.vision = VisionModel("DepthAnythingForDepthEstimation", Weights(model, revision), dtype)
        self.pixels, self.step = pixels, step
        self.bounds = CutBounds(smallest=0.05, spanned=0.5, largest=largest, on_lines=on_lines, plain=plain)

    def cut(
        self,
        page: Image,
        panel: Polygon,
        *,
        seeds: Sequence[Box],
        held: Sequence[Polygon],
        layers: PageLayers | None,
    ) -> PanelPlanes | CutRefusal:
        """Divide a panel into planes; see the protocol in `tools/layers`. Without seeds the whole panel is searched."""
        box = panel_box(page, panel)
        if min(box.width, box.height) < 8:
            return CutRefusal("no_figure")
        scene = PanelScene(page, panel, held, self.pixels)
        places = [seed for seed in seeds if overlap_area(seed, box) > 0]
        height, width = scene.tones.shape
        nearness = cv2.resize(estimate_nearness(self.vision, scene.art), (width, height), interpolation=cv2.INTER_AREA)
        within = scene.inside & ~scene.held & (scene.covered(places) if places else True)
        near, step = nearest_part(np.asarray(nearness, np.float32), within)
        if step < self.step:
            return CutRefusal("no_depth", step)
        figures = scene.without_specks(scene.move_onto_lines(near, within))
        return scene.refuse(figures, places, self.bounds) or scene.planes(figures)


def nearest_part(nearness: NDArray[np.float32], within: Flags) -> tuple[Flags, float]:
    """Divide a field of depth at its largest step.

    Args:
        nearness: (h, w) of 0..1, 1 the nearest.
        within: (h, w), where is looked.

    Returns:
        What is near, and the share of the spread (variance) of depth that lies between near and far, 0..1.
    """
    tones = as_image(nearness * 255)
    seen = tones[within]
    if seen.size < 2 or seen.min() == seen.max():
        return np.zeros_like(within), 0.0
    level, _ = cv2.threshold(seen.reshape(-1, 1), 0, 255, cv2.THRESH_OTSU)
    near = within & (tones > level)
    share = float(near.sum() / within.sum())
    apart = float(tones[near].mean()) - float(tones[within & ~near].mean())
    return near, share * (1 - share) * apart**2 / float(seen.var())


_CHECKED: type[LayerCutter] = Backend
