"""Map which pixels are the artist's and which are generated, and measure how far frames drift from their panel.

`faults` lists the measures that exceed their bounds; what follows from them is decided in `agents/review`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, CameraKey, Ease
from tools.measuring.faults import TakeFault
from tools.pixels import as_image, to_grey
from tools.plates import Cutout, Image, Mask
from tools.video.camera_path import camera_at

TONES = {"original": 255, "continued": 170, "inpainted": 85, "generated": 0}
"""How a map shows each kind: the artist's own; made by image work; painted by a model within the panel; drawn by a
model beyond the panel, or where something stirs in its frames (`tools.video.motion_mask`)."""
FLICKER = 0.08
LATER = 0.25
"""By which part of the way to 1 later frames may leave the panel further than the first one may."""
SEEN = 9
"""Frames of a clip, its first and last among them, that are searched for the panel's strokes."""
_SCALES = (0.85, 1.0, 1.2)
_MIDDLE = 0.7
_WIDTH = 192
_MOMENTS = 25
_Field = NDArray[np.float32]


def provenance_map(
    original: Mask, box: Box, cutouts: Sequence[Cutout], *, revealed: int, cleaned: bool, continued: bool
) -> Mask:
    """The map of a plate over `box`: (h, w) in the tones of TONES.

    `original` marks what the plate says is the artist's; what is `redrawn` in a cutout was painted over. `cleaned` and
    `continued` say whether a model did that, or plain image work, which makes the panels that are not `revealed` too.
    """
    beyond = TONES["generated" if continued else "continued"]
    made = np.where(original > 127, TONES["original"], beyond).astype(np.uint8)
    for number, cutout in enumerate(cutouts):
        own = cutout.pixels[..., 3]
        if number >= revealed:
            made[(_laid(own, cutout.box, box, original.shape) > 127) & (original <= 127)] = TONES["continued"]
        elif cutout.redrawn is not None:
            touched = _laid(np.minimum(cutout.redrawn, own), cutout.box, box, original.shape)
            made[touched > 127] = TONES["inpainted" if cleaned else "continued"]
    return made


def with_generated_motion(chart_of_plate: Mask, kept: _Field) -> Mask:
    """The map once a model drew frames over the plate: its own pixels are left where it is `kept` (0..1, (h, w))."""
    return np.where(kept >= 1.0, chart_of_plate, TONES["generated"]).astype(np.uint8)


