"""Plan shots from a transcript: the protocol of all directors, and the choice of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from storage.domain import ShotPlan, Transcript, VideoFormat
from storage.errors import SettingsError
from storage.settings import Settings


class LookMeasures(Protocol):
    """How a panel looks, in numbers (`tools.measuring.measures.PanelLook`). Values are 0..1 unless said otherwise."""

    @property
    def tone(self) -> float:
        """Mean brightness: 0 is black, 1 is white."""
        ...

    @property
    def detail(self) -> float:
        """How much is drawn in the panel."""
        ...

    @property
    def closeness(self) -> float:
        """How close the drawing's viewpoint is: 1 is a face that fills the panel."""
        ...

    @property
    def focus(self) -> tuple[float, float]:
        """Point that draws the eye, (x, y) in page pixels."""
        ...

    @property
    def rain(self) -> bool:
        """Whether rain is drawn in the panel; False where the evidence is not strong."""
        ...

    @property
    def layered(self) -> bool:
        """Whether the artist drew figures and a ground apart, so that the ground can be moved behind them."""
        ...


class Director(Protocol):
    """Plans the shots of a film. Deterministic: the same transcript, screen and looks give the same shots.

    Attributes:
        version: Version of the planner. It is part of the content key of its plans.
    """

    version: int

    def plan(
        self, transcript: Transcript, screen: VideoFormat, looks: Mapping[str, LookMeasures]
    ) -> tuple[ShotPlan, ...]:
        """Plan the shots of a whole book in film order.

        Every panel and every line of the transcript is covered; `agents.planning.validation` checks this contract.

        Args:
            transcript: The panels and balloons of the book, in page pixels.
            screen: Width and height in pixels, and frames per second of the film.
            looks: How panels look, by panel id. Any of them may be missing, and it may be empty.

        Returns:
            The shots, numbered in film order. Camera boxes are in page pixels and have the screen's aspect ratio;
            durations are in seconds, a whole number of frames.
        """
        ...


def is_llm_director(settings: Settings) -> bool:
    """Return whether a language model directs.

    Args:
        settings: Settings with the director and the model.

    Raises:
        SettingsError: As `choose_director` does.
    """
    return choose_director(settings.director, settings.model) == "llm"


def is_critic_enabled(settings: Settings) -> bool:
    """Return whether a critic looks at takes.

    It does where a model directs, or where the settings demand a look at every take.

    Args:
        settings: Settings with the critic, the director and the model.

    Raises:
        SettingsError: Every take is to be looked at and no model is named; or as `choose_director` does.
    """
    if settings.critic == "every" and not settings.model:
        raise SettingsError(
            "no model is named for --critic every",
            "set KOMADORI_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY",
            option="model",
        )
    if settings.critic == "auto":
        return is_llm_director(settings)
    return settings.critic == "every"


def choose_director(setting: str, model: str = "") -> str:
    """Choose the director that a setting asks for.

    Args:
        setting: "rules", "llm" or "auto". "auto" means the model where one is named, and else the rules.
        model: Name of the language model; "" where none is named.

    Returns:
        "rules" or "llm".

    Raises:
        SettingsError: This version has no such director, or "llm" is asked for and no model is named.
    """
    if setting == "rules" or (setting == "auto" and not model):
        return "rules"
    if setting not in ("auto", "llm"):
        what, hint = f"there is no director named {setting!r}", "use --director rules, or leave it out"
        raise SettingsError(what, hint, option="director")
    if not model:
        raise SettingsError(
            "no model is named for --director llm",
            "set KOMADORI_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY",
            option="model",
        )
    return "llm"
