"""A word from the command line in, the number it means out; refuses what is out of its bounds."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def whole(what: str) -> Callable[[str], int]:
    """A reader of whole numbers, none below 0; `what` says in words what it reads."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 9):
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
        return int(text)

    return number


def takes(text: str) -> int:
    """How many takes are made of a shot, 1 to 8."""
    if text not in "12345678" or len(text) != 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 1 to 8")
    return int(text)


def retakes(text: str) -> int:
    """How often a shot may be filmed again, 0 to 8."""
    if text not in "012345678" or len(text) != 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to 8")
    return int(text)


def dollars(text: str) -> float:
    """An amount of money."""
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of dollars")
    return amount


def share(text: str) -> float:
    """A part of a whole, 0 to 1."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to 1")
    return found


def rate(text: str) -> int:
    """Frames a second of a film."""
    if not (text.isascii() and text.isdecimal() and 12 <= int(text[:9]) <= 60):
        raise argparse.ArgumentTypeError(f"{text!r} is not from 12 to 60")
    return int(text)
