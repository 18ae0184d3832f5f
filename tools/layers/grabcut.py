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
from numpy.typing import NDArray
from pydantic import Field

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, box_polygon, overlap_area
from tools.layers import CutRefusal, LayerCutter, PageLayers, PanelPlanes
from tools.pixels import as_image, intersect_box, to_grey, whole_pixels
from tools.plates import Image, Mask

INK = 110
"""Tones (0..255) below it are drawn lines."""
GAPS = (1, 2, 3, 5, 7)
"""Radii in pixels at the working size that gaps in an outline are closed with, the smallest that does it."""
CLOSED = 0.35
"""Least share of a box that is figure where its outline is closed."""
NEAR_LINE = 2.5
"""Pixels at the working size within which an edge lies on a line."""
GRABCUT_PIXELS = 320
"""The longer side of what GrabCut itself works on: it takes as long as there are pixels."""
CUT_NEAR = 4
"""Pixels at the working size within which a figure reaches the edge of its box."""
DOT = 120.0
"""Largest area of a dot of screentone, in page pixels of a panel of 1000 pixels; lines are larger."""
SPECK = 0.02
"""Parts of a figure smaller than this share of it are none."""
_Flags = NDArray[np.bool_]


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
        self.smallest = smallest
        self.spanned = spanned
        self.cut_off = cut_off
        self.largest = largest
        self.on_lines = on_lines
        self.plain = plain

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
        box = intersect_box(whole_pixels(bounding_box(panel)), Box(0, 0, page.shape[1], page.shape[0]))
        places = [seed for seed in seeds if overlap_area(seed, box) > 0]
        if not places or min(box.width, box.height) < 8:
            return CutRefusal("no_figure")
        x0, y0, x1, y1 = (int(side) for side in box)
        art = np.ascontiguousarray(page[y0:y1, x0:x1])
        scene = _Scene(art, box, panel, held, min(1.0, self.pixels / max(art.shape[:2])))
        figures = scene.cut(places, self.rounds)
        if (refusal := self._refuse(figures, scene, places)) is not None:
            return refusal
        full = cv2.resize(figures.astype(np.uint8) * 255, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        # the outline itself belongs to the figure: take in the ink on which its edge lies
        thick = max(2, round(1.5 / scene.scale))
        near = cv2.dilate(full, np.ones((2 * thick + 1, 2 * thick + 1), np.uint8)) > 127
        solid = (full > 127) | (near & (to_grey(art) < 2 * INK))
        return PanelPlanes(box, as_image(solid * 255), np.zeros((y1 - y0, x1 - x0), np.uint8))

    def _refuse(self, figures: _Flags, scene: _Scene, places: Sequence[Box]) -> CutRefusal | None:
        """Return why a cut is a poor one; None for a good one."""
        seeded = scene.covered(places) & scene.inside
        share = float((figures & seeded).sum() / max(1, seeded.sum()))
        span = min((_span(figures, axis) / max(1, _span(seeded, axis)) for axis in (0, 1)), default=0.0)
        cut_off = scene.share_cut_off(figures, seeded)
        whole = float(figures.sum() / max(1, scene.inside.sum()))
        on_line = scene.share_on_lines(figures)
        spread = scene.ground_spread(figures)
        checks = (
            (share < self.smallest, CutRefusal("too_small", share)),
            (span < self.spanned, CutRefusal("too_small", span)),
            (cut_off > self.cut_off, CutRefusal("beyond_box", cut_off)),
            (whole > self.largest, CutRefusal("too_large", whole)),
            (scene.sides_touched(figures) == 4, CutRefusal("touches_all_sides", 1.0)),
            (on_line < self.on_lines, CutRefusal("edge_off_lines", on_line)),
            (spread < self.plain, CutRefusal("plain_ground", spread)),
        )
        return next((refusal for is_poor, refusal in checks if is_poor), None)


class _Scene:
    """A panel at the working size."""

    def __init__(self, art: Image, box: Box, panel: Polygon, held: Sequence[Polygon], scale: float) -> None:
        self.scale = scale
        self.box = box
        size = max(8, round(art.shape[1] * scale)), max(8, round(art.shape[0] * scale))
        self.colours = as_image(cv2.resize(art, size, interpolation=cv2.INTER_AREA))
        self.tones = to_grey(self.colours)
        self.inside = self._drawn([panel])
        self.held = self._drawn(held)
        self.ink = (self.tones < INK) & ~self.held
        self.lines = cv2.resize(_lines(to_grey(art)), size, interpolation=cv2.INTER_AREA) > 90

    def covered(self, boxes: Sequence[Box]) -> _Flags:
        """Return where some boxes of the page lie."""
        return self._drawn([box_polygon(box) for box in boxes])

    def cut(self, places: Sequence[Box], rounds: int) -> _Flags:
        """Return the figures in some boxes."""
        within = self.covered(places) & self.inside & ~self.held
        core = self.covered([_middle(place) for place in places]) & within
        figures = self._closed(within, core)
        if figures is None:
            figures = self._on_lines(self._grabcut(within, core, rounds), within)
        return self._without_specks(figures)

    def _closed(self, within: _Flags, core: _Flags) -> _Flags | None:
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

    def _without_passing_lines(self, figures: _Flags, within: _Flags) -> _Flags:
        """Return figures without lines of the ground that run out of their boxes."""
        step = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
        solid = cv2.morphologyEx(figures.astype(np.uint8), cv2.MORPH_OPEN, step) > 0
        count, labels, _, _ = cv2.connectedComponentsWithStats((figures & ~solid).astype(np.uint8), connectivity=8)
        rim = within & (cv2.erode(within.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1) == 0)
        passing = np.setdiff1d(np.unique(labels[rim]), [0]) if count > 1 else np.zeros(0, int)
        return np.asarray(figures & ~np.isin(labels, passing))

    def _grabcut(self, within: _Flags, core: _Flags, rounds: int) -> _Flags:
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

    def share_on_lines(self, figures: _Flags) -> float:
        """Return the share of the edge of figures that lies on drawn lines, without the edges of panel and balloons."""
        shape = figures.astype(np.uint8)
        edge = (cv2.morphologyEx(shape, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0) & ~figures
        free = (self.inside & ~self.held).astype(np.uint8)
        edge &= cv2.erode(free, np.ones((7, 7), np.uint8), borderValue=0) > 0
        if not edge.any():
            return 0.0
        distance = cv2.distanceTransform((~self.lines).astype(np.uint8), cv2.DIST_L2, 5)
        return float((distance[edge] <= NEAR_LINE).mean())

    def share_cut_off(self, figures: _Flags, seeded: _Flags) -> float:
        """Return the share of the edge of the seeds' boxes, within the panel, at which figures are cut off."""
        step = np.ones((5, 5), np.uint8)
        edge = seeded & (cv2.erode(seeded.astype(np.uint8), step, borderValue=1) == 0)
        edge &= cv2.erode((self.inside & ~self.held).astype(np.uint8), step, borderValue=0) > 0
        # an edge that was moved onto a line may end a little before the box does
        reach = np.ones((2 * CUT_NEAR + 1, 2 * CUT_NEAR + 1), np.uint8)
        near = cv2.dilate(figures.astype(np.uint8), reach) > 0
        return float(near[edge].mean()) if edge.any() else 0.0

    def ground_spread(self, figures: _Flags) -> float:
        """Return the spread of the tones of what is no figure and no balloon, well beside both."""
        step = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
        before = cv2.dilate((figures | self.held | ~self.inside).astype(np.uint8), step, borderValue=1) > 0
        return 0.0 if before.all() else float(self.tones[~before].std())

    def sides_touched(self, figures: _Flags) -> int:
        """Return how many sides of the panel the figures are cut off by."""
        height, width = figures.shape
        rim = max(2, round(0.01 * max(height, width)))
        sides = figures[:rim], figures[-rim:], figures[:, :rim], figures[:, -rim:]
        return sum(bool(side.any()) for side in sides)

    def _features(self) -> Image:
        """Return what GrabCut sees: the tone, how much is drawn around a pixel, and how colourful it is."""
        tone = cv2.GaussianBlur(self.tones, (0, 0), 2.0)
        drawn = cv2.GaussianBlur(as_image(self.ink * 255), (0, 0), 5.0)
        spread = self.colours.max(axis=2).astype(np.int16) - self.colours.min(axis=2)
        colour = cv2.GaussianBlur(as_image(spread), (0, 0), 2.0)
        return np.ascontiguousarray(np.dstack([tone, drawn, colour]))

    def _on_lines(self, rough: _Flags, within: _Flags) -> _Flags:
        """Return the figures with their edge on the nearest drawn lines: a watershed that floods blank places first."""
        band = max(2, round(0.012 * max(rough.shape)))
        step = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1, 2 * band + 1))
        shape = rough.astype(np.uint8)
        sure = cv2.erode(shape, step, borderValue=1) > 0
        away = (cv2.dilate(shape, step) == 0) | ~within
        markers = np.where(sure, 1, np.where(away, 2, 0)).astype(np.int32)
        if not sure.any():
            return rough & False
        relief = cv2.GaussianBlur(as_image(self.lines * 255), (0, 0), 0.8)
        cv2.watershed(np.dstack([relief] * 3), markers)
        return np.asarray((markers != 2) & within & (cv2.dilate(as_image((markers == 1) * 1), np.ones((3, 3))) > 0))

    def _without_specks(self, figures: _Flags) -> _Flags:
        """Return the figures without small parts, and with blank holes in them closed."""
        count, labels, stats, _ = cv2.connectedComponentsWithStats(figures.astype(np.uint8), connectivity=8)
        least = SPECK * max(1, figures.sum())
        kept = [number for number in range(1, count) if stats[number, cv2.CC_STAT_AREA] >= least]
        solid = np.isin(labels, kept)
        count, labels, stats, _ = cv2.connectedComponentsWithStats((~solid).astype(np.uint8), connectivity=4)
        beyond = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])))
        for number in range(1, count):
            hole = labels == number
            if number not in beyond and (stats[number, cv2.CC_STAT_AREA] < 4 * least or self.tones[hole].std() < 20):
                solid |= hole
        return np.asarray(solid & self.inside & ~self.held)

    def _drawn(self, polygons: Sequence[Polygon]) -> _Flags:
        """Return where polygons of the page lie."""
        height, width = self.tones.shape
        mask: Mask = np.zeros((height, width), np.uint8)
        scales = width / self.box.width, height / self.box.height
        for polygon in polygons:
            points = ((np.array(polygon, np.float64) - (self.box.x0, self.box.y0)) * scales - 0.5) * 16
            cv2.fillPoly(mask, [np.round(points).astype(np.int32)], (1,), cv2.LINE_8, 4)
        return np.asarray(mask > 0)


