"""A capability and a name in, a backend out. The folder is the catalogue: one file, one backend."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from storage.errors import BackendError, PackageMissing
from storage.settings import MAGI
from tools.diffusion.pipes import NEEDED
from tools.options import fault as options_fault
from tools.trusted import IMPORTED

CAPABILITIES = ("transcribe", "clean", "outpaint", "animate", "composite", "likeness")
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Listing:
    """What the catalogue tells of a backend without importing it."""

    capability: str
    name: str
    about: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]


def names(capability: str) -> tuple[str, ...]:
    """The backends that come with Komadori, sorted by name."""
    return tuple(path.stem for path in sorted((_HERE / capability).glob("[!_]*.py")))


def listings() -> tuple[Listing, ...]:
    """Every backend of every capability, with the packages it lacks here; imports none of them."""
    return tuple(listing(capability, name) for capability in CAPABILITIES for name in names(capability))


def cure(name: str) -> str:
    """The command that brings the packages of a backend."""
    return f"pip install -e '.[{'magi' if name in MAGI else 'gpu'}]'"


def load(capability: str, name: str, **settings: object) -> Any:  # the caller names the promise it expects
    """Return the backend `name`, made once for each set of settings and kept for the life of the process.

    A dotted path ("my_package.my_room.Backend") loads a class from outside.
    Raises BackendError when there is none, or when a package it needs is not installed.
    """
    return _load(capability, name, json.dumps(settings, sort_keys=True))


def options(capability: str, name: str) -> dict[str, object] | None:
    """What settings a backend that comes with Komadori takes, with its own choices, read from its file.

    None where that cannot be told; a choice that is no plain value is None.
    """
    path = _HERE / capability / f"{name}.py"
    if not path.is_file():
        return None
    kinds = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    made = (node for kind in kinds if kind.name == "Backend" for node in kind.body)
    found = next((node for node in made if isinstance(node, ast.FunctionDef) and node.name == "__init__"), None)
    if found is None or found.args.kwarg:
        return None if found else {}
    given = found.args
    chosen = [*([None] * (len(given.args) - len(given.defaults))), *given.defaults]
    pairs = [*zip(given.args, chosen, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return {
        argument.arg: choice.value if isinstance(choice, ast.Constant) else None
        for argument, choice in pairs if argument.arg != "self"
    }  # fmt: skip


def fault(capability: str, name: str, settings: Mapping[str, object]) -> tuple[str, str] | None:
    """The first of these settings that a backend cannot be made with, and why. Raises BackendError as `load` does."""
    return options_fault(kind(capability, name), settings)


@cache
def _load(capability: str, name: str, settings: str) -> Any:
    arguments: Mapping[str, Any] = json.loads(settings)
    made = kind(capability, name)
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


def kind(capability: str, name: str) -> Any:
    """The class of a backend, imported. Raises BackendError where there is none."""
    module, _, attribute = (f"tools.{capability}.{name}.Backend" if "." not in name else name).rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as missing:
        if missing.name and (module == missing.name or module.startswith(missing.name + ".")):
            known = ", ".join(names(capability)) or "none"
            raise BackendError(f"there is no {capability} backend named {name}", f"choose one of: {known}") from None
        raise _lacking(capability, name, missing) from None
    except AttributeError:
        raise BackendError(f"{module} has no {attribute}", "a dotted path ends in the class of the backend") from None


def generates(capability: str, name: str) -> bool:
    """Whether a backend draws by chance what the artist has not drawn; its class says so, and is not made."""
    return bool(getattr(kind(capability, name), "generates", False))


def _lacking(capability: str, name: str, missing: ModuleNotFoundError) -> PackageMissing:
    return PackageMissing(f"the {capability} backend {name} needs the package {missing.name}", cure(name))


def listing(capability: str, name: str) -> Listing:
    """A backend that comes with Komadori, read from its file."""
    tree = ast.parse((_HERE / capability / f"{name}.py").read_text(encoding="utf-8"))
    about = (ast.get_docstring(tree) or "").partition("\n")[0]
    imported = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    } | {
        node.module.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    rooms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    if any(room.startswith("tools.diffusion") for room in rooms):
        imported |= {*NEEDED}
    if "tools.trusted" in rooms:
        imported |= {*IMPORTED}
    heavy = tuple(sorted(imported & {*NEEDED, *IMPORTED, "rapidocr", "onnxruntime"}))
    return Listing(capability, name, about, heavy, tuple(package for package in heavy if find_spec(package) is None))
