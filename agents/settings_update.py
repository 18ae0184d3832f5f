"""Change settings by their names, and refuse values that are wrong with the name of the setting.

For scripts and programs: profiles and styles are given by name, a cast is a folder, and the video format is an aspect
and a height.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from agents.profiles import apply_profile
from storage import styles
from storage.domain import VideoFormat
from storage.errors import SettingsError
from storage.settings import Settings
from storage.video_format import sides, sized
from tools.characters.reference_images import named_pictures

LEAST, MOST = 120, 7680
"""Pixels of a side of the picture: smaller shows nothing, larger is no film that players play."""
SLOWEST, FASTEST = 12, 60
_FIRST = "profile"  # it brings options, which others then change


def update_settings(before: Settings, said: Mapping[str, object]) -> Settings:
    """The settings with all of these changed. Raises SettingsError for the first that cannot be meant so."""
    settings = before
    for name in sorted(said, key=lambda name: name != _FIRST):
        settings = update_setting(settings, name, said[name])
    return settings


def update_setting(before: Settings, name: str, value: object) -> Settings:
    """The settings with one changed. Raises SettingsError, with its name, where it cannot be meant so."""
    try:
        return _changed(before, name, value)
    except SettingsError as error:
        error.option = error.option or name
        raise


def _changed(before: Settings, name: str, value: object) -> Settings:
    if name == _FIRST:
        return apply_profile(str(value), before)
    if name == "style" and isinstance(value, str | Path):
        value = styles.load_style(str(value))
    if name == "cast" and isinstance(value, str | Path):
        value = _cast(str(value))
    if name not in Settings.model_fields:
        raise SettingsError(f"there is no setting {name}", f"there are {', '.join(sorted(Settings.model_fields))}")
    try:
        return Settings.model_validate({**dict(before), name: value})
    except ValidationError as error:
        raise _refusal(error) from None


def update_format(
    before: VideoFormat, aspect: str | None = None, height: int | None = None, fps: int | None = None
) -> VideoFormat:
    """The picture in even numbers of pixels. SettingsError where no film can be made in it.

    A height alone keeps the aspect, an aspect alone the shorter side; both say it all.
    """
    if fps is not None and not SLOWEST <= fps <= FASTEST:
        what, hint = f"{fps} frames a second cannot be filmed", f"choose a number from {SLOWEST} to {FASTEST}"
        raise SettingsError(what, hint, option="fps")
    screen = before.model_copy(update={"fps": fps or before.fps})
    if aspect is None and height is None:
        return screen
    wide, tall = sides(aspect) if aspect else (before.width, before.height)
    screen = sized(screen, wide, tall, height)
    if not LEAST <= min(screen.width, screen.height) <= max(screen.width, screen.height) <= MOST:
        raise SettingsError(
            f"a film of {screen.width} x {screen.height} pixels cannot be made",
            f"choose height and aspect so that both sides are from {LEAST} to {MOST}",
        )
    return screen


def _cast(said: str) -> str:
    if said in ("", "none"):
        return ""
    folder = Path(said).expanduser()
    named_pictures(folder)
    return str(folder.resolve())


def _refusal(error: ValidationError) -> SettingsError:
    fault = error.errors()[0]
    *way, name = (str(step) for step in fault["loc"])
    option = ".".join((*way, name))
    here: object = Settings()
    for step in way:
        here = getattr(here, step, None)
    if fault["type"] == "extra_forbidden":
        known = ", ".join(sorted(getattr(type(here), "model_fields", {})))
        return SettingsError(f"there is no setting {option}", f"{'.'.join(way)} has {known}", option=option)
    usual = getattr(here, name, None)
    hint = f"where nothing is said it is {usual!r}" if isinstance(usual, str | int | float) else "mend it there"
    return SettingsError(f"{option}: {fault['msg']}", hint, option=option)
