"""Cut a panel out of its page: without frame line and slivers of neighbours, with balloons that lean over its edge.

The polygon may be a few pixels off: each of its long edges is first moved to the frame line in the drawing.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Balloon, Box, Panel, Point, Polygon
from tools.cutouts.frame_edges import snap_to_frame
from tools.pixels import as_image, intersect_box, polygon_mask, polygon_of, to_grey, whole_pixels
from tools.plates import Cutout, Image, Mask

_Flags = NDArray[np.bool_]


LEAN_SHARE = 0.02
"""How far (share of its area) a balloon must lean out of the panel to be kept whole."""


def cut_panel(
    page: Image,
    panel: Panel,
    *,
    others: Sequence[Panel],
    balloons: Sequence[Balloon],
    remove: frozenset[str],
    lean: float = LEAN_SHARE,
) -> Cutout:
    """Cut `panel` out of `page` by image work alone; see the promise in `tools/clean`."""
    tone = to_grey(page)
    bounds = Box(0, 0, page.shape[1], page.shape[0])
    polygon = panel.polygon or polygon_of(panel.box)
    if remove & {"frame", "slivers"}:
        polygon = snap_to_frame(tone, polygon, line="frame" not in remove)
    leaning = [(b, shape) for b in balloons if (shape := _leaning(b, polygon, tone, lean)) is not None]
    frame = intersect_box(whole_pixels(_around([*polygon, *(p for _, shape in leaning for p in shape)], 8)), bounds)
    alpha = polygon_mask(polygon, frame)
    if "slivers" in remove:
        alpha = _without(alpha, [o for o in others if o.polygon], frame)
    part = slice(int(frame.y0), int(frame.y1)), slice(int(frame.x0), int(frame.x1))
    for balloon, shape in leaning:
        own = polygon_mask(shape, frame)
        alpha = np.maximum(alpha, _with_outline(own, tone[part]) if balloon.outline else own)
    colour = page[part].copy()
    if "balloons" in remove:
        colour = as_image(cv2.inpaint(colour, lettering_mask(balloons, frame, remove), 3, cv2.INPAINT_TELEA))
    elif "lettering" in remove:
        colour = _unlettered(colour, balloons, frame)
    return _trimmed(np.dstack([colour, alpha]), frame)


def lettering_mask(balloons: Sequence[Balloon], frame: Box, remove: frozenset[str]) -> Mask:
    """What of `frame` is to be painted over, 255, (h, w): lettering that has no balloon, or whole balloons.

    `remove` holds "balloons" for whole balloons with their outline, "lettering" for what stands bare on the art.
    """
    mask: Mask = np.zeros((round(frame.height), round(frame.width)), np.uint8)
    for balloon in balloons:
        if "balloons" in remove and balloon.outline:
            mask = np.maximum(mask, cv2.dilate(polygon_mask(balloon.outline, frame), np.ones((13, 13), np.uint8)))
        elif remove & {"balloons", "lettering"} and not balloon.outline:
            mask = np.maximum(mask, polygon_mask(_rounded(balloon.box), frame))
    return np.where(mask > 0, 255, 0).astype(np.uint8)


def repainted_mask(cutout: Cutout, page: Image) -> Mask:
    """255 where a cutout does not show what `page` does, or says that it was painted, (h, w); off the page, too."""
    height, width = cutout.pixels.shape[:2]
    x0, y0 = round(cutout.box.x0), round(cutout.box.y0)
    left, top = max(0, -x0), max(0, -y0)
    part = page[max(0, y0) : max(0, y0 + height), max(0, x0) : max(0, x0 + width), :3]
    there = slice(top, top + part.shape[0]), slice(left, left + part.shape[1])
    differs = np.full((height, width), 255, np.uint8)
    differs[there] = np.where((cutout.pixels[there][..., :3] != part).any(axis=2), 255, 0)
    said = differs if cutout.redrawn is None else np.maximum(differs, cutout.redrawn)
    return np.where(cutout.pixels[..., 3] > 0, said, 0).astype(np.uint8)


def _leaning(balloon: Balloon, polygon: Polygon, tone: Mask, lean: float) -> Polygon | None:
    """The balloon's shape when a part of it is drawn outside `polygon`, else None."""
    shape = balloon.outline or _rounded(balloon.box)
    frame = intersect_box(whole_pixels(_around(shape, 8)), Box(0, 0, tone.shape[1], tone.shape[0]))
    if frame.area <= 0:
        return None
    own, inside = polygon_mask(shape, frame) > 127, polygon_mask(polygon, frame) > 127
    outside = own & ~inside
    # a bare box says less of where the balloon ends than its outline does
    least = lean if balloon.outline else max(lean, 0.12)
    if outside.sum() <= least * max(1, own.sum()):
        return None
    ink = tone[int(frame.y0) : int(frame.y1), int(frame.x0) : int(frame.x1)] < 140
    return shape if (_outlined(own, outside, ink) if balloon.outline else _lettered(own, outside, ink)) else None


