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
from tools.pixels import as_image, find_ink, is_grey, to_grey
from tools.plates import Image, Mask, Motion, Plate

VERSION = 1
"""Increase it when the same frames and plate give another picture; it is part of the content keys of segments and
measures.
"""
FEATHER = 6.0
"""Page pixels over which protected pixels fade into the frame."""
_INK_REACH = 6.0
"""Page pixels around a stroke with whose mean tone it is compared."""
_SMALL_PIXELS = 128
_GAIN_LIMITS = (0.7, 1.4)
"""Limits for the change of contrast: a frame of a single tone has no colours to match."""
_Field = NDArray[np.float32]


def region_mask(regions: Sequence[Polygon], box: Box, size: tuple[int, int], feather: float = FEATHER) -> _Field:
    """Return how much of the plate is shown in some regions and close around them.

    Args:
        regions: Polygons in page pixels.
        box: The box of the mask, in page pixels.
        size: The size of the mask (w, h) in pixels.
        feather: The width of the fade in page pixels; it lies outside the regions.

    Returns:
        (h, w) float32 of 0..1: 1 in every region, edges included.
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
    distance = cv2.distanceTransform(as_image(255 - drawn), cv2.DIST_L2, 5)
    return np.asarray(np.clip(1.0 - distance / max(1.0, feather * float(scale.mean())), 0.0, 1.0), np.float32)


def protection_mask(
    plate: Plate,
    regions: Sequence[Polygon],
    under: Plate | None = None,
    stirs: Mask | None = None,
    feather: float = FEATHER,
) -> _Field:
    """Return how much of the plate is shown over generated frames; see `ProtectedFrames`.

    Args:
        plate: The plate that is shown.
        regions: Protected polygons in page pixels.
        under: The plate that the frames were generated from, if it is another one; where they differ, `plate` is
            shown.
        stirs: 255 where the frames move (`motion_mask`); the plate is shown everywhere else. None protects only the
            regions.
        feather: The width of the fade in page pixels.

    Returns:
        (h, w) float32 of 0..1 in the size of the plate.
    """
    height, width = plate.pixels.shape[:2]
    shown = region_mask(regions, plate.box, (width, height), feather)
    if stirs is not None:
        still = cv2.resize(as_image(255 - stirs), (width, height), interpolation=cv2.INTER_NEAREST)
        distance = cv2.distanceTransform(np.pad(still, 1, mode="edge"), cv2.DIST_L2, 5)[1:-1, 1:-1]
        shown = np.maximum(shown, np.clip(distance / max(1.0, feather * width / plate.box.width), 0.0, 1.0))
    if under is None:
        return shown
    differs = (plate.pixels != under.pixels).any(axis=2) | ((under.original > 127) & (plate.original <= 127))
    return np.where(differs, np.float32(1.0), shown)


@dataclass(frozen=True)
class ProtectedFrames:
    """Generated frames at the size of the plate, with protected pixels laid over them; each is made when indexed."""

    motion: Motion
    """The generated frames."""
    plate: Plate
    """The plate that is shown; it covers the same box as the frames."""
    regions: Sequence[Polygon]
    """Protected polygons in page pixels."""
    keeps_lines: bool = False
    """Whether the artist's line art is laid over every frame; use it for small motion only, or lines are seen twice."""
    under: Plate | None = None
    """The plate that was animated, if it is another one; where `plate` differs from it, `plate` is shown."""
    motion_mask: Mask | None = None
    """255 where the frames move; the plate is shown everywhere else. None protects only regions."""
    feather: float = FEATHER
    """The width of the fade in page pixels."""

    def __len__(self) -> int:
        return len(self.motion.frames)

    def __getitem__(self, index: int) -> Image:
        """Return a frame, (h, w, 3) RGB uint8."""
        plate_pixels = self.plate.pixels
        matched = self.matched_frame(index)
        if self.keeps_lines:
            matched += (np.minimum(matched, plate_pixels) - matched) * self._ink[..., None]
        blended = matched + (plate_pixels - matched) * self._mask[..., None]
        return np.where(self._mask[..., None] >= 1.0, plate_pixels, as_image(blended))

    def matched_frame(self, index: int) -> _Field:
        """Return a frame in the size and colours of the plate, before anything is laid over it.

        The mean and the standard deviation of each channel are set to those of the plate. Where the motion has key
        pictures, they are set to values between those of the two around the frame, and a key picture stays as it is.

        Returns:
            (h, w, 3) float32 of 0..255; (h, w, 1) for a grey plate.
        """
        frame, (height, width) = self.motion.frames[index], self.plate.pixels.shape[:2]
        if frame.shape[:2] != (height, width):
            frame = cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC)
        if self._grey:
            frame = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[..., None]
        tones = np.asarray(frame, np.float32)
        if index in self.motion.keys:
            return tones
        mean, spread = _mean_and_deviation(tones)
        wanted_mean, wanted_spread = self._tones_at(index)
        gain = np.clip(wanted_spread / np.maximum(spread, 1e-3), *_GAIN_LIMITS)
        return np.asarray(np.clip((tones - mean) * gain + wanted_mean, 0, 255), np.float32)

    @cached_property
    def _mask(self) -> _Field:
        return protection_mask(self.plate, self.regions, self.under, self.motion_mask, self.feather)

    @cached_property
    def _ink(self) -> _Field:
        """Return 1 on dark strokes of the plate, 0 on even areas and on the paper of screentone."""
        tones = to_grey(self.plate.pixels)
        return find_ink(tones, _INK_REACH * tones.shape[1] / self.plate.box.width)

    @cached_property
    def _grey(self) -> bool:
        return is_grey(self.plate.pixels, self.plate.original)

    def _tones_at(self, index: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean and the deviation that a frame is given."""
        if not self.motion.keys:
            return self._target_tones
        means, deviations = (np.stack(values, axis=1) for values in zip(*self._key_tones, strict=True))
        return _between(index, self.motion.keys, means), _between(index, self.motion.keys, deviations)

    @cached_property
    def _key_tones(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return the mean and the deviation of each key picture."""
        return [_mean_and_deviation(np.asarray(self.motion.frames[key], np.float32)) for key in self.motion.keys]

    @cached_property
    def _target_tones(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _mean_and_deviation(np.asarray((self.under or self.plate).pixels, np.float32))


def _between(index: int, keys: Sequence[int], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value of each channel at a frame, between those at the frames `keys`; `values` is (3, keys)."""
    return np.array([np.interp(index, keys, channel) for channel in values])


def _mean_and_deviation(picture: _Field) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of three channels at a small size, where fine lines count by their ink."""
    small = cv2.resize(picture, (_SMALL_PIXELS, _SMALL_PIXELS), interpolation=cv2.INTER_AREA).reshape(
        -1, picture.shape[2]
    )
    colours = np.repeat(small, 3 // small.shape[1], axis=1)
    return colours.mean(axis=0), colours.std(axis=0)
