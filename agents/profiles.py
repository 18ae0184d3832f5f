"""Apply a named profile to the settings of a film, and report mistakes in a profile file with their line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from storage import profiles
from storage.errors import BackendError
from storage.profiles import Profile, Role
from storage.profiles.names import ModelName, hub_models
from storage.settings import Options, Settings
from tools import backends


def apply_profile(name: str, settings: Settings) -> Settings:
    """`settings` with the backends of the profile `name`."""
    return check_profile(name).apply_to(settings)


def check_profile(name: str) -> Profile:
    """The profile, with backends that exist and options that they take. Raises SettingsError with the line."""
    profile = profiles.load_profile(name)
    if name in profiles.BUILT_IN:
        return profile
    profile = profile.model_copy(update={"name": str(Path(name).expanduser().resolve())})
    for capability, role in profile.roles.items():
        known = backends.backend_names(capability)
        if "." not in role.backend and role.backend not in known:
            choice = ", ".join(known)
            raise profile.error_at(capability, "backend", f"there is no backend {role.backend}; choose one of {choice}")
        taken = backends.backend_options(capability, role.backend)
        for option in role.options:
            if taken is not None and option not in taken:
                choice = ", ".join(sorted(taken)) or "none"
                raise profile.error_at(capability, option, f"{role.backend} takes no such option, but {choice}")
        if found := backends.option_fault(capability, role.backend, role.options):
            raise profile.error_at(capability, *found)
        _made(profile, capability, role)
    return profile


def _made(profile: Profile, capability: str, role: Role) -> None:
    """Make the backend, which loads nothing: options that do not go together are refused by it alone."""
    if "." in role.backend or backends.describe_backend(capability, role.backend).missing:
        return
    try:
        backends.load_backend(capability, role.backend, **role.options)
    except BackendError as reason:
        raise profile.error_at(capability, "", f"{reason.what}; {reason.hint}") from None


def models_needed(profile: Profile) -> list[ModelName]:
    """All that its backends need from the hub, each once, with the commit asked for; folders are left out."""
    return models_of_backends((capability, role.backend, role.options) for capability, role in profile.roles.items())


def models_of_backends(chosen: Iterable[tuple[str, str, Options]]) -> list[ModelName]:
    """The same of backends by capability and name, with the options that they are given."""
    asked = ({**(backends.backend_options(capability, name) or {}), **options} for capability, name, options in chosen)
    return list(dict.fromkeys(name for options in asked for name in hub_models(options).values()))
