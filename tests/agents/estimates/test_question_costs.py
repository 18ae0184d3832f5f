"""Test that the table has one row for each stage that asks, under the name that its prompts and events use."""

from __future__ import annotations

import pytest

from agents.estimates.question_costs import TABLE, cost_of_stage
from agents.llm.prompts import PROMPTS
from storage.settings import Backends, Settings


def test_every_row_is_a_stage_whose_prompt_asks_and_stands_once() -> None:
    asking = {
        line.partition(":")[2].strip()
        for path in PROMPTS.glob("*.md")
        for line in path.read_text(encoding="utf-8").splitlines()[:6]
        if line.startswith("asks:")
    }
    names = [row.stage for row in TABLE]
    assert len(names) == len(set(names))
    assert set(names) <= asking
    assert all(row.questions > 0 and row.input_text_tokens > row.output_tokens > 0 for row in TABLE)


def test_who_asks_goes_by_the_settings() -> None:
    def asking(**said: object) -> set[str]:
        settings = Settings.model_validate(said)
        return {row.stage for row in TABLE if row.is_asked(settings)} & {"understand", "storyboard", "review"}

    drawn = Backends(animate="tests.outside.Drifting")
    assert asking() == set()
    assert asking(model="m", director="rules") == set()
    assert asking(model="m") == {"understand", "storyboard"}
    assert asking(model="m", backends=drawn) == {"understand", "storyboard", "review"}


def test_a_stage_without_a_row_is_not_looked_for() -> None:
    assert cost_of_stage("storyboard").subject == "plan"
    with pytest.raises(StopIteration):
        cost_of_stage("assemble")
