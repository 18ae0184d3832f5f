"""Parse frame rates: whole numbers, decimals and fractions; NTSC rates become the exact fractions they stand for."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache

FrameRate = int | Fraction
"""Frames per second: an int where it is whole, else an exact fraction."""
MIN_FPS, MAX_FPS = 12, 60
"""Frames per second of a film."""
_LOWEST, _HIGHEST = Fraction(1, 100), 240
"""Frames per second of any video, such as the motion of a few drawings."""
_NTSC = (24, 30, 48, 60)
"""Whole rates that NTSC slows down by 1000/1001: 24 becomes 23.976."""
_NTSC_TOLERANCE = 0.005
"""How far a decimal may be from an NTSC rate to mean it: 23.976 and 23.98 are both 24000/1001."""
_MAX_DENOMINATOR = 1001
_TEXT = re.compile(r"(\d{1,6}(?:\.\d{1,18})?)(?:/(\d{1,6}))?", re.ASCII)


def parse_frame_rate(value: object) -> FrameRate:
    """Return the frame rate that a number or a text such as "25", "23.976" or "24000/1001" stands for.

    Raises:
        ValueError: It stands for none, or for less than 0.01 or more than 240 frames per second.
    """
    exact = _snap_to_ntsc(_parse_fraction(value))
    if not _LOWEST <= exact <= _HIGHEST:
        raise ValueError(f"{value} frames a second cannot be filmed")
    if exact.denominator > _MAX_DENOMINATOR:
        raise ValueError(f"{value} is no frame rate that a file can hold exactly")
    return exact.numerator if exact.denominator == 1 else exact


def check_film_rate(value: object) -> FrameRate:
    """Return the frame rate of a film, 12 to 60 frames per second.

    Raises:
        ValueError: The value is no frame rate, or is outside of these bounds.
    """
    rate = parse_frame_rate(value)
    if not MIN_FPS <= rate <= MAX_FPS:
        raise ValueError(f"{value} frames a second is not from {MIN_FPS} to {MAX_FPS}")
    return rate


def dump_frame_rate(rate: FrameRate) -> int | str:
    """Return a frame rate as JSON: a whole one as a number, another one as a text such as "24000/1001"."""
    return rate if isinstance(rate, int) else f"{rate.numerator}/{rate.denominator}"


def frame_rate_name(rate: FrameRate) -> str:
    """Return a frame rate as people write it: "24", "23.976"."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=128)
def _snap_to_ntsc(exact: Fraction) -> Fraction:
    """Return the NTSC rate that a rate is near to, or the rate; cached, as every row with a video format asks."""
    for whole in _NTSC:
        if abs(exact - Fraction(whole * 1000, 1001)) < _NTSC_TOLERANCE:
            exact = Fraction(whole * 1000, 1001)
    return exact


def _parse_fraction(value: object) -> Fraction:
    if isinstance(value, bool):
        raise ValueError(f"{value} is no frame rate")
    if isinstance(value, int | Fraction):
        return Fraction(value)
    if isinstance(value, float) and math.isfinite(value):
        return Fraction(repr(float(value)))
    match = _TEXT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match[2] is not None and int(match[2]) == 0):
        raise ValueError(f"{value!r} is no frame rate")
    return Fraction(match[1]) / int(match[2] or 1)
