"""Protocol and loader of layer cutters, which tell the figures of a panel from the ground behind them.

Balloons, lettering and frame lines are planes of their own, which lie above both and are never moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from storage.domain import Box, Polygon
from tools import backends
from tools.backends import Backend
from tools.plates import Image, Mask

RefusalKind = Literal[
    "no_figure",
    "no_layers",
    "too_small",
    "too_large",
    "beyond_box",
    "touches_all_sides",
    "edge_off_lines",
    "plain_ground",
    "uncertain",
    "no_depth",
]


@dataclass(frozen=True)
class PageLayers:
    """The planes of a page, as the artist kept them apart in a layered file."""

    figures: Mask
    """(h, w) uint8: how far figures cover each pixel of the page, 0..255."""
    held: Mask
    """(h, w) uint8: how far balloons, lettering and frame lines cover it."""
    ground: Image
    """(h, w, 4) RGBA uint8: the ground, drawn on behind the figures as well; alpha 0 where nothing is drawn."""


@dataclass(frozen=True)
class PanelPlanes:
    """The planes of one panel."""

    box: Box
    """The part of the page that they cover, in whole page pixels."""
    figures: Mask
    """(h, w) uint8 over `box`: 255 on figures, with their outlines."""
    held: Mask
    """(h, w) uint8 over `box`: 255 on balloons, lettering and frame lines of the artist's own layers, if they are
    known. Those that were found by reading the page are not in it.
    """
    ground: Image | None = None
    """(h, w, 4) RGBA uint8 over `box`: what the artist drew behind the figures; None where nobody knows."""


@dataclass(frozen=True)
class CutRefusal:
    """Why a panel is not divided into planes."""

    kind: RefusalKind
    value: float = 0.0
    """The measured value that decided it, 0..1 where it is a share, or 0..255 where it is a tone."""


@runtime_checkable
class LayerCutter(Backend, Protocol):
    """A backend that tells figures from the ground.

    Attributes:
        needs_seeds: Whether it finds no figure where nobody says where one is.
    """

    needs_seeds: bool

    def cut(
        self,
        page: Image,
        panel: Polygon,
        *,
        seeds: Sequence[Box],
        held: Sequence[Polygon],
        layers: PageLayers | None,
    ) -> PanelPlanes | CutRefusal:
        """Divide a panel into planes.

        Args:
            page: The page, (h, w, 3) RGB uint8.
            panel: The corners inside the panel's frame line, in page pixels.
            seeds: Boxes around figures in page pixels; of several in one place the largest counts.
            held: The outlines of balloons and lettering in page pixels, which are no figures.
            layers: The artist's own planes of the page; None where they are not known.

        Returns:
            The planes, or why a division would be seen to be wrong. Equal arguments give equal bytes.
        """
        ...


def load_cutter(name: str, **options: object) -> LayerCutter:
    """Load a layer cutter.

    Args:
        name: A module of `tools/layers/`, such as "grabcut", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The cutter; equal options return the same object.

    Raises:
        BackendError: There is no such backend, it is no cutter, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("layers", name, **options)
    if not isinstance(backend, LayerCutter):
        raise backends.protocol_error("layers", name, "LayerCutter")
    return backend
