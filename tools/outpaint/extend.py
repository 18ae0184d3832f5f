"""Continue a panel without a model, with its own flat tone or a dimmed, blurred copy of itself behind it."""

from __future__ import annotations

from collections.abc import Sequence

from tools.cutouts.backgrounds import extend_background
from tools.options import Share
from tools.outpaint import Outpainter
from tools.plates import Cutout, Image, Plate


class Backend:
    """Continue a panel without a model.

    Args:
        dim: Brightness of a blurred background (0..1).
        veil: Opacity of a panel that is not revealed (0..1).
    """

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
        """Make the plate over `field`, at the scale of the page; see the protocol in `tools/outpaint`."""
        return extend_background(cutouts, field, revealed=revealed, fill=fill, dim=self.dim, veil=self.veil)


_CHECKED: type[Outpainter] = Backend
