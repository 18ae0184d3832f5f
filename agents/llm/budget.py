"""Keep the cost of one film's questions within its limits, by reserving the worst case before each request."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from agents.llm.prices import Price
from storage.errors import BudgetError
from storage.records import Event


@dataclass(frozen=True)
class Usage:
    """Tokens read and written by a model."""

    read: int = 0
    written: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.read + self.written

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.read + other.read, self.written + other.written)


def total_spent(asked: Iterable[Event]) -> tuple[Usage, float]:
    """What questions took that were asked before, and US dollars."""
    usage, paid = Usage(), 0.0
    for event in asked:
        usage += Usage(int(str(event.facts["read"])), int(str(event.facts["written"])))
        paid += float(str(event.facts["cost"]))
    return usage, paid


class Budget:
    """Holds the bounds of one film; what is under way counts as if it were to cost the most it might."""

    def __init__(self, price: Price | None, *, money: float, tokens: int, spent: Usage, paid: float) -> None:
        """`spent` and `paid` (US dollars) are what the film has cost so far."""
        self.price = price
        self._money, self._tokens = money, tokens
        self._spent, self._paid = spent, paid
        self._held = Usage()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Usage:
        """The tokens of the film so far."""
        return self._spent

    @property
    def left(self) -> tuple[float, int]:
        """Dollars and tokens that the film may still cost."""
        return max(0.0, self._money - self._paid), max(0, self._tokens - self._spent.total)

    def summary(self) -> str:
        """What the film has cost so far."""
        tokens = f"{self._spent.read} tokens read and {self._spent.written} written for this film so far"
        return f"{tokens}, {self._paid:.2f} dollars" if self.price and any(self.price) else tokens

    def cost(self, usage: Usage) -> float:
        """US dollars; 0 where the price is not known."""
        return self.price.cost(usage.read, usage.written) if self.price else 0.0

    def reserve(self, most: Usage) -> None:
        """Reserve the most that a question may cost. BudgetError when that is more than is left."""
        with self._lock:
            held = self._held + most
            if self._paid + self.cost(held) > self._money:
                raise BudgetError(
                    f"the model may cost this film {self._money:.2f} dollars, it has cost {self._paid:.2f} "
                    f"and the next question may cost {self.cost(most):.2f}",
                    "allow more with --max-cost, or direct the rest by rules",
                )
            if self._spent.total + held.total > self._tokens:
                raise BudgetError(
                    f"the model may read and write {self._tokens} tokens for this film, it was {self._spent.total}",
                    "direct the rest by rules, or film fewer --pages",
                )
            self._held = held

    def settle(self, most: Usage, used: Usage) -> float:
        """Let go of what was reserved, count what was used instead; returns its dollars."""
        with self._lock:
            self._held = Usage(self._held.read - most.read, self._held.written - most.written)
            self._spent, cost = self._spent + used, self.cost(used)
            self._paid += cost
            return cost
