"""Build the ground of a panel as a plane of its own, which goes on behind figures and balloons and can be moved.

At rest the ground gives the plate back exactly: wherever it is seen it is the plate itself. Towards the edges of the
panel it is moved less and less, so that nothing has to be invented beyond them. What it shows from behind a figure is
taken from the artist's own ground layer where that goes on there, and else is the ground beside the figure, mirrored
at its edge, so that screentone stays screentone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import bounding_box
from tools.layers import PanelPlanes
from tools.motion import PlaneShift
from tools.motion_regions import Floats, PlaneField, smooth_step
from tools.pixels import as_image, intersect_box, to_grey, whole_pixels
from tools.plates import Image, Mask

VERSION = 1
"""Raised when another ground is built of the same plate and planes: part of the content keys of shots that use it."""
RING = 2.0
"""Page pixels around a figure or balloon that belong to it: its edge is smoothed, and mixed with the ground."""
STROKE = 8.0
"""Most page pixels of the line around a balloon or a panel."""
DARK = 150
"""Tones (0..255) below it are ink."""
FRAME_SHARE = 0.4
"""Least share of ink along the edge of a panel where that edge is still its frame line."""
CELLS = 160
"""Cells of the field that moves a ground, across the longer side of its panel."""
FEATHER = 1.5
"""Plate pixels over which the ground begins to be seen."""
SOFTNESS = 6.0
"""Plate pixels over which the edge of a figure is smoothed where the ground is mirrored at it."""
DRAWN_THROUGH = 0.5
"""Least share of what is drawn beside the figures that an artist's layer holds behind them, if it goes on there."""
_Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class GroundPlane:
    """The ground of a panel."""

    pixels: Image
    """(h, w, 3) RGB uint8 over `box`, with as many pixels for a page pixel as the plate has."""
    seen: Mask
    """(h, w) uint8 over `box`: how far it is seen, 0 under figures and all that is held. Where it is seen at all, it is
    the plate itself.
    """
    filled: Mask
    """(h, w) uint8 over `box`: 255 where nobody but this module drew it."""
    weights: Floats
    """(h, w) float32 over `box`, coarse: how far each place follows a move, 0..1. It is 0 at the edges of the panel and
    on lettering that has no outline.
    """
    box: Box
    """The part of the page, in page pixels."""

    def field(self, shift: PlaneShift, view: Box) -> PlaneField:
        """Return the displacements of a moved ground as a camera on `view` (page pixels) sees it."""
        height, width = self.weights.shape
        x = self.box.x0 + (np.arange(width, dtype=np.float32) + 0.5) * np.float32(self.box.width / width)
        y = self.box.y0 + (np.arange(height, dtype=np.float32) + 0.5) * np.float32(self.box.height / height)
        centre_x, centre_y = view.center
        right = shift.x + (shift.nearer - 1.0) * (x - centre_x)
        down = shift.y + (shift.nearer - 1.0) * (y - centre_y)
        offsets = np.dstack([right[np.newaxis] * self.weights, down[:, np.newaxis] * self.weights])
        return PlaneField(offsets.astype(np.float32), self.box)

    def shown_fill(self, moves: Iterable[tuple[PlaneShift, Box]]) -> Mask:
        """Return where a moved ground shows what this module drew.

        Args:
            moves: How the ground is moved, and the box that the camera shows then, in page pixels.

        Returns:
            (h, w) uint8 over `box`: 255 where any of these moves shows a filled pixel.
        """
        height, width = self.seen.shape
        rest = np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)
        shown: Mask = np.zeros((height, width), np.uint8)
        for shift, view in moves:
            offsets = cv2.resize(self.field(shift, view).offsets, (width, height), interpolation=cv2.INTER_LINEAR)
            places = (rest + offsets * (width / self.box.width)).astype(np.float32)
            taken = cv2.remap(self.filled, places, None, cv2.INTER_NEAREST)  # type: ignore[call-overload]
            shown = np.maximum(shown, np.where(self.seen > 0, taken, 0).astype(np.uint8))
        return shown


