"""Protocol and loader of compositors: film moving plates with a camera, as a function from time to frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from storage.domain import Box, CameraKey, Ease, VideoFormat
from tools import backends
from tools.backends import Backend
from tools.ground_planes import GroundPlane
from tools.motion import BoundEffect
from tools.plates import FrameFunction, Image, Motion
from tools.video.camera_path import ease_progress


@dataclass(frozen=True)
class Overlay:
    """A still picture over a layer that fades away at a moment, such as paper over letters that are not read yet."""

    pixels: Image
    """(h, w, 4) RGBA uint8."""
    box: Box
    """The part of the page plane that it covers, in page pixels."""
    until: float
    """The moment at which it begins to fade, as a share of the shot from 0 to 1."""
    fade: float = 0.0
    """The length of the fade, as a share of the shot from 0 to 1."""

    def opacity(self, t: float) -> float:
        """Return how much of it is seen at t, 0..1; after its fade it is exactly 0."""
        if t < self.until:
            return 1.0
        return max(0.0, 1.0 - (t - self.until) / self.fade) if self.fade > 0 else 0.0


@dataclass(frozen=True)
class Layer:
    """A moving plate that appears at `start` and dissolves from the layer before it."""

    motion: Motion
    start: float = 0.0
    """The moment at which it appears, as a share of the shot from 0 to 1."""
    fade: float = 0.0
    """The length of the dissolve, as a share of the shot from 0 to 1."""
    overlays: tuple[Overlay, ...] = ()
    """Pictures over the plate; where none is seen any more, its pixels are as without them."""
    sheet: tuple[int, ...] = ()
    """Which frame of the motion each frame of the shot shows, where an exposure sheet says so and not its rate."""


@dataclass(frozen=True)
class PlacedEffect:
    """An effect in a panel, from the moment at which the panel appears."""

    effect: BoundEffect
    start: float = 0.0
    """The moment, as a share of the shot from 0 to 1; from 0 on it acts before the shot too."""
    fade: float = 0.0
    """The time in which it comes up, as a share of the shot from 0 to 1."""
    ground: GroundPlane | None = None
    """The ground of the panel, for an effect that moves it."""

    def share(self, t: float) -> float:
        """Return how much of it is seen at t, 0..1."""
        if self.start <= 0.0:
            return 1.0
        if self.fade <= 0.0:
            return float(t >= self.start)
        return ease_progress((t - self.start) / self.fade, "in-out")


@runtime_checkable
class Compositor(Backend, Protocol):
    """A backend that films layers with a camera."""

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
        """Return a function that gives the frames of a shot.

        Args:
            layers: One or more moving plates over the same field; the first one is shown first.
            camera: The camera keys; boxes in page pixels, with the aspect of the video format.
            ease: How the camera moves between two keys.
            seconds: The length of the shot in seconds, above 0.
            screen: The width and height of a frame in pixels.
            effects: What moves in the layers. Without any the frames are as if there were none.

        Returns:
            A function from t (0..1) to a frame, (screen.height, screen.width, 3) RGB uint8; `GreyFrames` where no frame
            has colours. An array may be returned again for the same frame: do not write into it. Before 0 and after 1
            the camera rests and effects go on; such moments are asked for where a shot has effects.
        """
        ...


def load_compositor(name: str, **options: object) -> Compositor:
    """Load a compositor.

    Args:
        name: A file of `tools/composite/`, such as "camera", or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, as JSON values.

    Returns:
        The compositor; equal options give the same object.

    Raises:
        BackendError: There is no such backend, it is no compositor, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("composite", name, **options)
    if not isinstance(backend, Compositor):
        raise backends.protocol_error("composite", name, "Compositor")
    return backend
