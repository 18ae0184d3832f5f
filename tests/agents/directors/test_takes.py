"""Shots before they have numbers: cut to what a shot may last, and dissolved only now and then."""

from __future__ import annotations

from agents.directors.check import violations
from agents.directors.moves import Lens, ideas
from agents.directors.rhythm import Timed
from agents.directors.rules import Rules
from agents.directors.subjects import Style, gather
from agents.directors.takes import LONGEST, Take, in_pieces, numbered, single
from storage.shapes import Box, Screen
from tests.agents.directors.layouts import book, page_of

PAGE = page_of([Box(40, 40, 790, 470)])


def take(seconds: float = 3.0, *, dissolves: bool | None = None, prompt: str = "", director: str = "llm") -> Take:
    box = Box(0, 0, 800, 450)
    return Take(PAGE, ("p0-0",), Timed(((0.0, box), (seconds, box))), (), "hold", "why", dissolves=dissolves,
                prompt=prompt, director=director)  # fmt: skip


def test_a_long_shot_is_cut_into_shots_that_continue_each_other() -> None:
    pieces = in_pieces(take(100.0))
    assert [piece.path.seconds for piece in pieces] == [50.0, 50.0]
    assert in_pieces(take(LONGEST)) == [take(LONGEST)]


def test_a_director_may_dissolve_now_and_then_but_not_always() -> None:
    plan = numbered([take(dissolves=True)] * 40, Screen(), Style())
    wishes = [shot.ordinal for shot in plan if shot.transition == "dissolve"]
    assert wishes == [12, 25, 38]
    assert {shot.transition for shot in numbered([take(dissolves=False)] * 40, Screen(), Style())} == {"cut"}


def test_a_shot_says_who_directed_it_and_what_moves() -> None:
    (llm,) = numbered([take(prompt="the bird turns its head")], Screen(), Style())
    assert (llm.director, llm.prompt, llm.reason) == ("llm", "the bird turns its head", "why")
    (rules,) = numbered([take(director="rules")], Screen(), Style())
    assert (rules.director, rules.prompt) == ("rules", "manga panel, no words; subtle motion")


def test_an_idea_of_two_parts_becomes_two_shots() -> None:
    (subject,), _ = gather(page_of([Box(0, 0, 830, 1170)]), "rtl", {}, Screen().aspect, Style())
    lens = Lens(subject, Screen(), Style())
    idea = next(idea for idea in ideas(lens) if len(idea.parts) == 2)
    first, second = single(idea, lens, subject)
    assert (first.opens_page, second.opens_page) == (subject, None)


def test_a_page_of_print_in_one_balloon_is_not_waited_for_for_ever() -> None:
    said = [(Box(60, 60, 700, 400), 0, "な" * 900), (Box(700, 60, 760, 400), 0, "な" * 300)]
    for lines in (said[:1], said, said[::-1]):
        printed = book(page_of([Box(40, 40, 790, 470)], lines))
        plan = Rules().plan(printed, Screen(), {})
        assert max(shot.seconds for shot in plan) <= 60
        assert violations(plan, printed, Screen()) == []
