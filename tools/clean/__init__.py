"""Protocol and loader of cleaners, which cut a panel out of its page and remove frame line, slivers and lettering."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from storage.domain import Balloon, Panel
from tools import backends
from tools.backends import Backend
from tools.plates import Cutout, Image


@runtime_checkable
class Cleaner(Backend, Protocol):
    """Cut a panel out of its page along its polygon."""

    def clean(
        self,
        page: Image,
        panel: Panel,
        *,
        others: Sequence[Panel],
        balloons: Sequence[Balloon],
        remove: frozenset[str],
        seed: int = 0,
    ) -> Cutout:
        """Cut a panel out of its page.

        Args:
            page: The image of the page, (h, w, 3) RGB uint8.
            panel: The panel; its box and polygon are in page pixels.
            others: The other panels of the page.
            balloons: The balloons of this panel; one that leans out of it stays whole.
            remove: Any of "frame" (the frame line), "slivers" (neighbouring panels at the edge), "lettering" (the
                text in balloons), "balloons" (the text together with its balloons).
            seed: Seed of the initial noise of a generative backend, 0 or more; other backends ignore it.

        Returns:
            The cutout at page scale, RGBA; `redrawn` marks pixels that are no longer those of the page.

        Raises:
            BackendError: The weights are not on this machine, or the device runs out of memory.
        """
        ...


def load_cleaner(name: str, **options: object) -> Cleaner:
    """Load a cleaner.

    Args:
        name: A module of `tools/clean/`, such as "classic", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The cleaner; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no cleaner, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("clean", name, **options)
    if not isinstance(backend, Cleaner):
        raise backends.protocol_error("clean", name, "Cleaner")
    return backend
