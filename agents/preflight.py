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
    """Check the backends of the film itself. All weights that are missing are named at once.

    Args:
        settings: The film's settings.
        planning: Do not require weights and packages, which planning does not need.

    Raises:
        SettingsError: Nobody has accepted a model's licence.
        BackendError: Anything else is missing.
    """
    for capability, name in settings.backends.model_dump().items():
        licences.refuse_unlicensed(name, settings.options_of(capability, name), settings.accepted)
    if (missing := missing_for_film(settings)) and not planning:
        raise missing[0]


def missing_for_film(settings: Settings) -> list[BackendError]:
    """Return what has to be installed and downloaded before this film can be made, each with its command.

    Raises:
        BackendError: A backend cannot work for another reason.
    """
    errors: dict[str, BackendError] = {}
    for capability, name in settings.backends.model_dump().items():
        try:
            _check_weights(settings, capability, name)
        except PackageMissing as error:
            errors.setdefault(error.extra, error)
        except WeightsMissing:
            continue  # reported below, all at once
    return [*errors.values(), *_missing_weights_errors(settings)]


def _missing_weights_errors(settings: Settings) -> list[BackendError]:
    """Return one error that names all missing weights, or nothing."""
    missing = missing_weights(settings)
    if not missing:
        return []
    profile = settings.profile if settings.profile != Settings().profile else ""
    fetch_arguments = (
        f"--profile {shlex.quote(profile)}" if profile else " ".join(shlex.quote(str(name)) for name in missing)
    )
    message = f"the weights of {_join_names(missing)} are not on this machine"
    return [WeightsMissing(message, f"fetch them: python main.py fetch {fetch_arguments}")]


def missing_weights(settings: Settings) -> list[ModelName]:
    """Return the weights that a film's backends need and that are not on this machine, each once."""
    chosen = settings.backends.model_dump().items()
    models = models_of_backends(
        (capability, name, settings.options_of(capability, name)) for capability, name in chosen
    )
    return [name for name in models if not Weights(str(name)).is_present]


def refuse_plans(settings: Settings, plans: Iterable[ShotPlan]) -> None:
    """Check the backends that single shots name. Raises as `refuse_settings` does."""
    for plan in plans:
        shot_backends = {
            "outpaint": plan.render_options.outpaint.backend,
            "animate": plan.render_options.animate.backend,
        }
        for capability, name in shot_backends.items():
            _refuse_backend(settings, capability, name, f"shot {short_name(plan.id)}: ")


def refuse_changes(settings: Settings | None, before: EditableStoryboard, after: EditableStoryboard) -> None:
    """Check the backends of the shots whose render options have changed. Raises as `refuse_settings` does."""
    options_before = {shot.id: shot.render_options for shot in before.shots}
    refuse_plans(
        settings or Settings(),
        (shot for shot in after.shots if shot.render_options != options_before.get(shot.id)),
    )


def refuse_edits(settings: Settings, edits: Iterable[Plan | Reading]) -> None:
    """Check the backends that edits name. Raises as `refuse_settings` does."""
    for edit in edits:
        if isinstance(edit, SetBackend):
            _refuse_backend(settings, edit.capability, edit.name, f"{edit.which}: ")


def allowed_backends(settings: Settings, role: Literal["outpaint", "animate"]) -> tuple[str, ...]:
    """Return the backends that a film may use in a role: its own, those its settings configure, and the default."""
    configured = [name.partition(".")[2] for name in settings.options if name.partition(".")[0] == role]
    names = dict.fromkeys([getattr(settings.backends, role), *configured, getattr(Backends(), role)])
    return tuple(name for name in names if _is_usable(settings, role, name))


def _is_usable(settings: Settings, role: str, name: str) -> bool:
    """Return whether a backend can be used."""
    try:
        _refuse_backend(settings, role, name)
    except KomadoriError:
        return False
    return True


def _refuse_backend(settings: Settings, capability: str, name: str | None, where: str = "") -> None:
    """Check one backend; `where` opens the message."""
    if name:
        licences.refuse_unlicensed(name, settings.options_of(capability, name), settings.accepted, where)
        _check_weights(settings, capability, name)


def _check_weights(settings: Settings, capability: str, name: str) -> None:
    """Load a backend and ask for the identity of its weights, which raises where weights are missing."""
    backends.weights_identity(backends.load_backend(capability, name, **settings.options_of(capability, name)))


def _join_names(names: Sequence[ModelName]) -> str:
    """Join names as in "a, b and c"."""
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last
