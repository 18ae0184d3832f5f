"""Protocol and loader of upscalers, which draw a page again at twice its size, for shots that magnify it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend
from tools.plates import Image

FACTOR = 2
"""Pixels of the result for each pixel of the page, across and down."""


@runtime_checkable
class Upscaler(Backend, Protocol):
    """Draw a picture at twice its size, with lines as sharp as if it had been scanned so."""

    def upscale(self, picture: Image) -> Image:
        """Return a picture at `FACTOR` times its size.

        Args:
            picture: (h, w, 3) RGB uint8, of any size from 1 x 1 pixel.

        Returns:
            (2h, 2w, 3) RGB uint8; pixels (2y, 2x) to (2y + 1, 2x + 1) show what pixel (y, x) showed. Equal pictures
            give equal bytes.

        Raises:
            BackendError: The weights are not on this machine, or are damaged.
        """
        ...


def load_upscaler(name: str, **options: object) -> Upscaler:
    """Load an upscaler.

    Args:
        name: A module of `tools/upscale/`, such as "lines", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The upscaler; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no upscaler, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("upscale", name, **options)
    if not isinstance(backend, Upscaler):
        raise backends.protocol_error("upscale", name, "Upscaler")
    return backend
