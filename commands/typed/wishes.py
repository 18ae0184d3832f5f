"""Options in, settings and places out: what animate and read have in common."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pydantic import ValidationError

from agents.profiles import profiled
from commands.typed.lines import line_of
from commands.typed.readers import reader_changes
from storage import styles
from storage.errors import ProjectError, SettingsError
from storage.library import Library
from storage.project import DATABASE
from storage.settings import Settings
from storage.shapes import Screen, Transcript
from storage.styles import StyleSheet
from tools.ingest.books import Source

LEAST, MOST = 120, 7680
"""Pixels of a side of the picture: smaller shows nothing, larger is no film that players play."""


def source_of(command: argparse.Namespace) -> Source:
    """The book: one path, or several images in the order given."""
    given: list[Path] = command.source
    return given[0] if len(given) == 1 else tuple(given)


def project_of(command: argparse.Namespace) -> Path:
    """The project's folder: as asked, or beside where the user stands, under the source's name.

    Raises ProjectError where that name belongs to another book: two volumes are easily both called "01.cbz".
    """
    if command.project:
        return Path(command.project)
    first: Path = command.source[0]
    name = first.resolve().name if first.is_dir() else first.stem
    project = Path(f"{name or 'book'}.komadori")
    other = _book_of(project)
    if other and other.exists() and first.exists() and not _same(other, first, several=len(command.source) > 1):
        raise ProjectError(f"{project} is the film of {other}", "name another folder for this book with --project")
    return project


def settings_before(project: Path, *, only_looking: bool = False) -> Settings | None:
    """What the project was made with so far; None where there is none.

    One of an older Komadori is brought up to date for it, unless somebody is `only_looking`.
    """
    if not (project / DATABASE).is_file():
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
    """The project's settings with what this command says changed; what it does not say stays."""
    settings = profiled(getattr(command, "profile", None), before or Settings())
    changes: dict[str, object] = {
        name: value
        for name in (
            "order",
            "pages",
            "director",
            "max_cost",
            "max_generated",
            "max_drift",
            "max_retakes",
            "critic",
            "best_of",
        )
        if (value := getattr(command, name, None)) is not None
    }
    if model := os.environ.get("KOMADORI_MODEL", "").strip():
        changes["model"] = model
    if changes.get("pages") == "all":
        changes["pages"] = ""
    changes["screen"] = screen_of(command, settings.screen)
    changes["style"] = style_of(command, settings.style)
    if command.transcribe:
        changes["backends"] = settings.backends.model_copy(update={"transcribe": command.transcribe})
    changes |= reader_changes(command, settings)
    return Settings.model_validate({**dict(settings), **changes})


def style_of(command: argparse.Namespace, before: StyleSheet) -> StyleSheet:
    """The film's style: a sheet that is named takes the place of the one before, a pace alone changes its pace."""
    said, pace = getattr(command, "style", None), getattr(command, "pace", None)
    sheet = styles.load(said) if said else before
    return sheet if pace is None else sheet.model_copy(update={"pace": styles.pace(pace)})


def screen_of(command: argparse.Namespace, before: Screen) -> Screen:
    """The film's picture in even numbers of pixels.

    A height alone keeps the aspect, an aspect alone the shorter side; both say it all.
    """
    aspect, height, fps = (getattr(command, name, None) for name in ("aspect", "height", "fps"))
    screen = before.model_copy(update={"fps": fps or before.fps})
    if aspect is None and height is None:
        return screen
    wide, tall = _aspect(aspect) if aspect else (before.width, before.height)
    if height is None:
        short = min(before.width, before.height)
        height = short if wide >= tall else short * tall / wide
    width, height = round(height * wide / tall / 2) * 2, round(height / 2) * 2
    if not LEAST <= min(width, height) <= max(width, height) <= MOST:
        raise SettingsError(
            f"a film of {width} x {height} pixels cannot be made",
            f"choose --height and --aspect so that both sides are from {LEAST} to {MOST}",
        )
    return screen.model_copy(update={"width": width, "height": height})


def corrections_of(path: Path | None) -> Transcript | None:
    """A transcript corrected by hand. Raises SettingsError with the place of its first fault."""
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
        return Transcript.model_validate_json(text)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "write one with: main.py read --json") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not text in UTF-8", "save it as UTF-8") from None
    except ValidationError as error:
        faults = error.errors()
        way = faults[0]["loc"]  # nothing leads to a fault of the JSON itself, whose message names line and column
        place = f"line {line_of(text, way)}: {'.'.join(map(str, way))}" if way else "the file"
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise SettingsError(
            f"{path}: {place}: {faults[0]['msg']}{more}", "mend it there; main.py read --json writes a sound one"
        ) from None


def _aspect(text: str) -> tuple[int, int]:
    wide, _, tall = text.partition(":")
    if not all(side.isascii() and side.isdecimal() and int(side[:9]) and len(side) < 6 for side in (wide, tall)):
        raise SettingsError(f"{text!r} is not an aspect", "write it as W:H, such as 16:9")
    if not 1 / 4 <= int(wide) / int(tall) <= 4:
        raise SettingsError(f"an aspect of {text} is too narrow to film", "stay between 1:4 and 4:1")
    return int(wide), int(tall)


def _book_of(project: Path) -> Path | None:
    if not (project / DATABASE).is_file():
        return None
    try:
        with Library.open(project, readonly=True) as library:
            return Path(source) if (source := library.source()) else None
    except ProjectError:
        return None


def _same(other: Path, first: Path, *, several: bool) -> bool:
    """Several images are kept as the folder that holds them."""
    there, here = other.resolve(), first.resolve()
    return here == there or (several and here.is_relative_to(there))
