"""Place cutouts on a plate, over an even tone or a blurred continuation of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box
from storage.errors import BackendError
from tools.pixels import as_image, to_grey, whole_pixels
from tools.plates import Cutout, Image, Mask, Plate

Fill = Literal["tone", "blur", "paper"]
_Field = NDArray[np.float32]
_SMALL_PIXELS = 240
"""The longer side in pixels at which backgrounds are computed: they hold no detail."""


def extend_background(
    cutouts: Sequence[Cutout],
    field: tuple[float, float, float, float],
    *,
    revealed: int,
    fill: str,
    dim: float = 0.42,
    veil: float = 0.16,
) -> Plate:
    """Place cutouts on a plate and fill the rest by image processing, at the scale of the page; see `tools/outpaint`.

    Args:
        cutouts: The cutouts, in the order in which they appear.
        field: The box of the plate (x0, y0, x1, y1) in page pixels.
        revealed: The number of cutouts that are shown; later ones show faintly.
        fill: "tone" continues the tone of the borders, "blur" shows a blurred enlargement of the picture, "paper" is
            the colour of the paper; "auto" takes tone if all borders are even, else blur.
        dim: The brightness of a blurred background, 0..1.
        veil: How much of a panel shows that is not revealed yet, 0..1.

    Returns:
        The plate, (h, w, 3) RGB uint8 with a mask of the artist's pixels.

    Raises:
        BackendError: There is no cutout.
    """
    if not cutouts:
        raise BackendError("there is no cut-out panel to continue", "report this as a bug")
    box = whole_pixels(field)
    kind = _choose_fill(fill, cutouts, box)
    picture = _make_background(kind, cutouts, box, dim)
    for cutout in cutouts[revealed:]:
        _draw_veiled(picture, cutout, box, veil)
    if kind != "tone":
        for cutout in cutouts[:revealed]:
            _draw_shadow(picture, cutout, box, shadow=0.55 if kind == "blur" else 0.0)
    original: Mask = np.zeros(picture.shape[:2], np.uint8)
    for cutout in cutouts[:revealed]:
        _paste_cutout(picture, original, cutout, box)
    return Plate(picture, box, original)


def hide_later_panels(plate: Plate, cutouts: Sequence[Cutout], *, revealed: int) -> Plate:
    """Return a plate of all cutouts as it looks before the later ones appear: they are replaced by an even background.

    Args:
        plate: The plate with all cutouts.
        cutouts: The cutouts, in the order in which they appear.
        revealed: The number of cutouts that have appeared.
    """
    if revealed == len(cutouts):
        return plate
    earlier_plate = extend_background(cutouts, plate.box, revealed=revealed, fill="tone")
    is_hidden = (cutout_mask(cutouts, plate.box) > 0) & (cutout_mask(cutouts[:revealed], plate.box) == 0)
    pixels = np.where(is_hidden[..., None], earlier_plate.pixels, plate.pixels)
    return Plate(pixels, plate.box, np.where(is_hidden, 0, plate.original).astype(np.uint8))


def cutout_mask(cutouts: Sequence[Cutout], box: Box) -> Mask:
    """Return a mask of where cutouts cover a box, whether drawn or painted.

    Args:
        cutouts: The cutouts.
        box: The box of the mask in page pixels.

    Returns:
        (h, w) uint8 at the scale of the page: 255 where a cutout is opaque.
    """
    filled: Mask = np.zeros((round(box.height), round(box.width)), np.uint8)
    for cutout in cutouts:
        target, source = _overlap_slices(cutout.box, box, filled.shape)
        filled[target] = np.maximum(filled[target], np.where(cutout.pixels[source][..., 3] == 255, 255, 0))
    return filled


def _make_background(kind: Fill, cutouts: Sequence[Cutout], box: Box, dim: float) -> Image:
    """Return the background without its panels, (h, w, 3)."""
    size = int(box.width), int(box.height)
    if kind == "paper":
        return np.full((size[1], size[0], 3), _paper_colour(cutouts), np.uint8)
    scale = _SMALL_PIXELS / max(size)
    colour, share = _gather_colours(cutouts if kind == "blur" else [_border_only(c) for c in cutouts], box, scale)
    extended = _extend_colours(colour, share)
    if kind == "blur":
        extended = _blurred_background(extended, share, dim)
    return as_image(cv2.resize(extended, size, interpolation=cv2.INTER_CUBIC))


def _choose_fill(fill: str, cutouts: Sequence[Cutout], box: Box) -> Fill:
    """Return the requested kind of fill; for "auto" the tone if all borders inside the field are even, else blur."""
    if fill in ("tone", "blur", "paper"):
        return fill  # type: ignore[return-value]
    return "tone" if all(_has_even_borders(cutout, box) for cutout in cutouts) else "blur"


def _has_even_borders(cutout: Cutout, box: Box) -> bool:
    """Return whether the borders of the picture inside the field are even enough to be continued."""
    tone = as_image(cv2.GaussianBlur(to_grey(np.ascontiguousarray(cutout.pixels[..., :3])), (0, 0), 3))
    height, width = tone.shape
    if (cutout.pixels[..., 3] > 127).mean() < 0.97:
        return False
    depth = max(4, round(0.03 * min(height, width)))
    strips = [
        (cutout.box.x0 - box.x0, tone[:, :depth]), (box.x1 - cutout.box.x1, tone[:, -depth:]),
        (cutout.box.y0 - box.y0, tone[:depth]), (box.y1 - cutout.box.y1, tone[-depth:]),
    ]  # fmt: skip
    return all(_is_even_strip(strip) for gap, strip in strips if gap > 2)


def _border_only(cutout: Cutout) -> Cutout:
    """Return only the border of a cutout, from which its tone is continued."""
    alpha = cutout.pixels[..., 3]
    depth = max(4, round(0.03 * min(alpha.shape)))
    padded = cv2.copyMakeBorder(alpha, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(padded, np.ones((2 * depth + 1, 2 * depth + 1), np.uint8), borderValue=0)[1:-1, 1:-1]
    return Cutout(np.dstack([cutout.pixels[..., :3], cv2.subtract(alpha, inner)]), cutout.box)


def _is_even_strip(strip: NDArray[np.uint8]) -> bool:
    return bool((np.abs(strip.astype(np.float32) - np.median(strip)) < 14).mean() > 0.94)


def _paper_colour(cutouts: Sequence[Cutout]) -> NDArray[np.uint8]:
    """Return the median colour of light pixels of the panels; nearly white if there are hardly any."""
    pixels = np.concatenate([c.pixels[c.pixels[..., 3] > 127][:, :3] for c in cutouts])
    light = pixels[pixels.min(axis=1) > 215]
    return np.median(light, axis=0).astype(np.uint8) if len(light) > 0.01 * len(pixels) else np.full(3, 250, np.uint8)


def _overlap_slices(part: Box, box: Box, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return slices of the field and of `part` for the region in which they overlap; empty if they do not."""
    x, y = round(part.x0 - box.x0), round(part.y0 - box.y0)
    h, w = round(part.height), round(part.width)
    y0, y1, x0, x1 = max(0, y), min(shape[0], y + h), max(0, x), min(shape[1], x + w)
    y1, x1 = max(y0, y1), max(x0, x1)
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))