def build_ground(
    plate: Image,
    plate_box: Box,
    panel: Polygon,
    planes: PanelPlanes,
    *,
    held: Sequence[Polygon],
    loose: Sequence[Polygon],
    reach: float,
    fade: float,
) -> GroundPlane | None:
    """Build the ground of a panel from the plate of a shot.

    Args:
        plate: The plate, (h, w, 3) RGB uint8.
        plate_box: The part of the page that it shows, in page pixels.
        panel: The corners inside the panel's frame line, in page pixels.
        planes: What in the panel is figure, and what the artist drew behind it.
        held: The outlines of balloons in page pixels, which stay where they are and cover the ground.
        loose: Boxes around lettering that has no outline: the ground between the letters stays with them.
        reach: How far the ground will be moved at most, in page pixels.
        fade: Over how many page pixels from the edges of the panel, and around loose lettering, it comes to move.

    Returns:
        The ground; None where the plate shows nothing of the panel's ground.
    """
    scale = plate.shape[1] / plate_box.width
    place = intersect_box(whole_pixels(bounding_box(panel)), plate_box)
    x0, y0 = round((place.x0 - plate_box.x0) * scale), round((place.y0 - plate_box.y0) * scale)
    x1, y1 = round((place.x1 - plate_box.x0) * scale), round((place.y1 - plate_box.y0) * scale)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    box = Box(
        plate_box.x0 + x0 / scale, plate_box.y0 + y0 / scale, plate_box.x0 + x1 / scale, plate_box.y0 + y1 / scale
    )
    picture = np.ascontiguousarray(plate[y0:y1, x0:x1])
    inside = _inside_frame(_drawn(panel, box, scale, picture.shape), to_grey(picture) < DARK, scale)
    own = inside & ~_covered(picture, box, scale, planes, held)
    if not own.any():
        return None
    distance = cv2.distanceTransform(own.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    seen = as_image(np.clip(distance / FEATHER, 0, 1) * 255)
    pixels, filled = _fill(picture, own, (reach + 2.0) * scale)
    if planes.ground is not None:
        known = place_mask(planes.ground, planes.box, box, own.shape)
        pixels, filled = _lay_known(pixels, filled, own, inside, known)
    held_fast = [_drawn(polygon, box, scale, own.shape) for polygon in loose]
    weights = _weights(inside & ~np.logical_or.reduce([~inside, *held_fast]), fade * scale)
    return GroundPlane(pixels, seen, np.where(filled & inside, 255, 0).astype(np.uint8), weights, box)


def _weights(moved: _Flags, fade: float) -> Floats:
    """Return how far each place follows a move, coarse: it rises from 0 at the edge of what is moved."""
    height, width = moved.shape
    fade = min(fade, 0.4 * min(height, width))
    # beyond the picture nothing moves either
    distance = cv2.distanceTransform(np.pad(moved, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    share = min(1.0, CELLS / max(height, width))
    distance = distance - 1.5 / share  # cells are interpolated, and what is held must not move at all
    size = max(2, round(width * share)), max(2, round(height * share))
    weights = smooth_step(np.asarray(distance, np.float32) / max(1.0, fade))
    return np.asarray(cv2.resize(weights, size, interpolation=cv2.INTER_AREA), np.float32)


def place_mask(pixels: Image, box: Box, onto: Box, shape: tuple[int, ...]) -> Image:
    """Return a picture or mask over `box` as it lies over the box `onto` with a shape (h, w); beyond it is 0."""
    height, width = shape[:2]
    sx, sy = onto.width / width * pixels.shape[1] / box.width, onto.height / height * pixels.shape[0] / box.height
    move = np.array([
        [sx, 0.0, (onto.x0 - box.x0) * pixels.shape[1] / box.width + 0.5 * sx - 0.5],
        [0.0, sy, (onto.y0 - box.y0) * pixels.shape[0] / box.height + 0.5 * sy - 0.5],
    ])  # fmt: skip
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return as_image(cv2.warpAffine(pixels, move, (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT))


def _covered(picture: Image, box: Box, scale: float, planes: PanelPlanes, held: Sequence[Polygon]) -> _Flags:
    """Return what stands before the ground: figures, balloons with the lines around them, and what the artist held."""
    shape = picture.shape[:2]
    ink = to_grey(picture) < DARK
    above = place_mask(planes.held, planes.box, box, shape) > 0
    for polygon in held:
        above |= _with_stroke(_drawn(polygon, box, scale, shape), ink, scale)
    figures = place_mask(planes.figures, planes.box, box, shape) > 0
    return _dilated(figures | above, RING * scale)


def _drawn(polygon: Polygon, box: Box, scale: float, shape: tuple[int, ...]) -> _Flags:
    """Return the pixels that a polygon covers or touches."""
    mask: Mask = np.zeros(shape[:2], np.uint8)
    points = ((np.array(polygon, np.float64) - (box.x0, box.y0)) * scale - 0.5) * 16
    corners = np.round(points).astype(np.int32)
    cv2.fillPoly(mask, [corners], (255,), cv2.LINE_8, 4)
    cv2.polylines(mask, [corners], True, (255,), 1, cv2.LINE_8, 4)
    return np.asarray(mask > 0)


def _dilated(flags: _Flags, radius: float) -> _Flags:
    """Return all within a radius in pixels."""
    if not flags.any():
        return flags
    return np.asarray(cv2.distanceTransform((~flags).astype(np.uint8), cv2.DIST_L2, 5) <= radius)


def _with_stroke(inside: _Flags, ink: _Flags, scale: float) -> _Flags:
    """Return the inside of a balloon with the line around it, as far as ink goes on from its edge."""
    found, step = inside, np.ones((3, 3), np.uint8)
    for number in range(round(STROKE * scale)):
        grown = cv2.dilate(found.astype(np.uint8), step) > 0
        # the outline may lie just within or just beyond the line
        found = found | (grown & ink) if number >= 2 * scale else grown
    return np.asarray(found)


def _inside_frame(inside: _Flags, ink: _Flags, scale: float) -> _Flags:
    """Return the inside of a panel without its frame line, as far as one is drawn along its edge."""
    depth = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    width = 0.0
    for at in np.arange(0.0, STROKE * scale, 1.0):
        ring = (depth > at) & (depth <= at + 1.0)
        if ring.any() and float(ink[ring].mean()) >= FRAME_SHARE:
            width = float(at) + 1.0
    return np.asarray(depth > width + 1.5 * scale)


def _fill(picture: Image, own: _Flags, most: float) -> tuple[Image, _Flags]:
    """Return the picture with the ground mirrored at its edges, over so many pixels, and where that was done."""
    distance = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    filled = ~own & (distance <= most)
    if not filled.any():
        return picture, filled
    # an edge seen through soft eyes: mirrored at each of its pixels, lines would break to pieces
    smooth = cv2.GaussianBlur(distance, (0, 0), SOFTNESS)
    right, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    length = np.maximum(np.hypot(right, down), 1e-3)
    height, width = own.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    nearest, pixels = _nearest(picture, own), picture.copy()
    found = np.zeros_like(own)
    for times in (2.0, 1.5, 1.2):  # less far where the ground beside is narrow
        way = times * distance + 1.0
        places = (x - way * right / length).astype(np.float32), (y - way * down / length).astype(np.float32)
        taken = cv2.remap(picture, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        is_own = cv2.remap(own.astype(np.uint8) * 255, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT) > 250
        here = filled & is_own & ~found
        pixels[here] = taken[here]
        found |= here
    rest = filled & ~found
    pixels[rest] = nearest[rest]
    return pixels, filled


def _nearest(picture: Image, own: _Flags) -> Image:
    """Return the picture with the nearest pixel of the ground wherever there is none."""
    _, labels = cv2.distanceTransformWithLabels((~own).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    colours = np.zeros((int(labels.max()) + 1, 3), np.uint8)
    colours[labels[own]] = picture[own]
    return np.asarray(colours[labels], np.uint8)


def _lay_known(pixels: Image, filled: _Flags, own: _Flags, inside: _Flags, known: Image) -> tuple[Image, _Flags]:
    """Lay what the artist drew behind the figures over the filled ground."""
    alpha = known[..., 3]
    hidden = filled & inside
    beside, behind = float((alpha[own] > 0).mean()), float((alpha[hidden] > 0).mean()) if hidden.any() else 0.0
    below = pixels
    if behind >= DRAWN_THROUGH * beside > 0:  # it goes on behind them: what is blank there is paper
        paper = np.percentile(pixels[own].reshape(-1, 3), 95, axis=0)
        below, filled = np.where(filled[..., None], as_image(paper), pixels), np.zeros_like(filled)
    share = alpha[..., None].astype(np.float32) / 255
    laid = as_image(known[..., :3] * share + below * (1 - share))
    return np.where(own[..., None], pixels, laid), filled & (alpha < 255)
