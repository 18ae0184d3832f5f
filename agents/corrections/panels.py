"""Correct the panels of a page: their reading order, their shapes, and the balloons and characters that they hold."""

from __future__ import annotations

from collections.abc import Sequence

from agents.corrections import AddPanel, DeletePanel, MergePanels, MovePanel, SplitPanel, SwapPanels
from agents.corrections.errors import CorrectionError
from storage.domain import Box, Order, PageTranscript, Panel, Polygon
from tools.geometry import Line, bounding_box, box_polygon, clip_polygon, convex_hull, union_box
from tools.reading.order import panel_of
from tools.reading.renumbering import find_panel_index, reassign_panels

PanelCorrection = SwapPanels | MovePanel | MergePanels | SplitPanel | DeletePanel | AddPanel
MIN_PANEL_PIXELS = 4.0
"""Least width and height of a panel, in page pixels: less is an accident and shows nothing."""
NEW_ID = "fresh"
"""Id of a new panel or balloon until the page is renumbered."""


def correct_panels(page: PageTranscript, fix: PanelCorrection, order: Order) -> PageTranscript:
    """Return the page with its panels corrected, and its balloons and characters assigned to them.

    Raises:
        CorrectionError: The page has no such panel, or the result would not be a sound page.
    """
    match fix:
        case SwapPanels():
            return _swap_panels(page, fix)
        case MovePanel():
            return _move_panel(page, fix)
        case MergePanels():
            return _merge_panels(page, fix)
        case SplitPanel():
            return _split_panel(page, fix, order)
        case DeletePanel():
            return _delete_panel(page, fix)
        case AddPanel():
            return _add_panel(page, fix, order)


def panel_index(page: PageTranscript, number: int) -> int:
    """Return the index (from 0) of the panel with a number (from 1).

    Raises:
        CorrectionError: The page has no such panel.
    """
    if number > len(page.panels):
        raise CorrectionError(
            f"page {page.index + 1} has no panel {number}",
            f"{_describe_panels(page)}; see them: main.py fix PROJECT --html OUT.html",
            "unknown_panel",
            page=page.index + 1,
            number=number,
        )
    return number - 1


def require_on_page(page: PageTranscript, box: Box) -> Box:
    """Return the box, in page pixels, if it lies on the page.

    Raises:
        CorrectionError: It does not.
    """
    if box.x0 < 0 or box.y0 < 0 or box.x1 > page.width or box.y1 > page.height:
        edges = ",".join(f"{edge:g}" for edge in box)
        what, hint = f"the box {edges} does not lie on page {page.index + 1}", f"{page.width} x {page.height} pixels"
        raise CorrectionError(what, f"the page is {hint}", "off_page", page=page.index + 1)
    return box


def _describe_panels(page: PageTranscript) -> str:
    count = len(page.panels)
    say = {0: "no panels", 1: "one panel"}.get(count, f"panels 1 to {count}")
    return f"page {page.index + 1} has {say}"


def _with_panels(page: PageTranscript, panels: Sequence[Panel]) -> PageTranscript:
    return reassign_panels(page.model_copy(update={"panels": tuple(panels)}))


def _swap_panels(page: PageTranscript, fix: SwapPanels) -> PageTranscript:
    first, second = panel_index(page, fix.first), panel_index(page, fix.second)
    if first == second:
        what = f"panel {fix.first} cannot be swapped with itself"
        raise CorrectionError(what, "name two panels", "same_panel", page=fix.page, number=fix.first)
    row = list(page.panels)
    row[first], row[second] = row[second], row[first]
    return _with_panels(page, row)


def _move_panel(page: PageTranscript, fix: MovePanel) -> PageTranscript:
    row = list(page.panels)
    panel = row.pop(panel_index(page, fix.panel))
    row.insert(panel_index(page, fix.to), panel)
    return _with_panels(page, row)


