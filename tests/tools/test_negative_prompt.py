"""A negative prompt travels inside the prompt and reaches the pipelines that take one."""

from __future__ import annotations

import pytest

from tools.negative_prompt import join_prompt, split_prompt, split_schedule, to_pipeline_args


@pytest.mark.parametrize("wish", ["she turns", "she turns. She smiles", ""])
@pytest.mark.parametrize("without", ["rain, letters", ""])
def test_both_are_one_prompt_and_come_apart_again(wish: str, without: str) -> None:
    assert split_prompt(join_prompt(wish, without)) == (wish, without)


def test_a_prompt_is_plain_sentences() -> None:
    assert join_prompt("She turns.", "rain") == "She turns. Never: rain"
    assert join_prompt("", "rain") == "Never: rain"
    assert join_prompt("she turns", "") == "she turns"
    assert split_prompt("a drawing come alive, Never: rain") == ("a drawing come alive", "rain")


def test_who_hears_no_negative_prompt_is_told_in_the_prompt() -> None:
    assert to_pipeline_args("she turns. Never: rain", "blurry", guided=True) == ("she turns", "rain, blurry")
    assert to_pipeline_args("she turns. Never: rain", "blurry", guided=False) == ("she turns. Never: rain", "blurry")
    assert to_pipeline_args("she turns", "", guided=True) == ("she turns", "")


def test_what_follows_is_asked_in_turn_and_what_holds_for_all_is_said_each_time() -> None:
    assert split_schedule("she turns, then smiles and then runs") == ("she turns", "smiles", "runs")
    assert split_schedule("She turns. Then she smiles; black hair; a street. Never: rain") == (
        "She turns; black hair; a street. Never: rain", "she smiles; black hair; a street. Never: rain",
    )  # fmt: skip


@pytest.mark.parametrize(
    "prompt", ["", "she turns; a street.", "then she smiles", "strengthened hair. Never: rain", ", then "]
)
def test_where_nothing_follows_a_prompt_stays_as_it_is(prompt: str) -> None:
    assert split_schedule(prompt) == (prompt,)
