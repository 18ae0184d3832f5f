"""Plan shots from a transcript: the protocol of all directors, and the choice of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from storage.domain import ShotPlan, Transcript, VideoFormat
from storage.errors import SettingsError
from storage.settings import Settings


class PanelLook(Protocol):
    """How a panel looks, in numbers (`tools.measuring.measures.PanelLook`): 0..1 unless said."""

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

    def plan(self, transcript: Transcript, screen: VideoFormat, looks: Mapping[str, PanelLook]) -> tuple[ShotPlan, ...]:
        """Plan the shots of a whole book in film order.

        Every panel and every line of the transcript is covered; camera boxes are page pixels of the screen's
        aspect. `looks` says by panel id how panels look; it may lack any of them, or be empty.
        """
        ...


def is_llm_director(settings: Settings) -> bool:
    """Whether a model directs. Raises SettingsError as `choose` does."""
    return choose_director(settings.director, settings.model) == "llm"


def is_critic_enabled(settings: Settings) -> bool:
    """Whether a critic looks at takes at all: a model directs, or every take is to be looked at.

    Raises:
        SettingsError: Every take is to be looked at, and no model is named; or as `choose` does.
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
    """The director that a setting asks for; "auto" takes the model where one is named, else what needs none: the rules.

    SettingsError for a director that this version does not have, or a model that is not named.
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
