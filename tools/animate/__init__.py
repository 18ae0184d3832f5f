"""A plate in, a plate that moves by itself out. The camera's move is not made here but in composite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tools.plates import Image, Motion, Plate


class Animator(Protocol):
    """Gives a plate its own life. One that has `looks = False` is handed no references."""

    version: int

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Move what `plate` shows for `seconds`; the number of frames and their rate are what the model gives."""
        ...
