"""A plate in, a plate that moves by itself out. The camera's move is not made here but in composite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tools.plates import Image, Motion, Plate


@runtime_checkable
class Worded(Protocol):
    """What an animator also promises whose words are encoded apart, so that its text encoder leaves memory first."""

    @property
    def hearing(self) -> str:
        """What must be awake on the device to encode."""
        ...

    def encode(self, prompt: str) -> bytes:
        """The words for `film`, as safetensors."""
        ...

    def film(self, plate: Plate, *, seconds: float, words: bytes, references: Sequence[Image], seed: int) -> Motion:
        """As `animate`, with words from `encode`."""
        ...


class Animator(Protocol):
    """Gives a plate its own life."""

    version: int

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Move what `plate` shows for `seconds`; the number of frames and their rate are what the model gives."""
        ...
