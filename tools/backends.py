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
from typing import Literal, Protocol, runtime_checkable

from storage.errors import BackendError, PackageMissing
from storage.settings import MAGI
from tools.options import first_invalid_option as options_fault

CAPABILITIES = (
    "transcribe", "clean", "redraw", "color", "outpaint", "upscale", "animate", "layers", "locate", "motion",
    "composite", "likeness", "learn", "speak", "music",
)  # fmt: skip
KeyFrames = Literal["none", "last", "any"]
"""Where an animator takes pictures besides the first: nowhere, at the end of a clip, or at any moment of it."""
_QUANTISERS = ("bitsandbytes", "gguf", "torchao")
"""Packages of the extra quant, which options of a backend may ask for."""
_TOOLS_FOLDER = Path(__file__).parent


@runtime_checkable
class Backend(Protocol):
    """The attributes common to the backends of all capabilities; each capability's protocol adds its methods.

    A class may also define these attributes, read by the functions of this module; the defaults are those given here:

    - `packages`: names of the packages it imports when it runs, `()` for none (`describe_backend`).
    - `licence`: the licence of weights that come in one of these packages, by its name on the hub; "" by default.
    - `generates`: True if it draws new content that depends on a seed (`is_generative`); False by default.
    - `identity`: which code and weights it uses, a string that enters the content keys (`weights_identity`).
    - `model_id`: the name of the model that is on the device while it runs, a string (`device_model`).
    - `key_frames`: where an animator takes pictures besides the first (`key_frames`); "none" by default.
    - `looks`: False if references do not change its result (`uses_references`); True by default.
    - `shared`: True if all its jobs wait for one external resource such as a server, in threads of this process
      (`is_shared`). A backend with a model on this machine's device has a `model_id` instead, so that models can make
      room for each other.

    Attributes:
        version: Counts up from 1 whenever the same input would give another result. It enters the content keys.
    """

    version: int


@dataclass(frozen=True)
class BackendListing:
    """The entry of a backend in the catalogue."""

    capability: str
    name: str
    about: str
    """The first line of its module's docstring."""
    needs: tuple[str, ...]
    """The packages it imports when it runs."""
    missing: tuple[str, ...]
    """Those of `needs` that are not installed on this machine."""
    licence: str = ""
    """The licence of weights that come in one of `needs`; "" where there are none."""


def backend_names(capability: str) -> tuple[str, ...]:
    """List the backends that come with Komadori.

    Args:
        capability: One of `CAPABILITIES`.

    Returns:
        Their names, sorted.
    """
    return tuple(path.stem for path in sorted((_TOOLS_FOLDER / capability).glob("[!_]*.py")))


def list_backends() -> tuple[BackendListing, ...]:
    """List every backend of every capability that comes with Komadori, with the packages that are missing here."""
    return tuple(
        describe_backend(capability, name) for capability in CAPABILITIES for name in backend_names(capability)
    )


def describe_backend(capability: str, name: str) -> BackendListing:
    """Describe a backend that comes with Komadori. Its module is imported; its packages are only looked up.

    Args:
        capability: One of `CAPABILITIES`.
        name: A module of `tools/<capability>/`.

    Returns:
        Its entry in the catalogue, also where its module cannot be imported because a package is missing.
    """
    try:
        module = importlib.import_module(f"tools.{capability}.{name}")
    except ModuleNotFoundError as missing:  # it imports at its top what is not installed
        package = str(missing.name)
        return BackendListing(capability, name, f"Cannot be imported without {package}.", (package,), (package,))
    about = (module.__doc__ or "").partition("\n")[0]
    needs = tuple(sorted(getattr(module.Backend, "packages", ())))
    return BackendListing(
        capability,
        name,
        about,
        needs,
        tuple(package for package in needs if find_spec(package) is None),
        getattr(module.Backend, "licence", ""),
    )


def install_command(name: str) -> str:
    """Return the shell command that installs the packages of the backend called `name`."""
    return f"pip install -e '.[{_extra(name)}]'"


def load_backend(capability: str, name: str, **options: object) -> Backend:
    """Load a backend; it is made once for each set of options and kept for the life of the process.

    Args:
        capability: One of `CAPABILITIES`.
        name: A module of `tools/<capability>/`, or the dotted path of a third-party class ("my_package.file.Backend").
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The backend; its weights are not loaded yet.

    Raises:
        BackendError: There is no such backend, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = _load(capability, name, json.dumps(options, sort_keys=True))
    if not isinstance(backend, Backend):
        raise protocol_error(capability, name, "Backend")
    return backend


def protocol_error(capability: str, name: str, protocol: str) -> BackendError:
    """Return the error for a third-party class that lacks methods or attributes of its capability's protocol.

    Args:
        capability: One of `CAPABILITIES`.
        name: The dotted path of the class.
        protocol: The name of the protocol, such as "Outpainter".
    """
    return BackendError(
        f"{name} is no {capability} backend: it lacks what {protocol} asks for",
        f"give it every method and attribute of {protocol}, and a version",
    )


def backend_options(capability: str, name: str) -> dict[str, object] | None:
    """Return the options that a backend takes, with their defaults.

    Args:
        capability: One of `CAPABILITIES`.
        name: A module of `tools/<capability>/`.

    Returns:
        The default of every option by its name; None for a third-party backend, or one that takes any option.
    """
    if name not in backend_names(capability):
        return None
    parameters = inspect.signature(backend_class(capability, name)).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return {
        parameter.name: None if parameter.default is inspect.Parameter.empty else parameter.default
        for parameter in parameters
    }


def option_fault(capability: str, name: str, settings: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the first setting that a backend does not accept, and the reason.

    Args:
        capability: One of `CAPABILITIES`.
        name: A module of `tools/<capability>/`, or the dotted path of a third-party class.
        settings: Values of its options, by name.

    Returns:
        The name of the setting and why it is not accepted; None if all are valid.

    Raises:
        BackendError: There is no such backend.
        PackageMissing: A package that its module imports is not installed.
    """
    return options_fault(backend_class(capability, name), settings)


