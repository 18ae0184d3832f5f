"""The roles that the dry run plays: those of every profile, and the default of every backend that loads a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from storage.profiles import BUILT_IN, load_profile
from storage.profiles.licences import default_models
from tools import backends

CAPABILITIES = ("clean", "redraw", "outpaint", "animate", "layers", "locate", "likeness")


@dataclass(frozen=True)
class RoleToPlay:
    """One role, with the backend and options of a profile or a backend's own defaults."""

    profile: str
    """"" for the defaults of a backend."""
    memory: float
    """GiB of GPU memory that the profile claims to need; 0 for defaults, which claim nothing."""
    capability: str
    backend: str
    options: dict[str, Any]

    @property
    def name(self) -> str:
        """Return a name such as "24gb animate wan_i2v"."""
        return " ".join(part for part in (self.profile or "default", self.capability, self.backend) if part)


def roles_to_play() -> list[RoleToPlay]:
    """Return all roles, those of profiles first."""
    found = [*_profile_roles(), *_default_roles()]
    return [role for at, role in enumerate(found) if _settings(role) not in map(_settings, found[:at])]


def roles_alike(roles: Iterable[RoleToPlay]) -> list[list[RoleToPlay]]:
    """Group roles that differ in nothing but the memory of their profiles: played without a limit, they are one."""
    groups = dict[object, list[RoleToPlay]]()
    for role in roles:
        groups.setdefault((role.capability, role.backend, *_settled(role)), []).append(role)
    return list(groups.values())


def _settled(role: RoleToPlay) -> list[tuple[str, str]]:
    """Return the options of a role with the defaults of its backend; those that change no memory are left out."""
    options = role.options
    backend = backends.load_backend(role.capability, role.backend, **options)
    if is_dataclass(backend):
        options = {each.name: getattr(backend, each.name) for each in fields(backend) if each.init}
    options = {**options, "dtype": "bfloat16"} if options.get("dtype") == "auto" else options
    return sorted((key, str(value)) for key, value in options.items() if key != "steps")


def _profile_roles() -> Iterator[RoleToPlay]:
    for name in BUILT_IN:
        profile = load_profile(name)
        for capability, role in profile.roles.items():
            if capability in CAPABILITIES and (default_models(role.backend) or role.model):
                yield RoleToPlay(name, profile.memory, capability, role.backend, dict(role.options))


def _default_roles() -> Iterator[RoleToPlay]:
    for capability in CAPABILITIES:
        for name in backends.backend_names(capability):
            models = default_models(name)
            if models and "magi" not in name:
                yield RoleToPlay("", 0, capability, name, dict(models))


def _settings(role: RoleToPlay) -> tuple[object, ...]:
    return role.memory, role.capability, role.backend, sorted(role.options.items(), key=str)
