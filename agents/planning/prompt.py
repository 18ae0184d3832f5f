"""Build the question about the shots of a page. Its length is bounded, whatever the book holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.llm.prompts import DataRow, Prompt, fill_prompt, quote_rows
from agents.llm.structured_output import to_one_line
from agents.planning import LookMeasures
from agents.planning.panels import need_of, page_unit
from agents.planning.shot_schema import PagePlan, numbered_items
from agents.planning.story_context import StoryContext
from agents.planning.tool_options import people_of
from storage.comprehension import PanelKind
from storage.domain import Balloon, Box, Order, PageTranscript, Panel, VideoFormat
from storage.styles import StyleSheet
from tools import geometry

PROMPT, TEXT_ONLY_PROMPT = "storyboard", "storyboard-text-only"
MAX_PANELS = 14
"""Most panels in one view."""
MAX_VIEW_HEIGHT = 2.2
"""Largest height of one view, in page widths: a longer strip is looked at in parts."""
MAX_LETTERING = 60
MAX_LINE_CHARACTERS = 160
MAX_FAULTS = 12
READING_DIRECTIONS: dict[Order, str] = {
    "rtl": "right to left",
    "ltr": "left to right",
    "vertical": "from top to bottom",
    "rtl-columns": "down each column, from the right column to the left",
    "ltr-columns": "down each column, from the left column to the right",
}


@dataclass(frozen=True)
class PageView:
    """What the model looks at in one question: a page, or a part of a long one with its panels and lettering."""

    page: PageTranscript
    view: Box


@dataclass
class PlanningMemory:
    """What is remembered from page to page; it never grows beyond its bounds."""

    shots: list[DataRow] = field(default_factory=list)

    def remember(self, page: PageTranscript, plan: PagePlan, kinds: Mapping[str, PanelKind]) -> None:
        """Remember the last shots of a plan; `kinds` are the kinds of its page's panels, by id."""
        known = {number: kinds.get(panel.id, "") for number, panel in enumerate(numbered_items(page)[0], start=1)}
        self.shots = [
            {"framing": shot.framing, "pace": round(shot.pace, 2), "panel": known.get(shot.panels[0], "")}
            for shot in plan.shots[-3:]
            if shot.panels
        ]


def page_views(page: PageTranscript) -> list[PageView]:
    """Split a page into the views that a model is shown: one, or several where it is too long or too full."""
    panels, _ = numbered_items(page)
    whole = Box(0, 0, page.width, page.height)
    if len(panels) <= MAX_PANELS and page.height <= MAX_VIEW_HEIGHT * page.width:
        return [PageView(page, whole)] if panels else []
    parts: list[list[str]] = []
    around: Box | None = None
    for panel in panels:
        wider = geometry.union_box([around, panel.box]) if around else panel.box
        if not around or wider.height > MAX_VIEW_HEIGHT * page.width or len(parts[-1]) >= MAX_PANELS:
            parts.append([])
            wider = panel.box
        parts[-1].append(panel.id)
        around = wider
    return [_view_of_panels(page, set(names)) for names in parts]


def planning_prompt(
    sight: PageView,
    order: Order,
    screen: VideoFormat,
    memory: PlanningMemory,
    moves: Sequence[Sequence[str]] = (),
    mending: str = "",
    *,
    sheet: StyleSheet | None = None,
    known: StoryContext | None = None,
    looks: Mapping[str, LookMeasures] | None = None,
) -> Prompt:
    """Ask for the shots of one view.

    Args:
        sight: The view.
        order: Reading order.
        screen: Format of the film.
        memory: What is remembered of the pages before.
        moves: The framings that each panel has room for, in reading order.
        mending: Faults of the first answer, where it is asked again; else "".
        sheet: Style sheet of the film.
        known: What was understood of the book.
        looks: How panels look, by id, for a model that sees no pictures; None for one that sees the view.
    """
    known, index = known or StoryContext(), sight.page.index
    form = "wide" if screen.aspect > 1 else "tall" if screen.aspect < 1 else "square"
    panels: Iterable[DataRow] = _panel_rows(sight, moves, known)
    lettering: Iterable[DataRow] = _balloon_rows(sight)
    if looks is not None:
        numbered_panels, numbered_lettering = numbered_items(sight.page)
        panels = _with_looks(with_places(panels, numbered_panels, sight.view), numbered_panels, looks)
        lettering = with_places(lettering, numbered_lettering[:MAX_LETTERING], sight.view)
    return fill_prompt(
        PROMPT if looks is None else TEXT_ONLY_PROMPT,
        screen=f"{screen.aspect_name}, {form}",
        order=READING_DIRECTIONS[order],
        style=_describe_style(sheet or StyleSheet()),
        panels=quote_rows(panels),
        so_far=quote_rows(known.before_page(index)),
        here=quote_rows(known.on_page(index)),
        to_come=quote_rows(known.after_page(index)),
        people=quote_rows(known.people(sight.page)),
        before=quote_rows(memory.shots),
        lettering=quote_rows(lettering),
        mending=mending,
    )


