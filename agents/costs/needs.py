"""What each stage of the route asks language models: one row a stage, questions and tokens. Data; asks nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agents.costs import eyes
from agents.directors import directs, is_critic_enabled
from agents.rungs import ROLES
from storage.settings import Settings
from tools import backends

A_PAGE = (720, 1024)
"""Pixels of the picture that a question comes with, usually."""


@dataclass(frozen=True)
class Asking:
    """How often a stage asks about each page, plan of a page, or shot; and about how many tokens a question takes.

    `read` is without its picture, which models count differently; `seconds` is how long an answer takes where it was
    not measured, a guess. `asks` says whether it asks at all in a film with these settings.
    """

    stage: str
    of: Literal["page", "plan", "shot"]
    questions: float
    read: int
    written: int
    seconds: float
    asks: Callable[[Settings], bool]

    def reads(self, model: str) -> int:
        """Tokens that a model reads, the picture included."""
        return self.read + eyes.tokens(model, *A_PAGE)


def judges(settings: Settings) -> bool:
    """Whether a critic looks at takes."""
    return is_critic_enabled(settings) and (settings.critic == "every" or draws(settings))


def draws(settings: Settings) -> bool:
    """Whether any of a film's backends draws by a model."""
    chosen = [(role, getattr(settings.backends, role)) for role in ROLES]
    return any(backends.generates(role, name) for role, name in chosen)


TABLE = (
    Asking("understand", "page", 1.0, 2600, 600, 20.0, directs),  # of six panels
    Asking("storyboard", "plan", 1.0, 3000, 900, 30.0, directs),
    Asking("review", "shot", 1.0, 2400, 300, 10.0, judges),
)


def of(stage: str) -> Asking:
    """The row of a stage."""
    return next(row for row in TABLE if row.stage == stage)
