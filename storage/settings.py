"""The settings of a film as frozen, validated values."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storage.domain import ColorMode, Order, Shape, VideoFormat
from storage.styles import StyleSheet

Options = dict[str, str | int | float | bool | list[str]]
MAGI = ("magi2", "magi3")
"""The backends that need the user's consent; both read pages and identify characters with the same model."""


class Backends(Shape):
    """The backend of each capability: the name of a file, or the dotted path of a class from outside."""

    transcribe: str = "classic"
    clean: str = "classic"
    redraw: str = "original"
    color: str = "original"
    """What colours grey panels, where the film or a shot asks for it."""
    locate: str = "unknown"
    """What finds in a panel what the words of an edit name."""
    outpaint: str = "extend"
    upscale: str = "lines"
    animate: str = "still"
    layers: str = "grabcut"
    """What tells figures from the ground where the artist's own layers are not known."""
    composite: str = "camera"
    likeness: str = "tones"


class MagiConsent(Shape):
    """What the user agreed to for magi2 and magi3, whose code comes with their weights."""

    model: str = ""
    """A name on the hub or a folder; "" takes the backend's own."""
    revision: str = ""
    """The full hash of the commit that the user examined and trusts."""
    licence_accepted: bool = False
    """Whether the film is made for academic, non-commercial use only."""


class Settings(Shape):
    """The settings of one project. Everything that changes the film is here and enters the content keys."""

    screen: VideoFormat = VideoFormat()
    profile: str = "cpu"
    """Where `backends` and `options` come from: a name, or the user's file; only for display."""
    order: Literal["auto"] | Order = "auto"
    pages: str = ""
    """A range such as "3-12" or "1,4-6", counted from 1; empty means all."""
    director: Literal["auto", "rules", "llm"] = "auto"
    model: str = ""
    """The language model that directs if `director` is llm or auto; the environment says where its server is."""
    style: StyleSheet = StyleSheet()
    """The style of the film, for the director and for generative models."""
    max_cost: float = Field(default=2.0, ge=0, allow_inf_nan=True)
    """US dollars that language models and voices may cost for this film, over all runs; inf for no bound."""
    max_tokens: int = Field(default=4_000_000, ge=0)
    """Input and output tokens for this film, over all runs: the bound for a model whose price is not known."""
    backends: Backends = Backends()
    options: dict[str, Options] = Field(default_factory=dict)
    """Options that only one backend has, under "capability.name": {"transcribe.magi2": {"device": "cpu"}}."""
    accepted: tuple[str, ...] = ()
    """Models whose licence the user accepted, though it is not free for every use, or is not known here."""
    magi: MagiConsent = MagiConsent()
    cast: str = ""
    """A folder of pictures of the book's characters, each file named after the character it shows; "" for none."""
    voice: str = "auto"
    """The backend that speaks the lines; "none" for no voices, "auto" for the packaged one where it is installed."""
    voice_fallback: str = "none"
    """The backend that speaks the lines that `voice` cannot; "none" leaves them silent."""
    sound: bool = True
    """Whether the film is heard."""
    sounds: str = ""
    """A folder of recordings that are played in place of made effects, each named after what it is; "" for none."""
    music: str = ""
    """The music from the first shot on: a mood, or the path of a file; "" for none."""
    loudness: float = Field(default=-14.0, ge=-36, le=-8)
    """The integrated loudness of the film in LUFS."""
    cards: bool = True
    """Whether a book that has a title gets a title card, chapter cards and credits in its film."""
    color: ColorMode = Field(default="bw", exclude_if=lambda mode: mode == "bw")
    """Whether grey panels stay as they were drawn ("bw"), or are coloured with coloured references ("reference")."""
    vividness: float = Field(default=1.0, ge=0, le=2, exclude_if=lambda share: share == 1)
    """How strong the colours are that grey panels get: 0 for none, 1 as the model painted them."""
    crf: int = Field(default=18, ge=0, le=40)
    preset: str = "veryfast"
    max_retakes: int = Field(default=2, ge=0, le=8)
    critic: Literal["auto", "none", "every"] = "auto"
    """Which takes the critic looks at. auto: if a language model directs, those with generated content; every: all."""
    best_of: int = Field(default=1, ge=1, le=8)
    """How many takes, from different seeds, are made of a shot with generated content; the best one is shown."""
    max_generated: float = Field(default=1.0, ge=0, le=1)
    """The share of the camera's view of each shot, over its length, that models may generate: all that they paint, and
    every place that moves in their frames. The options of a shot may set another bound.
    """
    max_drift: float = Field(default=0.6, ge=0, le=1)
    """How far generated frames may leave their panel, from 0 (not at all) to 1 (not measured)."""

    def options_of(self, capability: str, name: str) -> Options:
        """Return the keyword arguments for a backend of a capability."""
        chosen = dict(self.options.get(f"{capability}.{name}", {}))
        return {**self.magi.model_dump(), **chosen} if name in MAGI else chosen