def with_places(rows: Iterable[DataRow], items: Sequence[Panel | Balloon], view: Box) -> Iterator[DataRow]:
    """Yield the rows of panels or balloons with the places of their boxes, as fractions of a view."""
    for row, item in zip(rows, items, strict=True):
        box = item.box
        place = {"left": (box.x0 - view.x0) / view.width, "top": (box.y0 - view.y0) / view.height}
        place |= {"width": box.width / view.width, "height": box.height / view.height}
        yield {**row, **{name: round(share, 2) for name, share in place.items()}}


def _with_looks(
    rows: Iterable[DataRow], panels: Sequence[Panel], looks: Mapping[str, LookMeasures]
) -> Iterator[DataRow]:
    """Yield the rows of panels with what was measured of their looks."""
    for row, panel in zip(rows, panels, strict=True):
        look = looks.get(panel.id)
        seen = {"bright": look.tone, "detail": look.detail, "near": look.closeness} if look else {}
        yield {**row, **{name: round(value, 1) for name, value in seen.items()}}


def repair_prompt(plan: PagePlan, faults: Sequence[str]) -> str:
    """Return the text that reports the faults of a plan to the model."""
    shots: list[DataRow] = [
        {
            "shot": number,
            "panels": ", ".join(map(str, shot.panels[:20])),
            "framing": shot.framing,
            "balloon": shot.balloon,
        }
        for number, shot in enumerate(plan.shots[:40], start=1)
    ]
    listed = "\n".join(f"- {fault[:300]}" for fault in faults[:MAX_FAULTS])
    return fill_prompt("storyboard-mending", plan=quote_rows(shots), faults=listed).text


def _describe_style(sheet: StyleSheet) -> str:
    """Return the user's requests for the style of the film, in their own words."""
    pace = "calm" if sheet.pace > 1.05 else "brisk" if sheet.pace < 0.95 else ""
    motion = "the camera rests" if not sheet.motion else "the camera moves little" if sheet.motion < 0.75 else ""
    requests = {"pace": pace, "moves": motion, **sheet.texts}
    said = "\n".join(f"{name}: {text}" for name, text in requests.items() if text)
    return f"Whoever makes this film wishes of its style:\n{said}\n" if said else ""


def _view_of_panels(page: PageTranscript, names: set[str]) -> PageView:
    """Return the view of some panels of a page."""
    panels = [panel for panel in page.panels if panel.id in names]
    known = {panel.id for panel in page.panels}
    texts = tuple(
        text
        for text in page.balloons
        if (text.panel if text.panel in known else min(page.panels, key=lambda p: geometry.gap(p.box, text.box)).id)
        in names
    )
    around = geometry.union_box(panel.box for panel in panels)
    view = Box(0, max(0, around.y0 - 20), page.width, min(page.height, around.y1 + 20))
    return PageView(page.model_copy(update={"panels": tuple(panels), "balloons": texts}), view)


def _panel_rows(sight: PageView, moves: Sequence[Sequence[str]], known: StoryContext) -> Iterator[DataRow]:
    """Yield a row for each panel: shape, size, balloons, reading time, possible framings and people."""
    panels, texts = numbered_items(sight.page)
    view, unit, kinds = sight.view, page_unit(sight.page), known.kinds(sight.page.index)
    for number, panel in enumerate(panels, start=1):
        said = [at for at, text in enumerate(texts, start=1) if text.panel == panel.id]
        seconds = sum(need_of(texts[at - 1], unit).seconds for at in said)
        here = {seen.character for seen in sight.page.characters if seen.panel == panel.id}
        people = [f"{at} {to_one_line(name)[:40]}" for at, name in enumerate(people_of(sight.page), 1) if name in here]
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


def _balloon_rows(sight: PageView) -> Iterator[DataRow]:
    """Yield a row for each balloon: number, kind, text, panel and speaker."""
    panels, texts = numbered_items(sight.page)
    numbers = {panel.id: number for number, panel in enumerate(panels, start=1)}
    for number, text in enumerate(texts[:MAX_LETTERING], start=1):
        row: dict[str, str | int] = {
            "balloon": number,
            "kind": text.kind,
            "text": to_one_line(text.text)[:MAX_LINE_CHARACTERS],
        }
        if text.panel in numbers:
            row["panel"] = numbers[text.panel]
        if text.speaker:
            row["speaker"] = to_one_line(text.speaker)[:40]
        yield row
