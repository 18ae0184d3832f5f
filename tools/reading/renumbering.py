"""Renumber the panels, texts and characters of a page whose order a person has set by hand.

`order.arrange_page` sorts a page as a reader would. Here the order comes from a person and is never changed.
"""

from __future__ import annotations

from storage.domain import Balloon, Box, Order, PageTranscript
from tools.geometry import gap
from tools.reading.order import arrange_page, panel_of


def renumber_page(page: PageTranscript) -> PageTranscript:
    """Return the page with ids and `order` set by the position of panels, texts and characters in their lists.

    References to a panel that is not on the page are cleared.
    """
    ids = {panel.id: f"p{page.index}-{n}" for n, panel in enumerate(page.panels)}
    panels = tuple(panel.model_copy(update={"id": ids[panel.id], "order": n}) for n, panel in enumerate(page.panels))
    texts = tuple(
        text.model_copy(update={"id": f"t{page.index}-{n}", "order": n, "panel": ids.get(text.panel or "")})
        for n, text in enumerate(page.balloons)
    )
    characters = tuple(
        appearance.model_copy(update={"id": f"c{page.index}-{n}", "panel": ids.get(appearance.panel or "")})
        for n, appearance in enumerate(page.characters)
    )
    return page.model_copy(update={"panels": panels, "balloons": texts, "characters": characters})


def sort_by_order(page: PageTranscript) -> PageTranscript:
    """Return the page with panels and texts sorted by their own `order`, and renumbered."""
    panels = tuple(sorted(page.panels, key=lambda panel: panel.order))
    texts = tuple(sorted(page.balloons, key=lambda text: text.order))
    return renumber_page(page.model_copy(update={"panels": panels, "balloons": texts}))


def reassign_panels(page: PageTranscript) -> PageTranscript:
    """Return the page renumbered after its panels have changed, its texts sorted by their panels.

    A text or character whose panel is gone gets the panel that holds it now; within a panel the order stays.
    """
    positions = {panel.id: place for place, panel in enumerate(page.panels)}
    texts = [
        text if text.panel in positions else text.model_copy(update={"panel": panel_of(text.box, page.panels, page)})
        for text in page.balloons
    ]
    characters = tuple(
        appearance
        if appearance.panel in positions
        else appearance.model_copy(update={"panel": panel_of(appearance.box, page.panels, page)})
        for appearance in page.characters
    )

    def place(text: Balloon) -> int:
        if text.panel is not None or not page.panels:
            return positions.get(text.panel or "", 0)
        return min(range(len(page.panels)), key=lambda n: gap(page.panels[n].box, text.box))

    return renumber_page(
        page.model_copy(update={"balloons": tuple(sorted(texts, key=place)), "characters": characters})
    )


def find_panel_index(page: PageTranscript, panel: str, order: Order) -> int:
    """Return the position among the other panels for a panel that is new to the page.

    The others keep their order; the new panel comes after the one that a reader reads before it.
    """
    reader_order = [panel_in_order.box for panel_in_order in arrange_page(page, order).panels]
    return _insertion_index(
        [panel_in_order.box for panel_in_order in page.panels],
        [panel_in_order.id for panel_in_order in page.panels].index(panel),
        reader_order,
    )


def find_balloon_index(page: PageTranscript, text: str, order: Order) -> int:
    """Return the position among the other texts for a text that is new to the page, as `find_panel_index` does."""
    reader_order = [text_in_order.box for text_in_order in arrange_page(page, order).balloons]
    return _insertion_index(
        [text_in_order.box for text_in_order in page.balloons],
        [text_in_order.id for text_in_order in page.balloons].index(text),
        reader_order,
    )


def _insertion_index(boxes: list[Box], new: int, reader_order: list[Box]) -> int:
    """Return the index at which a new box goes, after the box that precedes it in the reader's order."""
    rank = reader_order.index(boxes[new])
    others = boxes[:new] + boxes[new + 1 :]
    return others.index(reader_order[rank - 1]) + 1 if rank else 0
