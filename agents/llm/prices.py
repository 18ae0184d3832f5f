"""Look up the price of a million tokens for a model, in a table as of the date `AS_OF`."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

AS_OF = "2026-06"


class Price(NamedTuple):
    """US dollars a million tokens, read and written."""

    read: float
    written: float

    def cost(self, read: int, written: int) -> float:
        """US dollars for so many tokens."""
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
    """The price of a model; nothing for a server on this machine or in this house, None where it is not known.

    A dated name ("gpt-4o-2024-11-20") costs what its plain name costs. A server in the house that is asked for a model
    that only others have ("openai/gpt-4o") passes the question on, and costs what they ask.
    """
    host = urlsplit(url).hostname or ""
    if not is_near(host):
        return _listed(TABLE.get(host, {}), model)
    name = model.rpartition("/")[2]
    return next((price for names in TABLE.values() if (price := _listed(names, name))), FREE)


def is_near(host: str) -> bool:
    """Whether a host is this machine, or stands in the same house."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".localhost", ".lan")) or "." not in host


def _listed(names: Mapping[str, Price], model: str) -> Price | None:
    return names.get(model) or next((names[name] for name in names if _dated(model, name)), None)


def _dated(model: str, name: str) -> bool:
    rest = model.removeprefix(f"{name}-")
    return rest != model and rest.replace("-", "").isdecimal()
