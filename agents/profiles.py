"""The name of a profile in, the settings of a film made by it out; what is wrong in the user's own names its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from storage import profiles
from storage.errors import BackendError
from storage.profiles import Profile, Role
from storage.settings import Settings
from tools import backends

_ON_THE_HUB = re.compile(r"[\w.-]+/[\w.-]+(:[\w./-]+)?")


def profiled(name: str | None, settings: Settings) -> Settings:
    """`settings` with the backends of the profile `name`; as they are where no profile is asked for."""
    return settings if name is None else checked(name).applied(settings)


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


def needed(profile: Profile) -> dict[str, str]:
    """All that its backends need from the hub, each with the revision asked for ("" for any); folders are left out."""
    found: dict[str, str] = {}
    for capability, role in profile.roles.items():
        chosen = {**(backends.options(capability, role.backend) or {}), **role.options}
        found |= dict.fromkeys(on_the_hub(chosen), "")
        if role.model in found:
            found[role.model] = role.revision or ""
    return found


def on_the_hub(options: Mapping[str, object]) -> list[str]:
    """The models on the hub that a backend's options name, "owner/name" or "owner/name:folder"."""
    said = [value for value in options.values() if isinstance(value, str) and _ON_THE_HUB.fullmatch(value)]
    return [name for name in said if not Path(name).expanduser().exists()]
