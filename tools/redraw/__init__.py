"""Protocol and loader of redrawers: image editors that change the drawing of a panel as an instruction says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend
from tools.plates import Image, Mask


@runtime_checkable
class Redrawer(Backend, Protocol):
    """Change what a picture shows, and no pixel outside a mask."""

    def redraw(self, picture: Image, mask: Mask, *, prompt: str, references: Sequence[Image], seed: int) -> Image:
        """Change a picture.

        Args:
            picture: The picture, (h, w, 3) RGB uint8.
            mask: 255 where it may change, (h, w) uint8.
            prompt: The instruction, such as "close her eyes".
            references: Reference images of the shot's characters, each (h, w, 3) RGB uint8.
            seed: Seed of the initial noise, 0 or more.

        Returns:
            The changed picture, (h, w, 3) RGB uint8. It equals `picture` where `mask` is 0, and is grey where
            `picture` is.

        Raises:
            BackendError: The weights are not on this machine, or the device runs out of memory.
        """
        ...


def load_redrawer(name: str, **options: object) -> Redrawer:
    """Load a redrawer.

    Args:
        name: A module of `tools/redraw/`, such as "qwen_edit", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The redrawer; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no redrawer, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("redraw", name, **options)
    if not isinstance(backend, Redrawer):
        raise backends.protocol_error("redraw", name, "Redrawer")
    return backend
