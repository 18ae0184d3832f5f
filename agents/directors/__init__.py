"""A transcript in, shots out: the promise of every director. Sees numbers and shapes, never a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from storage.errors import SettingsError
from storage.shapes import Screen, ShotPlan, Transcript


class Look(Protocol):
    """How a panel looks, in numbers (`tools.measures.PanelLook`): 0..1 unless said."""

    @property
    def tone(self) -> float:
        """Mean brightness."""
        ...

    @property
    def detail(self) -> float:
        """How much is drawn."""
        ...

    @property
    def closeness(self) -> float:
        """How near the camera of the drawing stands: 1 is a face that fills the panel."""
        ...

    @property
    def focus(self) -> tuple[float, float]:
        """Where the eye goes, (x, y) in page pixels."""
        ...


class Director(Protocol):
    """Plans a film. Deterministic: the same transcript, screen and looks give the same shots."""

    version: int

    def plan(self, transcript: Transcript, screen: Screen, looks: Mapping[str, Look]) -> tuple[ShotPlan, ...]:
        """Plan the shots of a whole book in film order.

        Every panel and every line of the transcript is covered; camera boxes are page pixels of the screen's
        aspect. `looks` says by panel id how panels look; it may lack any of them, or be empty.
        """
        ...


def choose(setting: str) -> tuple[Director, str]:
    """Return the director that a setting asks for, and its name; "auto" takes what needs no model: the rules.

    SettingsError for a director that this version does not have.
    """
    from agents.directors.rules import Rules

    if setting in ("auto", "rules"):
        return Rules(), "rules"
    raise SettingsError(f"there is no director named {setting!r}", "use --director rules, or leave it out")
