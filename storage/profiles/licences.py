"""The name of a model in, the licence it is under out, as far as it is known here: a table of data."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from storage.errors import SettingsError
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


def refuse(backend: str, options: Mapping[str, object], accepted: Collection[str], where: str = "") -> None:
    """Raise SettingsError for a backend whose model is not free for every use, or not known, and was not accepted.

    `options` are those that the backend is made with; a model in a folder is its owner's own matter.
    """
    model = str(options.get("model") or taken_by(backend))
    if not model or model in accepted or Path(model).expanduser().is_dir():
        return
    found = known().get(model, Known())
    if found.free:
        return
    licence = f"under {found.licence}, which is not free for every use" if found.licence else "under no known licence"
    raise SettingsError(
        f"{where}{backend} takes {model}, {licence}",
        f'read it, and if you keep to it write accepts = ["{model}"] at the head of your profile, and name that',
    )