def _paste_cutout(picture: Image, original: Mask, cutout: Cutout, box: Box) -> None:
    """Paste a cutout in its place; where it is opaque its pixels stay unchanged."""
    target, source = _overlap_slices(cutout.box, box, picture.shape)
    part = cutout.pixels[source]
    share = part[..., 3:].astype(np.float32) / 255
    picture[target] = as_image(picture[target] * (1 - share) + part[..., :3] * share)
    opaque = part[..., 3] == 255
    drawn = opaque if cutout.redrawn is None else opaque & (cutout.redrawn[source] == 0)
    original[target] = np.where(opaque, np.where(drawn, 255, 0), original[target])


def _gather_colours(cutouts: Sequence[Cutout], box: Box, scale: float) -> tuple[_Field, _Field]:
    """Return all cutouts on a small field: colour times opacity, (h, w, 3), and opacity, (h, w)."""
    size = max(2, round(box.width * scale)), max(2, round(box.height * scale))
    colour, share = np.zeros((size[1], size[0], 3), np.float32), np.zeros((size[1], size[0]), np.float32)
    move = np.array([[1 / scale, 0, 0], [0, 1 / scale, 0]], np.float64)
    for cutout in cutouts:
        alpha = cutout.pixels[..., 3:].astype(np.float32) / 255
        sigma = max(0.6, 0.5 / scale)
        layer = cv2.GaussianBlur(
            np.dstack([cutout.pixels[..., :3] * alpha, alpha]), (0, 0), sigma, borderType=cv2.BORDER_CONSTANT
        )
        move[:, 2] = box.x0 - cutout.box.x0 + 0.5 / scale - 0.5, box.y0 - cutout.box.y0 + 0.5 / scale - 0.5
        warped = cv2.warpAffine(layer, move, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        colour += warped[..., :3]
        share += warped[..., 3]
    return colour, share


def _extend_colours(colour: _Field, share: _Field) -> _Field:
    """Extend colours outwards: near the picture those of its border, further out means over ever wider areas."""
    longer = max(share.shape)
    total, weight = colour * 1e4, share * 1e4
    for radius in (0.015, 0.03, 0.06, 0.12, 0.25, 0.6):
        strength = (0.015 / radius) ** 2
        total += _to_float32(cv2.GaussianBlur(colour, (0, 0), radius * longer)) * strength
        weight += _to_float32(cv2.GaussianBlur(share, (0, 0), radius * longer)) * strength
    return _to_float32(total / np.maximum(weight, 1e-9)[..., None])


def _blurred_background(continued: _Field, share: _Field, dim: float) -> _Field:
    """Return a blurred, darkened enlargement of the picture with less contrast, darkest in the corners of the field."""
    h, w = share.shape
    longer = max(h, w)
    rows, columns = np.flatnonzero((share > 0.5).any(axis=1)), np.flatnonzero((share > 0.5).any(axis=0))
    soft = _to_float32(cv2.GaussianBlur(continued, (0, 0), 0.03 * longer))
    if rows.size and columns.size:
        art = continued[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        soft = 0.25 * soft + 0.75 * np.asarray(
            cv2.GaussianBlur(_enlarge_to_cover(art, w, h), (0, 0), 0.014 * longer), np.float32
        )
    mean = soft.mean(axis=(0, 1), keepdims=True)
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    corner = ((xs / w - 0.5) ** 2 + (ys / h - 0.5) ** 2)[..., None]
    return _to_float32((mean + (soft - mean) * 0.88) * dim * (1 - 0.44 * corner))


def _enlarge_to_cover(art: _Field, w: int, h: int) -> _Field:
    """Return `art` enlarged from its centre until it covers w x h."""
    grow = max(w / art.shape[1], h / art.shape[0])
    move = np.array([[grow, 0, (w - grow * art.shape[1]) / 2], [0, grow, (h - grow * art.shape[0]) / 2]])
    return np.asarray(cv2.warpAffine(art, move, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _draw_veiled(picture: Image, cutout: Cutout, box: Box, veil: float) -> None:
    """Let a panel that is not revealed yet show through, blurred and faint."""
    target, source = _overlap_slices(cutout.box, box, picture.shape)
    part = cv2.GaussianBlur(cutout.pixels[source].astype(np.float32), (0, 0), 4)
    share = part[..., 3:] / 255 * veil
    picture[target] = as_image(picture[target] * (1 - share) + part[..., :3] * share)


def _draw_shadow(picture: Image, cutout: Cutout, box: Box, shadow: float) -> None:
    """Draw a soft shadow and a thin line around a panel, so that it stands out from its background."""
    width = max(4.0, 0.02 * min(cutout.box.width, cutout.box.height))
    margin = round(3 * width) + 4
    frame = Box(*(v + d for v, d in zip(cutout.box, (-margin, -margin, margin, margin), strict=True)))
    alpha = cv2.copyMakeBorder(cutout.pixels[..., 3], margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    dark = shadow * _to_float32(cv2.GaussianBlur(alpha, (0, 0), width)) / 255
    line = _to_float32(cv2.GaussianBlur(cv2.dilate(alpha, np.ones((5, 5), np.uint8)), (0, 0), 0.7)) / 255
    target, source = _overlap_slices(frame, box, picture.shape)
    visible = ((1 - dark) * (1 - line))[source][..., None]
    picture[target] = as_image(picture[target] * visible + 12 * line[source][..., None])


def _to_float32(array: object) -> _Field:
    return np.asarray(array, np.float32)