@cache
def _load(capability: str, name: str, settings: str) -> object:
    arguments: dict[str, object] = json.loads(settings)
    kind = backend_class(capability, name)
    if fault := options_fault(kind, arguments):
        raise BackendError(f"{capability}.{name}: {fault[0]}: {fault[1]}", "correct the profile")
    try:
        return kind(**arguments)
    except ModuleNotFoundError as missing:
        raise _missing_package_error(capability, name, missing) from None
    except TypeError as refusal:
        raise BackendError(
            f"the {capability} backend {name} refuses its settings: {refusal}", "correct the profile"
        ) from None


def backend_class(capability: str, name: str) -> type:
    """Import and return the class of a backend.

    Args:
        capability: One of `CAPABILITIES`.
        name: A module of `tools/<capability>/`, or the dotted path of a third-party class.

    Raises:
        BackendError: There is no such backend.
        PackageMissing: A package that its module imports is not installed.
    """
    path, _, attribute = (f"tools.{capability}.{name}.Backend" if "." not in name else name).rpartition(".")
    kind: object = getattr(_module(capability, name, path), attribute, None)
    if not isinstance(kind, type):
        raise BackendError(f"{path} has no {attribute}", "a dotted path ends in the class of the backend")
    return kind


def _module(capability: str, name: str, path: str) -> ModuleType:
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as missing:
        if missing.name and (path == missing.name or path.startswith(missing.name + ".")):
            known = ", ".join(backend_names(capability)) or "none"
            raise BackendError(f"there is no {capability} backend named {name}", f"choose one of: {known}") from None
        raise _missing_package_error(capability, name, missing) from None


def _missing_package_error(capability: str, name: str, missing: ModuleNotFoundError) -> PackageMissing:
    message = f"the {capability} backend {name} needs the package {missing.name}"
    if missing.name in _QUANTISERS:
        return PackageMissing(message, "pip install -e '.[quant]'", extra="quant")
    return PackageMissing(message, install_command(name), extra=_extra(name))


def _extra(name: str) -> str:
    """Return the optional-dependency group of this project that contains the packages of a backend."""
    extras = {"upscale": "crisp", "speak": "voice", "music": "music"}
    return "magi" if name in MAGI else next((extras[role] for role in extras if name in backend_names(role)), "gpu")


def is_generative(capability: str, name: str) -> bool:
    """Return whether a backend draws new content that depends on a seed. Its class is imported, not instantiated.

    Args:
        capability: One of `CAPABILITIES`.
        name: A module of `tools/<capability>/`, or the dotted path of a third-party class.

    Raises:
        BackendError: There is no such backend.
    """
    return bool(getattr(backend_class(capability, name), "generates", False))


def weights_identity(backend: Backend) -> str:
    """Return a string that identifies the code and weights of a backend, for content keys.

    Args:
        backend: Any backend.

    Returns:
        The identity, "" for a backend without weights.

    Raises:
        BackendError: The weights are not on this machine.
    """
    return str(getattr(backend, "identity", ""))


def device_model(backend: Backend) -> str:
    """Return the name of the model that is on the device while a backend runs.

    Args:
        backend: Any backend.

    Returns:
        The name, "" for a backend without a model.

    Raises:
        BackendError: The weights are not on this machine.
    """
    return str(getattr(backend, "model_id", ""))


def key_frames(backend: Backend) -> KeyFrames:
    """Return where an animator takes pictures besides the first.

    Args:
        backend: An animator.

    Returns:
        "none", "last" (at the end of a clip) or "any" (at any moment of it).

    Raises:
        BackendError: That depends on its weights, and they are not on this machine.
    """
    found: KeyFrames = getattr(backend, "key_frames", "none")
    return found


def uses_references(backend: Backend) -> bool:
    """Return whether reference images of characters and places change the result of a backend."""
    return bool(getattr(backend, "looks", True))


def is_shared(backend: Backend) -> bool:
    """Return whether the jobs of a backend wait for an external resource, in threads of this process."""
    return bool(getattr(backend, "shared", False))
