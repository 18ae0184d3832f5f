"""Test that the planning prompt holds all that a model needs of a page, and stays within its bounds."""

from __future__ import annotations

import pytest

from agents.planning.prompt import (
    MAX_LINE_CHARACTERS,
    MAX_PANELS,
    PlanningMemory,
    page_views,
    planning_prompt,
    repair_prompt,
)
from agents.planning.shot_schema import PagePlan, ShotAnswer
from agents.planning.story_context import StoryContext
from storage.comprehension import Comprehension, DescribedCharacter, PageComprehension
from storage.domain import Box, VideoFormat
from tests.agents.planning.layouts import page_of, random_book

TALL = [Box(0, 600.0 * at, 800, 600.0 * at + 560) for at in range(20)]
FULL = [Box(20 + 160 * (at % 5), 20 + 160 * (at // 5), 170 + 160 * (at % 5), 170 + 160 * (at // 5)) for at in range(30)]


def test_a_page_is_one_look_and_a_page_without_panels_is_none() -> None:
    (sight,) = page_views(page_of(TALL[:1]))
    assert sight.view == Box(0, 0, 830, 1170)
    assert page_views(page_of([])) == []


@pytest.mark.parametrize("boxes", [TALL, FULL], ids=["long", "full"])
def test_a_long_or_a_full_page_is_looked_at_in_parts_that_together_hold_it_all(boxes: list[Box]) -> None:
    said = [(Box(box.x0 + 10, box.y0 + 10, box.x0 + 60, box.y0 + 60), at, "あ") for at, box in enumerate(boxes)]
    page = page_of(boxes, [*said, (Box(300, 990, 340, 1010), None, "い")], size=(830, 12000 if boxes is TALL else 1170))
    parts = page_views(page)
    assert len(parts) > 1
    assert [panel.id for part in parts for panel in part.page.panels] == [panel.id for panel in page.panels]
    assert sorted(text.id for part in parts for text in part.page.balloons) == sorted(text.id for text in page.balloons)
    assert all(len(part.page.panels) <= MAX_PANELS for part in parts)
    assert all(part.view.height <= 2.3 * page.width for part in parts)


def test_a_question_is_bounded_however_much_is_written() -> None:
    said = [(Box(40, 40, 90, 90), 0, "x" * 9000 + "\n")] * 500
    (sight,) = page_views(page_of([Box(20, 20, 800, 1000)], said))
    memory = PlanningMemory()
    for number in range(300):
        shots = [ShotAnswer(panels=[1], framing="hold", reason="y" * 5000)] * 50
        memory.remember(page_of([], index=number), PagePlan(shots=shots), {})
    again = repair_prompt(PagePlan(shots=shots * 9), ["f" * 9000] * 99)
    pages = [
        PageComprehension(index=at, synopsis="z" * 9000, setting="w" * 9000, story="s" * 9000)
        for at in range(-150, 150)
    ]
    people = [DescribedCharacter(id=f"c{at}", name="n" * 900, looks="l" * 9000) for at in range(300)]
    known = StoryContext(Comprehension(pages=tuple(pages), people=tuple(people)))
    text = planning_prompt(sight, "rtl", VideoFormat(), memory, [["pan"]], again, known=known).text
    assert len(text) < 36_000
    assert "x" * (MAX_LINE_CHARACTERS + 1) not in text
    assert text.count('"happened"') == 7


def test_a_question_says_what_the_drawing_does_not() -> None:
    page = random_book(4, "ltr", pages=1).pages[0]
    (sight, *_) = page_views(page)
    text = planning_prompt(sight, "ltr", VideoFormat(width=1080, height=1920), PlanningMemory(), [["pan", "fill"]]).text
    assert "left to right" in text
    assert "9:16, tall" in text
    assert "1080" not in text, "pixels are nothing to whoever plans"
    assert '"moves": "pan, fill"' in text
    assert text.count('"reading_seconds"') == len(sight.page.panels)
