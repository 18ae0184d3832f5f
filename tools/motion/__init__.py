"""Protocol and loader of motion without a model: effects such as rain, sway or line boil, drawn frame by frame.

An effect is bound to a panel of a shot once, and then gives for each frame what it does to the picture: it moves the
camera's view, displaces pixels, or draws over them. All of it depends on the plan, its seed and the frame alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from storage.domain import Box
from storage.effects import Cadence, EffectKind
from tools import backends
from tools.backends import Backend
from tools.motion_regions import EffectRegion, PlaneField
from tools.plates import Image

FILM_RATE = 24
"""Frames per second to which a cadence refers."""


@dataclass(frozen=True)
class Clock:
    """The frames of a shot, and how long each drawing of an effect is held."""

    fps: float
    """Frames per second."""
    frames: int
    """Frames of the shot."""
    cadence: Cadence = 2
    """Frames of 24 in a second for which a drawing is held: ones, twos or threes."""

    @property
    def hold(self) -> int:
        """Return for how many frames of this film a drawing is held, at least 1."""
        return max(1, round(self.cadence * self.fps / FILM_RATE))

    def frame(self, t: float) -> int:
        """Return the number of the frame at t (0..1)."""
        return round(t * max(1, self.frames - 1))

    def drawing(self, frame: int) -> int:
        """Return the number of the drawing that a frame shows."""
        return frame // self.hold

    def drawings(self, seconds: float) -> int:
        """Return how many drawings fill some seconds, at least 2: the length of a loop."""
        return max(2, round(seconds * self.fps / self.hold))


@dataclass(frozen=True)
class EffectScene:
    """What an effect is bound to: one panel of a shot, as the camera shows it."""

    region: EffectRegion
    """Where it may displace and draw."""
    view: Box
    """The tightest box of the camera, in page pixels: sizes and speeds are shares of it."""
    clock: Clock
    tone: float
    """The mean tone of the picture in the region, 0 (black) to 1 (white)."""
    is_grey: bool
    """Whether the picture has no colours."""
    focus: Box | None = None
    """The place that somebody named for an effect that fills its panel, in page pixels."""
    lettering: tuple[Box, ...] = ()
    """The lettering of the shot in page pixels; whatever the view shows of it stays in view."""
    start: float = 0.0
    """The moment from which the panel is seen, as a share of the shot from 0 to 1."""
    camera: Callable[[float], Box] | None = None
    """The box that the camera shows at each moment (0..1), in page pixels; None for one that rests on `view`."""
    figures: Box | None = None
    """The box around the figures of the panel in page pixels, where they were told from the ground."""

    @property
    def wide_view(self) -> tuple[float, float]:
        """Return the width and the height, in page pixels, of a 16:9 view whose shorter side is that of the camera.

        What is drawn is as large in an upright film as in a wide one, beside what the camera shows.
        """
        height = min(self.view.height, self.view.width)
        return height * 16 / 9, height

    def camera_box(self, frame: int) -> Box:
        """Return the box that the camera shows in a frame, in page pixels."""
        return self.camera(frame / max(1, self.clock.frames - 1)) if self.camera else self.view


@dataclass(frozen=True)
class PlaneShift:
    """How a plane is moved against the camera."""

    x: float
    """From how far to the right each pixel is taken, in page pixels."""
    y: float
    """From how far below, in page pixels."""
    nearer: float = 1.0
    """By what factor pixels are taken from further away from the middle of the view."""

    def size(self, view: Box) -> float:
        """Return how far it moves any pixel of a view at most, in page pixels."""
        across = abs(self.nearer - 1.0) * math.hypot(view.width, view.height) / 2
        return math.hypot(self.x, self.y) + across


class BoundEffect:
    """An effect in one panel of a shot. What a kind of effect does not override leaves frames as they are."""

    ground_reach: float = 0.0
    """How far it moves the ground behind the figures at most, in page pixels."""
    ground_fade: float = 0.0
    """Over how many page pixels from the edges of the panel the ground comes to move so far."""

    @property
    def keeps_grey(self) -> bool:
        """Return whether grey pictures stay grey: `draw` is then given, and gives, their tones, (h, w) uint8."""
        return False

    def phase(self, frame: int) -> int:
        """Return a number that is equal for frames in which the effect does the same."""
        return 0

    def view(self, box: Box, frame: int) -> Box:
        """Return the box that the camera shows in place of `box`, in page pixels."""
        return box

    def ground_shift(self, frame: int) -> PlaneShift | None:
        """Return how the ground behind the figures is moved; None where it is not."""
        return None

    def displacement(self, frame: int) -> PlaneField | None:
        """Return from how far away each pixel is taken, in page pixels; None for no displacement."""
        return None

    def draw(self, picture: Image, box: Box, frame: int) -> Image:
        """Return the picture of a camera on `box`, (h, w, 3) RGB uint8, with the effect drawn over it.

        The picture itself is not changed.
        """
        return picture


class LoopingField(BoundEffect):
    """Displaces pixels by a field that loops: `make` gives the field of each drawing, and the latest one is kept."""

    def __init__(self, clock: Clock, length: int, make: Callable[[int], PlaneField]) -> None:
        self.clock = clock
        self.length = length
        self._make = make
        self._latest: tuple[int, PlaneField] | None = None

    @property
    def keeps_grey(self) -> bool:
        """Return True: no pixel gets another colour."""
        return True

    def phase(self, frame: int) -> int:
        """Return the number of the drawing in the loop."""
        return self.clock.drawing(frame) % self.length

    def displacement(self, frame: int) -> PlaneField:
        """Return the field of the drawing that the frame shows."""
        phase = self.phase(frame)
        if self._latest is None or self._latest[0] != phase:
            self._latest = phase, self._make(phase)
        return self._latest[1]


@runtime_checkable
class EffectMaker(Backend, Protocol):
    """A backend that makes one kind of effect.

    A class may also define `fills_panel`, True if its place is only what it looks at, and it is drawn on all of the
    panel, `moves_camera`, True if it shakes the view of the shot and so has no place, and `moves_ground`, True if it
    needs the figures of the panel told from the ground; all are False by default.
    """

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the effect in one panel of a shot.

        Args:
            scene: The panel, the camera and the frames.
            strength: How much of it there is, or how far it moves, 0..1.
            at: The moment of an impact, as a share of the shot from 0 to 1; other kinds do not use it.
            seed: Equal seeds give equal frames.
        """
        ...


