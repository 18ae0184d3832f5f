"""Check before any work that every backend named in settings, plans or edits can run.

A backend cannot run when nobody has accepted the licence of its model, when its weights are not on this machine, or
when a package is missing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Literal

from agents.editing import Plan, Reading, SetBackend
from agents.editing.selectors import short_name
from agents.editing.storyboard import EditableStoryboard
from agents.profiles import models_of_backends
from storage.domain import ShotPlan
from storage.errors import BackendError, KomadoriError, PackageMissing, WeightsMissing
from storage.profiles import licences
from storage.profiles.names import ModelName
from storage.settings import Backends, Settings
from tools import backends
from tools.diffusion.weights import Weights


def refuse_settings(settings: Settings, *, planning: bool = False) -> None:
    """Look at the backends of the film itself. Raises SettingsError for a licence, BackendError for the rest.

    All weights that are missing are named at once; who is only `planning` needs neither weights nor packages.
    """
    for capability, name in settings.backends.model_dump().items():
        licences.refuse_unlicensed(name, settings.options_of(capability, name), settings.accepted)
    if (missing := missing_for_film(settings)) and not planning:
        raise missing[0]


def missing_for_film(settings: Settings) -> list[BackendError]:
    """What has to be installed and fetched before this film can be made, each with its command.

    Raises BackendError for what neither would mend.
    """
    found: dict[str, BackendError] = {}
    for capability, name in settings.backends.model_dump().items():
        try:
            _woken(settings, capability, name)
        except PackageMissing as error:
            found.setdefault(error.extra, error)
        except WeightsMissing:
            continue  # told below, all at once
    return [*found.values(), *_unfetched(settings)]


def _unfetched(settings: Settings) -> list[BackendError]:
    missing = missing_weights(settings)
    if not missing:
        return []
    one = settings.profile if settings.profile != Settings().profile else ""
    what = f"--profile {shlex.quote(one)}" if one else " ".join(shlex.quote(str(name)) for name in missing)
    said = f"the weights of {_and(missing)} are not on this machine"
    return [WeightsMissing(said, f"fetch them: python main.py fetch {what}")]


def missing_weights(settings: Settings) -> list[ModelName]:
    """The weights that a film's backends need and that are not on this machine, each once."""
    chosen = settings.backends.model_dump().items()
    found = models_of_backends((capability, name, settings.options_of(capability, name)) for capability, name in chosen)
    return [name for name in found if not Weights(str(name)).is_present]


def refuse_plans(settings: Settings, plans: Iterable[ShotPlan]) -> None:
    """The same for the backends that single shots name."""
    for plan in plans:
        wishes = {"outpaint": plan.render_options.outpaint.backend, "animate": plan.render_options.animate.backend}
        for capability, name in wishes.items():
            _refuse(settings, capability, name, f"shot {short_name(plan.id)}: ")


def refuse_changes(settings: Settings | None, before: EditableStoryboard, after: EditableStoryboard) -> None:
    """The same for the shots that are treated differently now."""
    known = {shot.id: shot.render_options for shot in before.shots}
    refuse_plans(settings or Settings(), (one for one in after.shots if one.render_options != known.get(one.id)))


def refuse_edits(settings: Settings, edits: Iterable[Plan | Reading]) -> None:
    """The same for the backends that edits name."""
    for edit in edits:
        if isinstance(edit, SetBackend):
            _refuse(settings, edit.capability, edit.name, f"{edit.which}: ")


def allowed_backends(settings: Settings, role: Literal["outpaint", "animate"]) -> tuple[str, ...]:
    """The backends that a film may use in a role: its own, those that its settings speak of, and the default."""
    said = [name.partition(".")[2] for name in settings.options if name.partition(".")[0] == role]
    names = dict.fromkeys([getattr(settings.backends, role), *said, getattr(Backends(), role)])
    return tuple(name for name in names if _there(settings, role, name))


def _there(settings: Settings, role: str, name: str) -> bool:
    try:
        _refuse(settings, role, name)
    except KomadoriError:
        return False
    return True


def _refuse(settings: Settings, capability: str, name: str | None, where: str = "") -> None:
    if name:
        licences.refuse_unlicensed(name, settings.options_of(capability, name), settings.accepted, where)
        _woken(settings, capability, name)


def _woken(settings: Settings, capability: str, name: str) -> None:
    """Make a backend, and ask it for its weights, of which it names those that are missing."""
    backends.weights_identity(backends.load_backend(capability, name, **settings.options_of(capability, name)))


def _and(names: Sequence[ModelName]) -> str:
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last
