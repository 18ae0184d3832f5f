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
"""Context window in tokens that is assumed for hosted models with a known price."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait for a server, and how often to retry when it is busy, failing or briefly unreachable.

    Attributes:
        seconds: Time for a whole answer.
        connect: Seconds to connect.
        tries: Attempts in all.
        first_wait: Seconds before the first retry; each further wait is twice as long.
        longest_wait: Most seconds to wait where the server names a time; beyond that it counts as unusable.
    """

    seconds: float = 300.0
    connect: float = 10.0
    tries: int = 4
    first_wait: float = 1.0
    longest_wait: float = 90.0


@dataclass(frozen=True)
class Server:
    """Address of a server and the model to use there. The API key is never shown."""

    model: str
    url: str = OPENAI
    key: str = field(default="", repr=False)
    patience: RetryPolicy = RetryPolicy()
    max_parallel: int = 4
    """Most requests that may be under way at once."""
    stated_price: Price | None = None
    """Price that the user states, or None."""
    window: int = 32_768
    """Context window in tokens: a question and its answer together."""
    answer: int = 8000
    """Most tokens of one answer, including the model's reasoning."""

    @property
    def price(self) -> Price | None:
        """The stated or the listed price; None where it is not known."""
        return self.stated_price or price_of(self.url, self.model)

    @property
    def host(self) -> str:
        """Host and port of the server, for people."""
        return urlsplit(self.url).netloc or self.url

    @property
    def described(self) -> str:
        """The model and its server, for messages."""
        return f"{self.model} at {self.host}"


def why_unserved(model: str) -> str:
    """Say why a model without a server cannot be asked."""
    return f"the model {model} is named, but no server"


def configured_server(model: str = "", environment: Mapping[str, str] | None = None) -> Server | None:
    """Return the server that OPENAI_BASE_URL or OPENAI_API_KEY names, for `model` or KOMADORI_MODEL.

    A key alone is no permission to spend money: without a model there is no server. Further variables:
    KOMADORI_TIMEOUT (seconds for an answer), KOMADORI_TOGETHER (questions under way at once), KOMADORI_WINDOW (tokens
    of a question and its answer), KOMADORI_ANSWER (tokens of an answer) and KOMADORI_PRICE (US dollars for a million
    tokens, read and written: "2.50/10").

    Args:
        model: Name of the model; "" means KOMADORI_MODEL.
        environment: Variables to read; None means those of this process.

    Returns:
        The server, or None where no model or no server is named.

    Raises:
        SettingsError: A variable has an invalid value.
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
        RetryPolicy(seconds=_read_number(given, "KOMADORI_TIMEOUT", RetryPolicy.seconds, 1, 86_400)),
        max_parallel=int(_read_number(given, "KOMADORI_TOGETHER", Server.max_parallel, 1, 64)),
        stated_price=_read_price(given),
        window=int(_read_number(given, "KOMADORI_WINDOW", window, 2048, 99_999_999)),
        answer=int(_read_number(given, "KOMADORI_ANSWER", Server.answer, 1000, 999_999)),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds after which a server may be asked again, or None where its reply names none."""
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


def status_hint(status: int) -> str:
    """Return a hint for the user by HTTP status (0 where there was none)."""
    if status in (401, 403):
        return "check OPENAI_API_KEY, and whether it may use this model"
    if status == 404:
        return "check KOMADORI_MODEL and OPENAI_BASE_URL (it ends with /v1 on most servers)"
    if status == 429:
        return "wait a while, then run the same command: what was answered is kept"
    return "check OPENAI_BASE_URL and whether the server runs; the same command goes on from here"


def _read_price(given: Mapping[str, str]) -> Price | None:
    """Read KOMADORI_PRICE; None where it is not set."""
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


def _read_number(given: Mapping[str, str], name: str, usual: float, least: int, most: int) -> float:
    """Read a whole number from `least` to `most` from a variable, or return `usual` where it is not set."""
    said = given.get(name, "").strip()
    if not said:
        return usual
    if not (said.isascii() and said.isdecimal() and len(said) <= 9 and least <= int(said) <= most):
        raise SettingsError(
            f"{name} is {said!r}, not a whole number from {least} to {most}", f"correct or unset {name}"
        )
    return float(said)
