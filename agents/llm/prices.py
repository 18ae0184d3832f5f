"""Look up the price of a million tokens for a model, in a table as of the date `AS_OF`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from tools.http_server import is_near

AS_OF = "2026-06"


class Price(NamedTuple):
    """Price of a million tokens in US dollars, for tokens read and tokens written."""

    read: float
    written: float

    def cost(self, read: int, written: int) -> float:
        """Return the US dollars for a number of tokens."""
        return (read * self.read + written * self.written) / 1e6


FREE = Price(0.0, 0.0)
TABLE = {
    "api.openai.com": {
        "gpt-4o": Price(2.50, 10.00),
        "gpt-4o-mini": Price(0.15, 0.60),
        "gpt-4.1": Price(2.00, 8.00),
        "gpt-4.1-mini": Price(0.40, 1.60),
        "gpt-4.1-nano": Price(0.10, 0.40),
        "gpt-5": Price(1.25, 10.00),
        "gpt-5-mini": Price(0.25, 2.00),
        "gpt-5-nano": Price(0.05, 0.40),
        "gpt-5.1": Price(1.25, 10.00),
        "gpt-5.4": Price(2.50, 15.00),
        "o3": Price(2.00, 8.00),
        "o4-mini": Price(1.10, 4.40),
    },
}


def price_of(url: str, model: str) -> Price | None:
    """Return the price of a model: free on this machine or the local network, None where it is not known.

    A dated name ("gpt-4o-2024-11-20") costs what its plain name costs. A local server that is asked for a hosted model
    ("openai/gpt-4o") passes the question on and costs what the hosted model costs.
    """
    host = urlsplit(url).hostname or ""
    if not is_near(host):
        return _listed_price(TABLE.get(host, {}), model)
    name = model.rpartition("/")[2]
    return next((price for names in TABLE.values() if (price := _listed_price(names, name))), FREE)


def _listed_price(names: Mapping[str, Price], model: str) -> Price | None:
    """Return the listed price of a model or of its undated name, or None."""
    return names.get(model) or next((names[name] for name in names if _is_dated(model, name)), None)


def _is_dated(model: str, name: str) -> bool:
    """Return whether `model` is `name` with a date behind it."""
    rest = model.removeprefix(f"{name}-")
    return rest != model and rest.replace("-", "").isdecimal()
