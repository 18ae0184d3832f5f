"""The environment in, the server that it names out, or none. Opens nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from storage.errors import SettingsError

OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Patience:
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
    patience: Patience = Patience()
    together: int = 4
    """How many requests may be under way at once."""

    @property
    def host(self) -> str:
        """Its name for people."""
        return urlsplit(self.url).netloc or self.url


def configured(model: str = "", environment: Mapping[str, str] | None = None) -> Server | None:
    """The server that the environment names by OPENAI_BASE_URL or OPENAI_API_KEY, for `model` or KOMADORI_MODEL.

    A key alone is no wish to spend money: without a model there is none. KOMADORI_TIMEOUT says how many seconds an
    answer may take, KOMADORI_TOGETHER how many questions may be under way at once. SettingsError for other words there.
    """
    given = os.environ if environment is None else environment
    key, url = (given.get(name, "").strip() for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"))
    model = (model or given.get("KOMADORI_MODEL", "")).strip()
    if not model or not (key or url):
        return None
    patience, usual = Patience(seconds=_number(given, "KOMADORI_TIMEOUT", Patience.seconds, 1, 86_400)), Server.together
    return Server(model, url or OPENAI, key, patience, int(_number(given, "KOMADORI_TOGETHER", usual, 1, 64)))


def _number(given: Mapping[str, str], name: str, usual: float, least: int, most: int) -> float:
    said = given.get(name, "").strip()
    if not said:
        return usual
    if not (said.isascii() and said.isdecimal() and least <= int(said[:9]) <= most):
        raise SettingsError(f"{name} is {said!r}, not a whole number from {least} to {most}", f"mend or unset {name}")
    return float(said)
