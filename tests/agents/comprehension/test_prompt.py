"""Test that the question about a page holds all that a model needs to see, and stays within its bounds."""

from __future__ import annotations

import json
from typing import Any

from agents.comprehension.prompt import MAX_OTHERS, PAGES_BEFORE, page_question
from agents.planning.prompt import MAX_LINE_CHARACTERS, PageView, page_views
from storage.comprehension import DescribedCharacter, PageComprehension
from storage.domain import Box
from tests.agents.comprehension.people import KID, STRANGER, peopled
from tests.agents.planning.layouts import page_of


def rows(text: str, name: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [row for row in found if name in row]


def test_a_question_says_what_was_read_and_what_is_not_known() -> None:
    page = peopled().pages[0]
    known = page.balloons[0].model_copy(update={"speaker": KID})
    away = page.balloons[1].model_copy(update={"speaker": "old-man"})
    page = page.model_copy(update={"balloons": (known, away, page.balloons[2])})
    (sight,) = page_views(page)
    people = [
        DescribedCharacter(id="x", name="Old Man", looks="bald"),
        DescribedCharacter(id=KID, name="Tom"),
        DescribedCharacter(id=STRANGER, name=""),
    ]
    prompt = page_question(
        sight, "rtl", [PageComprehension(index=0, synopsis="Rain.", mood="grey", story="It rains.")], people
    )
    assert (prompt.asks, prompt.answer) == ("understand", "PageAnswer")
    assert "right to left" in prompt.text
    assert rows(prompt.text, "person") == [
        {"person": 1, "name": "", "looks": ""}, {"person": 2, "name": "Tom", "looks": ""},
    ]  # fmt: skip
    assert rows(prompt.text, "looks")[2:] == [{"name": "Old Man", "looks": "bald"}]
    assert rows(prompt.text, "sure") == [
        {"balloon": 1, "text": "Hello, Mika!", "panel": 1, "kind": "speech", "sure": 0.95, "speaker": "C2"},
        {"balloon": 2, "text": "Wh0 is th3re?", "panel": 2, "kind": "not known", "sure": 0.4, "speaker": "old-man"},
        {"balloon": 3, "text": "BOOM", "panel": 4, "kind": "sound", "sure": 0.9},
    ]
    assert rows(prompt.text, "balloons")[1] == {"panel": 2, "balloons": "B2", "people": "C1"}
    assert rows(prompt.text, "story") == [{"story": "It rains."}]
    assert rows(prompt.text, "happened") == [{"page": 1, "happened": "Rain.", "mood": "grey"}]


def test_a_question_is_bounded_however_much_is_written() -> None:
    said = [(Box(40, 40, 90, 90), 0, "x" * 9000 + "\n")] * 500
    page = page_of([Box(20, 20, 800, 1000)], said)
    seen = tuple(
        peopled().pages[0].characters[0].model_copy(update={"id": f"s{at}", "character": f"c{at}", "panel": "p0-0"})
        for at in range(300)
    )
    sight = PageView(page.model_copy(update={"characters": seen}), Box(0, 0, 830, 1170))
    before = [
        PageComprehension(index=at, synopsis="z" * 9000, setting="w" * 9000, story="s" * 9000) for at in range(300)
    ]
    people = [DescribedCharacter(id=f"c{at}", name="n" * 900, looks="l" * 9000) for at in range(600)]
    text = page_question(sight, "rtl", before, people).text
    assert len(text) < 32_000
    assert "x" * (MAX_LINE_CHARACTERS + 1) not in text
    assert len(rows(text, "happened")) == PAGES_BEFORE
    assert len(rows(text, "looks")) == 20 + MAX_OTHERS
