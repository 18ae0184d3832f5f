"""Test that requests are filmed as closely as the panel allows, and every plan keeps the director's contract."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from agents.planning.panels import PlanningStyle
from agents.planning.realize import PlannedPage, allowed_framings, realize_requests
from agents.planning.shot_drafts import number_shots, split_long
from agents.planning.shot_schema import CLOSE_FRAMINGS, Framing, ShotRequest, numbered_items
from agents.planning.validation import violations
from storage.domain import Balloon, Box, MotionEffect, Order, PageTranscript, RenderOptions, ShotPlan, VideoFormat
from tests.agents.planning.layouts import book, page_of, random_book

WHOLE = [framing for framing in get_args(Framing) if framing not in CLOSE_FRAMINGS]


def filmed(
    page: PageTranscript, wishes: list[ShotRequest], screen: VideoFormat | None = None, order: Order = "rtl"
) -> tuple[ShotPlan, ...]:
    screen = screen or VideoFormat()
    takes = realize_requests(PlannedPage(page, order, screen, {}, PlanningStyle()), wishes)
    return number_shots([piece for take in takes for piece in split_long(take)], screen, PlanningStyle())


def at_random(luck: random.Random, page: PageTranscript) -> list[ShotRequest]:
    """Return random sound requests: every panel whole first, then close now and then."""
    panels, texts = numbered_items(page)
    wishes: list[ShotRequest] = []
    at = 0
    while at < len(panels):
        count = min(len(panels) - at, luck.choice([1, 1, 1, 2, 3]))
        place, pace = tuple(range(at, at + count)), luck.choice([0.8, 1.0, 1.6])
        wishes.append(ShotRequest(place, luck.choice(WHOLE), pace=pace, dissolve=luck.random() < 0.3))
        for _ in range(luck.choice([0, 1, 2]) if count == 1 else 0):
            said = [text for text in texts if text.panel == panels[at].id]
            b = panels[at].box
            (x0, x1), (y0, y1) = (
                sorted((luck.uniform(*ends), luck.uniform(*ends))) for ends in ((b.x0, b.x1), (b.y0, b.y1))
            )
            near = ShotRequest(place, "close-on", box=Box(x0, y0, x1 + 9, y1 + 9))
            if said and luck.random() < 0.6:
                near = ShotRequest(place, "closer-on-balloon", balloon=luck.choice(said))
            wishes.append(near)
        at += count
    return wishes


@pytest.mark.parametrize("screen", [VideoFormat(), VideoFormat(width=1080, height=1920)], ids=["wide", "tall"])
@pytest.mark.parametrize("order", get_args(Order))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_wishes_on_any_page_keep_the_promise(seed: int, order: Order, screen: VideoFormat) -> None:
    luck = random.Random(seed)
    for page in random_book(seed, order, pages=3).pages:
        plan = filmed(page, at_random(luck, page), screen, order)
        assert violations(plan, book(page, order=order), screen) == []


def line(number: int, *, y: float = 60) -> tuple[Box, int, str]:
    return Box(700 - 150 * number, y, 760 - 150 * number, y + 130), 0, "そうだね、そうしよう"


def test_lines_are_read_once_in_order_and_from_near_where_that_is_wished() -> None:
    page = page_of([Box(40, 40, 790, 600)], [line(number) for number in range(4)])
    texts: tuple[Balloon, ...] = page.balloons
    near, whole = ShotRequest((0,), "closer-on-balloon", balloon=texts[1]), ShotRequest((0,), "hold")
    plan = filmed(page, [whole, near, whole])
    assert [shot.balloons for shot in plan] == [("t0-0",), ("t0-1",), ("t0-2", "t0-3")]
    assert [name for shot in filmed(page, [whole, near]) for name in shot.balloons] == [text.id for text in texts]


def test_a_near_look_at_what_cannot_be_seen_nearer_is_left_out() -> None:
    page = page_of([Box(40, 40, 300, 190)])
    plan = filmed(page, [ShotRequest((0,), "hold"), ShotRequest((0,), "close-on", box=Box(41, 41, 299, 189))])
    assert len(plan) == 1


def test_an_impact_of_a_move_in_two_shots_comes_once() -> None:
    page = page_of([Box(0, 0, 830, 1170)])
    effects = MotionEffect(kind="rain"), MotionEffect(kind="impact", at=0.0)
    found = 0
    for framing in WHOLE:
        plan = filmed(page, [ShotRequest((0,), framing, render_options=RenderOptions(effects=effects))])
        if len(plan) > 1 and plan[0].director == "llm":
            found += 1
            assert [len(shot.render_options.effects) for shot in plan] == [2, *[1] * (len(plan) - 1)]
    assert found


def test_neighbours_that_do_not_stand_together_are_filmed_one_by_one() -> None:
    page = page_of([Box(40, 40, 790, 300), Box(40, 312, 790, 730)])
    plan = filmed(page, [ShotRequest((0, 1), "hold", reason="one moment")])
    assert [(shot.panels, shot.director) for shot in plan] == [(("p0-0",), "rules"), (("p0-1",), "rules")]
    narrow = page_of([Box(430, 40, 790, 600), Box(40, 40, 420, 600)])
    (both,) = filmed(narrow, [ShotRequest((0, 1), "hold", reason="one moment")])
    assert (both.panels, both.director, both.reason) == (("p0-0", "p0-1"), "llm", "one moment")


def test_a_move_is_the_one_that_was_wished_where_the_panel_has_room_for_it() -> None:
    wide, tall = Box(40, 40, 790, 200), Box(40, 40, 300, 1100)
    for box, framing in ((wide, "pan"), (tall, "tilt"), (wide, "push-in"), (wide, "pull-out"), (tall, "whole")):
        (shot,) = filmed(page_of([box]), [ShotRequest((0,), framing)])  # type: ignore[arg-type]
        assert shot.director == "llm"
        a, b = shot.camera[0].box, shot.camera[-1].box
        change = {"pan": b.x0 < a.x0, "tilt": b.y0 > a.y0, "push-in": b.width < a.width, "pull-out": b.width > a.width}
        assert change.get(framing, a == b), framing


def test_what_a_panel_has_room_for_is_known_before_it_is_wished() -> None:
    wide, tall, small = Box(40, 40, 790, 200), Box(40, 220, 300, 1100), Box(400, 300, 460, 350)
    page = PlannedPage(page_of([wide, tall, small]), "rtl", VideoFormat(), {}, PlanningStyle())
    found = allowed_framings(page)
    assert ["pan" in one for one in found] == [True, False, False]
    assert ["tilt" in one for one in found] == [False, True, False]
    for at, framings in enumerate(found):
        others = [ShotRequest((other,), "hold") for other in range(3)]
        for framing in framings:
            others[at] = ShotRequest((at,), framing)
            assert {shot.director for shot in filmed(page.page, others)} == {"llm"}
