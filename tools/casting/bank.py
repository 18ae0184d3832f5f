"""A folder of pictures named after whom they show in, names with their pictures out; decodes none of them."""

from __future__ import annotations

import re
from pathlib import Path

from natsort import natsorted

from storage.errors import SettingsError
from tools.ingest.pictures import SUFFIXES

COUNTED = re.compile(r"[ _-]+\d+$")
"""The number in "mika-2.png": another picture of Mika."""


def named_pictures(folder: Path) -> dict[str, list[Path]]:
    """The pictures in `folder` by the name of whom they show. Raises SettingsError for no folder, or none in it."""
    cure = "give a folder of pictures, each named after whom it shows (mika.png, mika-2.png), or --cast none"
    if not folder.is_dir():
        raise SettingsError(f"the cast folder {folder} is not there", cure)
    found: dict[str, list[Path]] = {}
    there = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]
    for path in natsorted(there, key=lambda path: path.stem):
        found.setdefault(COUNTED.sub("", path.stem).strip() or path.stem, []).append(path)
    if not found:
        raise SettingsError(f"the cast folder {folder} holds no picture", cure)
    return found


def identity(name: str) -> str:
    """The id of somebody with this name: lower case, in words joined by hyphens."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or "somebody"
