"""Compute a video format from an aspect such as "9:16"."""

from __future__ import annotations

import re

from storage.domain import VideoFormat
from storage.errors import SettingsError

_ASPECT = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")


def sides(aspect: str) -> tuple[int, int]:
    """The two numbers of "16:9". SettingsError for what is no aspect, or too narrow to film."""
    found = _ASPECT.fullmatch(aspect)
    if found is None:
        raise SettingsError(f"{aspect!r} is not an aspect", "write it as W:H, such as 16:9")
    wide, tall = int(found[1]), int(found[2])
    if not 1 / 4 <= wide / tall <= 4:
        raise SettingsError(f"an aspect of {aspect} is too narrow to film", "stay between 1:4 and 4:1")
    return wide, tall


def screen_of(aspect: str, before: VideoFormat) -> VideoFormat:
    """The screen of an aspect, whose shorter side stays. SettingsError as of `sides`."""
    return sized(before, *sides(aspect))


def sized(before: VideoFormat, wide: int, tall: int, height: float | None = None) -> VideoFormat:
    """The screen of the aspect wide:tall, in even numbers of pixels; without a height its shorter side stays."""
    short = min(before.width, before.height)
    high = height or (short if wide >= tall else short * tall / wide)
    return before.model_copy(update={"width": round(high * wide / tall / 2) * 2, "height": round(high / 2) * 2})
