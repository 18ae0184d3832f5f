"""Lay protected pixels of the plate (balloons, lettering) over generated frames, and match the colours of the frames.

Protected pixels are exactly those of the plate; outside their edge they fade into the frame. Each frame is matched to
the colours of the plate separately, so that colours cannot drift; a grey plate stays grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.pixels import as_image, is_grey, to_grey
from tools.plates import Image, Mask, Motion, Plate

VERSION = 1
"""Raised when the same frames and plate give another picture: part of the content keys of what is filmed and measured.
"""
FEATHER = 6.0
"""Page pixels over which what is kept fades into the frame."""
_SMALL = 128
_GAIN = (0.7, 1.4)
"""How far contrast is brought back: a frame that is all one tone has no colours to match."""
_Field = NDArray[np.float32]


def region_mask(regions: Sequence[Polygon], box: Box, size: tuple[int, int], feather: float = FEATHER) -> _Field:
    """How much of the plate shows, (h, w) of 0..1 at `size` (w, h) over `box`: 1 in every region, edge included.

    `regions` and `feather` are in page pixels; the fade lies wholly outside the regions.
    """
    width, height = size
    scale = np.array([width / box.width, height / box.height])
    drawn = np.zeros((height, width), np.uint8)
    for region in regions:
        points = (np.array(region, np.float64) - (box.x0, box.y0)) * scale - 0.5
        # the contour is drawn too, a pixel wide: half-covered pixels belong to the region
        cv2.fillPoly(drawn, [np.round(points * 16).astype(np.int32)], 255, shift=4)
        cv2.polylines(drawn, [np.round(points * 16).astype(np.int32)], True, 255, thickness=2, shift=4)
    if not drawn.any():
        return np.zeros((height, width), np.float32)
    far = cv2.distanceTransform(as_image(255 - drawn), cv2.DIST_L2, 5)
    return np.asarray(np.clip(1.0 - far / max(1.0, feather * float(scale.mean())), 0.0, 1.0), np.float32)


def protection_mask(
    plate: Plate,
    regions: Sequence[Polygon],
    under: Plate | None = None,
    stirs: Mask | None = None,
    feather: float = FEATHER,
) -> _Field:
    """How much of the plate shows over frames drawn from `under`, (h, w) of 0..1; see `Kept`."""
    height, width = plate.pixels.shape[:2]
    kept = region_mask(regions, plate.box, (width, height), feather)
    if stirs is not None:
        still = cv2.resize(as_image(255 - stirs), (width, height), interpolation=cv2.INTER_NEAREST)
        far = cv2.distanceTransform(np.pad(still, 1, mode="edge"), cv2.DIST_L2, 5)[1:-1, 1:-1]
        kept = np.maximum(kept, np.clip(far / max(1.0, feather * width / plate.box.width), 0.0, 1.0))
    if under is None:
        return kept
    mine = (plate.pixels != under.pixels).any(axis=2) | ((under.original > 127) & (plate.original <= 127))
    return np.where(mine, np.float32(1.0), kept)


@dataclass(frozen=True)
class ProtectedFrames:
    """The frames of `motion` at the plate's size, each made when it is asked for; the plate is over the same box.

    `lines` lays the artist's ink over every frame as well: for what moves little, or it is seen twice. `under` is the
    plate that was moved, where it is not this one: what this one shows otherwise, or not yet, lies over the frames; so
    does the plate where nothing `stirs` (255 where something does).
    """

    motion: Motion
    plate: Plate
    regions: Sequence[Polygon]
    keeps_lines: bool = False
    under: Plate | None = None
    motion_mask: Mask | None = None
    feather: float = FEATHER

    def __len__(self) -> int:
        return len(self.motion.frames)

    def __getitem__(self, index: int) -> Image:
        """The frame, (h, w, 3)."""
        given = self.plate.pixels
        matched = self.matched_frame(index)
        if self.keeps_lines:
            matched += (np.minimum(matched, given) - matched) * self._ink[..., None]
        made = matched + (given - matched) * self._mask[..., None]
        return np.where(self._mask[..., None] >= 1.0, given, as_image(made))

    def matched_frame(self, index: int) -> _Field:
        """The frame in the plate's size and colours, (h, w, 3) of 0..255, before anything is laid over it.

        Each channel by itself gets the mean and the spread of the plate's.
        """
        frame, (height, width) = self.motion.frames[index], self.plate.pixels.shape[:2]
        if frame.shape[:2] != (height, width):
            frame = cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC)
        frame = np.asarray(frame, np.float32)
        if self._grey:
            frame = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[..., None]
        mean, spread = _tones(frame)
        wanted_mean, wanted_spread = self._wanted
        gain = np.clip(wanted_spread / np.maximum(spread, 1e-3), *_GAIN)
        return np.asarray(np.clip((frame - mean) * gain + wanted_mean, 0, 255), np.float32)

    @cached_property
    def _mask(self) -> _Field:
        return protection_mask(self.plate, self.regions, self.under, self.motion_mask, self.feather)

    @cached_property
    def _ink(self) -> _Field:
        """1 on the plate's dark strokes, 0 on grounds and on screentone's paper; soft between."""
        tone = np.asarray(to_grey(self.plate.pixels), np.float32)
        around = cv2.GaussianBlur(tone, (0, 0), 6.0)
        return np.asarray(np.clip((around - tone - 30.0) / 40.0, 0.0, 1.0), np.float32)

    @cached_property
    def _grey(self) -> bool:
        return is_grey(self.plate.pixels)

    @cached_property
    def _wanted(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _tones(np.asarray((self.under or self.plate).pixels, np.float32))


def _tones(picture: _Field) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and spread of each of three channels, from afar: fine lines weigh by their ink."""
    small = cv2.resize(picture, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA).reshape(-1, picture.shape[2])
    colours = np.repeat(small, 3 // small.shape[1], axis=1)
    return colours.mean(axis=0), colours.std(axis=0)
