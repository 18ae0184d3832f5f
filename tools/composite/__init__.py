"""Moving plates, a camera and overlays in, a frame function out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from storage.shapes import CameraKey, Ease, Screen
from tools.plates import FrameFunction, Motion


@dataclass(frozen=True)
class Layer:
    """A moving plate that appears at `start` (t in 0..1), dissolving from the layer before within `fade` (in t)."""

    motion: Motion
    start: float = 0.0
    fade: float = 0.0


class Compositor(Protocol):
    """Films layers with a camera."""

    version: int

    def compose(
        self, layers: Sequence[Layer], camera: Sequence[CameraKey], *, ease: Ease, seconds: float, screen: Screen
    ) -> FrameFunction:
        """Film `layers` (all over the same field) along `camera` (boxes in page pixels of the screen's aspect)."""
        ...
