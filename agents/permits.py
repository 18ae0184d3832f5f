"""Settings with the plans or edits made for them in; nothing out, or why a backend that they name may not work.

Its model has a licence that nobody accepted, its weights are not on this machine, or a package is missing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from agents.edits import Plan, Reading, SetBackend
from agents.edits.board import Board
from agents.edits.which import shown
from storage.errors import BackendError
from storage.profiles import licences
from storage.profiles.names import Name, on_the_hub
from storage.settings import Settings
from storage.shapes import ShotPlan
from tools import backends
from tools.diffusion.weights import Weights


def refuse_settings(settings: Settings) -> None:
    """Look at the backends of the film itself. Raises SettingsError for a licence, BackendError for the rest.

    All weights that are missing are named at once.
    """
    chosen = settings.backends.model_dump().items()
    for capability, name in chosen:
        _refuse(settings, capability, name, weights=False)
    if missing := absent(settings):
        one = settings.profile if settings.profile != Settings().profile else ""
        what = f"--profile {shlex.quote(one)}" if one else " ".join(shlex.quote(str(name)) for name in missing)
        raise BackendError(
            f"the weights of {_and(missing)} are not on this machine", f"fetch them: python main.py fetch {what}"
        )
    for capability, name in chosen:
        _refuse(settings, capability, name)


def absent(settings: Settings) -> list[Name]:
    """The weights that a film's backends need and that are not on this machine, each once."""
    asked = (
        {**(backends.options(capability, name) or {}), **settings.options_of(capability, name)}
        for capability, name in settings.backends.model_dump().items()
    )
    found = dict.fromkeys(name for options in asked for name in on_the_hub(options).values())
    return [name for name in found if not Weights(str(name)).there]


def refuse_plans(settings: Settings, plans: Iterable[ShotPlan]) -> None:
    """The same for the backends that single shots name."""
    for plan in plans:
        wishes = {"outpaint": plan.treatment.outpaint.backend, "animate": plan.treatment.animate.backend}
        for capability, name in wishes.items():
            _refuse(settings, capability, name, f"shot {shown(plan.id)}: ")


def refuse_changes(settings: Settings | None, before: Board, after: Board) -> None:
    """The same for the shots that are treated differently now."""
    known = {shot.id: shot.treatment for shot in before.shots}
    refuse_plans(settings or Settings(), (one for one in after.shots if one.treatment != known.get(one.id)))


def refuse_edits(settings: Settings, edits: Iterable[Plan | Reading]) -> None:
    """The same for the backends that edits name."""
    for edit in edits:
        if isinstance(edit, SetBackend):
            _refuse(settings, edit.capability, edit.name, f"{edit.which}: ")


def _refuse(settings: Settings, capability: str, name: str | None, where: str = "", *, weights: bool = True) -> None:
    if name:
        options = settings.options_of(capability, name)
        licences.refuse(name, options, settings.accepted, where)
        backend = backends.load(capability, name, **options)
        if weights:
            getattr(backend, "identity", "")  # which names those that are missing


def _and(names: Sequence[Name]) -> str:
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last
