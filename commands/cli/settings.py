"""Convert parsed options to settings and paths, for all commands that read a book."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from agents import project_path, settings_update
from storage import styles
from storage.domain import VideoFormat
from storage.errors import ProjectError
from storage.library import Library
from storage.project import is_project
from storage.settings import MagiConsent, Settings
from storage.styles import StyleSheet
from tools.ingest.books import Source

_PLAIN_SETTINGS = (
    "order", "pages", "director", "max_cost", "max_tokens", "max_generated", "max_drift", "max_retakes", "critic",
    "best_of", "cast", "cards", "sound", "voice", "voice_fallback", "sounds", "music", "loudness",
    "color", "vividness",
)  # fmt: skip
"""Settings that are said under their own names."""
_BACKENDS = ("transcribe", "upscale")
"""Capabilities whose backend is said under its own name."""


def source_of(command: argparse.Namespace) -> Source:
    """Return the book: one path, or several images in the given order."""
    paths: list[Path] = command.source
    return paths[0] if len(paths) == 1 else tuple(paths)


def project_of(command: argparse.Namespace) -> Path:
    """Return the project's folder: the one given, or SOURCE's name + .komadori in the working directory.

    Raises ProjectError where that folder belongs to another book: two volumes are easily both called "01.cbz".
    """
    if command.project:
        return Path(command.project)
    cure = "name another folder for this book with --project"
    return project_path.project_for(command.source[0], several=len(command.source) > 1, cure=cure)


def settings_before(project: Path, *, only_looking: bool = False) -> Settings | None:
    """Return the settings that the project has so far; None where there is no project.

    A project whose creation was interrupted is completed first; with `only_looking`, ProjectError is raised instead.
    """
    if not is_project(project):
        return None
    try:
        with Library.open(project, readonly=True) as library:
            return library.settings()
    except ProjectError:
        if only_looking:
            raise
        with Library.open(project) as library:
            return library.settings()


def settings_of(command: argparse.Namespace, before: Settings | None) -> Settings:
    """Return the project's settings with the options of this command applied; other settings stay as they were.

    Raises SettingsError for a value that is not valid.
    """
    profile: str | None = getattr(command, "profile", None)
    settings = settings_update.update_settings(before or Settings(), {} if profile is None else {"profile": profile})
    changes: dict[str, object] = {
        name: value for name in _PLAIN_SETTINGS if (value := getattr(command, name, None)) is not None
    }
    if model := os.environ.get("KOMADORI_MODEL", "").strip():
        changes["model"] = model
    if changes.get("pages") == "all":
        changes["pages"] = ""
    if backends := {name: value for name in _BACKENDS if (value := getattr(command, name, None))}:
        changes["backends"] = settings.backends.model_copy(update=backends)
    changes["screen"] = format_of(command, settings.screen)
    changes["style"] = style_of(command, settings.style)
    changes["magi"] = magi_of(command, settings.magi)
    return settings_update.update_settings(settings, changes)


def style_of(command: argparse.Namespace, before: StyleSheet) -> StyleSheet:
    """Return the film's style: --style replaces the sheet, --pace changes only its pace."""
    changes, pace = getattr(command, "style", None), getattr(command, "pace", None)
    sheet = styles.load_style(changes) if changes else before
    return sheet if pace is None else sheet.model_copy(update={"pace": styles.parse_pace(pace)})


def format_of(command: argparse.Namespace, before: VideoFormat) -> VideoFormat:
    """Return the film's video format with the options of this command applied."""
    aspect, height, fps = (getattr(command, name, None) for name in ("aspect", "height", "fps"))
    return settings_update.update_format(before, aspect, height, fps)


def magi_of(command: argparse.Namespace, before: MagiConsent) -> MagiConsent:
    """Return which commit of Magi is trusted, and whether its licence is accepted.

    `--magi-revision` takes the hash of a commit of the model's repository, or a folder that holds the model.
    """
    changes: dict[str, object] = {"licence_accepted": True} if command.accept_magi_licence else {}
    if command.magi_revision is not None:
        place = Path(command.magi_revision)
        is_folder = place.is_dir()
        changes["model"] = str(place.resolve()) if is_folder else ""
        changes["revision"] = "" if is_folder else command.magi_revision
    return before.model_copy(update=changes)
