"""Change settings by their names, and refuse values that are wrong with the name of the setting.

For scripts and programs: profiles and styles are given by name, a cast is a folder, and the video format is an aspect
and a height.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from agents.profiles import apply_profile
from storage import styles
from storage.domain import VideoFormat
from storage.errors import SettingsError
from storage.frame_rate import MAX_FPS, MIN_FPS, FrameRate, check_film_rate
from storage.settings import Options, Settings
from storage.sound import Mood
from storage.video_format import fit_format, sides
from tools.backends import backend_names
from tools.characters.reference_images import named_pictures

MIN_SIDE_PIXELS, MAX_SIDE_PIXELS = 120, 7680
"""Pixels of each side of the picture: a smaller one shows nothing, a larger one no usual player plays."""
_SIDES_HINT = f"choose height and aspect so that both sides are from {MIN_SIDE_PIXELS} to {MAX_SIDE_PIXELS}"
_PROFILE = "profile"  # applied first: it sets options, which other values then change


def update_settings(before: Settings, values: Mapping[str, object]) -> Settings:
    """Return `before` with several settings changed.

    Raises:
        SettingsError: The first setting that does not exist or has an impossible value.
    """
    settings = before
    for name in sorted(values, key=lambda name: name != _PROFILE):
        settings = update_setting(settings, name, values[name])
    return settings


def update_setting(before: Settings, name: str, value: object) -> Settings:
    """Return `before` with one setting changed.

    Raises:
        SettingsError: The setting does not exist or its value is impossible; `option` is its name.
    """
    try:
        return _with_setting(before, name, value)
    except SettingsError as error:
        error.option = error.option or name
        raise


def _with_setting(before: Settings, name: str, value: object) -> Settings:
    """Return the settings with one of them converted, checked and changed."""
    if name == _PROFILE:
        return apply_profile(str(value), before)
    if name == "style" and isinstance(value, str | Path):
        value = styles.load_style(str(value))
    if name == "cast" and isinstance(value, str | Path):
        value = _cast_folder(str(value))
    if name in ("sounds", "music", "voice", "voice_fallback") and isinstance(value, str | Path):
        before, value = _with_sounds(before, name, str(value))
    if name not in Settings.model_fields:
        raise SettingsError(f"there is no setting {name}", f"there are {', '.join(sorted(Settings.model_fields))}")
    try:
        settings = Settings.model_validate({**dict(before), name: value})
    except ValidationError as error:
        raise _settings_error(error) from None
    if settings.screen != before.screen:
        check_format(settings.screen)
    return settings


def _with_sounds(before: Settings, name: str, value: str) -> tuple[Settings, str]:
    """Return the settings and the value of a setting that may name sound files of a person.

    Raises:
        SettingsError: There are no such files.
    """
    if name in ("sounds", "music"):
        return before, _absolute_path(name, value)
    return _with_recordings(before, value)


def _absolute_path(name: str, value: str) -> str:
    """Return the folder of a person's recordings, or the film's music: a mood, or the path of a file; "" for none.

    Raises:
        SettingsError: There is no such folder or file.
    """
    if value in ("", "none"):
        return ""
    if name == "music" and value in get_args(Mood):
        return value
    path = Path(value).expanduser()
    if not (path.is_dir() if name == "sounds" else path.is_file()):
        moods = ", ".join(get_args(Mood))
        raise SettingsError(
            f"there is no {'folder' if name == 'sounds' else 'file'} {value}",
            "name a folder of sound files, or none"
            if name == "sounds"
            else f"name a sound file, a mood ({moods}), or none",
        )
    return os.path.abspath(path)


def _with_recordings(before: Settings, value: str) -> tuple[Settings, str]:
    """Return the settings and the backend of a voice; a folder is one of recordings of actors.

    Raises:
        SettingsError: There is no such folder.
    """
    if value not in (*backend_names("speak"), "auto", "none"):
        folder = Path(value).expanduser()
        if folder.is_dir():
            recordings: Options = {"folder": os.path.abspath(folder)}
            return before.model_copy(update={"options": {**before.options, "speak.cast": recordings}}), "cast"
        if os.sep in value:
            raise SettingsError(f"there is no folder {value}", "name a folder of recordings, or a backend")
    return before, value


def update_format(
    before: VideoFormat,
    aspect: str | None = None,
    height: int | None = None,
    fps: FrameRate | float | str | None = None,
) -> VideoFormat:
    """Return the video format with even sides.

    A height alone keeps the aspect, an aspect alone keeps the shorter side, and both decide the size.

    Args:
        before: The format to change.
        aspect: The aspect, such as "16:9".
        height: Pixels.
        fps: Frames a second, 12 to 60; fractions such as "24000/1001" and NTSC rates such as 23.976 are exact.

    Raises:
        SettingsError: No film can be made in that format.
    """
    screen = before if fps is None else before.model_copy(update={"fps": _film_rate(fps)})
    if aspect is None and height is None:
        return screen
    if height is not None and (isinstance(height, bool) or not isinstance(height, int) or height <= 0):
        raise SettingsError(f"a height of {height!r} is no number of pixels", _SIDES_HINT, option="height")
    wide, tall = sides(aspect) if aspect is not None else (before.width, before.height)
    return check_format(fit_format(screen, wide, tall, height))


def check_format(screen: VideoFormat) -> VideoFormat:
    """Return a video format if a film can be made in it.

    Raises:
        SettingsError: Its sides or its frame rate are out of bounds.
    """
    if not MIN_SIDE_PIXELS <= min(screen.width, screen.height) <= max(screen.width, screen.height) <= MAX_SIDE_PIXELS:
        raise SettingsError(f"a film of {screen.width} x {screen.height} pixels cannot be made", _SIDES_HINT)
    if screen.width % 2 or screen.height % 2:
        raise SettingsError(f"a film of {screen.width} x {screen.height} pixels cannot be made", "use even numbers")
    _film_rate(screen.fps)
    return screen


def _film_rate(fps: object) -> FrameRate:
    """Return a frame rate of a film, exactly."""
    try:
        return check_film_rate(fps)
    except ValueError:
        what, hint = f"{fps!s:.80} frames a second cannot be filmed", f"choose a number from {MIN_FPS} to {MAX_FPS}"
        raise SettingsError(what, f"{hint}, such as 25, 23.976 or 24000/1001", option="fps") from None


def _cast_folder(value: str) -> str:
    """Return the absolute path of a folder with pictures of the cast; "" for none."""
    if value in ("", "none"):
        return ""
    folder = Path(value).expanduser()
    named_pictures(folder)
    return str(folder.resolve())


def _settings_error(error: ValidationError) -> SettingsError:
    """Translate the first error of pydantic into one that names the setting."""
    problem = error.errors()[0]
    *parents, name = (str(step) for step in problem["loc"])
    option = ".".join((*parents, name))
    parent: object = Settings()
    for step in parents:
        parent = getattr(parent, step, None)
    if problem["type"] == "extra_forbidden":
        known = ", ".join(sorted(getattr(type(parent), "model_fields", {})))
        return SettingsError(f"there is no setting {option}", f"{'.'.join(parents)} has {known}", option=option)
    default = getattr(parent, name, None)
    hint = f"where nothing is said it is {default!r}" if isinstance(default, str | int | float) else "correct it there"
    message = problem["msg"].removeprefix("Value error, ")
    return SettingsError(f"{option}: {message}", hint, option=option)
