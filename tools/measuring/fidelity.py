"""A plate and what was made of it in, a map of whose pixels are whose out, and how far drawn frames left the panel.

Measures only: what is too much is said in words by `faults`, what follows from it is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.shapes import Box, CameraKey, Ease
from tools.filming.camera import camera_at
from tools.pixels import as_image, grey
from tools.plates import Cutout, Image, Mask

TONES = {"original": 255, "continued": 170, "inpainted": 85, "generated": 0}
"""How a map shows each kind: the artist's own; made by image work; painted by a model within the panel; drawn by a
model beyond the panel or over time."""
CHANGED = 10
"""Tones by which a pixel of a cutout must differ from the page's to count as painted over."""
FLICKER = 0.08
_WIDTH = 192
_MOMENTS = 25
_Field = NDArray[np.float32]


def chart(original: Mask, box: Box, page: Image, cutouts: Sequence[Cutout], *, cleaned: bool, continued: bool) -> Mask:
    """The map of a plate over `box`: (h, w) in the tones of TONES.

    `original` marks what the plate says is the artist's; where a cutout differs from the page it was painted over.
    `cleaned` and `continued` say whether a model did that, or plain image work.
    """
    beyond = TONES["generated" if continued else "continued"]
    made = np.where(original > 127, TONES["original"], beyond).astype(np.uint8)
    for cutout in cutouts:
        touched = _laid(_painted(cutout, page), cutout.box, box, original.shape)
        made[(touched > 127) & (original > 127)] = TONES["inpainted" if cleaned else "continued"]
    return made


def moved(chart_of_plate: Mask, kept: _Field) -> Mask:
    """The map once a model drew frames over the plate: its own pixels are left where it is `kept` (0..1, (h, w))."""
    return np.where(kept >= 1.0, chart_of_plate, TONES["generated"]).astype(np.uint8)


def shares(
    charts: Sequence[Mask], boxes: Sequence[Box], starts: Sequence[float], camera: Sequence[CameraKey], ease: Ease
) -> dict[str, float]:
    """What share of all that the camera shows is of each kind, 0..1; plate number k stands from starts[k] on."""
    seen: dict[str, list[float]] = {name: [] for name in TONES}
    for t in np.linspace(0, 1, _MOMENTS):
        at = max(k for k, start in enumerate(starts) if start <= t or k == 0)
        part = _cropped(charts[at], boxes[at], camera_at(camera, float(t), ease))
        for name, tone in TONES.items():
            seen[name].append(float((part == tone).mean()))
    return {name: float(np.mean(values)) for name, values in seen.items()}


