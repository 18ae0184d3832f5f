"""Protocol and loader of colourists: image editors that paint a grey picture in the colours of references.

Only the hues of what they paint are used: `tools.cutouts.coloring` lays them under the artist's own tones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend
from tools.plates import Image


@runtime_checkable
class Colorist(Backend, Protocol):
    """Paint a grey picture in colours."""

    def color(self, picture: Image, *, prompt: str, references: Sequence[Image], seed: int) -> Image:
        """Colour a picture.

        Args:
            picture: The picture, (h, w, 3) RGB uint8.
            prompt: The colours in words, such as "her scarf is red"; "" leaves them to the references and the model.
            references: Coloured pictures of what it shows, each (h, w, 3) RGB uint8.
            seed: Seed of the initial noise, 0 or more.

        Returns:
            A coloured picture of the same drawing, (h, w, 3) RGB uint8; its tones may differ from those of `picture`.

        Raises:
            BackendError: The weights are not on this machine, or the device runs out of memory.
        """
        ...


def load_colorist(name: str, **options: object) -> Colorist:
    """Load a colourist.

    Args:
        name: A module of `tools/color/`, such as "qwen_edit", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The colourist; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no colourist, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("color", name, **options)
    if not isinstance(backend, Colorist):
        raise backends.protocol_error("color", name, "Colorist")
    return backend
