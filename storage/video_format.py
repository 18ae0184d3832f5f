"""Compute a video format from an aspect such as "9:16"."""

from __future__ import annotations

import re

from storage.domain import VideoFormat
from storage.errors import SettingsError

_ASPECT = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")


def sides(aspect: str) -> tuple[int, int]:
    """Return the two numbers of an aspect such as "16:9".

    Raises:
        SettingsError: The text is no aspect, or the aspect is not between 1:4 and 4:1.
    """
    match = _ASPECT.fullmatch(aspect)
    if match is None:
        raise SettingsError(f"{aspect!r} is not an aspect", "write it as W:H, such as 16:9")
    width, height = int(match[1]), int(match[2])
    if not 1 / 4 <= width / height <= 4:
        raise SettingsError(f"an aspect of {aspect} is too narrow to film", "stay between 1:4 and 4:1")
    return width, height


def screen_of(aspect: str, before: VideoFormat) -> VideoFormat:
    """Return a video format of another aspect with the same shorter side.

    Raises:
        SettingsError: The text is no aspect, or the aspect is not between 1:4 and 4:1.
    """
    return fit_format(before, *sides(aspect))


def fit_format(before: VideoFormat, wide: int, tall: int, height: float | None = None) -> VideoFormat:
    """Return a video format of the aspect wide:tall, in even numbers of pixels.

    Args:
        before: The present format; its frame rate is kept.
        wide: The first number of the aspect.
        tall: The second number of the aspect.
        height: The height in pixels; None keeps the shorter side of `before`.
    """
    shorter_side = min(before.width, before.height)
    new_height = (shorter_side if wide >= tall else shorter_side * tall / wide) if height is None else height
    return before.model_copy(
        update={"width": round(new_height * wide / tall / 2) * 2, "height": round(new_height / 2) * 2}
    )
