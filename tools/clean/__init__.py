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
    """Cuts a panel out along its polygon."""

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
                words in balloons), "balloons" (the words with their balloons).
            seed: Of the noise that a generating backend begins with, 0 or more; others do not look at it.

        Returns:
            The cutout at page scale, RGBA; `redrawn` marks pixels that are not the page's any more.

        Raises:
            BackendError: The weights are not on this machine, or the device's memory does not suffice.
        """
        ...


def load_cleaner(name: str, **options: object) -> Cleaner:
    """Load a cleaner.

    Args:
        name: A file of `tools/clean/`, such as "classic", or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The cleaner, one and the same for equal options; its weights are loaded when it is at work.

    Raises:
        BackendError: There is no such backend, it is no cleaner, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("clean", name, **options)
    if not isinstance(backend, Cleaner):
        raise backends.protocol_error("clean", name, "Cleaner")
    return backend
