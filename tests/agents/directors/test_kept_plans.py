"""What a model has answered of a page stands until another picture, aspect, style or prompt asks anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents import prompting
from agents.chat import Chat
from agents.directors.check import violations
from agents.directors.llm import Llm
from storage.library import Library
from storage.shapes import Screen, ShotPlan
from storage.styles import StyleSheet
from tests.agents.directors.layouts import book, page_of, random_book
from tests.agents.directors.test_llm import GRID, SPOKEN, blank, dutiful, plan_of, shot
from tests.loopback import always, serving


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        yield library


def edited(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str) -> None:
    """Have a prompt say something else."""
    prompts = shutil.copytree(prompting.PROMPTS, folder / "prompts")
    before = (prompts / f"{name}.md").read_text(encoding="utf-8")
    assert old in before
    (prompts / f"{name}.md").write_text(before.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(prompting, "PROMPTS", prompts)


def test_a_new_pace_asks_nothing_again_and_new_words_do(library: Library) -> None:
    one = book(page_of(GRID, SPOKEN), page_of(GRID, index=1))
    with serving(dutiful) as there:

        def planned(**taste: Any) -> tuple[ShotPlan, ...]:
            director = Llm(Chat(there.server(), library), blank, sheet=StyleSheet(**taste))
            return director.plan(one, Screen(), {})

        usual, calm = planned(), planned(pace="calm")
        assert len(there.asked) == 2
        assert sum(shot.seconds for shot in calm) > sum(shot.seconds for shot in usual)
        planned(mood="merry")
        assert len(there.asked) == 4


def test_what_was_answered_is_planned_again_without_a_question(library: Library) -> None:
    pages = book(*(page_of(GRID, SPOKEN, index=at) for at in range(3)))
    with serving(dutiful) as there:
        first = Llm(Chat(there.server(), library), blank).plan(pages, Screen(), {})
        again = Llm(Chat(there.server(), library), blank).plan(pages, Screen(), {})
    assert first == again
    assert len(there.asked) == 3


def test_a_page_that_did_not_change_keeps_its_plan_though_the_story_before_it_was_mended(library: Library) -> None:
    pages = [page_of(GRID, SPOKEN, index=at) for at in range(4)]
    mended = pages[1].model_copy(update={"texts": pages[1].texts[:1]})
    with serving(dutiful) as there:
        first = Llm(Chat(there.server(), library), blank).plan(book(*pages), Screen(), {})
        again = Llm(Chat(there.server(), library), blank).plan(book(pages[0], mended, *pages[2:]), Screen(), {})
    assert len(there.asked) == 4 + 1
    assert [shot.camera for shot in first if shot.page != 1] == [shot.camera for shot in again if shot.page != 1]


def test_another_height_or_rate_asks_nothing_and_another_aspect_does(library: Library) -> None:
    pages = random_book(8, "rtl", pages=2)
    sizes = [Screen(width=426, height=240), Screen(), Screen(width=1280, height=720, fps=12)]
    with serving(dutiful) as there:
        for screen in sizes:
            plan = Llm(Chat(there.server(), library), blank).plan(pages, screen, {})
            assert violations(plan, pages, screen) == []
            assert {shot.director for shot in plan} == {"llm"}
        asked = len(there.asked)
        assert "1920" not in there.asked[0].words
        Llm(Chat(there.server(), library), blank).plan(pages, Screen(width=1080, height=1920), {})
    assert asked == len(pages.pages)
    assert len(there.asked) == 2 * asked


def test_a_prompt_that_was_edited_asks_again(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = random_book(8, "rtl", pages=2)
    with serving(dutiful) as there:
        Llm(Chat(there.server(), library), blank).plan(pages, Screen(), {})
        edited(tmp_path, monkeypatch, "storyboard", "three shots alike in a row are dull", "never hold")
        Llm(Chat(there.server(), library), blank).plan(pages, Screen(), {})
    assert ["never hold" in asked.words for asked in there.asked] == [False, False, True, True]


def test_what_was_of_use_of_a_bad_plan_stands_too(library: Library) -> None:
    one = book(page_of(GRID, SPOKEN))
    with serving(always(plan_of(shot(1), shot(4)))) as there:
        first = Llm(Chat(there.server(), library), blank).plan(one, Screen(), {})
        director = Llm(Chat(there.server(), library), blank)
        again = director.plan(one, Screen(), {})
        assert len(there.asked) == 2, "the plan, and its mending"
    assert first == again
    assert [shot.director for shot in first] == ["llm", "rules", "rules", "llm"]
    assert [shot.panels for shot in first] == [("p0-0",), ("p0-1",), ("p0-2",), ("p0-3",)]
    assert director.outcome.left == {}


def test_what_stands_is_planned_while_the_server_is_away(library: Library) -> None:
    pages = book(*(page_of(GRID, SPOKEN, index=at) for at in range(3)))
    with serving(dutiful) as there:
        first = Llm(Chat(there.server(), library), blank).plan(pages, Screen(), {})
    director = Llm(Chat(there.server(), library), blank, strict=True)
    assert director.plan(pages, Screen(), {}) == first
