"""Return the plate as a still: the artist's drawing as it is, moved by the camera alone. Needs no model."""

from __future__ import annotations

from collections.abc import Sequence

from tools.animate import Animator
from tools.plates import Image, Motion, Plate


class Backend:
    """Return the plate as a single frame."""

    version = 1

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Return `plate` as a motion of a single frame; all other arguments are ignored."""
        return Motion(frames=plate.pixels[None], box=plate.box, rate=1.0)


_CHECKED: type[Animator] = Backend
