"""A panel on its page in, the panel cut out and cleaned of frame line, slivers and lettering out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from storage.shapes import Balloon, Panel
from tools.plates import Cutout, Image


class Cleaner(Protocol):
    """Cuts a panel out along its polygon."""

    version: int

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
        """Cut `panel` out of `page` (RGB uint8).

        `others` are the page's other panels, `balloons` those of this panel (what leans out of it stays whole),
        `remove` is a set of "frame" (the frame line), "slivers" (neighbours at the edge), "lettering"
        (the words), "balloons" (the words with their balloons);
        `seed` is for generating backends.
        """
        ...
