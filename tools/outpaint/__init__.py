"""Protocol and loader of outpainters, which continue panels beyond their frames, over all that the camera will see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend
from tools.plates import Cutout, Image, Plate


@runtime_checkable
class Outpainter(Backend, Protocol):
    """Continues a picture beyond its frame; the pixels of the cutouts stay as they are."""

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
            cutouts: One or more panels as they were cut out, each with its place on the page.
            field: (x0, y0, x1, y1) in page pixels; it may reach outside the page.
            revealed: How many of the first cutouts stand in full, 1 to all; the others are there only as quiet ground.
                A backend that `generates` is asked once, with all of them revealed.
            fill: A word of `OutpaintPlan.fill`, for backends that do not generate.
            prompt: What is to be seen, for generating backends; what must not be seen follows "Never: ".
            references: Pictures of what is to look alike, each (h, w, 3) RGB uint8, for generating backends.
            seed: Of the noise that a generating backend begins with, 0 or more.

        Returns:
            A plate over `field` or a little more. What is `redrawn` in a cutout is not `original` in the plate.

        Raises:
            BackendError: The weights are not on this machine, or the device's memory does not suffice.
        """
        ...


def load_outpainter(name: str, **options: object) -> Outpainter:
    """Load an outpainter.

    Args:
        name: A file of `tools/outpaint/`, such as "extend", or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The outpainter, one and the same for equal options; its weights are loaded when it is at work.

    Raises:
        BackendError: There is no such backend, it is no outpainter, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("outpaint", name, **options)
    if not isinstance(backend, Outpainter):
        raise backends.protocol_error("outpaint", name, "Outpainter")
    return backend
