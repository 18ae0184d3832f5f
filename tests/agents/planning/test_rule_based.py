"""Test the rule-based planner: every book is covered, readable, varied and deterministic on every screen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest

from agents import planning
from agents.planning.panels import PlanningStyle
from agents.planning.rule_based import RuleBasedPlanner
from agents.planning.validation import violations
from storage.domain import Appearance, Balloon, Box, Order, PageTranscript, Panel, ShotPlan, Transcript, VideoFormat
from storage.errors import SettingsError
from storage.styles import StyleSheet
from tests.agents.planning.judge import judged
from tests.agents.planning.layouts import book, page_of, random_book
from tools.geometry import overlap_area

PAGES = Path(__file__).parents[3] / "../shared/bench/pages"
TITLES = ("tojime_no_siora", "tencho_isoro", "boureisougi")
SCREENS = {
    "16:9": VideoFormat(),
    "9:16": VideoFormat(width=1080, height=1920),
    "1:1": VideoFormat(width=1080, height=1080),
    "4:5": VideoFormat(width=1080, height=1350),
    "2.35:1": VideoFormat(width=1920, height=816),
    "small": VideoFormat(width=320, height=180, fps=12),
}
GRID = [
    Box(430, 40, 790, 300),
    Box(40, 40, 420, 300),
    Box(40, 312, 790, 730),
    Box(430, 742, 790, 1130),
    Box(40, 742, 420, 1130),
]


@dataclass(frozen=True)
class Seen:
    tone: float = 0.5
    detail: float = 0.5
    closeness: float = 0.5
    focus: tuple[float, float] = (600.0, 500.0)
    rain: bool = False
    layered: bool = False


def move_of(shot: ShotPlan) -> str:
    """Return still, in, out, or the direction of a pan."""
    a, b = shot.camera[0].box, shot.camera[-1].box
    if abs(a.width / b.width - 1) > 0.01:
        return "in" if b.width < a.width else "out"
    dx, dy = b.center[0] - a.center[0], b.center[1] - a.center[1]
    if max(abs(dx), abs(dy)) < 1:
        return "still"
    return ("left" if dx < 0 else "right") if abs(dx) > abs(dy) else ("up" if dy < 0 else "down")


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("order", get_args(Order))
@pytest.mark.parametrize("seed", [1, 2])
def test_any_book_on_any_screen_keeps_the_promise(seed: int, order: Order, name: str) -> None:
    made_up = random_book(seed, order)
    plan = RuleBasedPlanner().plan(made_up, SCREENS[name], {})
    assert violations(plan, made_up, SCREENS[name]) == []
    figures = judged(plan, made_up, SCREENS[name])
    assert figures.panels_shown >= 0.99
    assert figures.panel_tau >= 0.99
    assert figures.read_time >= 0.99


@pytest.mark.skipif(not PAGES.is_dir(), reason="the shared pages are not here")
@pytest.mark.parametrize("name", ["16:9", "9:16", "1:1", "4:5"])
@pytest.mark.parametrize("title", TITLES)
def test_annotated_pages_are_shown_in_order_and_can_be_read(title: str, name: str) -> None:
    annotated = annotated_book(title)
    plan = RuleBasedPlanner().plan(annotated, SCREENS[name], {})
    figures = judged(plan, annotated, SCREENS[name])
    assert figures.panels_shown >= 0.97
    assert figures.panel_tau >= 0.97
    assert figures.read_time >= 0.97
    assert figures.legible >= 0.95
    assert 2.0 <= figures.seconds_per_panel <= 4.5
    assert violations(plan, annotated, SCREENS[name]) == []


def annotated_book(title: str) -> Transcript:
    """Return a title's annotation as a transcript; a text belongs to the panel that holds most of it."""
    found: list[dict[str, Any]] = json.loads((PAGES / "annotation.json").read_text(encoding="utf-8"))
    pages = next(entry["pages"] for entry in found if entry["book_title"] == title)
    return book(*(_annotated(page, index) for index, page in enumerate(pages)))


def _annotated(page: dict[str, Any], index: int) -> PageTranscript:
    def box(entry: dict[str, float]) -> Box:
        return Box(entry["x"], entry["y"], entry["x"] + entry["w"], entry["y"] + entry["h"])

    panels = tuple(Panel(id=f"p{index}-{n}", order=n, box=box(entry)) for n, entry in enumerate(page["frame"]))
    texts = []
    for n, entry in enumerate(page["text"]):
        home = max(panels, key=lambda panel: (overlap_area(panel.box, box(entry)), -panel.order), default=None)
        inside = home.id if home and overlap_area(home.box, box(entry)) > 0 else None
        texts.append(
            Balloon(id=f"t{index}-{n}", order=n, box=box(entry), panel=inside, text=entry["text_ja"], language="ja")
        )
    return PageTranscript(
        index=index, image=f"{index}.jpg", width=830, height=1170, panels=panels, balloons=tuple(texts)
    )


