"""The name of a profile in, the settings of a film made by it out; what is wrong in the user's own names its line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from storage import profiles
from storage.errors import BackendError
from storage.profiles import Profile, Role
from storage.profiles.names import Name, on_the_hub
from storage.settings import Options, Settings
from tools import backends


def profiled(name: str, settings: Settings) -> Settings:
    """`settings` with the backends of the profile `name`."""
    return checked(name).applied(settings)


def checked(name: str) -> Profile:
    """The profile, with backends that exist and options that they take. Raises SettingsError with the line."""
    profile = profiles.load(name)
    if name in profiles.BUILT_IN:
        return profile
    profile = profile.model_copy(update={"name": str(Path(name).expanduser().resolve())})
    for capability, role in profile.roles.items():
        known = backends.names(capability)
        if "." not in role.backend and role.backend not in known:
            choice = ", ".join(known)
            raise profile.refusal(capability, "backend", f"there is no backend {role.backend}; choose one of {choice}")
        taken = backends.options(capability, role.backend)
        for option in role.options:
            if taken is not None and option not in taken:
                choice = ", ".join(sorted(taken)) or "none"
                raise profile.refusal(capability, option, f"{role.backend} takes no such option, but {choice}")
        if found := backends.fault(capability, role.backend, role.options):
            raise profile.refusal(capability, *found)
        _made(profile, capability, role)
    return profile


def _made(profile: Profile, capability: str, role: Role) -> None:
    """Make the backend, which loads nothing: options that do not go together are refused by it alone."""
    if "." in role.backend or backends.listing(capability, role.backend).missing:
        return
    try:
        backends.load(capability, role.backend, **role.options)
    except BackendError as reason:
        raise profile.refusal(capability, "", f"{reason.what}; {reason.hint}") from None


def needed(profile: Profile) -> list[Name]:
    """All that its backends need from the hub, each once, with the commit asked for; folders are left out."""
    return wanted((capability, role.backend, role.options) for capability, role in profile.roles.items())


def wanted(chosen: Iterable[tuple[str, str, Options]]) -> list[Name]:
    """The same of backends by capability and name, with the options that they are given."""
    asked = ({**(backends.options(capability, name) or {}), **options} for capability, name, options in chosen)
    return list(dict.fromkeys(name for options in asked for name in on_the_hub(options).values()))
