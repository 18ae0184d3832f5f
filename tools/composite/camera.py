"""Film plates with a moving camera in OpenCV: one sub-pixel warp for each frame, from a level scaled in advance.

Sampling the full-size drawing for each frame makes screentone shimmer and takes longer; a level with about one pixel
for each film pixel avoids both. Where the zoom of the camera needs more than one level, two levels are blended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import cv2
import numpy as np
from pydantic import Field

from storage.domain import Box, CameraKey, Ease, VideoFormat
from tools.composite import Compositor, Layer, Overlay, PlacedEffect
from tools.ground_planes import GroundPlane
from tools.motion import PlaneShift
from tools.motion_regions import PlaneField, part_of, pixel_span
from tools.pixels import ScaledPicture, as_image, blend, is_grey, prepare_scale
from tools.plates import FrameFunction, GreyFrames, Image, Motion
from tools.video.camera_path import camera_at, ease_progress, visited_box
from tools.video.displacement import FrameWarp, join_fields

SHEET_BYTES = 128_000_000
"""Levels of the frames of an exposure sheet that are kept, beyond those of the latest frame."""


class Backend:
    """Films plates with OpenCV.

    Args:
        oversample: Pixels of a level for each film pixel at the tightest box of the camera.
        span: The zoom factor that a single level serves.
        budget: The largest size of a level in megapixels, so that a long pan over a large field fits into memory.
    """

    version = 1

    def __init__(
        self,
        *,
        oversample: Annotated[float, Field(gt=0, le=4)] = 1.0,
        span: Annotated[float, Field(gt=1, le=4)] = 1.35,
        budget: Annotated[float, Field(gt=0, le=1000)] = 48.0,
    ) -> None:
        self.oversample = oversample
        self.span = span
        self.budget = budget

    def compose(
        self,
        layers: Sequence[Layer],
        camera: Sequence[CameraKey],
        *,
        ease: Ease,
        seconds: float,
        screen: VideoFormat,
        effects: Sequence[PlacedEffect] = (),
    ) -> FrameFunction:
        """Return the function from t (0..1) to a frame of the film."""
        region = visited_box(camera)
        scales = self._scales(camera, region, screen)
        stage = [_LayerLevels(layer, scales, region, seconds, self.oversample) for layer in layers]
        is_grey_shot = all(layer.is_exactly_grey for layer in stage) and all(p.effect.keeps_grey for p in effects)
        grounds = {
            id(placed): _MovedGround(placed.ground, scales, region, self.oversample)
            for placed in effects
            if placed.ground is not None
        }
        size = screen.width, screen.height
        blank = (screen.height, screen.width) if is_grey_shot else (screen.height, screen.width, 3)
        last_frame: dict[str, tuple[object, Image]] = {}

        last_number = max(0, round(seconds * screen.fps) - 1)

        def frame(t: float) -> Image:
            number = round(t * last_number)
            placed_now = [(placed, share) for placed in effects if (share := placed.share(t)) > 0.0]
            acting = [(placed.effect, share) for placed, share in placed_now]
            box = camera_at(camera, t, ease)
            for effect, _ in acting:
                box = effect.view(box, number)
            moved = [
                (grounds[id(placed)], shift)
                for placed, _ in placed_now
                if id(placed) in grounds and (shift := placed.effect.ground_shift(number)) is not None
            ]
            visible = [(layer, share) for layer in stage if (share := layer.share(t)) > 0.0]
            first = max((i for i, (_, share) in enumerate(visible) if share >= 1.0), default=0)
            phases = tuple((effect.phase(number), share) for effect, share in acting)
            states = tuple((id(layer), share, layer.state(t)) for layer, share in visible[first:])
            moment = box, states, phases, tuple(shift for _, shift in moved)
            if "frame" not in last_frame or last_frame["frame"][0] != moment:
                displaced = [(effect.displacement(number), share) for effect, share in acting]
                fields = [field.weakened(share) for field, share in displaced if field is not None]
                warp = join_fields(fields, box, size)
                pictures = [(layer.film(box, size, t, warp, is_grey_shot), share) for layer, share in visible[first:]]
                picture = _blend_pictures(pictures) if pictures else as_image(np.zeros(blank, np.uint8))
                for ground, shift in moved:
                    picture = ground.lay_behind(picture, box, shift, fields)
                for effect, share in acting:
                    drawn = effect.draw(picture, box, number)
                    picture = drawn if share >= 1.0 else blend(picture, drawn, share)
                last_frame["frame"] = moment, picture
            return last_frame["frame"][1]

        return GreyFrames(frame) if is_grey_shot else frame

    def _scales(self, camera: Sequence[CameraKey], region: Box, screen: VideoFormat) -> list[float]:
        """Return the scale of each level in pixels per page pixel, from the widest to the tightest box of the shot."""
        widths = [key.box.width for key in camera]
        tight, wide = screen.width / min(widths) * self.oversample, screen.width / max(widths) * self.oversample
        tight = min(tight, math.sqrt(self.budget * 1e6 / region.area))
        steps = math.ceil(math.log(tight / wide) / math.log(1.6)) if tight > wide * self.span else 0
        return [tight / (tight / wide) ** (k / steps) for k in range(steps, 0, -1)] + [tight]


_CHECKED: type[Compositor] = Backend


def _blend_pictures(pictures: Sequence[tuple[Image, float]]) -> Image:
    """Blend pictures of one size, each dissolving over those below it by its share; the lowest is seen as a whole."""
    picture = pictures[0][0]
    for above, share in pictures[1:]:
        picture = above if share >= 1.0 else blend(picture, above, share)
    return picture


def _lay_over(picture: Image, overlay: Overlay, box: Box, opacity: float) -> Image:
    """Lay an overlay over the frame of a camera on `box`, (h, w[, 3]); the frame itself is not changed."""
    height, width = picture.shape[:2]
    sx, sy = width / box.width, height / box.height
    x0, x1 = max(0, math.floor((overlay.box.x0 - box.x0) * sx)), min(width, math.ceil((overlay.box.x1 - box.x0) * sx))
    y0, y1 = max(0, math.floor((overlay.box.y0 - box.y0) * sy)), min(height, math.ceil((overlay.box.y1 - box.y0) * sy))
    if opacity <= 0.0 or x0 >= x1 or y0 >= y1:
        return picture
    seen = Box(box.x0 + x0 / sx, box.y0 + y0 / sy, box.x0 + x1 / sx, box.y0 + y1 / sy)
    px, py = overlay.pixels.shape[1] / overlay.box.width, overlay.pixels.shape[0] / overlay.box.height
    cover = ScaledPicture(overlay.pixels, overlay.box.x0, overlay.box.y0, px, py).sample(seen, (x1 - x0, y1 - y0))
    share = cover[..., 3:].astype(np.float32) * (opacity / 255)
    colours = cover[..., :3]
    if picture.ndim == 2:
        colours, share = colours[..., 0], share[..., 0]
    covered = picture.copy()
    covered[y0:y1, x0:x1] = as_image(picture[y0:y1, x0:x1] * (1 - share) + colours * share)
    return covered


def _sample(level: ScaledPicture, box: Box, size: tuple[int, int], warp: FrameWarp | None) -> Image:
    """Return the view of a level, with the pixels displaced that `warp` displaces and all others as without it."""
    picture = level.sample(box, size)
    return picture if warp is None else warp.displace(picture, level, box)


class _MovedGround:
    """The ground of a panel, which is moved behind all that stands before it."""

    def __init__(self, ground: GroundPlane, scales: list[float], region: Box, oversample: float) -> None:
        self.ground = ground
        still = Motion(ground.pixels[np.newaxis], ground.box, 1.0)
        self.levels = _LayerLevels(Layer(still), scales, region, 1.0, oversample)
        (height, width), box = ground.seen.shape, ground.box
        self.seen = ScaledPicture(ground.seen, box.x0, box.y0, width / box.width, height / box.height)

    def lay_behind(self, picture: Image, box: Box, shift: PlaneShift, fields: Sequence[PlaneField]) -> Image:
        """Return the picture of a camera on `box`, (h, w[, 3]), with its ground moved; `fields` displace all of it."""
        size = picture.shape[1], picture.shape[0]
        if (span := pixel_span(self.ground.box, box, size)) is None:
            return picture
        x0, y0, x1, y1 = span
        part, part_size = part_of(box, size, span), (x1 - x0, y1 - y0)
        field = self.ground.field(shift, box)
        if not field.touched.any():
            return picture
        moved = join_fields([*fields, field], part, part_size)
        in_tones = picture.ndim == 2
        ground = self.levels.film(part, part_size, 0.0, moved, in_tones and self.levels.grey)
        ground = np.ascontiguousarray(ground[..., 1]) if ground.ndim > picture.ndim else ground
        seen = _sample(self.seen, part, part_size, join_fields(fields, part, part_size))
        laid = picture.copy()
        below = laid[y0:y1, x0:x1]
        cv2.copyTo(ground, as_image(cv2.threshold(seen, 254, 255, cv2.THRESH_BINARY)[1]), below)
        edges = cv2.findNonZero(cv2.inRange(seen, (1,), (254,)))
        if edges is not None:
            columns, rows = np.reshape(edges, (-1, 2)).T
            share = seen[rows, columns].astype(np.float32) / 255
            share = share if in_tones else share[:, np.newaxis]
            below[rows, columns] = as_image(below[rows, columns] * (1 - share) + ground[rows, columns] * share)
        return laid


class _LayerLevels:
    """A layer with its scaled levels; those of an animated plate are made frame by frame."""

    def __init__(self, layer: Layer, scales: list[float], region: Box, seconds: float, oversample: float) -> None:
        self.layer = layer
        self.scales = scales
        self.region = region
        self.seconds = seconds
        self.oversample = oversample
        self.grey = is_grey(layer.motion.frames[0])
        self.levels: dict[tuple[int, int], ScaledPicture] = {}

    @property
    def is_exactly_grey(self) -> bool:
        """Return whether no pixel of the layer has a colour once it is filmed."""
        covers = (overlay.pixels for overlay in self.layer.overlays)
        return self.grey and all((cover[..., :2] == cover[..., 1:3]).all() for cover in covers)

    def share(self, t: float) -> float:
        """Return how far the layer has appeared at t, 0..1."""
        start, fade = self.layer.start, self.layer.fade
        if start <= 0.0:
            return 1.0
        if fade <= 0.0:
            return float(t >= start)
        return ease_progress((t - start) / fade, "in-out")

    def index(self, t: float) -> int:
        """Return the frame of the motion at t; the last frame is held when the motion is over."""
        motion, sheet = self.layer.motion, self.layer.sheet
        if sheet:
            return sheet[min(len(sheet) - 1, max(0, round(t * (len(sheet) - 1))))]
        return min(len(motion.frames) - 1, int(t * self.seconds * motion.rate + 1e-6))

    def state(self, t: float) -> tuple[float, ...]:
        """Return what can change at t while the camera rests: the number of the frame, and the overlays' opacities."""
        return self.index(t), *(overlay.opacity(t) for overlay in self.layer.overlays)

    def level(self, index: int, number: int) -> ScaledPicture:
        """Return level `number` of frame `index`.

        Only the levels of the latest frame are kept, but small ones of an exposure sheet, whose frames come again.
        """
        key = index, number
        if key not in self.levels:
            held = sum(level.pixels.nbytes for level in self.levels.values())
            if not self.layer.sheet or held > SHEET_BYTES:
                self.levels = {k: v for k, v in self.levels.items() if k[0] == index}
            pixels = self.layer.motion.frames[index]
            pixels = np.ascontiguousarray(pixels[..., 1]) if self.grey else pixels
            level = prepare_scale(pixels, self.layer.motion.box, self.region, self.scales[number])
            if not self.grey:  # OpenCV samples four channels in half the time that it takes for three
                level = replace(level, pixels=as_image(cv2.cvtColor(level.pixels, cv2.COLOR_RGB2RGBA)))
            self.levels[key] = level
        return self.levels[key]

    def film(self, box: Box, size: tuple[int, int], t: float, warp: FrameWarp | None, in_tones: bool) -> Image:
        """Return the layer as the camera shows it, displaced by `warp`: (h, w, 3) RGB, or (h, w) tones, uint8."""
        index, wanted_scale = self.index(t), size[0] / box.width * self.oversample
        upper = next((i for i, scale in enumerate(self.scales) if scale >= wanted_scale * 0.999), len(self.scales) - 1)
        picture = _sample(self.level(index, upper), box, size, warp)
        if upper > 0:
            low, high = self.scales[upper - 1], self.scales[upper]
            share = min(1.0, max(0.0, math.log(wanted_scale / low) / math.log(high / low)))
            if share < 1.0:
                below = _sample(self.level(index, upper - 1), box, size, warp)
                picture = blend(below, picture, share)
        if not in_tones:
            picture = as_image(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB if self.grey else cv2.COLOR_RGBA2RGB))
        for overlay in self.layer.overlays:
            picture = _lay_over(picture, overlay, box, overlay.opacity(t))
        return picture
