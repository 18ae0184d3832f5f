"""Look at a panel at a working size: its lines, what is held above it, and whether a cut through it is a good one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, box_polygon
from tools.layers import CutRefusal, PanelPlanes
from tools.pixels import as_image, intersect_box, to_grey, whole_pixels
from tools.plates import Image, Mask

INK = 110
"""Tones (0..255) below it are drawn lines."""
NEAR_LINE = 2.5
"""Pixels at the working size within which an edge lies on a line."""
CUT_NEAR = 4
"""Pixels at the working size within which a figure reaches the edge of its box."""
DOT = 120.0
"""Largest area of a dot of screentone, in page pixels of a panel of 1000 pixels; lines are larger."""
SPECK = 0.02
"""Parts of a figure smaller than this share of it are none."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class CutBounds:
    """When a cut is a poor one.

    Attributes:
        smallest: Least share of the seeds' boxes that is figure; without seeds, of the panel.
        spanned: Least share of the seeds' width and height that the figures span: half a figure is none.
        cut_off: Largest share of the edge of the seeds' boxes that figures reach, beside the edges of the panel.
        largest: Largest share of the panel that is figure.
        on_lines: Least share of a figure's edge that lies on drawn lines.
        plain: Least spread of the tones (0..255) of a ground that can be seen to move.
    """

    smallest: float = 0.15
    spanned: float = 0.75
    cut_off: float = 0.1
    largest: float = 0.8
    on_lines: float = 0.85
    plain: float = 8.0


