"""Apply a named profile to the settings of a film, and report mistakes in a profile file with their line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from storage import profiles
from storage.errors import BackendError
from storage.profiles import Profile, Role
from storage.profiles.names import ModelName, hub_models, parse_model_name
from storage.settings import Options, Settings
from tools import backends
from tools.diffusion.downloads import DownloadRequest

_HALF_TYPES = ("float16", "bfloat16")
_DENOISERS = ("transformer", "transformer_2", "vae")
"""Options that name the weights of the component of the same name."""


def apply_profile(name: str, settings: Settings) -> Settings:
    """Return `settings` with the backends of the profile `name`."""
    return check_profile(name).apply_to(settings)


def check_profile(name: str) -> Profile:
    """Return a profile after checking that its backends exist and take its options.

    Raises:
        SettingsError: Something is wrong in the profile; the message names the line.
    """
    profile = profiles.load_profile(name)
    if name in profiles.BUILT_IN:
        return profile
    profile = profile.model_copy(update={"name": str(Path(name).expanduser().resolve())})
    for capability, role in profile.roles.items():
        known = backends.backend_names(capability)
        if "." not in role.backend and role.backend not in known:
            choice = ", ".join(known)
            raise profile.error_at(capability, "backend", f"there is no backend {role.backend}; choose one of {choice}")
        known_options = backends.backend_options(capability, role.backend)
        for option in role.options:
            if known_options is not None and option not in known_options:
                choice = ", ".join(sorted(known_options)) or "none"
                raise profile.error_at(capability, option, f"{role.backend} takes no such option, but {choice}")
        if fault := backends.option_fault(capability, role.backend, role.options):
            raise profile.error_at(capability, *fault)
        _try_backend(profile, capability, role)
    return profile


def _try_backend(profile: Profile, capability: str, role: Role) -> None:
    """Create the backend, which loads nothing: only the backend itself can refuse options that do not fit together."""
    if "." in role.backend or backends.describe_backend(capability, role.backend).missing:
        return
    try:
        backends.load_backend(capability, role.backend, **role.options)
    except BackendError as reason:
        raise profile.error_at(capability, "", f"{reason.what}; {reason.hint}") from None


def models_needed(profile: Profile) -> list[ModelName]:
    """Return the models that a profile needs from the hub, each once, with a commit where one is given.

    Models in a folder are left out.
    """
    return models_of_backends((capability, role.backend, role.options) for capability, role in profile.roles.items())


def models_of_backends(chosen: Iterable[tuple[str, str, Options]]) -> list[ModelName]:
    """Return the models that backends need from the hub; a backend is a capability, a name and its options."""
    return [request.name for request in _requests(chosen)]


def downloads_needed(profile: Profile) -> list[DownloadRequest]:
    """Return what a profile needs from the hub: in 16 bits where it computes so, without what it replaces."""
    return _requests((capability, role.backend, role.options) for capability, role in profile.roles.items())


def _requests(chosen: Iterable[tuple[str, str, Options]]) -> list[DownloadRequest]:
    found = dict[ModelName, DownloadRequest]()
    for capability, backend, options in chosen:
        for request in _requests_of(capability, backend, options):
            found[request.name] = request.merge(found.get(request.name, request))
    return list(found.values())


def _requests_of(capability: str, backend: str, given: Options) -> Iterator[DownloadRequest]:
    """Yield the models that a backend needs from the hub."""
    options = {**(backends.backend_options(capability, backend) or {}), **given}
    if parse_model_name(str(options.get("model"))).is_file and not options.get("config"):
        options["config"] = getattr(backends.backend_class(capability, backend), "usual_config", "")
    half = options.get("dtype") in _HALF_TYPES
    replaced = tuple(part for part in _DENOISERS if options.get(part))
    for option, name in hub_models(options):
        without = replaced if option == "model" else ()
        yield DownloadRequest(name, half, without, data_only=option == "config")