def load_effect(kind: EffectKind | str, **options: object) -> EffectMaker:
    """Load the backend of a kind of effect.

    Args:
        kind: A kind of effect, or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, as JSON values.

    Returns:
        The backend; equal options give the same object.

    Raises:
        BackendError: There is no such kind, or its class is no backend of effects.
    """
    name = kind.replace("-", "_")
    backend = backends.load_backend("motion", name, **options)
    if not isinstance(backend, EffectMaker):
        raise backends.protocol_error("motion", name, "EffectMaker")
    return backend


def fills_panel(maker: EffectMaker) -> bool:
    """Return whether an effect is drawn on all of its panel, whatever place it looks at."""
    return bool(getattr(maker, "fills_panel", False))


def moves_camera(maker: EffectMaker) -> bool:
    """Return whether an effect shakes the view of the whole shot, whatever place somebody named for it."""
    return bool(getattr(maker, "moves_camera", False))


def moves_ground(maker: EffectMaker) -> bool:
    """Return whether an effect moves the ground behind the figures, which have to be told from it."""
    return bool(getattr(maker, "moves_ground", False))


def wave(phase: float, length: int) -> float:
    """Return the angle of a drawing in a loop of so many drawings, in radians."""
    return 2 * math.pi * phase / length


def random_numbers(seed: int, *path: int) -> np.random.Generator:
    """Return a generator whose numbers depend on the seed and the path alone."""
    return np.random.default_rng([seed, *path])
