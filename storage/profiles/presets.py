"""Look up presets: options of a backend that belong together, such as a step-distilled LoRA and its number of steps."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_BACKENDS = "backends"


@cache
def _known_presets() -> dict[str, dict[str, object]]:
    return tomllib.loads((Path(__file__).parent / "presets.toml").read_text(encoding="utf-8"))


def preset_names(backend: str) -> list[str]:
    """Return the names of the presets for a backend."""
    return [name for name, entry in _known_presets().items() if backend in _backends_of(entry)]


def preset_options(name: str) -> dict[str, object]:
    """Return the options of a preset."""
    return {key: value for key, value in _known_presets()[name].items() if key != _BACKENDS}


def _backends_of(entry: dict[str, object]) -> list[object]:
    backends = entry[_BACKENDS]
    return backends if isinstance(backends, list) else []
