"""Test that a page's own failure skips that page, and a server failure or three in a row skip the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.llm.client import ChatClient
from agents.llm.failures import IN_A_ROW, BatchFailures
from agents.planning.llm_planner import LlmPlanner
from storage.domain import VideoFormat
from storage.errors import AnswerError, BudgetError, ChatError, QuestionError
from tests.agents.planning.layouts import book, page_of
from tests.agents.planning.test_llm_planner import GRID, SPOKEN, blank, dutiful
from tests.loopback import QUICK, Asked, Said, Script, always, serving

UNUSABLE = AnswerError("no usable answer", "another model")
LATE = QuestionError("no answer within 300 s", "more time", reason="late")
LONG = QuestionError("longer than the window", "a larger window", reason="too_long")


@pytest.mark.parametrize("error", [UNUSABLE, LATE], ids=["unusable", "late"])
def test_failures_in_a_row_end_the_asking_and_one_good_page_breaks_the_row(error: ChatError) -> None:
    outcome = BatchFailures()
    for page in range(IN_A_ROW - 1):
        outcome.failed(page, error)
    outcome.answered()
    outcome.failed(3, error)
    assert not outcome.stopped
    outcome.failed(4, error)
    outcome.failed(5, error)
    outcome.skipped(6)
    outcome.skipped(7)
    assert sorted(outcome.failed_pages) == [0, 1, 3, 4, 5, 6, 7]
    assert {outcome.failed_pages[page] for page in (0, 1, 3, 4, 5)} == {error.what}, "the error's own words"
    assert {outcome.failed_pages[page] for page in (6, 7)} == {outcome.stopped}
    assert outcome.error is error
    assert [line.split(" directed")[0] for line in outcome.summary()] == ["pages 1-2, 4-6", "pages 7-8"]


def test_the_server_s_own_failure_ends_it_at_once() -> None:
    outcome = BatchFailures()
    outcome.failed(0, ChatError("nobody there", "start it"))
    assert outcome.stopped == "nobody there"
    spared = BatchFailures()
    spared.failed(0, BudgetError("no money", "more"), "it is kept for later")
    assert (spared.stopped, spared.failed_pages) == ("it is kept for later", {0: "it is kept for later"})


def test_what_is_too_long_to_be_sent_is_no_sign_against_the_server() -> None:
    outcome = BatchFailures()
    for page in range(9):
        outcome.failed(page, LONG)
    assert not outcome.stopped


def test_who_insists_hears_of_the_server_s_failure_and_not_of_a_page_s() -> None:
    with pytest.raises(ChatError):
        BatchFailures(strict=True).failed(0, ChatError("nobody there", "start it"))
    with pytest.raises(QuestionError):
        BatchFailures(strict=True).failed(0, LATE)  # it was never heard
    outcome = BatchFailures(strict=True)
    outcome.answered()
    outcome.failed(0, LATE)
    outcome.failed(1, UNUSABLE)
    with pytest.raises(QuestionError):
        outcome.failed(2, LATE)
    outcome = BatchFailures(strict=True)
    outcome.failed(0, BudgetError("no money", "more"))
    assert outcome.stopped


def left(script: Script, pages: int = 6) -> tuple[list[int], int]:
    """Return the pages of a book that the model left to the rules, and the number of requests."""
    whole = book(*(page_of(GRID, SPOKEN, index=at) for at in range(pages)))
    with serving(script) as there:
        director = LlmPlanner(ChatClient(there.server(replace(QUICK, seconds=0.4))), blank)
        director.plan(whole, VideoFormat(), {})
    return sorted(director.outcome.failed_pages), len(there.asked)


def but(said: Said, *numbers: int) -> Script:
    """Answer as a dutiful model, except to these requests."""

    def script(asked: Asked, number: int) -> Said:
        return said if number in numbers else dutiful(asked, number)

    return script


def test_one_slow_or_refused_page_does_not_cost_the_rest_of_the_book_its_director() -> None:
    slow, refused = Said("late", delay=0.8), Said("image too large", status=400)
    assert left(but(slow, 2)) == ([], 7), "who is late once is asked again"
    assert left(but(slow, 2, 3)) == ([2], 7)
    assert left(but(refused, 0, 1, 2)) == ([0], 3 + 5), "in every form that there is"


def test_a_model_that_thinks_and_never_answers_is_stopped_after_three_pages() -> None:
    assert left(always(Said("", finish="length", written=8000)), pages=9) == ([*range(9)], 2 * IN_A_ROW + 1)
