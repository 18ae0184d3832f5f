"""Table of the questions that each stage asks language models: how many, and how many tokens each takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agents.fallback_ladder import ROLES
from agents.llm import image_tokens
from agents.planning import is_critic_enabled, is_llm_director
from storage.settings import Settings
from tools import backends

PAGE_IMAGE_SIZE = (720, 1024)
"""Width and height in pixels of the image that usually comes with a question."""


@dataclass(frozen=True)
class QuestionCost:
    """How often a stage asks a model, and about how many tokens a question takes."""

    stage: str
    subject: Literal["page", "plan", "shot"]
    """What it asks about: each page, each plan of a page, or each shot."""
    questions: float
    input_text_tokens: int
    """Tokens of the question without its image, which models count differently."""
    output_tokens: int
    """Tokens of the answer."""
    seconds: float
    """How long an answer takes where it was not measured; a guess."""
    is_asked: Callable[[Settings], bool]
    """Whether the stage asks at all in a film with these settings."""
    needs_vision: bool = False
    """Whether a model that sees no pictures is not asked."""

    def input_tokens(self, model: str) -> int:
        """Return the tokens that a model reads, the image included."""
        return self.input_text_tokens + image_tokens.image_tokens(model, *PAGE_IMAGE_SIZE)


def is_critic_asked(settings: Settings) -> bool:
    """Return whether a critic looks at takes."""
    return is_critic_enabled(settings) and (settings.critic == "every" or has_generative_backend(settings))


def has_generative_backend(settings: Settings) -> bool:
    """Return whether any backend of a film is generative."""
    chosen = [(role, getattr(settings.backends, role)) for role in ROLES]
    return any(backends.is_generative(role, name) for role, name in chosen)


TABLE = (
    QuestionCost("understand", "page", 1.0, 2600, 600, 20.0, is_llm_director),  # of six panels
    QuestionCost("storyboard", "plan", 1.0, 3000, 900, 30.0, is_llm_director),
    QuestionCost("review", "shot", 1.0, 2400, 300, 10.0, is_critic_asked, needs_vision=True),
)


def cost_of_stage(stage: str) -> QuestionCost:
    """Return the row of a stage."""
    return next(row for row in TABLE if row.stage == stage)
