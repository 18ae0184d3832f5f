"""The settings of a film as frozen, validated values."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storage.domain import Order, Shape, VideoFormat
from storage.styles import StyleSheet

Options = dict[str, str | int | float | bool]
MAGI = ("magi2", "magi3")
"""The backends that need a consent: what reads, and what tells people by the same model."""


class Backends(Shape):
    """Which backend keeps each promise: a file's name, or a dotted path to a class from outside."""

    transcribe: str = "classic"
    clean: str = "classic"
    outpaint: str = "extend"
    animate: str = "still"
    composite: str = "camera"
    likeness: str = "tones"


class MagiConsent(Shape):
    """What the user agreed to for magi2 and magi3, whose code comes with their weights.

    `model` is a name on the hub or a folder, "" for the backend's own; `revision` the full commit hash that was looked
    at and is trusted; `licence_accepted` says that the film is made for academic, non-commercial use only.
    """

    model: str = ""
    revision: str = ""
    licence_accepted: bool = False


class Settings(Shape):
    """The settings of one project. Everything that changes the film stands here and enters the content keys."""

    screen: VideoFormat = VideoFormat()
    profile: str = "cpu"
    """Where `backends` and `options` come from: a name, or the user's file; for showing only."""
    order: Literal["auto"] | Order = "auto"
    pages: str = ""
    """A range such as "3-12" or "1,4-6", counted from 1; empty means all."""
    director: Literal["auto", "rules", "llm"] = "auto"
    model: str = ""
    """The language model that directs where `director` is llm, or auto; where it is asked, the environment says."""
    style: StyleSheet = StyleSheet()
    """The taste of the film, for whoever directs it and for the models that draw."""
    max_cost: float = Field(default=2.0, ge=0, allow_inf_nan=True)
    """US dollars that asking language models may cost this film, all its runs together; inf for no bound."""
    max_tokens: int = Field(default=4_000_000, ge=0)
    """Tokens that may be asked and answered for this film: what bounds a model whose price is not known."""
    backends: Backends = Backends()
    options: dict[str, Options] = Field(default_factory=dict)
    """What one backend alone knows, under "capability.name": {"transcribe.magi2": {"device": "cpu"}}."""
    accepted: tuple[str, ...] = ()
    """Models whose licence the user keeps to, though it is not free for every use, or is not known here."""
    magi: MagiConsent = MagiConsent()
    cast: str = ""
    """A folder of pictures of the book's characters, each file named after whom it shows; empty for none."""
    crf: int = Field(default=18, ge=0, le=40)
    preset: str = "veryfast"
    max_retakes: int = Field(default=2, ge=0, le=8)
    critic: Literal["auto", "none", "every"] = "auto"
    """Which takes the model looks at: auto, where it directs, those that a model has drawn on; every: all."""
    best_of: int = Field(default=1, ge=1, le=8)
    """How many takes, from different seeds, are made of a shot that a model draws on; the best one is shown."""
    max_generated: float = Field(default=1.0, ge=0, le=1)
    """The share of what the camera shows of each shot, over its length, that models may draw: all that they paint,
    and every place that stirs in their frames. A shot's treatment may say less or more."""
    max_drift: float = Field(default=0.6, ge=0, le=1)
    """How far frames that a model drew may leave their panel, from 0 (not at all) to 1 (it is not looked at)."""

    def options_of(self, capability: str, name: str) -> Options:
        """The settings that `tools.backends.load` hands to a backend."""
        chosen = dict(self.options.get(f"{capability}.{name}", {}))
        return {**self.magi.model_dump(), **chosen} if name in MAGI else chosen
