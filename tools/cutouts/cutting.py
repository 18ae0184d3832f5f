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
from tools.geometry import box_polygon
from tools.pixels import as_image, intersect_box, polygon_mask, to_grey, whole_pixels
from tools.plates import Cutout, Image, Mask

_Flags = NDArray[np.bool_]


LEAN_SHARE = 0.02
"""The share of a balloon's area that must lie outside the panel for the balloon to be kept whole."""


def cut_panel(
    page: Image,
    panel: Panel,
    *,
    others: Sequence[Panel],
    balloons: Sequence[Balloon],
    remove: frozenset[str],
    lean: float = LEAN_SHARE,
) -> Cutout:
    """Cut a panel out of a page by image processing alone; see `tools/clean`.

    Args:
        page: (h, w, 3) RGB uint8.
        panel: The panel to cut out.
        others: The other panels of the page.
        balloons: The balloons of the panel.
        remove: What to remove: "frame", "slivers", "lettering", "balloons".
        lean: The share of a balloon's area that must lie outside the panel for the balloon to be kept whole.

    Returns:
        The cutout, (h, w, 4) RGBA uint8 without empty margins.
    """
    tone = to_grey(page)
    bounds = Box(0, 0, page.shape[1], page.shape[0])
    polygon = panel.polygon or box_polygon(panel.box)
    if remove & {"frame", "slivers"}:
        polygon = snap_to_frame(tone, polygon, line="frame" not in remove)
    leaning = [(b, shape) for b in balloons if (shape := _leaning_shape(b, polygon, tone, lean)) is not None]
    frame = intersect_box(
        whole_pixels(_bounding_box([*polygon, *(p for _, shape in leaning for p in shape)], 8)), bounds
    )
    alpha = polygon_mask(polygon, frame)
    if "slivers" in remove:
        alpha = _remove_neighbours(alpha, [o for o in others if o.polygon], frame)
    part = slice(int(frame.y0), int(frame.y1)), slice(int(frame.x0), int(frame.x1))
    for balloon, shape in leaning:
        balloon_mask = polygon_mask(shape, frame)
        alpha = np.maximum(alpha, _grow_over_ink(balloon_mask, tone[part]) if balloon.outline else balloon_mask)
    colour = page[part].copy()
    if "balloons" in remove:
        colour = as_image(cv2.inpaint(colour, lettering_mask(balloons, frame, remove), 3, cv2.INPAINT_TELEA))
    elif "lettering" in remove:
        colour = _fill_balloons(colour, balloons, frame)
    return _trim_margin(np.dstack([colour, alpha]), frame)


def lettering_mask(balloons: Sequence[Balloon], frame: Box, remove: frozenset[str]) -> Mask:
    """Return a mask of the lettering and balloons that are to be painted over.

    Args:
        balloons: The balloons.
        frame: The box of the mask in page pixels.
        remove: "balloons" masks whole balloons with their outline; "lettering" masks only lettering without a balloon.

    Returns:
        (h, w) uint8: 255 where the page is to be painted over.
    """
    mask: Mask = np.zeros((round(frame.height), round(frame.width)), np.uint8)
    for balloon in balloons:
        if "balloons" in remove and balloon.outline:
            mask = np.maximum(mask, cv2.dilate(polygon_mask(balloon.outline, frame), np.ones((13, 13), np.uint8)))
        elif remove & {"balloons", "lettering"} and not balloon.outline:
            mask = np.maximum(mask, polygon_mask(_rounded_box(balloon.box), frame))
    return np.where(mask > 0, 255, 0).astype(np.uint8)


def editable_mask(cutout: Cutout, balloons: Sequence[Balloon], place: Box | None) -> Mask:
    """Return a mask of the pixels of a cutout that a model may change: its picture without balloons and lettering.

    Args:
        cutout: The cutout.
        balloons: The balloons of its panel.
        place: The part of the page that may change, in page pixels; None for all of it.

    Returns:
        (h, w) uint8 in the size of the cutout: 255 where it may change.
    """
    mask = np.where(cutout.pixels[..., 3] == 255, 255, 0).astype(np.uint8)
    if place is not None:
        mask = np.minimum(mask, polygon_mask(box_polygon(place), cutout.box))
    return np.where(lettering_mask(balloons, cutout.box, frozenset({"balloons"})) > 0, 0, mask).astype(np.uint8)


def repainted_mask(cutout: Cutout, page: Image) -> Mask:
    """Return a mask of where a cutout differs from its page, or is marked as redrawn, or lies off the page.

    Args:
        cutout: The cutout.
        page: (h, w, 3) or (h, w, 4) RGB uint8.

    Returns:
        (h, w) uint8 in the size of the cutout: 255 where it was repainted.
    """
    height, width = cutout.pixels.shape[:2]
    x0, y0 = round(cutout.box.x0), round(cutout.box.y0)
    left, top = max(0, -x0), max(0, -y0)
    part = page[max(0, y0) : max(0, y0 + height), max(0, x0) : max(0, x0 + width), :3]
    target = slice(top, top + part.shape[0]), slice(left, left + part.shape[1])
    differs = np.full((height, width), 255, np.uint8)
    differs[target] = np.where((cutout.pixels[target][..., :3] != part).any(axis=2), 255, 0)
    repainted = differs if cutout.redrawn is None else np.maximum(differs, cutout.redrawn)
    return np.where(cutout.pixels[..., 3] > 0, repainted, 0).astype(np.uint8)


