"""Cut a figure out of its panel along drawn lines: along a closed outline, or else with GrabCut.

A figure in line art has the tones of its ground, and only its outline tells it apart: what cannot be reached from
beyond the box without crossing a line is the figure. Where its outline is open, GrabCut (Rother, Kolmogorov and Blake,
2004) tells tones and textures apart, and the edge that it finds is moved onto the nearest line by a watershed. What is
no good cut is refused: a poor one would be seen as torn line art.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from storage.domain import Box, Polygon
from tools.cutouts.panel_scene import CutBounds, Flags, PanelScene, panel_box
from tools.geometry import overlap_area
from tools.layers import CutRefusal, LayerCutter, PageLayers, PanelPlanes
from tools.pixels import as_image
from tools.plates import Image

GAPS = (1, 2, 3, 5, 7)
"""Radii in pixels at the working size that gaps in an outline are closed with, the smallest that does it."""
CLOSED = 0.35
"""Least share of a box that is figure where its outline is closed."""
GRABCUT_PIXELS = 320
"""The longer side of what GrabCut itself works on: it takes as long as there are pixels."""


class Backend:
    """Cut figures along drawn lines.

    Args:
        rounds: Rounds of GrabCut.
        pixels: The longer side of a panel at the working size.
        smallest: Least share of the seeds' boxes that is figure.
        spanned: Least share of the seeds' width and height that the figures span: half a figure is none.
        cut_off: Largest share of the edge of the seeds' boxes that figures reach, beside the edges of the panel.
        largest: Largest share of the panel that is figure.
        on_lines: Least share of a figure's edge that lies on drawn lines.
        plain: Least spread of the tones (0..255) of a ground that can be seen to move.
    """

    version = 2
    needs_seeds = True

    def __init__(
        self,
        *,
        rounds: Annotated[int, Field(ge=1, le=20)] = 5,
        pixels: Annotated[int, Field(ge=100, le=2000)] = 640,
        smallest: Annotated[float, Field(ge=0, le=1)] = 0.15,
        spanned: Annotated[float, Field(ge=0, le=1)] = 0.75,
        cut_off: Annotated[float, Field(ge=0, le=1)] = 0.1,
        largest: Annotated[float, Field(ge=0, le=1)] = 0.8,
        on_lines: Annotated[float, Field(ge=0, le=1)] = 0.85,
        plain: Annotated[float, Field(ge=0, le=255)] = 8.0,
    ) -> None:
        self.rounds = rounds
        self.pixels = pixels
        self.bounds = CutBounds(smallest, spanned, cut_off, largest, on_lines, plain)

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
        scene = _Scene(page, panel, held, self.pixels)
        figures = scene.cut(places, self.rounds)
        return scene.refuse(figures, places, self.bounds) or scene.planes(figures)


class _Scene(PanelScene):
    """A panel at the working size, with the ways to cut it."""

    def cut(self, places: Sequence[Box], rounds: int) -> Flags:
        """Return the figures in some boxes."""
        within = self.covered(places) & self.inside & ~self.held
        core = self.covered([_middle(place) for place in places]) & within
        figures = self._closed(within, core)
        if figures is None:
            figures = self.move_onto_lines(self._grabcut(within, core, rounds), within)
        return self.without_specks(figures)

    def _closed(self, within: Flags, core: Flags) -> Flags | None:
        """Return what is in the boxes and cannot be reached from beyond them; None where an outline is open."""
        outside = self.inside & ~self.held & ~within
        for gap in GAPS:
            step = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * gap + 1, 2 * gap + 1))
            walls = (cv2.dilate(self.lines.astype(np.uint8), step) > 0) | self.held | ~self.inside
            _, labels = cv2.connectedComponents((~walls).astype(np.uint8), connectivity=4)
            reached = np.isin(labels, np.setdiff1d(np.unique(labels[outside & ~walls]), [0]))
            ground = cv2.dilate(reached.astype(np.uint8), step) > 0
            figures = within & ~ground
            is_closed = figures[core].mean() > 0.9 if core.any() else False
            if is_closed and figures.sum() >= CLOSED * within.sum():
                return self._without_passing_lines(figures, within)
        return None

    def _without_passing_lines(self, figures: Flags, within: Flags) -> Flags:
        """Return figures without lines of the ground that run out of their boxes."""
        step = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
        solid = cv2.morphologyEx(figures.astype(np.uint8), cv2.MORPH_OPEN, step) > 0
        count, labels, _, _ = cv2.connectedComponentsWithStats((figures & ~solid).astype(np.uint8), connectivity=8)
        rim = within & (cv2.erode(within.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1) == 0)
        passing = np.setdiff1d(np.unique(labels[rim]), [0]) if count > 1 else np.zeros(0, int)
        return np.asarray(figures & ~np.isin(labels, passing))

    def _grabcut(self, within: Flags, core: Flags, rounds: int) -> Flags:
        """Return the figures in the boxes by their tones and textures alone."""
        if not core.any() or within.all():
            return np.zeros(within.shape, bool)
        labels = np.where(within, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
        labels[core] = cv2.GC_FGD
        height, width = within.shape
        small = min(1.0, GRABCUT_PIXELS / max(height, width))
        size = max(8, round(width * small)), max(8, round(height * small))
        labels = as_image(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST))
        seen = as_image(cv2.resize(self._features(), size, interpolation=cv2.INTER_AREA))
        ground, figure = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
        cv2.setRNGSeed(1)  # its colours are clustered from random starts
        cv2.grabCut(seen, labels, (0, 0, 1, 1), ground, figure, rounds, cv2.GC_INIT_WITH_MASK)
        figures = np.where((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
        return np.asarray((cv2.resize(figures, (width, height), interpolation=cv2.INTER_LINEAR) > 127) & within)

    def _features(self) -> Image:
        """Return what GrabCut sees: the tone, how much is drawn around a pixel, and how colourful it is."""
        tone = cv2.GaussianBlur(self.tones, (0, 0), 2.0)
        drawn = cv2.GaussianBlur(as_image(self.ink * 255), (0, 0), 5.0)
        spread = self.colours.max(axis=2).astype(np.int16) - self.colours.min(axis=2)
        colour = cv2.GaussianBlur(as_image(spread), (0, 0), 2.0)
        return np.ascontiguousarray(np.dstack([tone, drawn, colour]))


def _middle(place: Box) -> Box:
    """Return what is surely figure in a box: people fill the middle of the boxes around them."""
    x, y = place.center
    return Box(x - 0.12 * place.width, y - 0.15 * place.height, x + 0.12 * place.width, y + 0.15 * place.height)


_CHECKED: type[LayerCutter] = Backend