class PanelScene:
    """A panel at the working size.

    Args:
        page: The page, (h, w, 3) RGB uint8.
        panel: The corners inside the panel's frame line, in page pixels.
        held: The outlines of balloons and lettering in page pixels.
        pixels: The longer side of the panel at the working size; it is never enlarged.
    """

    def __init__(self, page: Image, panel: Polygon, held: Sequence[Polygon], pixels: int) -> None:
        self.box = box = panel_box(page, panel)
        x0, y0, x1, y1 = (int(side) for side in box)
        self.art = art = np.ascontiguousarray(page[y0:y1, x0:x1])
        self.scale = scale = min(1.0, pixels / max(art.shape[:2]))
        size = max(8, round(art.shape[1] * scale)), max(8, round(art.shape[0] * scale))
        self.colours = as_image(cv2.resize(art, size, interpolation=cv2.INTER_AREA))
        self.tones = to_grey(self.colours)
        self.inside = self._drawn([panel])
        self.held = self._drawn(held)
        self.ink = (self.tones < INK) & ~self.held
        self.lines = cv2.resize(_lines(to_grey(art)), size, interpolation=cv2.INTER_AREA) > 90

    def covered(self, boxes: Sequence[Box]) -> Flags:
        """Return where some boxes of the page lie."""
        return self._drawn([box_polygon(box) for box in boxes])

    def to_scene(self, box: Box) -> Box:
        """Return a box of the page in pixels of the working size."""
        height, width = self.tones.shape
        across, down = width / self.box.width, height / self.box.height
        return Box(
            (box.x0 - self.box.x0) * across, (box.y0 - self.box.y0) * down,
            (box.x1 - self.box.x0) * across, (box.y1 - self.box.y0) * down,
        )  # fmt: skip

    def refuse(self, figures: Flags, places: Sequence[Box], bounds: CutBounds) -> CutRefusal | None:
        """Return why a cut is a poor one; None for a good one.

        Args:
            figures: What was cut.
            places: The boxes in which figures were sought, in page pixels; empty where nobody knew any.
            bounds: When it is a poor one.
        """
        whole = float(figures.sum() / max(1, self.inside.sum()))
        on_line = self.share_on_lines(figures)
        spread = self.ground_spread(figures)
        checks = (
            *(
                self._seed_checks(figures, places, bounds)
                if places
                else [(whole < bounds.smallest, CutRefusal("too_small", whole))]
            ),
            (whole > bounds.largest, CutRefusal("too_large", whole)),
            (self.sides_touched(figures) == 4, CutRefusal("touches_all_sides", 1.0)),
            (on_line < bounds.on_lines, CutRefusal("edge_off_lines", on_line)),
            (spread < bounds.plain, CutRefusal("plain_ground", spread)),
        )
        return next((refusal for is_poor, refusal in checks if is_poor), None)

    def _seed_checks(self, figures: Flags, places: Sequence[Box], bounds: CutBounds) -> list[tuple[bool, CutRefusal]]:
        """Return the checks of a cut against the boxes in which figures were sought."""
        seeded = self.covered(places) & self.inside
        share = float((figures & seeded).sum() / max(1, seeded.sum()))
        span = min((_span(figures, axis) / max(1, _span(seeded, axis)) for axis in (0, 1)), default=0.0)
        cut_off = self.share_cut_off(figures, seeded)
        return [
            (share < bounds.smallest, CutRefusal("too_small", share)),
            (span < bounds.spanned, CutRefusal("too_small", span)),
            (cut_off > bounds.cut_off, CutRefusal("beyond_box", cut_off)),
        ]

    def planes(self, figures: Flags) -> PanelPlanes:
        """Return the planes of the panel with these figures, each with its outline."""
        height, width = self.art.shape[:2]
        full = cv2.resize(figures.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
        # the outline itself belongs to the figure: take in the ink on which its edge lies
        thick = max(2, round(1.5 / self.scale))
        near = cv2.dilate(full, np.ones((2 * thick + 1, 2 * thick + 1), np.uint8)) > 127
        solid = (full > 127) | (near & (to_grey(self.art) < 2 * INK))
        return PanelPlanes(self.box, as_image(solid * 255), np.zeros((height, width), np.uint8))

    def share_on_lines(self, figures: Flags) -> float:
        """Return the share of the edge of figures that lies on drawn lines, without the edges of panel and balloons."""
        shape = figures.astype(np.uint8)
        edge = (cv2.morphologyEx(shape, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0) & ~figures
        free = (self.inside & ~self.held).astype(np.uint8)
        edge &= cv2.erode(free, np.ones((7, 7), np.uint8), borderValue=0) > 0
        if not edge.any():
            return 0.0
        distance = cv2.distanceTransform((~self.lines).astype(np.uint8), cv2.DIST_L2, 5)
        return float((distance[edge] <= NEAR_LINE).mean())

    def share_cut_off(self, figures: Flags, seeded: Flags) -> float:
        """Return the share of the edge of the seeds' boxes, within the panel, at which figures are cut off."""
        step = np.ones((5, 5), np.uint8)
        edge = seeded & (cv2.erode(seeded.astype(np.uint8), step, borderValue=1) == 0)
        edge &= cv2.erode((self.inside & ~self.held).astype(np.uint8), step, borderValue=0) > 0
        # an edge that was moved onto a line may end a little before the box does
        reach = np.ones((2 * CUT_NEAR + 1, 2 * CUT_NEAR + 1), np.uint8)
        near = cv2.dilate(figures.astype(np.uint8), reach) > 0
        return float(near[edge].mean()) if edge.any() else 0.0

    def ground_spread(self, figures: Flags) -> float:
        """Return the spread of the tones of what is no figure and no balloon, well beside both."""
        step = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
        before = cv2.dilate((figures | self.held | ~self.inside).astype(np.uint8), step, borderValue=1) > 0
        return 0.0 if before.all() else float(self.tones[~before].std())

    def sides_touched(self, figures: Flags) -> int:
        """Return how many sides of the panel the figures are cut off by."""
        height, width = figures.shape
        rim = max(2, round(0.01 * max(height, width)))
        sides = figures[:rim], figures[-rim:], figures[:, :rim], figures[:, -rim:]
        return sum(bool(side.any()) for side in sides)

    def move_onto_lines(self, rough: Flags, within: Flags) -> Flags:
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

    def without_specks(self, figures: Flags) -> Flags:
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

    def _drawn(self, polygons: Sequence[Polygon]) -> Flags:
        """Return where polygons of the page lie."""
        height, width = self.tones.shape
        mask: Mask = np.zeros((height, width), np.uint8)
        scales = width / self.box.width, height / self.box.height
        for polygon in polygons:
            points = ((np.array(polygon, np.float64) - (self.box.x0, self.box.y0)) * scales - 0.5) * 16
            cv2.fillPoly(mask, [np.round(points).astype(np.int32)], (1,), cv2.LINE_8, 4)
        return np.asarray(mask > 0)


def panel_box(page: Image, panel: Polygon) -> Box:
    """Return the box of a panel on its page, in whole page pixels."""
    return intersect_box(whole_pixels(bounding_box(panel)), Box(0, 0, page.shape[1], page.shape[0]))


def _span(flags: Flags, axis: int) -> int:
    """Return how many rows (axis 1) or columns (axis 0) lie between the first and the last that have flags."""
    found = np.flatnonzero(flags.any(axis=axis))
    return int(found[-1] - found[0] + 1) if found.size else 0


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
