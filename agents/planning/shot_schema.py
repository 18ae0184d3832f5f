"""Define a model's answer about the shots of a page, and bind it to the page's panels or list its faults.

Everything in the answer is a number or a word from a closed vocabulary. Free text goes only into reasons and prompts,
is cut short and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from pydantic import Field, create_model

from agents.llm.structured_output import Answer, numbers_schema, to_one_line, with_bounds
from agents.planning.sound_choices import chosen_sound, mood_fields
from agents.planning.tool_options import ToolOptions
from storage.comprehension import PanelKind
from storage.domain import Balloon, Box, PageTranscript, Panel, RenderOptions, ShotSound
from tools import geometry

Framing = Literal[
    "hold", "fill", "whole", "pan", "tilt", "push-in", "pull-out", "closer-on-balloon", "close-on"
]  # fmt: skip
CLOSE_FRAMINGS: tuple[Framing, ...] = ("closer-on-balloon", "close-on")
"""Framings that show a part of a panel; another shot must have shown the whole panel before."""
SLOWEST, FASTEST = 1.6, 0.8
MAX_SHOTS_OF_PANEL = 3
MAX_REASON_CHARACTERS = 100
"""Characters of a reason that are asked for where the server can bound them."""
TOKENS_OF_PLAN, TOKENS_OF_SHOT, TOKENS_OF_TEXT_ONLY_SHOT = 200, 225, 95
"""Most tokens of a plan without its shots, and of one shot: one of a page that is seen has up to five sentences."""


class ShotAnswer(Answer):
    """One shot as a model answers it."""

    panels: list[int] = Field(description="numbers of the panels it shows, in reading order")
    framing: Framing
    balloon: int = Field(default=0, description="for closer-on-balloon: its number; else 0")
    box: list[float] = Field(
        default_factory=list,
        description="for close-on: left, top, right, bottom as fractions 0..1 of the picture; else []",
    )
    pace: float = Field(default=1.0, description="0.8 is quick, 1 is normal, 1.6 is slow")
    transition: Literal["cut", "dissolve"] = "cut"
    motion: str = Field(default="", description="what moves in the picture, in one sentence")
    reason: str = Field(default="", description="why, in a few words")


class PagePlan(Answer):
    """What a model answers for one page."""

    shots: list[ShotAnswer]


class TextOnlyShot(Answer):
    """One shot of a page that is known by its words and its layout."""

    panels: list[int] = Field(description="numbers of the panels it shows, in reading order")
    framing: Literal["hold", "fill", "whole", "pan", "tilt", "push-in", "pull-out", "closer-on-balloon"]
    balloon: int = Field(default=0, description="for closer-on-balloon: its number; else 0")
    pace: float = Field(default=1.0, description="0.8 is quick, 1 is normal, 1.6 is slow")
    transition: Literal["cut", "dissolve"] = "cut"
    reason: str = Field(default="", description="why, in a few words")


class TextOnlyPlan(Answer):
    """What a model that sees no pictures answers for one page."""

    shots: list[TextOnlyShot]


def make_text_only_plan_type(means: ToolOptions, panels: int, balloons: int) -> type[TextOnlyPlan]:
    """Return the answer type for a page with so many panels and balloons that the model does not see."""
    shot = with_bounds(
        TextOnlyShot,
        panels={"items": numbers_schema(range(1, panels + 1)), "minItems": 1, "maxItems": min(3, panels)},
        balloon=numbers_schema(range(balloons + 1)),
        reason={"maxLength": MAX_REASON_CHARACTERS},
    )
    heard: dict[str, Any] = mood_fields() if means.hears else {}
    shot = create_model(TextOnlyShot.__name__, __base__=shot, **heard)
    shots = Field(json_schema_extra={"minItems": 1, "maxItems": MAX_SHOTS_OF_PANEL * panels})
    return create_model(TextOnlyPlan.__name__, __base__=TextOnlyPlan, shots=(list[shot], shots))  # type: ignore[valid-type]


def max_plan_tokens(panels: int, *, text_only: bool = False) -> int:
    """Return the most tokens of a useful plan of so many panels: two shots a panel, of all fields that are offered."""
    return TOKENS_OF_PLAN + 2 * panels * (TOKENS_OF_TEXT_ONLY_SHOT if text_only else TOKENS_OF_SHOT)


def make_plan_type(means: ToolOptions, people: int, panels: int, balloons: int) -> type[PagePlan]:
    """Return the answer type for a page with so many people, panels and balloons, and these tool options."""
    shot = create_model(ShotAnswer.__name__, __base__=ShotAnswer, **means.fields(people, panels, balloons))
    return create_model(PagePlan.__name__, __base__=PagePlan, shots=(list[shot], ...))  # type: ignore[valid-type]


@dataclass(frozen=True)
class ShotRequest:
    """One requested shot.

    Attributes:
        panels: Panels that it shows, counted from 0 in reading order.
        framing: How they are framed.
        balloon: Balloon that a close shot looks at.
        box: Box that a close shot looks at, in page pixels.
        pace: Factor of its duration, 0.8 (quick) to 1.6 (slow).
        dissolve: Whether it begins with a dissolve.
        prompt: What moves in it.
        reason: Why it was chosen.
        render_options: Render options of the shot.
        people: Ids of the characters who must be recognizable.
        sound: What it sounds like, beside the voices of its lines.
    """

    panels: tuple[int, ...]
    framing: Framing
    balloon: Balloon | None = None
    box: Box | None = None
    pace: float = 1.0
    dissolve: bool = False
    prompt: str = ""
    reason: str = ""
    render_options: RenderOptions = field(default_factory=RenderOptions)
    people: tuple[str, ...] = ()
    sound: ShotSound = field(default_factory=ShotSound)
    is_from_rules: bool = False
    """Whether the rules decide how this panel is filmed, because nothing is requested for it."""


def numbered_items(page: PageTranscript) -> tuple[list[Panel], list[Balloon]]:
    """Return the panels and the balloons of a page in the order in which a model sees them numbered from 1."""
    return sorted(page.panels, key=lambda panel: panel.order), sorted(page.balloons, key=lambda text: text.order)


def parse_requests(
    answer: PagePlan,
    page: PageTranscript,
    view: Box,
    means: ToolOptions,
    kinds: Mapping[str, PanelKind],
) -> tuple[list[ShotRequest], list[str]]:
    """Bind an answer to the page whose `view` (page pixels) the model has seen.

    Args:
        answer: The model's answer.
        page: The page.
        view: Part of the page that the model has seen, in page pixels.
        means: The tool options that were offered.
        kinds: Kinds of the panels by id, as far as they are understood.

    Returns:
        The requests and [], or [] and the faults.
    """
    panels, texts = numbered_items(page)
    faults = list(_faults(answer.shots, panels, texts, view))
    return ([], faults) if faults else (bind_shots(answer.shots, page, view, means, kinds), [])


def bind_shots(
    shots: Sequence[ShotAnswer], page: PageTranscript, view: Box, means: ToolOptions, kinds: Mapping[str, PanelKind]
) -> list[ShotRequest]:
    """Bind sound shots of an answer to the page."""
    panels, texts = numbered_items(page)
    requests = []
    for shot in shots:
        kind = kinds.get(panels[shot.panels[0] - 1].id, "shot")
        words, people = to_one_line(shot.reason), means.people(shot, page)
        shown = tuple(dict.fromkeys(number - 1 for number in shot.panels))
        seen = [panels[at] for at in shown]
        requests.append(
            ShotRequest(
                panels=shown,
                framing=shot.framing,
                balloon=texts[shot.balloon - 1] if shot.framing == "closer-on-balloon" else None,
                box=_to_page_box(shot.box, view) if shot.framing == "close-on" else None,
                pace=min(SLOWEST, max(FASTEST, shot.pace)),
                dissolve=shot.transition == "dissolve",
                prompt=to_one_line(shot.motion),
                reason=f"{kind}, {shot.framing}" + (f": {words}" if words else ""),
                render_options=means.render_options(shot, page, seen, view),
                people=people,
                sound=chosen_sound(shot, texts, seen),
            )
        )
    return requests


def _faults(shots: Sequence[ShotAnswer], panels: Sequence[Panel], texts: Sequence[Balloon], view: Box) -> Iterator[str]:
    """Yield all faults of an answer."""
    last = 0
    for number, shot in enumerate(shots, start=1):
        yield from (f"shot {number}: {fault}" for fault in shot_faults(shot, panels, texts, view))
        if not _has_valid_panels(shot, panels):
            continue
        if shot.panels[0] < last:
            yield f"shot {number}: goes back to panel {shot.panels[0]} after panel {last}"
        last = max(last, shot.panels[-1])
    yield from _coverage_faults(shots, len(panels))


def shot_faults(shot: ShotAnswer, panels: Sequence[Panel], texts: Sequence[Balloon], view: Box) -> Iterator[str]:
    """Yield the faults of one shot by itself."""
    if not _has_valid_panels(shot, panels):
        yield f"names the panels {shot.panels[:20]}, there are panels 1 to {len(panels)}"
        return
    if sorted(set(shot.panels)) != list(range(shot.panels[0], shot.panels[0] + len(shot.panels))):
        yield f"panels {shot.panels[:20]} do not follow each other in reading order"
    yield from _near_faults(shot, panels, texts, view)


def _has_valid_panels(shot: ShotAnswer, panels: Sequence[Panel]) -> bool:
    """Return whether a shot names panels, and all of them exist."""
    return bool(shot.panels) and all(1 <= at <= len(panels) for at in shot.panels)


def _coverage_faults(shots: Sequence[ShotAnswer], count: int) -> Iterator[str]:
    """Yield a fault for each panel that is not shown, not shown whole first, or shown too often."""
    for at in range(1, count + 1):
        panel_shots = [shot for shot in shots if at in shot.panels]
        if not panel_shots:
            yield f"panel {at}: no shot shows it"
        elif panel_shots[0].framing in CLOSE_FRAMINGS:
            yield f"panel {at}: its first shot must show it whole ({', '.join(_whole_framings())})"
        elif len(panel_shots) > MAX_SHOTS_OF_PANEL:
            yield f"panel {at}: has {len(panel_shots)} shots, at most {MAX_SHOTS_OF_PANEL} are watched with pleasure"


def _whole_framings() -> list[str]:
    """Return the framings that show a whole panel."""
    return [word for word in get_args(Framing) if word not in CLOSE_FRAMINGS]


def _near_faults(shot: ShotAnswer, panels: Sequence[Panel], texts: Sequence[Balloon], view: Box) -> Iterator[str]:
    """Yield the faults of a close shot's target."""
    if shot.framing not in CLOSE_FRAMINGS:
        return
    if len(shot.panels) != 1:
        yield f"{shot.framing} is for one panel"
        return
    panel = panels[shot.panels[0] - 1]
    if shot.framing == "closer-on-balloon":
        there = 1 <= shot.balloon <= len(texts)
        if not there or texts[shot.balloon - 1].panel != panel.id:
            yield f"there is no balloon {shot.balloon} in panel {shot.panels[0]}"
        return
    box = _to_page_box(shot.box, view)
    if box is None:
        yield f"close-on wants a box of four fractions, left < right and top < bottom, within 0..1, not {shot.box[:8]}"
    elif geometry.overlap_area(box, panel.box) < 0.5 * box.area:
        yield f"the box {shot.box} lies outside panel {shot.panels[0]}"


def _to_page_box(given: Sequence[float], view: Box) -> Box | None:
    """Return the box of four fractions of a view in page pixels; None where it is not valid."""
    if len(given) != 4 or not all(0 <= edge <= 1 for edge in given):
        return None
    x0, y0, x1, y1 = given
    if not (x1 - x0 > 0.01 and y1 - y0 > 0.01):
        return None
    return Box(
        view.x0 + x0 * view.width, view.y0 + y0 * view.height, view.x0 + x1 * view.width, view.y0 + y1 * view.height
    )
