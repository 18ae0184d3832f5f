"""Find the reference images in a cast folder, by the character names in their file names."""

from __future__ import annotations

import re
from pathlib import Path

from natsort import natsorted

from storage.errors import SettingsError, SourceError
from tools.ingest.images import decode_image
from tools.ingest.picture_formats import SUFFIXES

COUNTED = re.compile(r"[ _-]+\d+$")
"""The number in "mika-2.png": another image of Mika."""


def named_pictures(folder: Path) -> dict[str, list[Path]]:
    """Return the images in `folder` by the name of the character they show.

    Raises SettingsError if there is no such folder, or no image in it.
    """
    hint = "give a folder of pictures, each named after whom it shows (mika.png, mika-2.png), or --cast none"
    if not folder.is_dir():
        raise SettingsError(f"the cast folder {folder} is not there", hint)
    pictures: dict[str, list[Path]] = {}
    try:
        files = list(folder.iterdir())
    except OSError as error:
        raise SettingsError(f"the cast folder {folder} cannot be read: {error.strerror}", hint) from None
    images = [path for path in files if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]
    for path in natsorted(images, key=lambda path: path.stem):
        pictures.setdefault(COUNTED.sub("", path.stem).strip() or path.stem, []).append(path)
    if not pictures:
        raise SettingsError(f"the cast folder {folder} holds no picture", hint)
    return pictures


def check_pictures(folder: Path) -> None:
    """Raise SettingsError if `folder` is no cast folder, or an image in it cannot be decoded."""
    for path in (path for paths in named_pictures(folder).values() for path in paths):
        hint = "repair it or take it out of that folder, or leave the folder out with --cast none"
        try:
            decode_image(path.read_bytes(), path.name)
        except OSError as error:
            raise SettingsError(f"{path} of the cast cannot be read: {error.strerror}", hint) from None
        except SourceError as error:
            raise SettingsError(f"in the cast folder {folder}, {error.what}", hint) from None


def character_id(name: str) -> str:
    """Return the id of a character: the name in lower case, its words joined by hyphens."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or "somebody"
