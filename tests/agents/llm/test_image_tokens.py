"""Test that image tokens are known by model family, and estimated rather high for unknown models."""

from __future__ import annotations

import pytest

from agents.llm import image_tokens


@pytest.mark.parametrize(
    ("model", "least", "most"),
    [("gpt-4o", 765, 765), ("gpt-4o-mini", 25_501, 25_501), ("openai/gpt-4o-mini-2024-07-18", 25_501, 25_501),
     ("gpt-4.1-mini", 1192, 1192), ("gemma3:4b", 280, 280), ("gpt-5.1", 3000, 3400), ("stranger", 3000, 3400)],
)  # fmt: skip
def test_families_count_the_picture_of_a_page_each_in_their_way(model: str, least: int, most: int) -> None:
    assert least <= image_tokens.image_tokens(model, 723, 1024) <= most


def test_a_smaller_picture_never_takes_more() -> None:
    for model in [*image_tokens.TABLE, "stranger"]:
        assert image_tokens.image_tokens(model, 362, 512) <= image_tokens.image_tokens(model, 723, 1024)