def drift(frames: Sequence[Image], plate: Image) -> dict[str, float]:
    """How far frames have left the plate, each 0 (not at all) and about 1 (another picture).

    structure and last: what the strokes of the first and of the last frame have in common with the plate's. palette:
    mean distance of the colours' distributions. lines: how much more, or less, is drawn (in doublings). flicker: mean
    tone by which a frame differs from the middle of its neighbours. drift: the worst of what a panel must not lose.
    """
    small = [_small(frame, plate) for frame in frames]
    wanted = _small(plate, plate)
    first, last = _strokes(small[0]), _strokes(small[-1])
    own = _strokes(wanted)
    found = {
        "structure": _unlike(first, own),
        "last": _unlike(last, own),
        "palette": max(_palette(frame, wanted) for frame in (small[0], small[len(small) // 2], small[-1])),
        "lines": max(_doublings(float(strokes.mean()), float(own.mean())) for strokes in (first, last)),
        "flicker": _flicker(small),
    }
    return {**found, "drift": min(1.0, max(found["structure"], 3.0 * found["palette"], found["lines"] / 3.0))}


def distance(found: Mapping[str, float]) -> float:
    """How far a take is from its panel, for ranking: its drift, half its flicker in bounds, half of what was drawn."""
    drawn = found.get("generated", 0.0) + found.get("inpainted", 0.0)
    return found.get("drift", 0.0) + 0.5 * found.get("flicker", 0.0) / FLICKER + 0.5 * drawn


def faults(found: Mapping[str, float], *, max_generated: float, max_drift: float) -> list[str]:
    """What is too much, in words; nothing when it may stand."""
    said = []
    drawn = found.get("generated", 0.0) + found.get("inpainted", 0.0)
    if drawn > max_generated + 0.005:
        said.append(f"{drawn:.0%} of it is drawn by a model, over the bound of {max_generated:.0%}")
    if found.get("drift", 0.0) > max_drift:
        said.append(f"its frames left the panel: drift {found['drift']:.2f}, over the bound of {max_drift:.2f}")
    if max_drift < 1.0 and found.get("flicker", 0.0) > FLICKER:
        said.append(f"its frames flicker by {found['flicker']:.0%} of the tones")
    return said


def _painted(cutout: Cutout, page: Image) -> Mask:
    """255 where the cutout is not what the page shows there; where it is off the page, too."""
    height, width = cutout.pixels.shape[:2]
    x0, y0 = round(cutout.box.x0), round(cutout.box.y0)
    there = np.full((height, width, 3), 255, np.uint8)
    off = np.full((height, width), 255, np.uint8)
    left, top = max(0, -x0), max(0, -y0)
    part = page[max(0, y0) : max(0, y0 + height), max(0, x0) : max(0, x0 + width), :3]
    there[top : top + part.shape[0], left : left + part.shape[1]] = part
    off[top : top + part.shape[0], left : left + part.shape[1]] = 0
    differs = cv2.absdiff(np.ascontiguousarray(cutout.pixels[..., :3]), there).max(axis=2) > CHANGED
    return as_image(np.where(differs, 255, off) * (cutout.pixels[..., 3] > 127))


def _laid(mask: Mask, box: Box, onto: Box, shape: tuple[int, ...]) -> Mask:
    """`mask` over `box` as it lies over `onto`, a picture of `shape` (h, w)."""
    height, width = shape[:2]
    sx, sy = onto.width / width, onto.height / height  # page pixels a plate pixel
    px, py = mask.shape[1] / box.width, mask.shape[0] / box.height
    move = np.array([
        [sx * px, 0, (onto.x0 - box.x0 + 0.5 * sx) * px - 0.5], [0, sy * py, (onto.y0 - box.y0 + 0.5 * sy) * py - 0.5],
    ])  # fmt: skip
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return as_image(cv2.warpAffine(mask, move, (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT))


def _cropped(made: Mask, box: Box, seen: Box) -> Mask:
    height, width = made.shape
    x0, x1 = ((edge - box.x0) * width / box.width for edge in (seen.x0, seen.x1))
    y0, y1 = ((edge - box.y0) * height / box.height for edge in (seen.y0, seen.y1))
    left, top = min(max(0, round(x0)), width - 1), min(max(0, round(y0)), height - 1)
    return made[top : max(top + 1, round(y1)), left : max(left + 1, round(x1))]


def _small(frame: Image, plate: Image) -> _Field:
    """A picture at one width, (h, w, 3): all frames are judged from the same distance."""
    height = max(8, round(plate.shape[0] * _WIDTH / plate.shape[1]))
    return np.asarray(cv2.resize(frame, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.float32)


def _strokes(small: _Field) -> _Field:
    """How much is drawn at each place: the slope of the tone, a little blurred, so that a pixel's shift is none."""
    tone = np.asarray(grey(as_image(small)), np.float32)
    slope = np.hypot(cv2.Sobel(tone, cv2.CV_32F, 1, 0), cv2.Sobel(tone, cv2.CV_32F, 0, 1))
    return np.asarray(cv2.GaussianBlur(slope, (0, 0), 1.5), np.float32)


def _unlike(one: _Field, other: _Field) -> float:
    """One less the correlation, 0..1; two pictures without a stroke are alike."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if size < 1e-3 * a.size:
        return float(abs(one.mean() - other.mean()) > 1.0)
    return float(np.clip(1.0 - (a * b).sum() / size, 0.0, 1.0))


def _palette(one: _Field, other: _Field) -> float:
    """Mean distance of the sorted tones of each channel, 0..1 (the earth mover's in one dimension)."""
    sides = (np.sort(side.reshape(-1, 3), axis=0) for side in (one, other))
    a, b = sides
    return float(np.abs(a - b).mean() / 255)


def _doublings(one: float, other: float) -> float:
    return float(abs(np.log2((one + 1.0) / (other + 1.0))))


def _flicker(small: Sequence[_Field]) -> float:
    bends = [
        float(np.abs(b - (a + c) / 2).mean()) for a, b, c in zip(small, small[1:], small[2:], strict=False)
    ]  # fmt: skip
    return max(bends, default=0.0) / 255
