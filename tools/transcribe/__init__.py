"""Protocol and loader of transcribers: find the panels, balloons and characters on the image of a page."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from storage.domain import PageTranscript
from tools import backends
from tools.backends import Backend
from tools.plates import Image


@runtime_checkable
class Transcriber(Backend, Protocol):
    """Backend that reads one page.

    Reading order, ids and panel membership are set afterwards by `tools/reading/order.py`. If a backend has no
    `identity`, all its options enter the content key of its results.
    """

    def read(self, page: Image, *, language: str = "") -> PageTranscript:
        """Find panels, lettering and, if the backend can, characters and speakers on a page.

        Args:
            page: The image of the page, (h, w, 3) RGB uint8.
            language: The language in the book's metadata ("ja", "en", ...), "" if there is none.

        Returns:
            Panels and texts in any order. Boxes and polygons are in page pixels (x to the right, y down), `width` and
            `height` are w and h, `index` is 0 and `image` is "". Names of characters and speakers hold for this page
            alone; the cast stage identifies them across pages.

        Raises:
            BackendError: The models are not on this machine, or failed on this page.
        """
        ...


def load_transcriber(name: str, **options: object) -> Transcriber:
    """Load a transcriber.

    Args:
        name: A file of `tools/transcribe/`, such as "classic", or the dotted path of a class in another package.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The transcriber, the same object for equal options; its weights are loaded when it reads.

    Raises:
        BackendError: There is no such backend, it is not a transcriber, or it cannot be created with these options.
        PackageMissing: A package that it needs is not installed.
        SettingsError: Its model runs code of its own, and the licence or the revision was not accepted.
    """
    backend = backends.load_backend("transcribe", name, **options)
    if not isinstance(backend, Transcriber):
        raise backends.protocol_error("transcribe", name, "Transcriber")
    return backend
