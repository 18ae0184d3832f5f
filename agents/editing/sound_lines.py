"""Read and write the values of edits of sound, as lines of the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from agents.language.vocabulary import heard_word

LOUDER = {"much quieter": -8.0, "quieter": -4.0, "slightly quieter": -2.0,
          "slightly louder": 2.0, "louder": 4.0, "much louder": 8.0}  # fmt: skip
"""Decibels of changes in words; 10 decibels are heard as twice as loud (Stevens, "The Measurement of Loudness", 1955),
so that 4 are as much of a change as `slower` and `closer` are."""
ALL_BUSES = "volume"
"""The word for the level of all buses together."""


def write_number(value: float) -> str:
    """Write a number so that it is read again as the same number."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def quote(text: str) -> str:
    """Write a text in quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquote(said: str) -> str:
    return re.sub(r"\\(.)", r"\1", said[1:-1]) if len(said) > 1 and said[0] == said[-1] == '"' else said


def _read_change(said: str) -> Any:
    """Return the decibels of "much louder", or of "louder by 3"."""
    way, _, by = said.partition(" by ")
    return LOUDER.get(way, said) if not by else float(by) * (1 if way == "louder" else -1)


def _signed(value: float) -> str:
    return "0" if not value else ("+" if value > 0 else "-") + write_number(abs(value))


def _of_bus(values: dict[str, Any]) -> str:
    return f"{values['bus']} " if values["bus"] else ""


def _write_change(values: dict[str, Any]) -> str:
    words = {by: said for said, by in LOUDER.items() if "slightly" not in said}
    by = values["by"]
    return _of_bus(values) + words.get(by, f"{'louder' if by > 0 else 'quieter'} by {write_number(abs(by))}")


def _write_sound(values: dict[str, Any]) -> str:
    parts = [f"sound {quote(values['file']) if values['file'] else values['kind']}"]
    if values["at"] is not None:
        parts.append(f"at {write_number(values['at'])}")
    if values["balloon"] is not None:
        parts.append(f"with balloon {values['balloon']}")
    if values["seconds"] is not None:
        parts.append(f"for {write_number(values['seconds'])} s")
    if values["gain"]:
        parts.append(f"{_signed(values['gain'])} dB")
    return " ".join(parts)


def _write_removal(values: dict[str, Any]) -> str:
    named = quote(values["file"]) if values["file"] else values["kind"]
    return f"sound {named} none" if named else "sound none"


READERS: dict[tuple[str, str], Callable[[str], Any]] = {
    ("louder", "by"): _read_change,
    ("sound", "kind"): lambda said: heard_word("sounds", said),
    ("no sounds", "kind"): lambda said: heard_word("sounds", said),
    ("place", "kind"): lambda said: None if said == "none" else heard_word("places", said),
    ("music", "mood"): lambda said: said if said in ("none", "auto") else heard_word("moods", said),
    **{(do, "file"): _unquote for do in ("sound", "no sounds", "music")},
}
WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "level": lambda v: f"{v['bus'] or ALL_BUSES} {_signed(v['gain'])}",
    "louder": _write_change,
    "mute": lambda v: f"mute {_of_bus(v)}".rstrip(),
    "unmute": lambda v: f"unmute {_of_bus(v)}".rstrip(),
    "sound": _write_sound,
    "no sounds": _write_removal,
    "place": lambda v: f"place {v['kind'] or 'none'}",
    "music": lambda v: f"music {quote(v['file']) if v['file'] else v['mood']}",
}
