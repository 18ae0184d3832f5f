"""What a user may set for a film: frozen, validated values; knows no command line and no database."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storage.shapes import Order, Screen, Shape


class Backends(Shape):
    """Which backend keeps each promise: a file's name, or a dotted path to a class from outside."""

    transcribe: str = "classic"
    clean: str = "classic"
    outpaint: str = "extend"
    animate: str = "still"
    composite: str = "camera"


class Settings(Shape):
    """The settings of one project. Everything that changes the film stands here and enters the content keys."""

    screen: Screen = Screen()
    order: Literal["auto"] | Order = "auto"
    pages: str = ""
    """A range such as "3-12" or "1,4-6", counted from 1; empty means all."""
    director: Literal["auto", "rules", "llm"] = "auto"
    profile: str = "cpu"
    backends: Backends = Backends()
    crf: int = Field(default=18, ge=0, le=40)
    preset: str = "veryfast"
    max_retakes: int = Field(default=2, ge=0, le=8)