def _leaning_shape(balloon: Balloon, polygon: Polygon, tone: Mask, lean: float) -> Polygon | None:
    """Return the shape of a balloon if a part of it is drawn outside `polygon`, else None."""
    shape = balloon.outline or _rounded_box(balloon.box)
    frame = intersect_box(whole_pixels(_bounding_box(shape, 8)), Box(0, 0, tone.shape[1], tone.shape[0]))
    if frame.area <= 0:
        return None
    own, inside = polygon_mask(shape, frame) > 127, polygon_mask(polygon, frame) > 127
    outside = own & ~inside
    # a bare box says less of where the balloon ends than its outline does
    min_share = lean if balloon.outline else max(lean, 0.12)
    if outside.sum() <= min_share * max(1, own.sum()):
        return None
    ink = tone[int(frame.y0) : int(frame.y1), int(frame.x0) : int(frame.x1)] < 140
    return (
        shape
        if (_has_drawn_edge(own, outside, ink) if balloon.outline else _has_lettering_outside(own, outside, ink))
        else None
    )


def _has_drawn_edge(own: _Flags, outside: _Flags, ink: _Flags) -> bool:
    """Return whether the edge of the balloon outside the panel is drawn; if not, its white shape ran into a gutter."""
    rim = cv2.morphologyEx(own.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    rim &= cv2.dilate(outside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    near = cv2.dilate(ink.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return bool((rim & near).sum() >= 0.5 * max(1, rim.sum()))


def _has_lettering_outside(own: _Flags, outside: _Flags, ink: _Flags) -> bool:
    """Return whether the lettering itself reaches out of the panel, beyond the frame line."""
    panel = cv2.dilate((own & ~outside).astype(np.uint8), np.ones((17, 17), np.uint8)) > 0
    return bool((outside & ~panel & ink).sum() >= 0.1 * max(1, (own & ink).sum()))


def _bounding_box(points: Sequence[Point], margin: float) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)


def _rounded_box(box: Box, pad: float = 0.12) -> Polygon:
    """Return a padded box with round corners, for lettering whose balloon was not found."""
    (cx, cy), grow = box.center, pad * min(box.width, box.height) + 3
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    cos, sin = np.cos(angles), np.sin(angles)
    # a superellipse: nearly the box, without its corners
    xs = cx + (box.width / 2 + grow) * np.sign(cos) * np.abs(cos) ** 0.4
    ys = cy + (box.height / 2 + grow) * np.sign(sin) * np.abs(sin) ** 0.4
    return tuple((float(x), float(y)) for x, y in zip(xs, ys, strict=True))


def _remove_neighbours(alpha: Mask, others: Sequence[Panel], frame: Box) -> Mask:
    """Remove parts of neighbouring panels where they only touch; an inset panel is not removed."""
    total = max(1, int((alpha > 127).sum()))
    for other in others:
        other_mask = polygon_mask(other.polygon, frame)
        shared = int(((alpha > 127) & (other_mask > 127)).sum())
        other_area = cv2.contourArea(np.array(other.polygon, np.float32))
        if 0 < shared < 0.08 * total and shared < 0.5 * other_area:
            alpha = np.minimum(alpha, 255 - other_mask)
    return alpha


def _grow_over_ink(shape: Mask, tone: Mask, reach: int = 6) -> Mask:
    """Grow the white shape of a balloon over the ink around it: by at most `reach` pixels, and only through ink."""
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


def _fill_balloons(colour: Image, balloons: Sequence[Balloon], frame: Box) -> Image:
    """Fill each balloon with its own paper colour; lettering without a balloon is inpainted from its surroundings."""
    for balloon in balloons:
        if balloon.outline:
            inside = cv2.erode(polygon_mask(balloon.outline, frame), np.ones((3, 3), np.uint8))
            if (inside > 127).any():
                share = inside[..., None].astype(np.float32) / 255
                filling = colour * (1 - share) + paper_tone(colour[inside > 127]) * share
                colour = np.round(filling).astype(np.uint8)
        else:
            colour = _inpaint_strokes(
                colour, intersect_box(whole_pixels(_bounding_box(box_polygon(balloon.box), 3)), frame), frame
            )
    return colour


def paper_tone(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the most common tone of a balloon: the median of its lighter half, or of its darker half if it is dark."""
    tone = pixels.mean(axis=1)
    light = tone >= np.median(tone) if np.median(tone) >= 128 else tone <= np.median(tone)
    return np.asarray(np.median(pixels[light], axis=0), np.float32)


def _inpaint_strokes(colour: Image, box: Box, frame: Box) -> Image:
    """Inpaint the strokes inside `box` from their surroundings, by Telea's method."""
    y, x = slice(int(box.y0 - frame.y0), int(box.y1 - frame.y0)), slice(int(box.x0 - frame.x0), int(box.x1 - frame.x0))
    part = colour[y, x]
    if part.size == 0:
        return colour
    tone = to_grey(part)
    is_stroke = np.abs(tone.astype(np.int16) - int(np.median(tone))) > 50
    strokes = cv2.dilate(is_stroke.astype(np.uint8) * 255, np.ones((5, 5), np.uint8))
    colour[y, x] = cv2.inpaint(np.ascontiguousarray(part), strokes, 3, cv2.INPAINT_TELEA)
    return colour


def _trim_margin(pixels: Image, frame: Box) -> Cutout:
    """Cut off the empty margin."""
    rows, columns = np.flatnonzero(pixels[..., 3].any(axis=1)), np.flatnonzero(pixels[..., 3].any(axis=0))
    if rows.size == 0:
        return Cutout(pixels, frame)
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    box = Box(frame.x0 + x0, frame.y0 + y0, frame.x0 + x1, frame.y0 + y1)
    return Cutout(np.ascontiguousarray(pixels[y0:y1, x0:x1]), box)