def _span(flags: _Flags, axis: int) -> int:
    """Return how many rows (axis 1) or columns (axis 0) lie between the first and the last that have flags."""
    found = np.flatnonzero(flags.any(axis=axis))
    return int(found[-1] - found[0] + 1) if found.size else 0


def _middle(place: Box) -> Box:
    """Return what is surely figure in a box: people fill the middle of the boxes around them."""
    x, y = place.center
    return Box(x - 0.12 * place.width, y - 0.15 * place.height, x + 0.12 * place.width, y + 0.15 * place.height)


def _lines(tones: Mask) -> Mask:
    """Return the drawn lines of a picture, 255 or 0: its ink without the dots of screentone, dark and light."""
    least = DOT * max(1.0, max(tones.shape) / 1000) ** 2
    ink = _without_small((tones < INK).astype(np.uint8), least)
    # screentone darker than half is light dots in ink: its edge is a line, and not its dots
    solid = 1 - _without_small(1 - ink, least)
    edge = cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    thick = cv2.erode(solid, np.ones((9, 9), np.uint8))
    return as_image(np.where((solid > 0) & ((edge > 0) | (thick == 0)), 255, 0))


def _without_small(flags: Mask, least: float) -> Mask:
    """Return flags without parts of fewer pixels than `least`."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(flags, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= least
    large[0] = False
    return np.asarray(large[labels], np.uint8)


_CHECKED: type[LayerCutter] = Backend
