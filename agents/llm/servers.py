"""Read from environment variables which server and model to use. Opens no connection."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from agents.llm.prices import TABLE, Price, price_of
from storage.errors import SettingsError

OPENAI = "https://api.openai.com/v1"
HOSTED_WINDOW = 128_000
"""Tokens that the hosted models take whose prices are known."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long a server may take, and how often it is asked again when it is busy, ailing or gone for a moment."""

    seconds: float = 300.0
    connect: float = 10.0
    tries: int = 4
    first_wait: float = 1.0
    longest_wait: float = 90.0


@dataclass(frozen=True)
class Server:
    """Where a model is asked; `key` is never shown."""

    model: str
    url: str = OPENAI
    key: str = field(default="", repr=False)
    patience: RetryPolicy = RetryPolicy()
    max_parallel: int = 4
    """How many requests may be under way at once."""
    stated_price: Price | None = None
    """What it costs, where the user says so."""
    window: int = 32_768
    """Tokens that a question and its answer may be together."""
    answer: int = 8000
    """Tokens that one answer may be, thoughts included."""

    @property
    def price(self) -> Price | None:
        """What it costs; None where nobody knows."""
        return self.stated_price or price_of(self.url, self.model)

    @property
    def host(self) -> str:
        """Its name for people."""
        return urlsplit(self.url).netloc or self.url

    @property
    def described(self) -> str:
        """The model and where it is asked, in words."""
        return f"{self.model} at {self.host}"


def why_unserved(model: str) -> str:
    """Why a model cannot be asked that nothing serves, in words."""
    return f"the model {model} is named, but no server"


def configured_server(model: str = "", environment: Mapping[str, str] | None = None) -> Server | None:
    """The server that the environment names by OPENAI_BASE_URL or OPENAI_API_KEY, for `model` or KOMADORI_MODEL.

    A key alone is no wish to spend money: without a model there is none. KOMADORI_TIMEOUT says how many seconds an
    answer may take, KOMADORI_TOGETHER how many questions may be under way at once, KOMADORI_WINDOW how many tokens a
    question and its answer may be, KOMADORI_ANSWER how many an answer, KOMADORI_PRICE what a million of them cost, read
    and written, in dollars: "2.50/10". SettingsError for other words there.
    """
    given = os.environ if environment is None else environment
    key, url = (given.get(name, "").strip() for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"))
    model = (model or given.get("KOMADORI_MODEL", "")).strip()
    if not model or not (key or url):
        return None
    url = url or OPENAI
    window = HOSTED_WINDOW if urlsplit(url).hostname in TABLE else Server.window
    return Server(
        model,
        url,
        key,
        RetryPolicy(seconds=_number(given, "KOMADORI_TIMEOUT", RetryPolicy.seconds, 1, 86_400)),
        max_parallel=int(_number(given, "KOMADORI_TOGETHER", Server.max_parallel, 1, 64)),
        stated_price=_price(given),
        window=int(_number(given, "KOMADORI_WINDOW", window, 2048, 99_999_999)),
        answer=int(_number(given, "KOMADORI_ANSWER", Server.answer, 1000, 999_999)),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds after which a server says that it may be asked again; None where its reply names none."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        after = headers.get("retry-after")
        if not after:
            return None
        if after.replace(".", "", 1).isdecimal():
            return float(after)
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except ValueError:
        return None


def _price(given: Mapping[str, str]) -> Price | None:
    said = given.get("KOMADORI_PRICE", "").strip()
    if not said:
        return None
    try:
        read, written = (float(part) for part in said.split("/"))
        if not (0 <= read <= 10_000 and 0 <= written <= 10_000):
            raise ValueError(said)
    except ValueError:
        cure = "write dollars for a million tokens, read and written, as 2.50/10, or unset it"
        raise SettingsError(f"KOMADORI_PRICE is {said!r}, not two prices", cure) from None
    return Price(read, written)


def _number(given: Mapping[str, str], name: str, usual: float, least: int, most: int) -> float:
    said = given.get(name, "").strip()
    if not said:
        return usual
    if not (said.isascii() and said.isdecimal() and len(said) <= 9 and least <= int(said) <= most):
        raise SettingsError(f"{name} is {said!r}, not a whole number from {least} to {most}", f"mend or unset {name}")
    return float(said)