def provenance_shares(
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


def share_beyond(cutouts: Sequence[Box], field: Box, camera: Sequence[CameraKey], ease: Ease) -> float:
    """What share of all that the camera shows lies beyond these boxes, 0..1, at least: known before it is painted."""
    width = _WIDTH
    made = np.full((max(1, round(width * field.height / field.width)), width), TONES["generated"], np.uint8)
    for box in cutouts:
        x0, x1 = (round((edge - field.x0) * width / field.width) for edge in (box.x0, box.x1))
        y0, y1 = (round((edge - field.y0) * width / field.width) for edge in (box.y0, box.y1))
        made[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = TONES["original"]
    return provenance_shares([made], [field], [0.0], camera, ease)["generated"]


def measure_drift(frames: Sequence[Image], plate: Image) -> dict[str, float]:
    """How far frames have left the plate, each 0 (not at all) and about 1 (another picture).

    structure: what the strokes of the first frame do not have in common with the plate's. last and worst: how little
    the last and the worst frame have left of them, moved as they may be: who walks has not left the panel.
    palette: mean distance of the colours' distributions. lines: how much more, or less, is drawn (in doublings).
    flicker: mean tone by which a frame differs from the middle of its neighbours. drift: the worst of what a panel must
    not lose from its first frame on.
    """
    small = [_small(frame, plate) for frame in frames]
    wanted = _small(plate, plate)
    first, last = _strokes(small[0]), _strokes(small[-1])
    own = _strokes(wanted)
    strayed = [_strayed(_strokes(small[at]), own) for at in _spread(len(small))]
    found = {
        "structure": _unlike(first, own),
        "last": strayed[-1],
        "worst": max(strayed),
        "palette": max(_palette(frame, wanted) for frame in (small[0], small[len(small) // 2], small[-1])),
        "lines": max(_doublings(float(strokes.mean()), float(own.mean())) for strokes in (first, last)),
        "flicker": _flicker(small),
    }
    return {**found, "drift": min(1.0, max(found["structure"], 3.0 * found["palette"], found["lines"] / 3.0))}


def generated_share(found: Mapping[str, float]) -> float:
    """The share that a model drew, painting and moving."""
    return found.get("generated", 0.0) + found.get("inpainted", 0.0)


def fidelity_distance(found: Mapping[str, float]) -> float:
    """How far a take is from its panel, for ranking: its drift, half its worst frame, flicker and what was drawn."""
    unsteady = found.get("flicker", 0.0) / FLICKER
    return found.get("drift", 0.0) + 0.5 * (found.get("worst", 0.0) + unsteady + generated_share(found))


def faults(measured: Mapping[str, float], *, max_generated: float, max_drift: float) -> list[TakeFault]:
    """List what is too much of what `shares` and `drift` measured; what is missing is no fault.

    Args:
        measured: The measures by name, each 0..1.
        max_generated: The share of the picture that models may draw, 0..1.
        max_drift: How far frames may leave the panel, 0..1; at 1 they may become anything.
    """
    found = []
    if (share := generated_share(measured)) > max_generated + 0.005:
        found.append(TakeFault("generated", share, max_generated))
    later = max_drift + LATER * (1.0 - max_drift)
    if (strayed := measured.get("drift", 0.0)) > max_drift:
        found.append(TakeFault("drift", strayed, max_drift))
    elif max_drift < 1.0 and (worst := measured.get("worst", 0.0)) > later:
        found.append(TakeFault("lost_at_end" if measured.get("last", 0.0) > later else "lost_on_the_way", worst, later))
    if max_drift < 1.0 and (flicker := measured.get("flicker", 0.0)) > FLICKER:
        found.append(TakeFault("flicker", flicker, FLICKER))
    return found


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
    tone = np.asarray(to_grey(as_image(small)), np.float32)
    slope = np.hypot(cv2.Sobel(tone, cv2.CV_32F, 1, 0), cv2.Sobel(tone, cv2.CV_32F, 0, 1))
    return np.asarray(cv2.GaussianBlur(slope, (0, 0), 1.5), np.float32)


def _unlike(one: _Field, other: _Field) -> float:
    """One less the correlation, 0..1; two pictures without a stroke are alike."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if size < 1e-3 * a.size:
        return float(abs(one.mean() - other.mean()) > 1.0)
    return float(np.clip(1.0 - (a * b).sum() / size, 0.0, 1.0))


def _strayed(one: _Field, other: _Field) -> float:
    """How little of `other` is left, 0..1: half of it where it was, half wherever the middle of `one` came from.

    On pages of the bench another panel, or this one upside down, has 0.7 at least; shifts and zooms of up to a fifth
    have 0.6 at most.
    """
    direct = _unlike(one, other)
    if min(one.std(), other.std()) < 1e-3:
        return direct
    best, (height, width) = 1.0 - direct, other.shape
    for scale in _SCALES:
        sized = cv2.resize(one, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        h, w = (int(_MIDDLE * min(pair)) for pair in zip(sized.shape, other.shape, strict=True))
        top, left = (sized.shape[0] - h) // 2, (sized.shape[1] - w) // 2
        middle = sized[top : top + h, left : left + w]
        if middle.std() > 1e-3:
            best = max(best, float(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED).max()))
    return (direct + float(np.clip(1.0 - best, 0.0, 1.0))) / 2


def _spread(count: int) -> list[int]:
    """Places among `count` frames, the first and the last among them."""
    return [round(at) for at in np.linspace(0, count - 1, min(SEEN, count))]


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
