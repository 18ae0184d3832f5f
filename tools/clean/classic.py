"""Cut a panel out along its polygon with classic image processing, and keep balloons whole that lean out of it."""

from __future__ import annotations

from collections.abc import Sequence

from storage.domain import Balloon, Panel
from tools.clean import Cleaner
from tools.cutouts.cutting import LEAN_SHARE, cut_panel
from tools.options import Share
from tools.plates import Cutout, Image


class Backend:
    """Cut a panel out with classic image processing.

    Args:
        lean: Share of its area by which a balloon must lean out of the panel to be kept whole (0..1).
    """

    version = 1

    def __init__(self, *, lean: Share = LEAN_SHARE) -> None:
        self.lean = lean

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
        """Cut `panel` out of `page`; see the protocol in `tools/clean`."""
        return cut_panel(page, panel, others=others, balloons=balloons, remove=remove, lean=self.lean)


_CHECKED: type[Cleaner] = Backend
