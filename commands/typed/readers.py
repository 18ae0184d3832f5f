"""What a command says of Magi and of the cast, in; the settings that change, out."""

from __future__ import annotations

import argparse
from pathlib import Path

from storage.settings import MagiConsent, Settings
from tools.casting.bank import named_pictures


def reader_changes(command: argparse.Namespace, before: Settings) -> dict[str, object]:
    """The changes of `magi` and `cast`; what the command does not say stays. SettingsError for a folder without cast.

    `--magi-revision` takes the hash of a commit of the model's home, or a folder that holds the model.
    """
    changes: dict[str, object] = {}
    revision: str | None = getattr(command, "magi_revision", None)
    if revision is not None:
        place = Path(revision)
        pinned = (
            {"model": str(place.resolve()), "revision": ""} if place.is_dir() else {"model": "", "revision": revision}
        )
        changes["magi"] = before.magi.model_copy(update=pinned)
    if getattr(command, "accept_magi_licence", False):
        magi = changes.get("magi", before.magi)
        assert isinstance(magi, MagiConsent)
        changes["magi"] = magi.model_copy(update={"licence_accepted": True})
    cast: str | None = getattr(command, "cast", None)
    if cast is not None:
        changes["cast"] = "" if cast == "none" else str(_folder(Path(cast)))
    return changes


def _folder(folder: Path) -> Path:
    named_pictures(folder)
    return folder.resolve()
