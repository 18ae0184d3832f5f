"""Keep what roles needed on the fake GPU in `memory.toml`, so that profiles are compared with it without a run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "memory.toml"
_HEAD = "# Peaks in GiB that roles needed on the fake GPU: `python -m benchmarks.gpu_dry --write` writes this file.\n"


def read_figures(path: Path = TABLE) -> dict[str, dict[str, Any]]:
    """Return the figures by the name of the role: `encode`, `draw`, `largest`, and `relief` where memory ran out."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_figures(figures: Mapping[str, Mapping[str, Any]], path: Path = TABLE) -> None:
    """Write the figures of all roles."""
    rows = []
    for name, values in figures.items():
        fields = ", ".join(
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value:.1f}" for key, value in values.items()
        )
        rows.append(f'"{name}" = {{ {fields} }}\n')
    path.write_text(_HEAD + "".join(rows), encoding="utf-8")
