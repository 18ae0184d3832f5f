"""Options in, settings and places out: what animate and read have in common."""

from __future__ import annotations

import argparse
from pathlib import Path

from pydantic import ValidationError

from commands.readers import reader_changes
from storage.errors import SettingsError
from storage.settings import Settings
from storage.shapes import Screen, Transcript

SHORT_SIDE = 1080


def source_of(command: argparse.Namespace) -> Path | tuple[Path, ...]:
    """The book: one path, or several images in the order given."""
    given: list[Path] = command.source
    return given[0] if len(given) == 1 else tuple(given)


def project_of(command: argparse.Namespace) -> Path:
    """The project's folder: as asked, or beside where the user stands, under the source's name."""
    if command.project:
        return Path(command.project)
    first: Path = command.source[0]
    name = first.resolve().name if first.is_dir() else first.stem
    return Path(f"{name or 'book'}.komadori")


def settings_of(command: argparse.Namespace, before: Settings | None) -> Settings:
    """The project's settings with what this command says changed; what it does not say stays."""
    settings = before or Settings()
    changes: dict[str, object] = {
        name: value for name in ("order", "pages", "director") if (value := getattr(command, name, None)) is not None
    }
    changes["screen"] = screen_of(command, settings.screen)
    if command.transcribe:
        changes["backends"] = settings.backends.model_copy(update={"transcribe": command.transcribe})
    changes |= reader_changes(command, settings)
    return Settings.model_validate({**dict(settings), **changes})


def screen_of(command: argparse.Namespace, before: Screen) -> Screen:
    """The film's picture in even numbers of pixels."""
    aspect, height, fps = (getattr(command, name, None) for name in ("aspect", "height", "fps"))
    screen = before.model_copy(update={"fps": fps or before.fps})
    if aspect is None and height is None:
        return screen
    wide, tall = _aspect(aspect) if aspect else (before.width, before.height)
    if height is None:
        height = SHORT_SIDE if wide >= tall else round(SHORT_SIDE * tall / wide)
    if not 120 <= height <= 4320:
        raise SettingsError(f"a film {height} pixels high cannot be made", "choose a --height from 120 to 4320")
    return screen.model_copy(update={"width": round(height * wide / tall / 2) * 2, "height": round(height / 2) * 2})


def corrections_of(path: Path | None) -> Transcript | None:
    """A transcript corrected by hand. Raises SettingsError with the place of its first fault."""
    if path is None:
        return None
    try:
        return Transcript.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "write one with: main.py read --json") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not text in UTF-8", "write one with: main.py read --json") from None
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise SettingsError(f"{path}: {place}: {fault['msg']}", "write a sound one with: main.py read --json") from None


def _aspect(text: str) -> tuple[int, int]:
    wide, _, tall = text.partition(":")
    if not (wide.isdigit() and tall.isdigit() and int(wide) and int(tall)):
        raise SettingsError(f"{text} is not an aspect", "write it as W:H, such as 16:9")
    if not 1 / 4 <= int(wide) / int(tall) <= 4:
        raise SettingsError(f"an aspect of {text} is too narrow to film", "stay between 1:4 and 4:1")
    return int(wide), int(tall)
