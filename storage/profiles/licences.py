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
"""Licences free for every use that the law allows, by the names that the hub gives them."""


class ModelLicence(Shape):
    """What is known of a model: its licence, and the backends that take it, for `option`, where no other is named."""

    licence: str = ""
    backends: tuple[str, ...] = ()
    option: str = "model"

    @property
    def is_free(self) -> bool:
        """Whether films made with it may be used for anything."""
        return self.licence.lower() in FREE


@cache
def known_models() -> dict[str, ModelLicence]:
    """Every model in the table, by its name on the hub."""
    text = (Path(__file__).parent / "models.toml").read_text(encoding="utf-8")
    return {name: ModelLicence.model_validate(entry) for name, entry in tomllib.loads(text).items()}


def default_models(backend: str) -> dict[str, str]:
    """The models that a backend takes where no others are named, by option; empty for one that needs none."""
    return {entry.option: name for name, entry in known_models().items() if backend in entry.backends}


def models_used(backend: str, options: Mapping[str, object]) -> dict[str, str]:
    """All models on the hub that a backend draws with, by option: those that are named, and those it takes by itself.

    A model in a folder is its owner's own matter, and is left out.
    """
    return {option: name.model for option, name in hub_models({**default_models(backend), **options}).items()}


def refuse_unlicensed(backend: str, options: Mapping[str, object], accepted: Collection[str], where: str = "") -> None:
    """Raise SettingsError for a backend with a model that is not free for every use, or not known, nor accepted.

    `options` are those that the backend is made with: a LoRA or an adapter among them has a licence too.
    """
    for model in models_used(backend, options).values():
        found = known_models().get(model, ModelLicence())
        if found.is_free or model in accepted:
            continue
        licence = f"{found.licence}, which is not free for every use" if found.licence else "no known licence"
        raise SettingsError(
            f"{where}{backend} takes {model}, under {licence}",
            f'read it, and if you keep to it write accepts = ["{model}"] at the head of your profile, and name that',
        )
