"""List every file that the films of a script depend on, so that a change of one can start a new run."""

from __future__ import annotations

import os
from pathlib import Path

from agents.editing import named_files
from agents.scripting.scripts import SOUND_KEYS, LoadedScript
from storage.profiles import BUILT_IN


def files_of(loaded: LoadedScript) -> list[Path]:
    """Return the files that a script depends on, also those that do not exist yet.

    These are the scripts, the book, the transcript, the style sheet, the profile, the cast, the sounds, the music, the
    recordings of actors, and the pictures and sounds in edits.
    """
    script = loaded.script
    named = [script.transcript, script.style if (script.style or "").endswith(".toml") else ""]
    profiles = [script.profile, script.settings.get("profile")]
    named += [str(profile) for profile in profiles if profile and profile not in BUILT_IN]
    in_edits = [said for edit in loaded.edits() for said in named_files.files_of(edit)]
    sounds = [str(script.settings.get(key, "")) for key in SOUND_KEYS]
    folders = [script.source, script.cast if script.cast != "none" else "", *filter(os.path.exists, sounds)]
    inside = [path for folder in folders if folder for path in _files_below(Path(folder))]
    return [*loaded.files, *inside, *(Path(one).expanduser() for one in (*named, *in_edits) if one)]


def _files_below(place: Path) -> list[Path]:
    return sorted(place.rglob("*")) if place.is_dir() else [place]
