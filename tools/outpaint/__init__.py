"""Protocol and loader of outpainters, which continue panels beyond their frames, over all that the camera will see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, runtime_checkable

from storage.domain import Box
from tools import backends
from tools.backends import Backend
from tools.plates import Cutout, Image, Plate


@runtime_checkable
class Outpainter(Backend, Protocol):
    """Continue panels beyond their frames; the pixels of the cutouts stay unchanged."""

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
        """Make the plate over a field of the page plane.

        Args:
            cutouts: One or more cut-out panels, each with its place on the page.
            field: (x0, y0, x1, y1) in page pixels; it may extend beyond the page.
            revealed: Number of cutouts, counted from the first, that are shown in full, 1 to all; the others are only
                background. A backend that `generates` is called once, with all of them revealed.
            fill: A value of `OutpaintPlan.fill`, for backends that do not generate.
            prompt: Prompt for generative backends; terms to avoid follow "Never: ".
            references: Reference images for generative backends, each (h, w, 3) RGB uint8.
            seed: Seed of the initial noise of a generative backend, 0 or more.

        Returns:
            A plate over `field` or slightly more. Pixels `redrawn` in a cutout are not `original` in the plate.

        Raises:
            BackendError: The weights are not on this machine, or the device runs out of memory.
        """
        ...


@runtime_checkable
class PlacesReferences(Protocol):
    """An outpainter that can look at each reference in its own place, in addition to `Outpainter`."""

    @property
    def places_references(self) -> bool:
        """Return whether its current options let it do so."""
        ...

    def with_reference_places(self, places: Sequence[Sequence[Box]]) -> Self:
        """Return a copy that looks at a reference only in its places.

        Args:
            places: For each reference, boxes on the page in page pixels. A reference without any counts wherever no
                other has its place.
        """
        ...


def load_outpainter(name: str, **options: object) -> Outpainter:
    """Load an outpainter.

    Args:
        name: A module of `tools/outpaint/`, such as "extend", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The outpainter; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no outpainter, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("outpaint", name, **options)
    if not isinstance(backend, Outpainter):
        raise backends.protocol_error("outpaint", name, "Outpainter")
    return backend