def test_the_same_book_gives_the_same_plan() -> None:
    made_up = random_book(7, "rtl")
    assert RuleBasedPlanner().plan(made_up, VideoFormat(), {}) == RuleBasedPlanner().plan(made_up, VideoFormat(), {})


def test_shots_are_numbered_and_say_why() -> None:
    said: list[tuple[Box, int | None, str]] = [
        (Box(600, 340, 660, 520), 2, "ひろいへやだ"),
        (Box(80, 340, 140, 520), 2, "そうだね"),
    ]
    plan = RuleBasedPlanner(PlanningStyle(motion=0)).plan(
        book(page_of([Box(40, 312, 790, 560)] * 1, [(b, 0, t) for b, _, t in said])), VideoFormat(), {}
    )
    assert [(shot.id, shot.ordinal, shot.page) for shot in plan] == [("s001", 0, 0)]
    assert "wide panel (3.0:1)" in plan[0].reason
    assert "2 balloons" in plan[0].reason
    assert "2 balloons" in plan[0].prompt
    assert plan[0].balloons == ("t0-0", "t0-1")


def test_neighbouring_shots_do_not_move_alike_by_habit() -> None:
    pages = [page_of(GRID, index=index) for index in range(6)]
    moves = [move_of(shot) for shot in RuleBasedPlanner().plan(book(*pages), VideoFormat(), {})]
    assert len(set(moves)) >= 3
    assert not [a for a, b, c in zip(moves, moves[1:], moves[2:], strict=False) if a == b == c]
    assert sum(a == b for a, b in pairwise(moves)) <= 0.2 * len(moves)


def test_a_face_is_pushed_in_on_and_a_place_is_not() -> None:
    page = page_of([Box(40, 40, 790, 470)])
    near = RuleBasedPlanner().plan(book(page), VideoFormat(), {"p0-0": Seen(closeness=1.0)})
    far = RuleBasedPlanner().plan(book(page), VideoFormat(), {"p0-0": Seen(closeness=0.0, detail=0.9)})
    assert move_of(near[0]) == "in"
    assert move_of(far[0]) != "in"


def test_small_panels_in_a_row_cut_faster_than_large_ones() -> None:
    small = [Box(40 + 190 * (3 - n), 40, 215 + 190 * (3 - n), 200) for n in range(4)]
    quick = RuleBasedPlanner().plan(
        book(page_of([*small, Box(40, 220, 790, 640)])), VideoFormat(width=1080, height=1080), {}
    )
    assert max(shot.seconds for shot in quick[:-1]) < quick[-1].seconds
    assert min(shot.seconds / len(shot.panels) for shot in quick) >= 1.3


def test_a_splash_gets_room() -> None:
    plan = RuleBasedPlanner().plan(
        book(page_of([Box(0, 0, 830, 1170)], [(Box(600, 100, 700, 300), 0, "ここだ")])), VideoFormat(), {}
    )
    assert sum(shot.seconds for shot in plan) >= 4.5
    assert plan[0].camera[0].box.height >= 1170


def test_dissolves_are_rare_and_only_where_a_page_opens_elsewhere() -> None:
    place = [Box(40, 40, 790, 300), *GRID[2:]]
    plan = RuleBasedPlanner().plan(book(*(page_of(place, index=index) for index in range(12))), VideoFormat(), {})
    dissolves = [shot for shot in plan if shot.transition == "dissolve"]
    assert dissolves
    assert len(dissolves) <= 0.15 * len(plan)
    firsts = {next(shot.id for shot in plan if shot.page == index) for index in range(12)}
    assert {shot.id for shot in dissolves} <= firsts


def test_lettering_far_from_every_panel_gets_its_own_shot() -> None:
    lonely = page_of(GRID[:2], [(Box(300, 1000, 360, 1120), None, "とおくのこえ")])
    plan = RuleBasedPlanner().plan(book(lonely), VideoFormat(), {})
    assert [shot.balloons for shot in plan if shot.balloons] == [("t0-0",)]
    assert violations(plan, book(lonely), VideoFormat()) == []


