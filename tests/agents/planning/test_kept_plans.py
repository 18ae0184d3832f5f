"""Test that a model's plan of a page is kept until its picture, aspect, style or prompt changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.llm import prompts as prompt_files
from agents.llm.client import ChatClient
from agents.planning.llm_planner import LlmPlanner
from agents.planning.validation import violations
from storage.domain import ShotPlan, VideoFormat
from storage.library import Library
from storage.styles import StyleSheet
from tests.agents.planning.layouts import book, page_of, random_book
from tests.agents.planning.test_llm_planner import GRID, SPOKEN, blank, dutiful, plan_of, shot
from tests.loopback import always, serving


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        yield library


def edited(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str) -> None:
    """Replace a part of a prompt's text."""
    prompts = shutil.copytree(prompt_files.PROMPTS, folder / "prompts")
    before = (prompts / f"{name}.md").read_text(encoding="utf-8")
    assert old in before
    (prompts / f"{name}.md").write_text(before.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(prompt_files, "PROMPTS", prompts)


def test_a_new_pace_asks_nothing_again_and_new_words_do(library: Library) -> None:
    one = book(page_of(GRID, SPOKEN), page_of(GRID, index=1))
    with serving(dutiful) as there:

        def planned(**taste: Any) -> tuple[ShotPlan, ...]:
            director = LlmPlanner(ChatClient(there.server(), library), blank, sheet=StyleSheet(**taste))
            return director.plan(one, VideoFormat(), {})

        usual, calm = planned(), planned(pace="calm")
        assert len(there.asked) == 2
        assert sum(shot.seconds for shot in calm) > sum(shot.seconds for shot in usual)
        planned(mood="merry")
        assert len(there.asked) == 4


def test_what_was_answered_is_planned_again_without_a_question(library: Library) -> None:
    pages = book(*(page_of(GRID, SPOKEN, index=at) for at in range(3)))
    with serving(dutiful) as there:
        first = LlmPlanner(ChatClient(there.server(), library), blank).plan(pages, VideoFormat(), {})
        again = LlmPlanner(ChatClient(there.server(), library), blank).plan(pages, VideoFormat(), {})
    assert first == again
    assert len(there.asked) == 3


def test_a_page_that_did_not_change_keeps_its_plan_though_the_story_before_it_was_mended(library: Library) -> None:
    pages = [page_of(GRID, SPOKEN, index=at) for at in range(4)]
    mended = pages[1].model_copy(update={"balloons": pages[1].balloons[:1]})
    with serving(dutiful) as there:
        first = LlmPlanner(ChatClient(there.server(), library), blank).plan(book(*pages), VideoFormat(), {})
        again = LlmPlanner(ChatClient(there.server(), library), blank).plan(
            book(pages[0], mended, *pages[2:]), VideoFormat(), {}
        )
    assert len(there.asked) == 4 + 1
    assert [shot.camera for shot in first if shot.page != 1] == [shot.camera for shot in again if shot.page != 1]


def test_another_height_or_rate_asks_nothing_and_another_aspect_does(library: Library) -> None:
    pages = random_book(8, "rtl", pages=2)
    sizes = [VideoFormat(width=426, height=240), VideoFormat(), VideoFormat(width=1280, height=720, fps=12)]
    with serving(dutiful) as there:
        for screen in sizes:
            plan = LlmPlanner(ChatClient(there.server(), library), blank).plan(pages, screen, {})
            assert violations(plan, pages, screen) == []
            assert {shot.director for shot in plan} == {"llm"}
        asked = len(there.asked)
        assert "1920" not in there.asked[0].words
        LlmPlanner(ChatClient(there.server(), library), blank).plan(pages, VideoFormat(width=1080, height=1920), {})
    assert asked == len(pages.pages)
    assert len(there.asked) == 2 * asked


def test_a_prompt_that_was_edited_asks_again(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = random_book(8, "rtl", pages=2)
    with serving(dutiful) as there:
        LlmPlanner(ChatClient(there.server(), library), blank).plan(pages, VideoFormat(), {})
        edited(tmp_path, monkeypatch, "storyboard", "three shots alike in a row are dull", "never hold")
        LlmPlanner(ChatClient(there.server(), library), blank).plan(pages, VideoFormat(), {})
    assert ["never hold" in asked.words for asked in there.asked] == [False, False, True, True]


def test_what_was_of_use_of_a_bad_plan_stands_too(library: Library) -> None:
    one = book(page_of(GRID, SPOKEN))
    with serving(always(plan_of(shot(1), shot(4)))) as there:
        first = LlmPlanner(ChatClient(there.server(), library), blank).plan(one, VideoFormat(), {})
        director = LlmPlanner(ChatClient(there.server(), library), blank)
        again = director.plan(one, VideoFormat(), {})
        assert len(there.asked) == 2, "the plan, and its mending"
    assert first == again
    assert [shot.director for shot in first] == ["llm", "rules", "rules", "llm"]
    assert [shot.panels for shot in first] == [("p0-0",), ("p0-1",), ("p0-2",), ("p0-3",)]
    assert director.outcome.failed_pages == {}


def test_what_stands_is_planned_while_the_server_is_away(library: Library) -> None:
    pages = book(*(page_of(GRID, SPOKEN, index=at) for at in range(3)))
    with serving(dutiful) as there:
        first = LlmPlanner(ChatClient(there.server(), library), blank).plan(pages, VideoFormat(), {})
    director = LlmPlanner(ChatClient(there.server(), library), blank, strict=True)
    assert director.plan(pages, VideoFormat(), {}) == first
