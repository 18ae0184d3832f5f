"""Tiny checkpoints with random weights that real diffusers pipelines load on a CPU.

`checkpoint(name)` builds one in a folder of this machine and returns its path; each is built once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKPOINTS = Path(tempfile.gettempdir()) / f"komadori-tiny-{os.getuid() if hasattr(os, 'getuid') else 'all'}"
VERSION = 2
"""Raised when a builder changes, so that old checkpoints are not taken for new ones."""
BUILDERS: dict[str, Callable[[], Any]] = {}


def builds(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register a function that makes a pipeline, or anything else with save_pretrained, under a name."""

    def named(build: Callable[[], Any]) -> Callable[[], Any]:
        BUILDERS[name] = build
        return build

    return named


def checkpoint(name: str) -> Path:
    """Return the folder of a tiny checkpoint, built atomically: several tests may request it at once."""
    from tests.tiny import films, pictures, qwen, sights  # noqa: F401  each names its builders

    place = CHECKPOINTS / f"{name}-{VERSION}"
    if not place.is_dir():
        import torch

        torch.manual_seed(0)
        CHECKPOINTS.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=CHECKPOINTS))
        BUILDERS[name]().save_pretrained(str(unfinished), safe_serialization=True)
        try:
            unfinished.rename(place)
        except OSError:  # somebody else was faster
            shutil.rmtree(unfinished)
    return place
