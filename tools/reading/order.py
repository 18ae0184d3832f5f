"""Decide the reading direction of a book, and put the panels and balloons of a page in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from storage.book_info import BookInfo
from storage.domain import Balloon, Box, Order, PageTranscript, Panel, Point
from tools.geometry import Points, box_polygon, clip_to_box, gap, overlap_area, polygon_area
from tools.reading.columns import sort_columns
from tools.reading.strips import STRIP_ASPECT
from tools.reading.writing_system import language_of

MAX_OVERHANG = 0.2
"""Panels may reach over a dividing line by this share of the smaller one: gutters slant, and pictures break out."""
SPREAD_ASPECT = 1.15
"""An image this much wider than high shows two pages side by side, unless a panel crosses its middle."""
SPINE_SHARE = 0.02
"""A panel may reach this far over the middle of a spread without crossing it, as a share of the width."""
INSET_SHARE = 0.7
"""A panel with this share of its area inside a larger one is set into it."""

FEW_PANELS, MANY_TEXTS = 2, 5
"""On a page of no more than FEW_PANELS panels, MANY_TEXTS texts for each panel are a sign that some were missed."""

REASONS = {
    "ja": "Japanese lettering in columns is read from the right",
    "zh": "Chinese lettering in columns is read from the right",
}
"""Reason for reading from the right, by language."""


def decide_order(pages: Sequence[PageTranscript], info: BookInfo) -> tuple[Order, str]:
    """Decide in which direction a book is read.

    The book's own metadata comes first, then tall strips, then the lettering: its columns, then its language.

    Args:
        pages: The transcripts of all pages.
        info: The metadata of the book.

    Returns:
        The order ("rtl", "ltr" or "vertical"), and the reason as a sentence for the user.
    """
    if info.order is not None:
        return info.order, info.order_reason or "the book says so"
    strips = [page for page in pages if page.height > STRIP_ASPECT * page.width]
    if strips and 2 * len(strips) > len(pages):
        return "vertical", f"{len(strips)} of {len(pages)} pages are tall strips"
    texts = [text for page in pages for text in page.balloons if text.kind != "sound"]
    language = info.language or lettering_language(pages)
    columns = sum(len(text.text) for text in texts if text.vertical)
    rows = sum(len(text.text) for text in texts if not text.vertical)
    if columns > rows:
        return "rtl", REASONS.get(language, "lettering in columns is read from the right")
    if language == "ja":
        return "rtl", "Japanese books are read from the right"
    if rows:
        return "ltr", "the lettering stands in rows" + (f", its language is {language}" if language else "")
    return ("rtl", "the book says it is Japanese") if language == "ja" else ("ltr", "nothing speaks for another order")


def lettering_language(pages: Sequence[PageTranscript]) -> str:
    """Return the language of the lettering of all `pages`, without sounds; "" if there is none."""
    return language_of([text.text for page in pages for text in page.balloons if text.kind != "sound"])


def arrange_page(page: PageTranscript, order: Order, language: str = "") -> PageTranscript:
    """Put the panels, texts and characters of a page in reading order.

    A page without panels gets one panel of its whole size. A text belongs to the panel that holds most of it; a text
    outside all panels belongs to the nearest one close by, or to none.

    Args:
        page: A page as a transcriber returns it; boxes and polygons in page pixels.
        order: The reading order of the book.
        language: The language of the book. Rows of a strip are read from the right if it is "ja", or if the language
            is not known and the page's lettering is Japanese.

    Returns:
        The page with new ids and positions, and with short sentences about doubtful findings added to `doubts`.
    """
    unordered = page.panels or (Panel(id="p", order=0, box=Box(0.0, 0.0, float(page.width), float(page.height))),)
    panels = tuple(
        panel.model_copy(update={"id": f"p{page.index}-{n}", "order": n})
        for n, panel in enumerate(
            _order_spread(unordered, page, order, from_right=_is_from_right(page, order, language))
        )
    )
    texts = _order_texts(page, panels, order)
    people = tuple(
        person.model_copy(update={"id": f"c{page.index}-{n}", "panel": panel_of(person.box, panels, page)})
        for n, person in enumerate(page.characters)
    )
    arranged = page.model_copy(update={"panels": panels, "balloons": texts, "characters": people})
    return arranged.model_copy(update={"doubts": (*page.doubts, *_find_doubts(arranged, bool(page.panels)))})


def panel_polygon(panel: Panel) -> Points:
    """Return the polygon of a panel in page pixels, the corners of its box if it has none."""
    return panel.polygon or box_polygon(panel.box)


def _is_from_right(page: PageTranscript, order: Order, language: str) -> bool:
    """Return whether panels side by side are read from the right."""
    if order != "vertical":
        return order.startswith("rtl")
    return (language or language_of([text.text for text in page.balloons])) == "ja"


def _order_spread(unordered: Sequence[Panel], page: PageTranscript, order: Order, *, from_right: bool) -> list[Panel]:
    """Return panels in reading order, treating a wide image as two pages if no panel crosses its middle."""
    panels = list(unordered)
    spine, clear = page.width / 2, SPINE_SHARE * page.width
    halves = [p for p in panels if p.box.x1 < spine + clear], [p for p in panels if p.box.x0 > spine - clear]
    if (
        order == "vertical"
        or page.width < SPREAD_ASPECT * page.height
        or len(halves[0]) + len(halves[1]) != len(panels)
    ):
        return _order_panels(panels, order, from_right=from_right)
    return [
        panel
        for half in (halves if order.startswith("ltr") else halves[::-1])
        for panel in _order_panels(half, order, from_right=from_right)
    ]


def _order_panels(panels: list[Panel], order: Order, *, from_right: bool) -> list[Panel]:
    """Return panels in reading order; insets come after the panel that holds them, or before it at its first corner."""
    hosts = {i: _find_host(i, panels) for i in range(len(panels))}
    tops = [i for i in range(len(panels)) if hosts[i] is None]
    boxes = [_mirror(panel.box) if from_right else panel.box for panel in panels]
    placed: list[int] = []
    sorted_tops = sort_columns(tops, boxes, asked=order.endswith("columns")) or _sort_from_left(tops, boxes)
    for i in sorted_tops:
        insets = _sort_from_left([j for j in range(len(panels)) if hosts[j] == i], boxes)
        leading = [j for j in insets if _is_read_before_host(boxes[j], boxes[i])]
        placed += [*leading, i, *(j for j in insets if j not in leading)]
    return [panels[i] for i in placed]


def _mirror(box: Box) -> Box:
    """Return the box with left and right exchanged, so that everything reads from the left."""
    return Box(-box.x1, box.y0, -box.x0, box.y1)


def _find_host(i: int, panels: list[Panel]) -> int | None:
    """Return the smallest panel that holds panel `i` and lies in no other panel; None if panel `i` stands alone."""
    box = panels[i].box
    around = [
        j
        for j, other in enumerate(panels)
        if j != i and other.box.area > 1.3 * box.area and overlap_area(box, other.box) > INSET_SHARE * box.area
    ]
    outer = [
        j
        for j in around
        if not any(
            k not in (i, j)
            and panels[k].box.area > 1.3 * panels[j].box.area
            and overlap_area(panels[j].box, panels[k].box) > INSET_SHARE * panels[j].box.area
            for k in range(len(panels))
        )
    ]
    return min(outer, key=lambda j: panels[j].box.area) if outer else None


def _is_read_before_host(inset: Box, host: Box) -> bool:
    """Return whether an inset is read before the panel that holds it.

    It is if it sticks out of the top, or stands at the first side: in the corner, or lower down if it fills most of
    that side, because the eye meets it first.
    """
    if inset.y0 < host.y0 - 0.25 * inset.height:
        return True
    high = inset.y0 - host.y0 < 0.15 * host.height or inset.height > 0.6 * host.height
    return high and inset.x0 - host.x0 < 0.15 * host.width


def _sort_from_left(indices: list[int], boxes: list[Box]) -> list[int]:
    """Sort panels that read from the left: by rows first, then columns, otherwise by comparing pairs."""
    if len(indices) < 2:
        return indices
    for axis in (1, 0):
        parts = _split_by_axis(indices, boxes, axis)
        if parts:
            return _sort_from_left(parts[0], boxes) + _sort_from_left(parts[1], boxes)
    return _sort_by_pairs(indices, boxes)


def _split_by_axis(indices: list[int], boxes: list[Box], axis: int) -> tuple[list[int], list[int]] | None:
    """Split panels into two groups, one before the other on an axis (0 = x, 1 = y); None if they interlock."""
    best: tuple[float, tuple[list[int], list[int]]] | None = None
    for i in indices:
        edge = boxes[i][axis + 2]
        before = [
            j for j in indices if boxes[j][axis] + boxes[j][axis + 2] < 2 * edge and boxes[j][axis + 2] <= edge + 1e-6
        ]
        after = [j for j in indices if j not in before]
        if not before or not after:
            continue
        overhang = max(_overhang(boxes[j], boxes[k], axis) for j in before for k in after)
        if overhang <= MAX_OVERHANG and (best is None or overhang < best[0]):
            best = (overhang, (before, after))
    return best[1] if best else None


def _overhang(before: Box, after: Box, axis: int) -> float:
    """Return how far `before` reaches past the start of `after`, as a share of the smaller extent."""
    extent = min(before[axis + 2] - before[axis], after[axis + 2] - after[axis])
    return (before[axis + 2] - after[axis]) / max(extent, 1e-9)


def _sort_by_pairs(indices: list[int], boxes: list[Box]) -> list[int]:
    """Sort interlocked panels by comparing pairs: the panel that the fewest others precede comes first."""
    waiting, placed = list(indices), []
    while waiting:
        first = min(
            waiting, key=lambda i: (sum(_is_before(boxes[j], boxes[i]) for j in waiting if j != i), boxes[i].y0)
        )
        waiting.remove(first)
        placed.append(first)
    return placed


def _is_before(a: Box, b: Box) -> bool:
    """Return whether `a` is read before `b`: it is above, or at the same height and nearer to the start of the row."""
    above, beside = _overhang(a, b, 1), _overhang(a, b, 0)
    below, behind = _overhang(b, a, 1), _overhang(b, a, 0)
    if min(above, below) < min(beside, behind):
        return above < below
    return beside < behind


def panel_of(box: Box, panels: Sequence[Panel], page: PageTranscript) -> str | None:
    """Return the id of the panel that a box belongs to.

    Args:
        box: A box in page pixels.
        panels: The panels of the page.
        page: The page, for its size.

    Returns:
        The panel that holds most of the box (the smallest of several), otherwise the nearest within 6 % of the page's
        shorter side, otherwise None.
    """
    if not panels:
        return None
    shared_areas = {panel.id: polygon_area(clip_to_box(panel_polygon(panel), box)) for panel in panels}
    largest = max(shared_areas.values())
    if largest > 0:
        return min((p for p in panels if shared_areas[p.id] >= 0.95 * largest), key=lambda panel: panel.box.area).id
    nearest = min(panels, key=lambda panel: gap(panel.box, box))
    return nearest.id if gap(nearest.box, box) <= 0.06 * min(page.width, page.height) else None


def _order_texts(page: PageTranscript, panels: tuple[Panel, ...], order: Order) -> tuple[Balloon, ...]:
    """Return the texts sorted by panel, then by distance from the corner where reading begins."""
    places = {panel.id: panel for panel in panels}

    def key(text: Balloon) -> tuple[int, float]:
        name = text.panel or min(panels, key=lambda panel: gap(panel.box, text.box)).id
        return places[name].order, _distance_from_corner(text.box, places[name].box, order)

    assigned = [text.model_copy(update={"panel": panel_of(text.box, panels, page)}) for text in page.balloons]
    return tuple(
        text.model_copy(update={"id": f"t{page.index}-{n}", "order": n})
        for n, text in enumerate(sorted(assigned, key=key))
    )


def _distance_from_corner(text: Box, panel: Box, order: Order) -> float:
    """Return the distance of a text's first corner from the panel's corner where reading begins, in pixels."""
    corner: Point = (panel.x1, panel.y0) if order.startswith("rtl") else (panel.x0, panel.y0)
    own: Point = (text.x1, text.y0) if order.startswith("rtl") else (text.x0, text.y0)
    across = abs(corner[0] - own[0])
    down = own[1] - corner[1]
    return down if order == "vertical" else float((across**2 + down**2) ** 0.5)


def _is_tangled(a: Panel, b: Panel) -> bool:
    """Return whether two panels overlap as no drawn panels do: an inset lies wholly inside, neighbours hardly touch."""
    common = min(
        polygon_area(clip_to_box(a.polygon or box_polygon(a.box), b.box)),
        polygon_area(clip_to_box(b.polygon or box_polygon(b.box), a.box)),
    )
    return 0.3 < common / min(a.box.area, b.box.area) < 0.85


def _find_doubts(page: PageTranscript, has_frames: bool) -> list[str]:
    """Return short sentences about findings that a person should check."""
    doubts: list[str] = []
    if not has_frames:
        doubts.append("no panel was found: the whole page is taken as one")
    elif len(page.panels) <= FEW_PANELS and len(page.balloons) >= MANY_TEXTS * len(page.panels):
        number = "one panel" if len(page.panels) == 1 else f"{len(page.panels)} panels"
        doubts.append(f"only {number} for {len(page.balloons)} texts")
    outside = [text for text in page.balloons if text.panel is None]
    if outside:
        doubts.append(f"{len(outside)} of {len(page.balloons)} texts stand outside every panel")
    if any(_is_tangled(a, b) for i, a in enumerate(page.panels) for b in page.panels[i + 1 :]):
        doubts.append("some panels overlap")
    unsure = [text for text in page.balloons if text.confidence < 0.7]
    if page.balloons and 2 * len(unsure) > len(page.balloons):
        doubts.append("most of the lettering is read with little confidence")
    return doubts
