"""Match the pages, panels and balloons of an earlier reading of a book with those of the present reading.

Pages may have been inserted, removed, moved, renamed or retouched. Pages are matched by their pixels, panels by their
place on a matched page and then by their pictures, and balloons by their place in a matched panel and by their text.
Whatever has no clear counterpart is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Balloon, Box, PageTranscript, Panel, Transcript
from tools import geometry
from tools.plates import Image

ViewImage = Callable[[str], Image]
"""Return the pixels of an image, (h, w, 3) RGB uint8, by its artifact."""
THUMBNAIL = 64
"""Side in pixels of the small pictures that are compared."""
SAME_PAGE, SIMILAR_PAGE, REDRAWN_PAGE = 0.9, 0.7, 0.5
"""Correlation from which two pages are the same picture, from which they are if their panels agree too, and from which
they are if their names agree as well. Of 84 pages of different books, no two had more than 0.42.
"""
SAME_PANEL = 0.9
"""Correlation from which two panels at different places are the same picture."""
PLAIN = 4.0
"""Standard deviation of grey levels (0..255) below which a picture is too plain to be recognised."""
MIN_OVERLAP = 0.5
"""Intersection over union from which two panels, or an added balloon and one that is read, are at the same place."""
MIN_BALLOON_OVERLAP = 0.3
SAME_PLACE, SAME_SIZE = 0.01, 0.02
"""Shift as a share of the page's width, and change of size, up to which a panel counts as unmoved: a reader's outlines
vary by as much.
"""

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class PanelShift:
    """How a panel moved: a point of the old page is at `scale * (x, y) + (dx, dy)` on the new page, in pixels."""

    scale: float = 1.0
    dx: float = 0.0
    dy: float = 0.0

    def move(self, box: Box) -> Box:
        """Return where a box of the old page lies on the new page."""
        if self == UNMOVED:
            return box
        return Box(
            self.scale * box.x0 + self.dx, self.scale * box.y0 + self.dy,
            self.scale * box.x1 + self.dx, self.scale * box.y1 + self.dy,
        )  # fmt: skip


UNMOVED = PanelShift()


@dataclass(frozen=True)
class ReadingMatch:
    """The counterparts of an earlier reading in the present one.

    Attributes:
        pages: The index of each page now, by its earlier index.
        panels: The id of each panel now, by its earlier id.
        balloons: The id of each balloon now, by its earlier id.
        page_of: The index of the page of each panel now, by the panel's id now.
        shifts: How each panel moved, by its earlier id.
    """

    pages: Mapping[int, int] = field(default_factory=dict)
    panels: Mapping[str, str] = field(default_factory=dict)
    balloons: Mapping[str, str] = field(default_factory=dict)
    page_of: Mapping[str, int] = field(default_factory=dict)
    shifts: Mapping[str, PanelShift] = field(default_factory=dict)


def match_readings(
    old: Transcript, new: Transcript, old_images: Mapping[int, str], new_images: Mapping[int, str], view: ViewImage
) -> ReadingMatch:
    """Match an earlier reading of a book with the present one.

    Args:
        old: The earlier reading.
        new: The present reading.
        old_images: The artifact of each page of `old`, by the page's index.
        new_images: The artifact of each page of `new`.
        view: Returns the pixels of an artifact; it is called only for pages whose artifact is not in both books.

    Returns:
        The pages, panels and balloons that are in both.
    """
    known = {page.index: page for page in new.pages}
    pages = match_pages(old.pages, new.pages, old_images, new_images, view)
    pairs = [(page, known[pages[page.index]]) for page in old.pages if page.index in pages]
    panels: dict[str, tuple[Panel, Panel]] = {}
    for before, now in pairs:
        panels |= {a.id: (a, b) for a, b in _match_panels(before, now)}
    panels |= _match_moved_panels(
        old, new, panels, lambda page: view(old_images[page]), lambda page: view(new_images[page])
    )
    page_of = {panel.id: page.index for page in new.pages for panel in page.panels}
    shifts = {name: _shift_of(a, b, known[page_of[b.id]].width) for name, (a, b) in panels.items()}
    return ReadingMatch(
        pages,
        {name: b.id for name, (_, b) in panels.items()},
        dict(_match_balloons(old, new, pages, panels, shifts)),
        page_of,
        shifts,
    )


def match_page_items(old: PageTranscript, new: PageTranscript) -> tuple[dict[str, str], dict[str, str]]:
    """Match two readings of one page, and return the counterparts of panels and of balloons by their earlier ids."""
    panels = {a.id: (a, b) for a, b in _match_panels(old, new)}
    shifts = {name: _shift_of(a, b, new.width) for name, (a, b) in panels.items()}
    then, now = (Transcript(order="ltr", backend="", pages=(page,)) for page in (old, new))
    balloons = _match_balloons(then, now, {old.index: new.index}, panels, shifts)
    return {name: b.id for name, (_, b) in panels.items()}, dict(balloons)


def match_pages(
    old: Sequence[PageTranscript],
    new: Sequence[PageTranscript],
    old_images: Mapping[int, str],
    new_images: Mapping[int, str],
    view: ViewImage,
) -> dict[int, int]:
    """Match pages by equal images, then by similar ones, then by less similar ones of the same name.

    Args:
        old: The earlier pages, with different indices.
        new: The present pages.
        old_images: The artifact of each page of `old`, by the page's index.
        new_images: The artifact of each page of `new`.
        view: Returns the pixels of an artifact.

    Returns:
        The index of each page now, by its earlier index.
    """
    thumbnail = cache(lambda artifact: _make_thumbnail(view(artifact)))
    found: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    for page in new:
        waiting.setdefault(new_images[page.index], []).append(page.index)
    for page in old:
        if same := waiting.get(old_images[page.index]):
            found[page.index] = same.pop(0)

    def alike(a: PageTranscript, b: PageTranscript) -> float:
        return _correlation(thumbnail(old_images[a.index]), thumbnail(new_images[b.index]))

    def similar(a: PageTranscript, b: PageTranscript) -> float:
        value = alike(a, b)
        return value if value >= SIMILAR_PAGE and _has_same_layout(a, b) else 0.0

    def redrawn(a: PageTranscript, b: PageTranscript) -> float:
        return alike(a, b) if a.image == b.image and _has_same_layout(a, b) else 0.0

    for score, least in ((alike, SAME_PAGE), (similar, SIMILAR_PAGE), (redrawn, REDRAWN_PAGE)):
        taken = set(found.values())
        left = [page for page in old if page.index not in found], [page for page in new if page.index not in taken]
        found |= {a.index: b.index for a, b in _best_pairs(*left, score, least)}
    return found


def _best_pairs(
    old: Sequence[_Item], new: Sequence[_Item], score: Callable[[_Item, _Item], float], least: float
) -> Iterator[tuple[_Item, _Item]]:
    """Yield pairs with a score of at least `least`, the best first; of equal ones those in the same order."""
    scored = [(score(a, b), -abs(i - j), i, j) for i, a in enumerate(old) for j, b in enumerate(new)]
    left, right = set(range(len(old))), set(range(len(new)))
    for value, _, i, j in sorted(scored, key=lambda one: (-one[0], -one[1], one[2])):
        if value < least:
            return
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            yield old[i], new[j]


def _has_same_layout(a: PageTranscript, b: PageTranscript) -> bool:
    """Return whether at least half of the panels of each page are at the same place."""
    return 2 * len(list(_match_panels(a, b))) >= max(len(a.panels), len(b.panels), 1)


def _match_panels(old: PageTranscript, new: PageTranscript) -> Iterator[tuple[Panel, Panel]]:
    """Yield the panels of two readings of a page that are at the same place."""
    across, down = new.width / old.width, new.height / old.height

    def overlap(a: Panel, b: Panel) -> float:
        return geometry.iou(Box(a.box.x0 * across, a.box.y0 * down, a.box.x1 * across, a.box.y1 * down), b.box)

    return _best_pairs(old.panels, new.panels, overlap, MIN_OVERLAP)


def _match_moved_panels(
    old: Transcript,
    new: Transcript,
    found: Mapping[str, tuple[Panel, Panel]],
    view_old: Callable[[int], Image],
    view_new: Callable[[int], Image],
) -> dict[str, tuple[Panel, Panel]]:
    """Return the panels that are at another place of the book now, by their pictures."""
    taken = {b.id for _, b in found.values()}
    left = [(page.index, panel) for page in old.pages for panel in page.panels if panel.id not in found]
    free = [(page.index, panel) for page in new.pages for panel in page.panels if panel.id not in taken]
    if not left or not free:
        return {}
    looks_old, looks_new = _panel_thumbnails(left, view_old), _panel_thumbnails(free, view_new)

    def alike(a: tuple[int, Panel], b: tuple[int, Panel]) -> float:
        if abs(math.log(a[1].box.aspect / b[1].box.aspect)) > 0.15:
            return 0.0
        return _correlation(looks_old[a[1].id], looks_new[b[1].id])

    return {a.id: (a, b) for (_, a), (_, b) in _best_pairs(left, free, alike, SAME_PANEL)}


def _panel_thumbnails(
    panels: Iterable[tuple[int, Panel]], view: Callable[[int], Image]
) -> dict[str, NDArray[np.float32] | None]:
    """Return the thumbnail of each panel, by its id; each page is opened once."""
    found: dict[str, NDArray[np.float32] | None] = {}
    by_page: dict[int, list[Panel]] = {}
    for page, panel in panels:
        by_page.setdefault(page, []).append(panel)
    for page, members in by_page.items():
        pixels = view(page)
        for panel in members:
            x0, y0, x1, y1 = (max(0, round(edge)) for edge in panel.box)
            crop = pixels[y0:y1, x0:x1]
            found[panel.id] = _make_thumbnail(crop) if crop.size else None
    return found


def _make_thumbnail(image: Image) -> NDArray[np.float32] | None:
    """Return a small grey picture with mean 0 and norm 1; None if it is too plain to be recognised."""
    small = cv2.resize(image, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if float(grey.std()) < PLAIN:
        return None
    grey -= grey.mean()
    return np.asarray(grey / np.linalg.norm(grey), np.float32)


def _correlation(a: NDArray[np.float32] | None, b: NDArray[np.float32] | None) -> float:
    """Return the correlation of two thumbnails, -1..1; 0 if one is too plain."""
    return 0.0 if a is None or b is None else float((a * b).sum())


def _shift_of(old: Panel, new: Panel, page_width: int) -> PanelShift:
    """Return how a panel moved and changed its size."""
    if old.box == new.box:
        return UNMOVED
    scale = math.sqrt(new.box.area / old.box.area)
    (x, y), (to_x, to_y) = old.box.center, new.box.center
    if abs(scale - 1) <= SAME_SIZE:
        scale = 1.0
        if math.hypot(to_x - x, to_y - y) <= SAME_PLACE * page_width:
            return UNMOVED
    return PanelShift(scale, to_x - scale * x, to_y - scale * y)


def _match_balloons(
    old: Transcript,
    new: Transcript,
    pages: Mapping[int, int],
    panels: Mapping[str, tuple[Panel, Panel]],
    shifts: Mapping[str, PanelShift],
) -> Iterator[tuple[str, str]]:
    """Yield the ids of balloons then and now, the clearest counterparts first."""
    present: dict[int, list[tuple[PageTranscript, Balloon]]] = {
        page.index: [(page, balloon) for balloon in page.balloons] for page in new.pages
    }
    counterparts = {name: b.id for name, (_, b) in panels.items()}
    page_of = {panel.id: page.index for page in new.pages for panel in page.panels}
    groups: dict[int, list[tuple[PageTranscript, Balloon]]] = {}
    for page in old.pages:
        for balloon in page.balloons:
            panel = counterparts.get(balloon.panel or "")
            there = page_of[panel] if panel else pages.get(page.index)
            if there is not None:
                groups.setdefault(there, []).append((page, balloon))

    def score(a: tuple[PageTranscript, Balloon], b: tuple[PageTranscript, Balloon]) -> float:
        box = _moved_box(a[0], a[1], b[0], shifts)
        same_text = bool(a[1].text) and a[1].text == b[1].text
        same_panel = counterparts.get(a[1].panel or "", "") == b[1].panel
        return geometry.iou(box, b[1].box) + MIN_BALLOON_OVERLAP * (same_text and same_panel)

    for index, members in groups.items():
        for (_, a), (_, b) in _best_pairs(members, present.get(index, []), score, MIN_BALLOON_OVERLAP):
            yield a.id, b.id


def _moved_box(old: PageTranscript, balloon: Balloon, new: PageTranscript, shifts: Mapping[str, PanelShift]) -> Box:
    """Return where a balloon would lie now, if it moved with its panel, or else with its page."""
    if shift := shifts.get(balloon.panel or ""):
        return shift.move(balloon.box)
    across, down = new.width / old.width, new.height / old.height
    return Box(balloon.box.x0 * across, balloon.box.y0 * down, balloon.box.x1 * across, balloon.box.y1 * down)
