"""Protocol and loader of compositors: film moving plates with a camera, as a function from time to frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from storage.domain import CameraKey, Ease, VideoFormat
from tools import backends
from tools.backends import Backend
from tools.plates import FrameFunction, Motion


@dataclass(frozen=True)
class Layer:
    """A moving plate that appears at `start` (t in 0..1), dissolving from the layer before within `fade` (in t)."""

    motion: Motion
    start: float = 0.0
    fade: float = 0.0


@runtime_checkable
class Compositor(Backend, Protocol):
    """Films layers with a camera."""

    def compose(
        self, layers: Sequence[Layer], camera: Sequence[CameraKey], *, ease: Ease, seconds: float, screen: VideoFormat
    ) -> FrameFunction:
        """Prepare the frames of a shot.

        Args:
            layers: One or more moving plates over the same field, the first shown first.
            camera: Where the camera stands at which t (0..1); boxes in page pixels, of the aspect of the screen.
            ease: How the camera moves between two keys.
            seconds: How long the shot is, above 0.
            screen: Width and height of a frame in pixels.

        Returns:
            A function from t (0..1) to the frame, (screen.height, screen.width, 3) RGB uint8. An array that it gave
            may be given again for the same frame: do not write into it.
        """
        ...


def load_compositor(name: str, **options: object) -> Compositor:
    """Load a compositor.

    Args:
        name: A file of `tools/composite/`, such as "camera", or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The compositor, one and the same for equal options.

    Raises:
        BackendError: There is no such backend, it is no compositor, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("composite", name, **options)
    if not isinstance(backend, Compositor):
        raise backends.protocol_error("composite", name, "Compositor")
    return backend
