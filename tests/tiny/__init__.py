"""Tiny checkpoints with random weights that real diffusers pipelines load on a CPU.

`checkpoint(name)` builds one in a folder of this machine and returns its path; each is built once. The names are those
of the files in `models/`: published configurations, of which only widths, depths and vocabularies are made small.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

CHECKPOINTS = Path(tempfile.gettempdir()) / f"komadori-tiny-{os.getuid() if hasattr(os, 'getuid') else 'all'}"
VERSION = 4
"""Raised when a builder changes, so that old checkpoints are not taken for new ones."""


def checkpoint(name: str) -> Path:
    """Return the folder of a tiny checkpoint, built atomically: several tests may request it at once."""
    place = CHECKPOINTS / f"{name}-{VERSION}"
    if not place.is_dir():
        import torch

        from tests.tiny.checkpoints import tiny

        torch.manual_seed(0)
        CHECKPOINTS.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=CHECKPOINTS))
        tiny(name).save_pretrained(str(unfinished))
        try:
            unfinished.rename(place)
        except OSError:  # somebody else was faster
            shutil.rmtree(unfinished)
    return place
