"""Find, describe and load the backends of every capability: one file in `tools/<capability>/` is one backend.

Use the typed loader of a capability (`tools.outpaint.load_outpainter`) to call its backend. The functions here are for
code that has the capability only as a string: catalogues, content keys, checks of settings.
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Protocol, runtime_checkable

from storage.errors import BackendError, PackageMissing
from storage.settings import MAGI
from tools.options import first_invalid_option as options_fault

CAPABILITIES = ("transcribe", "clean", "outpaint", "animate", "composite", "likeness")
_HERE = Path(__file__).parent


@runtime_checkable
class Backend(Protocol):
    """What a backend of any capability has; each capability's own protocol adds its methods.

    A class may say more of itself, which the functions of this module read, with these defaults:

    - `packages`: names of the packages it imports when it is at work, `()` for none (`listing`).
    - `generates`: True where it draws what the artist has not drawn, by chance (`generates`).
    - `identity`: which code and weights answer, a string; it enters the content keys (`weights_identity`).
    - `awake`: the name of the model that stands on the device while it works, a string (`device_model`).
    - `looks`: False where it makes no use of references (`uses_references`).
    - `shared`: True where all jobs wait for one thing, as for a server, in threads of the program itself
      (`is_shared`). A model on this machine's device has a name in `awake` instead, and so makes room for the next.

    Attributes:
        version: Counts up from 1 whenever the same input would give another result. It enters the content keys.
    """

    version: int


@dataclass(frozen=True)
class BackendListing:
    """What the catalogue tells of a backend: its first line, and the packages it needs and lacks on this machine."""

    capability: str
    name: str
    about: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]


def backend_names(capability: str) -> tuple[str, ...]:
    """The backends that come with Komadori, sorted by name."""
    return tuple(path.stem for path in sorted((_HERE / capability).glob("[!_]*.py")))


def list_backends() -> tuple[BackendListing, ...]:
    """Every backend of every capability, with the packages it lacks here."""
    return tuple(
        describe_backend(capability, name) for capability in CAPABILITIES for name in backend_names(capability)
    )


def describe_backend(capability: str, name: str) -> BackendListing:
    """Describe a backend that comes with Komadori. Its module is imported, its packages are only looked for."""
    try:
        module = importlib.import_module(f"tools.{capability}.{name}")
    except ModuleNotFoundError as missing:  # it imports at its top what is not installed
        package = str(missing.name)
        return BackendListing(capability, name, f"Cannot be imported without {package}.", (package,), (package,))
    about = (module.__doc__ or "").partition("\n")[0]
    needs = tuple(sorted(getattr(module.Backend, "packages", ())))
    return BackendListing(
        capability, name, about, needs, tuple(package for package in needs if find_spec(package) is None)
    )


def install_command(name: str) -> str:
    """The command that brings the packages of a backend."""
    return f"pip install -e '.[{_extra(name)}]'"


def load_backend(capability: str, name: str, **options: object) -> Backend:
    """Return a backend, made once for each set of options and kept for the life of the process.

    Args:
        capability: One of `CAPABILITIES`.
        name: A file of `tools/<capability>/`, or the dotted path of a class from outside ("my_package.file.Backend").
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The backend; no weights are loaded yet.

    Raises:
        BackendError: There is no such backend, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = _load(capability, name, json.dumps(options, sort_keys=True))
    if not isinstance(backend, Backend):
        raise protocol_error(capability, name, "Backend")
    return backend


def protocol_error(capability: str, name: str, protocol: str) -> BackendError:
    """The error for a class from outside that has not the methods of its capability."""
    return BackendError(
        f"{name} is no {capability} backend: it lacks what {protocol} asks for",
        f"give it every method and attribute of {protocol}, and a version",
    )


def backend_options(capability: str, name: str) -> dict[str, object] | None:
    """What options a backend that comes with Komadori takes, with their defaults.

    Args:
        capability: One of `CAPABILITIES`.
        name: A file of `tools/<capability>/`.

    Returns:
        The default of every option by its name; None for a backend from outside, or one that takes any option.
    """
    if name not in backend_names(capability):
        return None
    parameters = inspect.signature(backend_class(capability, name)).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters):
        return None
    return {one.name: None if one.default is inspect.Parameter.empty else one.default for one in parameters}


def option_fault(capability: str, name: str, settings: Mapping[str, object]) -> tuple[str, str] | None:
    """The first of these settings that a backend cannot be made with, and why. Raises BackendError as `load` does."""
    return options_fault(backend_class(capability, name), settings)


@cache
def _load(capability: str, name: str, settings: str) -> object:
    arguments: dict[str, object] = json.loads(settings)
    made = backend_class(capability, name)
    if wrong := options_fault(made, arguments):
        raise BackendError(f"{capability}.{name}: {wrong[0]}: {wrong[1]}", "mend the profile")
    try:
        return made(**arguments)
    except ModuleNotFoundError as missing:
        raise _lacking(capability, name, missing) from None
    except TypeError as refusal:
        raise BackendError(
            f"the {capability} backend {name} refuses its settings: {refusal}", "mend the profile"
        ) from None


def backend_class(capability: str, name: str) -> type:
    """The class of a backend, imported. Raises BackendError where there is none."""
    path, _, attribute = (f"tools.{capability}.{name}.Backend" if "." not in name else name).rpartition(".")
    found: object = getattr(_module(capability, name, path), attribute, None)
    if not isinstance(found, type):
        raise BackendError(f"{path} has no {attribute}", "a dotted path ends in the class of the backend")
    return found


def _module(capability: str, name: str, path: str) -> ModuleType:
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as missing:
        if missing.name and (path == missing.name or path.startswith(missing.name + ".")):
            known = ", ".join(backend_names(capability)) or "none"
            raise BackendError(f"there is no {capability} backend named {name}", f"choose one of: {known}") from None
        raise _lacking(capability, name, missing) from None


def _lacking(capability: str, name: str, missing: ModuleNotFoundError) -> PackageMissing:
    what = f"the {capability} backend {name} needs the package {missing.name}"
    return PackageMissing(what, install_command(name), extra=_extra(name))


def _extra(name: str) -> str:
    """The extra of ours that brings the packages of a backend."""
    return "magi" if name in MAGI else "gpu"


def is_generative(capability: str, name: str) -> bool:
    """Whether a backend draws by chance what the artist has not drawn; its class says so, and is not made."""
    return bool(getattr(backend_class(capability, name), "generates", False))


def weights_identity(backend: Backend) -> str:
    """Which code and weights answer; "" for a backend without any. Raises BackendError where they are not here."""
    return str(getattr(backend, "identity", ""))


def device_model(backend: Backend) -> str:
    """The model that stands on the device while it works, "" for none. Raises BackendError as `weights_identity`."""
    return str(getattr(backend, "model_id", ""))


def uses_references(backend: Backend) -> bool:
    """Whether the pictures of characters and places that it may look at change what it makes."""
    return bool(getattr(backend, "looks", True))


def is_shared(backend: Backend) -> bool:
    """Whether its jobs wait for something else than this machine's device, in threads of the program itself."""
    return bool(getattr(backend, "shared", False))