def _merge_panels(page: PageTranscript, fix: MergePanels) -> PageTranscript:
    places = sorted({panel_index(page, number) for number in fix.panels})
    if len(places) < 2:
        what = f"panel {fix.panels[0]} cannot be merged with itself"
        raise CorrectionError(what, "name two panels or more", "same_panel", page=fix.page, number=fix.panels[0])
    parts = [page.panels[place] for place in places]
    one = parts[0].model_copy(update={"box": union_box(part.box for part in parts), "polygon": _merged_polygon(parts)})
    gone = {part.id for part in parts[1:]}
    row = [one if panel is parts[0] else panel for panel in page.panels if panel.id not in gone]
    texts = tuple(t.model_copy(update={"panel": one.id}) if t.panel in gone else t for t in page.balloons)
    seen = tuple(c.model_copy(update={"panel": one.id}) if c.panel in gone else c for c in page.characters)
    return _with_panels(page.model_copy(update={"balloons": texts, "characters": seen}), row)


def _merged_polygon(parts: Sequence[Panel]) -> Polygon:
    """Return the convex hull of all parts: the gutter between them belongs to the merged panel."""
    if not any(part.polygon for part in parts):
        return ()
    return convex_hull([point for part in parts for point in part.polygon or box_polygon(part.box)])


def _split_panel(page: PageTranscript, fix: SplitPanel, order: Order) -> PageTranscript:
    place = panel_index(page, fix.panel)
    panel = page.panels[place]
    low, high = (panel.box.x0, panel.box.x1) if fix.axis == "x" else (panel.box.y0, panel.box.y1)
    at = (low + high) / 2 if fix.at is None else fix.at
    if not low + MIN_PANEL_PIXELS <= at <= high - MIN_PANEL_PIXELS:
        raise CorrectionError(
            f"{fix.axis} {at:g} does not cut panel {fix.panel} of page {fix.page} in two",
            f"the panel reaches from {fix.axis} {low:g} to {high:g}",
            "no_cut",
            page=fix.page,
            number=fix.panel,
        )
    cut = Line(1, 0, at) if fix.axis == "x" else Line(0, 1, at)
    parts = [_cut_part(panel, cut, f"{NEW_ID}-0"), _cut_part(panel, cut.flip(), f"{NEW_ID}-1")]
    if fix.axis == "x" and order.startswith("rtl"):
        parts.reverse()
    return _with_panels(page, [*page.panels[:place], *parts, *page.panels[place + 1 :]])


def _cut_part(panel: Panel, cut: Line, name: str) -> Panel:
    box = bounding_box(clip_polygon(box_polygon(panel.box), cut))
    return Panel(id=name, order=0, box=box, polygon=clip_polygon(panel.polygon, cut) if panel.polygon else ())


def _delete_panel(page: PageTranscript, fix: DeletePanel) -> PageTranscript:
    place = panel_index(page, fix.panel)
    if len(page.panels) == 1:
        what = f"page {fix.page} would be left without a panel"
        raise CorrectionError(what, "add the panel that it has first", "last_panel", page=fix.page, number=fix.panel)
    return _with_panels(page, [*page.panels[:place], *page.panels[place + 1 :]])


def _add_panel(page: PageTranscript, fix: AddPanel, order: Order) -> PageTranscript:
    fresh = Panel(id=NEW_ID, order=0, box=require_on_page(page, fix.box))
    width, height = fresh.box.x1 - fresh.box.x0, fresh.box.y1 - fresh.box.y0
    if min(width, height) < MIN_PANEL_PIXELS:
        what = f"a panel of {width:g} x {height:g} pixels shows nothing"
        hint = f"a panel has at least {MIN_PANEL_PIXELS:g} pixels each way"
        raise CorrectionError(what, hint, "too_small", page=fix.page)
    grown = page.model_copy(update={"panels": (*page.panels, fresh)})
    if fix.to is not None and fix.to != len(grown.panels):
        panel_index(page, fix.to)
    place = find_panel_index(grown, NEW_ID, order) if fix.to is None else fix.to - 1
    known = {panel.id: panel for panel in page.panels}

    def panel_of_item(name: str | None, box: Box) -> str | None:
        return panel_of(box, [fresh, *([known[name]] if name in known else [])], page)

    texts = tuple(t.model_copy(update={"panel": panel_of_item(t.panel, t.box)}) for t in page.balloons)
    seen = tuple(c.model_copy(update={"panel": panel_of_item(c.panel, c.box)}) for c in page.characters)
    return _with_panels(
        grown.model_copy(update={"balloons": texts, "characters": seen}),
        [*page.panels[:place], fresh, *page.panels[place:]],
    )
