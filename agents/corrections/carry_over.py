"""Carry the corrections of a page over to a retouched picture of it.

Where the new picture reads like the old one did, the corrected page stands as it is. Elsewhere each difference between
the page as it was read and as it was corrected is applied again, to the panel or balloon at the same place. What has no
counterpart any more is reported, with the correction that it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from agents.corrections import (  # fmt: skip
    AddBalloon,
    AddPanel,
    DeleteBalloon,
    DeletePanel,
    MoveBalloon,
    MovePanel,
    SetKind,
    SetSpeaker,
    SetText,
)
from agents.corrections.apply import DirectCorrection, correct_page
from agents.corrections.errors import CorrectionError
from storage.domain import Balloon, Order, PageImage, PageTranscript, Panel
from tools import geometry
from tools.reading.matching import MIN_OVERLAP, ViewImage, match_page_items, match_pages
from tools.reading.renumbering import sort_by_order

SAME_PLACE = 0.9
"""Intersection over union from which a panel or balloon of a corrected page is the one that was read."""
SAME_LETTERING = 0.5
"""Likeness of two readings (0..1) from which they are readings of the same lettering."""


@dataclass(frozen=True)
class CarriedPage:
    """A retouched page with the corrections of its earlier picture, and the corrections that are lost."""

    page: PageTranscript
    lost: tuple[DirectCorrection, ...] = ()


@dataclass
class _PageReplay:
    """The new reading of a page, on which corrections are applied one after the other."""

    page: PageTranscript
    order: Order
    lost: list[DirectCorrection] = field(default_factory=list)

    def apply(self, fix: DirectCorrection | None, original: DirectCorrection) -> None:
        """Apply a correction of this page; `original` is lost where it is None or impossible."""
        if fix is None:
            self.lost.append(original)
            return
        try:
            self.page = correct_page(self.page, fix, self.order)
        except CorrectionError:
            self.lost.append(original)


def find_retouched(
    corrected: Mapping[str, PageTranscript], fresh: Sequence[tuple[PageImage, PageTranscript]], view: ViewImage
) -> dict[str, int]:
    """Find the pages whose earlier picture was corrected.

    Args:
        corrected: Corrected pages whose pictures are not in the book any more, by the artifact of the picture.
        fresh: Pages with new pictures, with their readings.
        view: Returns the pixels of an artifact.

    Returns:
        The index of each page, by the artifact of its corrected picture.
    """
    names = dict(enumerate(corrected))
    old = [page.model_copy(update={"index": at}) for at, page in enumerate(corrected.values())]
    images = {image.index: image.artifact for image, _ in fresh}
    found = match_pages(old, [page for _, page in fresh], names, images, view)
    return {names[at]: index for at, index in found.items()}


def carry_over(base: PageTranscript | None, ours: PageTranscript, fresh: PageTranscript, order: Order) -> CarriedPage:
    """Return a retouched page with the corrections of its earlier picture.

    Args:
        base: The earlier picture as it was read; None if that is not known any more.
        ours: The same, corrected.
        fresh: The retouched picture as it was read, in reading order.
        order: The reading order of the book.
    """
    ours = sort_by_order(ours.model_copy(update={"index": fresh.index, "image": fresh.image}))
    if _reads_alike(base or ours, fresh):
        return CarriedPage(ours.model_copy(update={"doubts": ()}))
    if base is None:
        return CarriedPage(fresh, tuple(_differences(fresh, ours)))
    base = base.model_copy(update={"index": fresh.index})
    replay = _PageReplay(fresh, order)
    for fix in _differences(base, ours):
        replay.apply(_translate(fix, base, ours, replay.page), fix)
    return CarriedPage(replay.page, tuple(replay.lost))


def _reads_alike(a: PageTranscript, b: PageTranscript) -> bool:
    """Return whether two readings have the same panels and balloons at the same places, with the same texts."""
    if (a.width, a.height) != (b.width, b.height):
        return False
    found_panels, found_balloons = match_page_items(a, b)
    texts = {balloon.id: balloon.text for balloon in b.balloons}
    same_count = (len(found_panels), len(found_balloons)) == (len(a.panels), len(a.balloons))
    return (
        same_count
        and (len(b.panels), len(b.balloons)) == (len(a.panels), len(a.balloons))
        and all(texts[found_balloons[balloon.id]] == balloon.text for balloon in a.balloons)
    )


def _differences(base: PageTranscript, ours: PageTranscript) -> Iterator[DirectCorrection]:
    """Yield the corrections that turn a page as it was read into a corrected one; numbers are those of `base`.

    For what was added, they are those of `ours`.
    """
    page = ours.index + 1
    same_panels = _same_items(base.panels, ours.panels)
    for number, panel in enumerate(base.panels, start=1):
        if panel.id not in same_panels:
            yield DeletePanel(page=page, panel=number)
    for number, panel in enumerate(ours.panels, start=1):
        if panel.id not in same_panels.values():
            yield AddPanel(page=page, box=panel.box, to=number)
    row = [same_panels[panel.id] for panel in base.panels if panel.id in same_panels]
    wanted = [panel.id for panel in ours.panels if panel.id in row]
    numbers = {
        same_panels[panel.id]: number for number, panel in enumerate(base.panels, start=1) if panel.id in same_panels
    }
    for place, name in enumerate(wanted):
        if row[place] != name:
            yield MovePanel(page=page, panel=numbers[name], to=[panel.id for panel in ours.panels].index(name) + 1)
            row.remove(name)
            row.insert(place, name)
    yield from _balloon_differences(base, ours, same_panels)


def _balloon_differences(
    base: PageTranscript, ours: PageTranscript, same_panels: Mapping[str, str]
) -> Iterator[DirectCorrection]:
    page = ours.index + 1
    same, known = _same_items(base.balloons, ours.balloons), {balloon.id: balloon for balloon in ours.balloons}
    panel_numbers = {panel.id: number for number, panel in enumerate(ours.panels, start=1)}
    for number, old in enumerate(base.balloons, start=1):
        if old.id not in same:
            yield DeleteBalloon(page=page, balloon=number)
            continue
        new = known[same[old.id]]
        there = panel_numbers.get(new.panel or "")
        changes: list[tuple[object, object, DirectCorrection]] = [
            (old.text, new.text, SetText(page=page, balloon=number, text=new.text)),
            (old.kind, new.kind, SetKind(page=page, balloon=number, kind=new.kind)),
            (old.speaker, new.speaker, SetSpeaker(page=page, balloon=number, speaker=new.speaker or None)),
        ]
        if there:
            stays = same_panels.get(old.panel or "", old.panel)
            changes.append((stays, new.panel, MoveBalloon(page=page, balloon=number, panel=there)))
        yield from (fix for was, now, fix in changes if was != now)
    for balloon in ours.balloons:
        if balloon.id not in same.values():
            yield AddBalloon(page=page, box=balloon.box, text=balloon.text, kind=balloon.kind)


def _same_items(old: Iterable[Panel | Balloon], new: Iterable[Panel | Balloon]) -> dict[str, str]:
    """Return the ids of the items that a person left at their place, by their ids before."""
    found: dict[str, str] = {}
    places = {item.id: item.box for item in new}
    for item in old:
        left = {name: geometry.iou(item.box, box) for name, box in places.items() if name not in found.values()}
        nearest = max(left, key=lambda name, left=left: left[name], default="")  # type: ignore[misc]
        if left.get(nearest, 0.0) >= SAME_PLACE:
            found[item.id] = nearest
    return found


def _translate(
    fix: DirectCorrection, base: PageTranscript, ours: PageTranscript, now: PageTranscript
) -> DirectCorrection | None:
    """Return a correction with the numbers and places of the page as it is now; None if it has no counterpart."""
    return _TRANSLATORS[type(fix)](fix, base, ours, now)


def _translate_panel(
    fix: DeletePanel | MovePanel, base: PageTranscript, ours: PageTranscript, now: PageTranscript
) -> DirectCorrection | None:
    number = _number_now(base.panels[fix.panel - 1].id, match_page_items(base, now)[0], now.panels)
    if number is None:
        return None
    there = {"to": min(fix.to, len(now.panels))} if isinstance(fix, MovePanel) else {}
    return fix.model_copy(update={"panel": number, **there})


def _translate_balloon(
    fix: DeleteBalloon | SetText | SetKind | SetSpeaker, base: PageTranscript, ours: PageTranscript, now: PageTranscript
) -> DirectCorrection | None:
    old = base.balloons[fix.balloon - 1]
    number = _number_now(old.id, match_page_items(base, now)[1], now.balloons)
    if number is None:
        return None
    if isinstance(fix, SetText) and _is_lettered_anew(old.text, now.balloons[number - 1].text, fix.text):
        return None
    return fix.model_copy(update={"balloon": number})


def _is_lettered_anew(before: str, now: str, corrected: str) -> bool:
    """Return whether a balloon reads so differently now that a correction of its text is about other words."""
    return bool(before) and now != corrected and SequenceMatcher(None, before, now).ratio() < SAME_LETTERING


def _translate_move(
    fix: MoveBalloon, base: PageTranscript, ours: PageTranscript, now: PageTranscript
) -> DirectCorrection | None:
    number = _number_now(base.balloons[fix.balloon - 1].id, match_page_items(base, now)[1], now.balloons)
    panel = _number_now(ours.panels[fix.panel - 1].id, match_page_items(ours, now)[0], now.panels)
    return fix.model_copy(update={"balloon": number, "panel": panel}) if number and panel else None


def _translate_added(
    fix: AddPanel | AddBalloon, base: PageTranscript, ours: PageTranscript, now: PageTranscript
) -> DirectCorrection | None:
    """Return the correction on a page of another size; None where the page has such a thing already."""
    across, down = now.width / ours.width, now.height / ours.height
    x0, y0, x1, y1 = fix.box
    box = fix.box._replace(x0=x0 * across, x1=x1 * across, y0=y0 * down, y1=y1 * down)
    if isinstance(fix, AddPanel):
        return fix.model_copy(update={"box": box, "to": min(fix.to or 1, len(now.panels) + 1)})
    there = [at for at, balloon in enumerate(now.balloons, start=1) if geometry.iou(balloon.box, box) >= MIN_OVERLAP]
    if there:
        return SetText(page=fix.page, balloon=there[0], text=fix.text)
    return fix.model_copy(update={"box": box})


def _number_now(name: str, found: Mapping[str, str], items: Iterable[Panel | Balloon]) -> int | None:
    """Return the number (from 1) of the counterpart of a panel or balloon."""
    return next((at for at, item in enumerate(items, start=1) if item.id == found.get(name)), None)


_TRANSLATORS: dict[type, Callable[..., DirectCorrection | None]] = {
    **dict.fromkeys((DeletePanel, MovePanel), _translate_panel),
    **dict.fromkeys((DeleteBalloon, SetText, SetKind, SetSpeaker), _translate_balloon),
    **dict.fromkeys((AddPanel, AddBalloon), _translate_added),
    MoveBalloon: _translate_move,
}
