"""A page and what came before it in, the question about it out: bounded, whatever the book holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.asking.answers import plain
from agents.directors.knowledge import Knowledge
from agents.directors.means import people_of
from agents.directors.subjects import need_of, unit_of
from agents.directors.wishes import PagePlan, in_order
from agents.prompting import Prompt, Row, fill, quoted
from storage.shapes import Box, Order, PageTranscript, Screen
from storage.styles import StyleSheet
from storage.understanding import PanelKind
from tools import geometry

MOST_PANELS = 14
"""Panels that one look takes in."""
TALLEST = 2.2
"""Height of what one look takes in, in widths of the page: a longer strip is looked at part by part."""
MOST_LETTERING = 60
LONGEST_LINE = 160
MOST_FAULTS = 12
READING = {"rtl": "right to left", "ltr": "left to right", "vertical": "from top to bottom"}


@dataclass(frozen=True)
class Sight:
    """What one look takes in: a page, or a part of a long one with the panels and lettering in it."""

    page: PageTranscript
    view: Box


@dataclass
class Memory:
    """What is carried from page to page; it never grows beyond its bounds."""

    shots: list[Row] = field(default_factory=list)

    def remember(self, page: PageTranscript, plan: PagePlan, kinds: Mapping[str, PanelKind]) -> None:
        """Carry a plan over; `kinds` says by id what the panels of its page are."""
        known = {number: kinds.get(panel.id, "") for number, panel in enumerate(in_order(page)[0], start=1)}
        self.shots = [
            {"framing": shot.framing, "pace": round(shot.pace, 2), "panel": known.get(shot.panels[0], "")}
            for shot in plan.shots[-3:]
            if shot.panels
        ]


def sights(page: PageTranscript) -> list[Sight]:
    """A page as it is looked at: as one, or in parts where it is too long or too full for one look."""
    panels, _ = in_order(page)
    whole = Box(0, 0, page.width, page.height)
    if len(panels) <= MOST_PANELS and page.height <= TALLEST * page.width:
        return [Sight(page, whole)] if panels else []
    parts: list[list[str]] = []
    around: Box | None = None
    for panel in panels:
        wider = geometry.union_box([around, panel.box]) if around else panel.box
        if not around or wider.height > TALLEST * page.width or len(parts[-1]) >= MOST_PANELS:
            parts.append([])
            wider = panel.box
        parts[-1].append(panel.id)
        around = wider
    return [_part(page, set(names)) for names in parts]


def briefing(
    sight: Sight, order: Order, screen: Screen, memory: Memory, moves: Sequence[Sequence[str]] = (), mending: str = "",
    *, sheet: StyleSheet | None = None, known: Knowledge | None = None,
) -> Prompt:  # fmt: skip
    """The question about what is in sight; `moves` are the framings that each panel has room for.

    `known` is what was understood of the book.
    """
    known, index = known or Knowledge(), sight.page.index
    form = "wide" if screen.aspect > 1 else "tall" if screen.aspect < 1 else "square"
    return fill(
        "storyboard",
        screen=f"{screen.form}, {form}",
        order=READING[order],
        style=_style(sheet or StyleSheet()),
        panels=quoted(_panels(sight, moves, known)),
        so_far=quoted(known.so_far(index)),
        here=quoted(known.here(index)),
        to_come=quoted(known.to_come(index)),
        people=quoted(known.people(sight.page)),
        before=quoted(memory.shots),
        lettering=quoted(_lettering(sight)),
        mending=mending,
    )


def mending(plan: PagePlan, faults: Sequence[str]) -> str:
    """What is said to a plan that cannot be filmed."""
    shots: list[Row] = [
        {
            "shot": number,
            "panels": ", ".join(map(str, shot.panels[:20])),
            "framing": shot.framing,
            "balloon": shot.balloon,
        }
        for number, shot in enumerate(plan.shots[:40], start=1)
    ]
    listed = "\n".join(f"- {fault[:300]}" for fault in faults[:MOST_FAULTS])
    return fill("storyboard-mending", plan=quoted(shots), faults=listed).text


def _style(sheet: StyleSheet) -> str:
    """What whoever makes the film wishes of all of it, in their own words."""
    pace = "calm" if sheet.pace > 1.05 else "brisk" if sheet.pace < 0.95 else ""
    motion = "the camera rests" if not sheet.motion else "the camera moves little" if sheet.motion < 0.75 else ""
    wishes = {"pace": pace, "moves": motion, **sheet.said}
    said = "\n".join(f"{name}: {text}" for name, text in wishes.items() if text)
    return f"Whoever makes this film wishes of its style:\n{said}\n" if said else ""


def _part(page: PageTranscript, names: set[str]) -> Sight:
    panels = [panel for panel in page.panels if panel.id in names]
    known = {panel.id for panel in page.panels}
    texts = tuple(
        text
        for text in page.texts
        if (text.panel if text.panel in known else min(page.panels, key=lambda p: geometry.gap(p.box, text.box)).id)
        in names
    )
    around = geometry.union_box(panel.box for panel in panels)
    view = Box(0, max(0, around.y0 - 20), page.width, min(page.height, around.y1 + 20))
    return Sight(page.model_copy(update={"panels": tuple(panels), "texts": texts}), view)


def _panels(sight: Sight, moves: Sequence[Sequence[str]], known: Knowledge) -> Iterator[Row]:
    panels, texts = in_order(sight.page)
    view, unit, kinds = sight.view, unit_of(sight.page), known.kinds(sight.page.index)
    for number, panel in enumerate(panels, start=1):
        said = [at for at, text in enumerate(texts, start=1) if text.panel == panel.id]
        seconds = sum(need_of(texts[at - 1], unit).seconds for at in said)
        here = {seen.character for seen in sight.page.characters if seen.panel == panel.id}
        people = [f"{at} {plain(name)[:40]}" for at, name in enumerate(people_of(sight.page), 1) if name in here]
        yield {
            "panel": number,
            "is": kinds.get(panel.id, ""),
            "width": round(panel.box.width / view.width, 2),
            "height": round(panel.box.height / view.height, 2),
            "shape": round(panel.box.aspect, 2),
            "balloons": ", ".join(map(str, said[:20])),
            "reading_seconds": round(seconds, 1),
            "moves": ", ".join(moves[number - 1]) if number <= len(moves) else "",
            "people": ", ".join(people)[:120],
        }


def _lettering(sight: Sight) -> Iterator[Row]:
    panels, texts = in_order(sight.page)
    numbers = {panel.id: number for number, panel in enumerate(panels, start=1)}
    for number, text in enumerate(texts[:MOST_LETTERING], start=1):
        row: dict[str, str | int] = {"balloon": number, "kind": text.kind, "text": plain(text.text)[:LONGEST_LINE]}
        if text.panel in numbers:
            row["panel"] = numbers[text.panel]
        if text.speaker:
            row["speaker"] = plain(text.speaker)[:40]
        yield row