def _outlined(own: _Flags, outside: _Flags, ink: _Flags) -> bool:
    """Whether the balloon's edge out there is drawn; where it is not, white merely ran out into the gutter."""
    rim = cv2.morphologyEx(own.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    rim &= cv2.dilate(outside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    near = cv2.dilate(ink.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return bool((rim & near).sum() >= 0.5 * max(1, rim.sum()))


def _lettered(own: _Flags, outside: _Flags, ink: _Flags) -> bool:
    """Whether the lettering itself reaches out of the panel, beyond the frame line."""
    panel = cv2.dilate((own & ~outside).astype(np.uint8), np.ones((17, 17), np.uint8)) > 0
    return bool((outside & ~panel & ink).sum() >= 0.1 * max(1, (own & ink).sum()))


def _around(points: Sequence[Point], margin: float) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)


def _rounded(box: Box, pad: float = 0.12) -> Polygon:
    """A padded box with round corners, for lettering whose balloon was not found."""
    (cx, cy), grow = box.center, pad * min(box.width, box.height) + 3
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    cos, sin = np.cos(angles), np.sin(angles)
    # a superellipse: nearly the box, without its corners
    xs = cx + (box.width / 2 + grow) * np.sign(cos) * np.abs(cos) ** 0.4
    ys = cy + (box.height / 2 + grow) * np.sign(sin) * np.abs(sin) ** 0.4
    return tuple((float(x), float(y)) for x, y in zip(xs, ys, strict=True))


def _without(alpha: Mask, others: Sequence[Panel], frame: Box) -> Mask:
    """Take away what belongs to a neighbour, where the two only touch; an inset stays in its panel."""
    total = max(1, int((alpha > 127).sum()))
    for other in others:
        theirs = polygon_mask(other.polygon, frame)
        shared = int(((alpha > 127) & (theirs > 127)).sum())
        whole_of_it = cv2.contourArea(np.array(other.polygon, np.float32))
        if 0 < shared < 0.08 * total and shared < 0.5 * whole_of_it:
            alpha = np.minimum(alpha, 255 - theirs)
    return alpha


def _with_outline(shape: Mask, tone: Mask, reach: int = 6) -> Mask:
    """Grow a balloon's white shape over the ink drawn around it: at most `reach` pixels, only through ink."""
    ink = cv2.dilate((tone < 150).astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
    near = cv2.dilate(shape, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    grown = np.maximum(shape, np.minimum(near, ink))
    # only what hangs together with the balloon itself
    count, labels = cv2.connectedComponents((grown > 127).astype(np.uint8))
    if count > 2:
        own = np.unique(labels[shape > 127])
        grown = np.where(np.isin(labels, own[own > 0]), grown, 0).astype(np.uint8)
    closed = cv2.morphologyEx(grown, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return as_image(cv2.GaussianBlur(closed, (3, 3), 0))


def _unlettered(colour: Image, balloons: Sequence[Balloon], frame: Box) -> Image:
    """Fill each balloon with its own paper; lettering without a balloon is painted over from around it."""
    for balloon in balloons:
        if balloon.outline:
            inside = cv2.erode(polygon_mask(balloon.outline, frame), np.ones((3, 3), np.uint8))
            if (inside > 127).any():
                share = inside[..., None].astype(np.float32) / 255
                filling = colour * (1 - share) + _paper(colour[inside > 127]) * share
                colour = np.round(filling).astype(np.uint8)
        else:
            colour = _inpainted(colour, intersect_box(whole_pixels(_around(polygon_of(balloon.box), 3)), frame), frame)
    return colour


def _paper(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The commonest tone of a balloon: the median of its lighter half, or of its darker half if ink-filled."""
    tone = pixels.mean(axis=1)
    light = tone >= np.median(tone) if np.median(tone) >= 128 else tone <= np.median(tone)
    return np.asarray(np.median(pixels[light], axis=0), np.float32)


def _inpainted(colour: Image, box: Box, frame: Box) -> Image:
    """Paint over the strokes inside `box` from their surroundings."""
    y, x = slice(int(box.y0 - frame.y0), int(box.y1 - frame.y0)), slice(int(box.x0 - frame.x0), int(box.x1 - frame.x0))
    part = colour[y, x]
    if part.size == 0:
        return colour
    tone = to_grey(part)
    far = np.abs(tone.astype(np.int16) - int(np.median(tone))) > 50
    strokes = cv2.dilate(far.astype(np.uint8) * 255, np.ones((5, 5), np.uint8))
    colour[y, x] = cv2.inpaint(np.ascontiguousarray(part), strokes, 3, cv2.INPAINT_TELEA)
    return colour


def _trimmed(pixels: Image, frame: Box) -> Cutout:
    """Cut away the empty margin around what is left."""
    rows, columns = np.flatnonzero(pixels[..., 3].any(axis=1)), np.flatnonzero(pixels[..., 3].any(axis=0))
    if rows.size == 0:
        return Cutout(pixels, frame)
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    box = Box(frame.x0 + x0, frame.y0 + y0, frame.x0 + x1, frame.y0 + y1)
    return Cutout(np.ascontiguousarray(pixels[y0:y1, x0:x1]), box)
