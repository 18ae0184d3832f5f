"""Protocol and loader of transcribers: find the panels, balloons and characters on the image of a page."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from storage.domain import PageTranscript
from tools import backends
from tools.backends import Backend
from tools.plates import Image


@runtime_checkable
class Transcriber(Backend, Protocol):
    """Reads one page. Reading order, ids and panel membership are given afterwards by `tools/reading/order.py`.

    Without an `identity` all options of the backend enter the content key of what it reads.
    """

    def read(self, page: Image, *, language: str = "") -> PageTranscript:
        """Find panels, lettering and, where the backend can, characters and speakers on a page.

        Args:
            page: The image of the page, (h, w, 3) RGB uint8.
            language: The language that the book names for itself ("ja", "en", ...), "" where it names none.

        Returns:
            Panels and texts in any order; boxes and polygons are in page pixels (x to the right, y down), `width` and
            `height` are w and h; `index` is 0 and `image` is "". Characters and speakers bear names of this page
            alone: who is who over the pages is found by the cast stage.

        Raises:
            BackendError: The models are not on this machine, or failed on this page.
        """
        ...


def load_transcriber(name: str, **options: object) -> Transcriber:
    """Load a transcriber.

    Args:
        name: A file of `tools/transcribe/`, such as "classic", or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The transcriber, one and the same for equal options; its weights are loaded when it reads.

    Raises:
        BackendError: There is no such backend, it is no transcriber, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
        SettingsError: Its model brings code of its own, and the licence or the revision was not agreed to.
    """
    backend = backends.load_backend("transcribe", name, **options)
    if not isinstance(backend, Transcriber):
        raise backends.protocol_error("transcribe", name, "Transcriber")
    return backend
