"""Keep the cost of one film's questions within its limits, by reserving the worst case before each request."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.llm.prices import Price
from storage.errors import BudgetError
from storage.records import Event


@dataclass(frozen=True)
class Usage:
    """Number of tokens that a model has read and written."""

    read: int = 0
    written: int = 0

    @property
    def total(self) -> int:
        """Tokens read plus tokens written."""
        return self.read + self.written

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.read + other.read, self.written + other.written)


def total_spent(asked: Iterable[Event]) -> tuple[Usage, float]:
    """Return the tokens and the US dollars that the recorded questions have cost."""
    usage, paid = Usage(), 0.0
    for event in asked:
        usage += Usage(int(str(event.facts["read"])), int(str(event.facts["written"])))
        paid += float(str(event.facts["cost"]))
    return usage, paid


def usage_so_far(asked: Sequence[Event], model: str) -> tuple[Usage, float, float, int]:
    """Return what the film has used so far, and how far this model's token counts exceeded the estimates.

    Returns:
        Tokens used; US dollars paid; the largest ratio of measured to estimated tokens (at least 1); the most tokens
        that this model has read in one request.
    """
    usage, paid = total_spent(asked)
    off, longest = 1.0, 0
    for event in asked:
        read, guessed = int(str(event.facts["read"])), int(str(event.facts.get("guessed") or 0))
        if guessed and event.facts["model"] == model:
            off, longest = max(off, read / guessed), max(longest, read)
    return usage, paid, off, longest


class Budget:
    """Enforce the limits of one film; questions under way count at the most that they may cost."""

    def __init__(self, price: Price | None, *, money: float, tokens: int, spent: Usage, paid: float) -> None:
        """Set the limits and what the film has cost so far.

        Args:
            price: Price of the model's tokens, or None where it is not known.
            money: Limit in US dollars.
            tokens: Limit in tokens, read and written together.
            spent: Tokens that the film has used so far.
            paid: US dollars that the film has cost so far.
        """
        self.price = price
        self._money, self._tokens = money, tokens
        self._spent, self._paid = spent, paid
        self._held = Usage()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Usage:
        """Tokens that the film has used so far."""
        return self._spent

    @property
    def left(self) -> tuple[float, int]:
        """US dollars and tokens that the film may still use, each at least 0."""
        return max(0.0, self._money - self._paid), max(0, self._tokens - self._spent.total)

    def summary(self) -> str:
        """Format what the film has cost so far, for people."""
        tokens = f"{self._spent.read} tokens read and {self._spent.written} written for this film so far"
        return f"{tokens}, {self._paid:.2f} dollars" if self.price and any(self.price) else tokens

    def cost(self, usage: Usage) -> float:
        """Return the US dollars for a number of tokens, or 0 where the price is not known."""
        return self.price.cost(usage.read, usage.written) if self.price else 0.0

    def reserve(self, most: Usage) -> None:
        """Reserve the most that a question may cost.

        Raises:
            BudgetError: The question may cost more dollars or tokens than are left.
        """
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
        """Release what was reserved, count what was used instead, and return its cost in US dollars."""
        with self._lock:
            self._held = Usage(self._held.read - most.read, self._held.written - most.written)
            self._spent, cost = self._spent + used, self.cost(used)
            self._paid += cost
            return cost
