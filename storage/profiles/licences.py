"""The name of a model in, the licence it is under out, as far as it is known here: a table of data."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from storage.shapes import Shape

FREE = frozenset({
    "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "unlicense", "openrail", "openrail++",
    "creativeml-openrail-m",
})  # fmt: skip
"""Licences free for every use that the law allows, by the names that the hub gives them."""


class Known(Shape):
    """What is known of a model: its licence, and the backends that take it where no other is named."""

    licence: str = ""
    backends: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        """Whether films made with it may be used for anything."""
        return self.licence.lower() in FREE


@cache
def known() -> dict[str, Known]:
    """Every model in the table, by its name on the hub."""
    text = (Path(__file__).parent / "models.toml").read_text(encoding="utf-8")
    return {name: Known.model_validate(entry) for name, entry in tomllib.loads(text).items()}


def taken_by(backend: str) -> str:
    """The model that a backend takes where no other is named; "" for one that needs none, or is not known."""
    return next((name for name, entry in known().items() if backend in entry.backends), "")
