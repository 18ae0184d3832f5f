"""Protocol and loader of locators, which find in a picture what words name: "the eyes", "a red scarf"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend
from tools.plates import Image, Mask


@dataclass(frozen=True)
class LocatedPlace:
    """Where a picture shows what words name.

    Attributes:
        mask: (h, w) uint8 in the size of the picture: 255 where it is, on all places that show it.
        score: How well the best place fits the words, 0..1.
    """

    mask: Mask
    score: float


@dataclass(frozen=True)
class NotLocated:
    """A picture does not show what words name.

    Attributes:
        score: How well the best place fits the words, 0..1: too low.
    """

    score: float = 0.0


@runtime_checkable
class Locator(Backend, Protocol):
    """Find what words name."""

    def locate(self, picture: Image, words: str) -> LocatedPlace | NotLocated:
        """Find what words name in a picture.

        Args:
            picture: (h, w, 3) RGB uint8.
            words: A noun phrase, such as "the eyes".

        Returns:
            Its place, or that it is not there; never the whole picture for want of a better place. Equal arguments give
            equal bytes.

        Raises:
            BackendError: The weights are not on this machine.
        """
        ...


def load_locator(name: str, **options: object) -> Locator:
    """Load a locator.

    Args:
        name: A module of `tools/locate/`, such as "owlv2", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The locator; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no locator, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("locate", name, **options)
    if not isinstance(backend, Locator):
        raise backends.protocol_error("locate", name, "Locator")
    return backend
