"""Cutouts in, a plate that fills the camera's whole field out; the cutouts' own pixels stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tools.plates import Cutout, Image, Plate


class Outpainter(Protocol):
    """Continues a picture beyond its frame."""

    version: int

    def outpaint(
        self,
        cutouts: Sequence[Cutout],
        field: tuple[float, float, float, float],
        *,
        revealed: int,
        fill: str,
        prompt: str,
        references: Sequence[Image],
        seed: int,
    ) -> Plate:
        """Make the plate over `field` (a box in page pixels that may reach outside the page).

        The first `revealed` cutouts stand in full; the others are there only as quiet ground. A backend that
        `generates` is asked once, with all of them revealed. What is `redrawn` in a cutout is not `original`.
        `fill` is a word of OutpaintPlan.fill; prompt, references and seed are for generating backends.
        """
        ...
