"""Test the price of a model: listed, free on a local server, or unknown."""

from __future__ import annotations

import pytest

from agents.llm.prices import FREE, TABLE, price_of

HOSTED = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/v1", "http://localhost:11434/v1", "http://192.168.1.9/v1", "http://gpu.local/v1",
            "http://ollama:11434/v1", "http://[::1]:80/v1"],
)  # fmt: skip
def test_a_server_in_the_house_costs_nothing_unless_it_passes_on_what_others_have(url: str) -> None:
    assert price_of(url, "gemma-3-4b-it") == FREE
    for name in ("gpt-4o", "openai/gpt-4o-2024-11-20"):
        assert price_of(url, name) == TABLE["api.openai.com"]["gpt-4o"]


def test_a_dated_name_costs_what_its_plain_name_costs_and_a_stranger_is_not_known() -> None:
    table = TABLE["api.openai.com"]
    assert price_of(HOSTED, "gpt-4o-2024-11-20") == table["gpt-4o"]
    assert price_of(HOSTED, "gpt-4o-mini") == table["gpt-4o-mini"] != table["gpt-4o"]
    assert price_of(HOSTED, "gpt-4o-audio") is None
    assert price_of("https://models.example.org/v1", "gpt-4o") is None


def test_prices_are_dollars_a_million() -> None:
    assert all(0 < price.read < price.written < 1000 for names in TABLE.values() for price in names.values())
