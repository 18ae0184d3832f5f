"""Continue a panel without a model, with its own flat tone or a dimmed, blurred copy of itself behind it."""

from __future__ import annotations

from collections.abc import Sequence

from tools.cutouts.backgrounds import extend_background
from tools.options import Share
from tools.outpaint import Outpainter
from tools.plates import Cutout, Image, Plate


class Backend:
    """`dim` is the brightness of a blurred ground, `veil` how much of an unrevealed panel shows (0..1)."""

    version = 1

    def __init__(self, *, dim: Share = 0.42, veil: Share = 0.16) -> None:
        self.dim = dim
        self.veil = veil

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
        """Make the plate over `field`; see the promise in `tools/outpaint`. Its scale is the page's."""
        return extend_background(cutouts, field, revealed=revealed, fill=fill, dim=self.dim, veil=self.veil)


_CHECKED: type[Outpainter] = Backend