def test_a_panel_that_takes_longer_to_read_than_a_shot_may_last_is_cut() -> None:
    talk = [
        (Box(60 + 90 * (n % 8), 60 + 130 * (n // 8), 130 + 90 * (n % 8), 180 + 130 * (n // 8)), 0, "な" * 30)
        for n in range(24)
    ]
    endless = book(page_of([Box(40, 40, 790, 470)], [(b, 0, t) for b, _, t in talk]))
    plan = RuleBasedPlanner().plan(endless, VideoFormat(), {})
    assert len(plan) >= 2
    assert max(shot.seconds for shot in plan) <= 60
    assert [line for shot in plan for line in shot.balloons] == [f"t0-{n}" for n in range(24)]
    assert violations(plan, endless, VideoFormat()) == []


def test_a_shot_names_the_characters_of_its_panels() -> None:
    page = page_of(GRID[:2])
    seen = (Appearance(id="c0", box=Box(500, 60, 600, 200), character="mika", panel="p0-0"),
            Appearance(id="c1", box=Box(60, 60, 100, 200), character=None, panel="p0-1"))  # fmt: skip
    plan = RuleBasedPlanner().plan(book(page.model_copy(update={"characters": seen})), VideoFormat(), {})
    assert [shot.characters for shot in plan] == [("mika",), ()]


def test_style_sets_the_pace_and_the_motion() -> None:
    quiet = book(*(page_of(GRID, index=index) for index in range(3)))
    normal, slow = (
        RuleBasedPlanner().plan(quiet, VideoFormat(), {}),
        RuleBasedPlanner(PlanningStyle(pace=1.4)).plan(quiet, VideoFormat(), {}),
    )
    assert sum(shot.seconds for shot in slow) > 1.2 * sum(shot.seconds for shot in normal)
    assert {"in", "out"}.isdisjoint(
        move_of(shot) for shot in RuleBasedPlanner(PlanningStyle(motion=0)).plan(quiet, VideoFormat(), {})
    )


def test_an_empty_book_and_a_page_without_panels_have_no_shots() -> None:
    assert RuleBasedPlanner().plan(book(), VideoFormat(), {}) == ()
    assert RuleBasedPlanner().plan(book(page_of([])), VideoFormat(), {}) == ()


def test_the_rules_direct_unless_a_model_is_named() -> None:
    assert planning.choose_director("auto") == planning.choose_director("rules", "model") == "rules"
    assert planning.choose_director("auto", "model") == planning.choose_director("llm", "model") == "llm"
    for named, option in {"nobody": "director", "llm": "model"}.items():
        with pytest.raises(SettingsError) as caught:
            planning.choose_director(named)
        assert caught.value.option == option
    assert "KOMADORI_MODEL" in caught.value.hint, "the hint names what is to be set"


@pytest.mark.parametrize(
    "sheet",
    [
        StyleSheet(pace=0.7),
        StyleSheet(pace=2),
        StyleSheet(motion=0),
        StyleSheet(motion=0.3),
        StyleSheet(dissolves=0.15),
    ],
    ids=lambda sheet: sheet.summary(),
)
def test_every_style_of_a_film_keeps_the_promise(sheet: StyleSheet) -> None:
    for seed, order in ((3, "rtl"), (4, "ltr"), (5, "vertical")):
        made_up = random_book(seed, order, pages=3)  # type: ignore[arg-type]
        plan = RuleBasedPlanner(PlanningStyle.of(sheet)).plan(made_up, VideoFormat(), {})
        assert violations(plan, made_up, VideoFormat()) == []
        assert judged(plan, made_up, VideoFormat()).read_time >= 0.99
        if not sheet.motion:
            assert {move_of(shot) for shot in plan} == {"still"}


def test_a_style_stretches_the_film_moves_less_and_dissolves_as_it_likes() -> None:
    made_up = random_book(9, "rtl", pages=8)
    looks = {panel.id: Seen(tone=page.index % 2) for page in made_up.pages for panel in page.panels}

    def measure(**taste: Any) -> tuple[float, int, int]:
        plan = RuleBasedPlanner(PlanningStyle.of(StyleSheet(**taste))).plan(made_up, VideoFormat(), looks)
        moving = sum(move_of(shot) != "still" for shot in plan)
        return sum(shot.seconds for shot in plan), moving, sum(shot.transition == "dissolve" for shot in plan)

    usual = measure()
    assert measure(pace="brisk")[0] < usual[0] < measure(pace="calm")[0] < measure(pace=2)[0]
    assert 0 == measure(motion=0)[1] < measure(motion=0.3)[1] < usual[1]
    assert 0 == measure(dissolves=0)[2] < usual[2] < measure(dissolves=0.15)[2]


def test_what_the_drawing_models_are_to_hear_stands_in_every_prompt() -> None:
    plan = RuleBasedPlanner(PlanningStyle.of(StyleSheet(look="soft pencil"))).plan(
        book(page_of(GRID)), VideoFormat(), {}
    )
    assert all(shot.prompt.endswith("; soft pencil") for shot in plan)
