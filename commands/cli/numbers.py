"""Argument types for argparse that parse a number and refuse one outside its bounds."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from storage.frame_rate import MAX_FPS, MIN_FPS, FrameRate, check_film_rate


def whole_number(what: str) -> Callable[[str], int]:
    """Return a parser of whole numbers from 0 to 999,999,999; `what` describes the number in error messages."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
        return int(text)

    return number


def take_count(text: str) -> int:
    """Parse the number of takes made of a shot, 1 to 8."""
    return _digit(text, 1, 8)


def retake_count(text: str) -> int:
    """Parse how often a shot may be filmed again, 0 to 8."""
    return _digit(text, 0, 8)


def dollars(text: str) -> float:
    """Parse an amount of dollars, 0 to 1,000,000."""
    return _amount(text, 1_000_000, "an amount of dollars")


def share(text: str) -> float:
    """Parse a share of a whole, 0 to 1."""
    return _amount(text, 1, "a share from 0 to 1")


def colour_strength(text: str) -> float:
    """Parse a factor on colours, 0 to 2."""
    return _amount(text, 2, "a factor from 0 to 2")


def loudness(text: str) -> float:
    """Parse a loudness in LUFS, -36 to -8."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not -36 <= number <= -8:
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is not a loudness from -36 to -8 LUFS")
    return number


def rate(text: str) -> FrameRate:
    """Parse a number of frames per second, 12 to 60, such as 25, 23.976 or 24000/1001."""
    try:
        return check_film_rate(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r} is not from {MIN_FPS} to {MAX_FPS}, such as 25, 23.976 or 24000/1001"
        ) from None


def _digit(text: str, least: int, most: int) -> int:
    if text not in [str(number) for number in range(least, most + 1)]:
        raise argparse.ArgumentTypeError(f"{text!r} is not from {least} to {most}")
    return int(text)


def _amount(text: str, most: float, what: str) -> float:
    """Parse a number from 0 to `most`; `what` describes it in error messages."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return number
