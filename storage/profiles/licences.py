"""Look up the licences of models, and refuse models whose licence nobody accepted."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from storage.domain import Shape
from storage.errors import SettingsError
from storage.profiles.names import hub_models

FREE = frozenset({
    "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "unlicense", "openrail", "openrail++",
    "creativeml-openrail-m",
})  # fmt: skip
"""Licences that are free for every use within the law, by their names on the hub."""


class ModelLicence(Shape):
    """The licence of a model."""

    licence: str = ""
    backends: tuple[str, ...] = ()
    """The backends that use this model if no other is named."""
    option: str = "model"
    """The option of these backends that names the model."""

    @property
    def is_free(self) -> bool:
        """Return whether films made with it may be used for anything."""
        return self.licence.lower() in FREE


@cache
def known_models() -> dict[str, ModelLicence]:
    """Return the table of known models, by their names on the hub."""
    text = (Path(__file__).parent / "models.toml").read_text(encoding="utf-8")
    return {name: ModelLicence.model_validate(entry) for name, entry in tomllib.loads(text).items()}


def default_models(backend: str) -> dict[str, str]:
    """Return the models that a backend uses if no others are named, by option; empty if it needs none."""
    return {entry.option: name for name, entry in known_models().items() if backend in entry.backends}


def models_used(backend: str, options: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return all models on the hub that a backend uses, each with its option: those that are named, and its defaults.

    A model in a local folder is left out: its licence is the user's own responsibility.
    """
    return [(option, name.model) for option, name in hub_models({**default_models(backend), **options})]


def refuse_unlicensed(backend: str, options: Mapping[str, object], accepted: Collection[str], where: str = "") -> None:
    """Check that every model of a backend has a licence that is free for every use, or was accepted.

    Args:
        backend: The name of the backend.
        options: The options that the backend is made with; a LoRA or an adapter among them has a licence too.
        accepted: Models whose licence the user accepted.
        where: A place to put before the message.

    Raises:
        SettingsError: A licence is not free for every use, or not known, and was not accepted.
    """
    for _, model in models_used(backend, options):
        entry = known_models().get(model, ModelLicence())
        if entry.is_free or model in accepted:
            continue
        licence = f"{entry.licence}, which is not free for every use" if entry.licence else "no known licence"
        raise SettingsError(
            f"{where}{backend} takes {model}, under {licence}",
            f'read it, and if you keep to it write accepts = ["{model}"] at the head of your profile, and name that',
        )
