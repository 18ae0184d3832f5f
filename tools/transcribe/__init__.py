"""Page image in, panels, balloons and characters out. The promise of every transcriber; orders nothing."""

from __future__ import annotations

from typing import Protocol

from storage.shapes import PageTranscript
from tools.plates import Image


class Transcriber(Protocol):
    """Reads one page. Order, ids and panel membership are given afterwards by `tools/reading/order.py`.

    Two more attributes may stand beside the version: `identity` says which code and weights answer (without it all of
    the backend's settings enter the content key), `shared` that its model is large: one for all pages, which wait.
    """

    version: int

    def read(self, page: Image, *, language: str = "") -> PageTranscript:
        """Find what stands on `page`, (h, w, 3) RGB uint8.

        `language` is what the book says of itself ("ja", "en", ...; "" when it says nothing).
        Returns panels and texts in any order, boxes in page pixels; index and image are left 0 and "". Characters and
        speakers bear names of this page alone: who is who over the pages is found by the cast stage.
        """
        ...
