"""Print all backends: their licence, whether they can run here, and how to get what is missing."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path

from rich.text import Text

from commands.output.tables import table
from commands.output.terminal import PrintConsole
from storage.profiles import licences
from storage.profiles.names import hub_models
from storage.settings import MAGI
from tools import backends
from tools.diffusion.weights import Weights
from tools.magi import process
from tools.remote_code import LicenceTerms


def print_backends(paper: PrintConsole) -> None:
    """Print all backends as a table, and below it how to get what is missing."""
    listings = backends.list_backends()
    paper.print_table(table("capability backend state licence about", map(_row, listings)))
    cures = dict.fromkeys(cure for item in listings if (cure := _install_hint(item)))
    for number, cure in enumerate(cures):
        paper.print(f"{'to get what is missing:' if not number else '':24}{cure}", soft_wrap=True)
    paper.print("* not free for every use: a profile has to accept it, or --accept-magi-licence", soft_wrap=True)


def models_of(item: backends.BackendListing) -> list[str]:
    """Return the default models of a backend; the first is the one that draws."""
    models = hub_models(backends.backend_options(item.capability, item.name) or {})
    return [] if item.name in MAGI else [str(name) for _, name in models]


def _row(item: backends.BackendListing) -> tuple[str, str, Text, str, str]:
    known = [licences.known_models()[model] for model in models_of(item) if model in licences.known_models()]
    licence = known[0].licence + ("" if all(one.is_free for one in known) else " *") if known else item.licence
    if item.name in MAGI:
        licence = f"{_terms(item).licence} *"
    return item.capability, item.name, _state(item), licence, item.about


def _state(item: backends.BackendListing) -> Text:
    if item.missing:
        return Text(f"lacks {', '.join(item.missing)}", "yellow")
    if item.name in MAGI and not process.is_installed():
        return Text(f"lacks {process.PINNED[0]}", "yellow")
    if _absent_models(item):
        return Text("no weights", "yellow")
    return Text("ready", "green")


def _absent_models(item: backends.BackendListing) -> list[str]:
    """Return the default models of a backend that are not on this machine."""
    if item.name in MAGI:
        return [] if _any_commit(_terms(item).model) else [_terms(item).model]
    return [name for name in models_of(item) if not Weights(name).is_present]


def _install_hint(item: backends.BackendListing) -> str:
    if item.missing:
        return backends.install_command(item.name)
    if item.name in MAGI and not process.is_installed():
        return process.install_command()
    absent = _absent_models(item)
    if absent and item.name in MAGI:
        return f"hf download {absent[0]} --revision COMMIT  (one whose code you have looked at)"
    return f"python main.py fetch {' '.join(absent)}" if absent else ""


def _terms(item: backends.BackendListing) -> LicenceTerms:
    """Return the licence terms of a backend whose model brings its own code."""
    terms: LicenceTerms = importlib.import_module(f"tools.{item.capability}.{item.name}").TERMS
    return terms


def _any_commit(model: str) -> bool:
    """Return whether any commit of a model is on this machine. Which commit is trusted is a setting."""
    if find_spec("huggingface_hub") is None:
        return False
    from huggingface_hub import constants

    place = Path(constants.HF_HUB_CACHE) / f"models--{model.replace('/', '--')}" / "snapshots"
    return any(place.glob("*/config.json"))
