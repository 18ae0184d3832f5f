"""The typed edit of whose mouths move while they speak."""

from __future__ import annotations

from typing import Literal

from agents.editing.selectors import Which
from storage.shapes import Shape


class SetMouths(Shape):
    """Move a character's mouth while they speak, and let their eyes blink; None for all who speak in a shot."""

    do: Literal["mouth"] = "mouth"
    which: Which
    character: str | None = None
    on: bool = True
    """False leaves all faces of the shots as they were drawn."""
