"""Test the limits of a film: reserved before a question and settled after it, also by several threads."""

from __future__ import annotations

import threading

import pytest

from agents.llm.budget import Budget, Usage
from agents.llm.prices import FREE, Price
from storage.errors import BudgetError

DEAR = Price(10.0, 100.0)


def budget(price: Price | None = DEAR, money: float = 1.0, tokens: int = 10**9) -> Budget:
    return Budget(price, money=money, tokens=tokens, spent=Usage(), paid=0.0)


def test_what_is_held_counts_until_it_is_settled() -> None:
    one = budget()
    most = Usage(10_000, 5_000)  # 0.60 dollars
    one.reserve(most)
    with pytest.raises(BudgetError, match="may cost"):
        one.reserve(most)
    assert one.settle(most, Usage(10_000, 1_000)) == pytest.approx(0.2)
    one.reserve(most)


def test_what_was_spent_before_counts() -> None:
    with pytest.raises(BudgetError):
        Budget(DEAR, money=1.0, tokens=10**9, spent=Usage(), paid=0.9).reserve(Usage(10_000, 5_000))


@pytest.mark.parametrize("price", [None, FREE])
def test_tokens_are_bounded_where_nothing_costs(price: Price | None) -> None:
    one = budget(price, money=0.0, tokens=20_000)
    one.reserve(Usage(8_000, 8_000))
    with pytest.raises(BudgetError, match="tokens"):
        one.reserve(Usage(8_000, 8_000))


def test_many_who_ask_at_once_stay_within_the_bound() -> None:
    one, most = budget(), Usage(0, 1_000)  # 0.10 dollars
    refused: list[BudgetError] = []

    def ask() -> None:
        try:
            one.reserve(most)
        except BudgetError as error:
            refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 15
