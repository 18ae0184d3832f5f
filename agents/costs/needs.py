"""What each stage of the route asks language models: one row a stage, questions and tokens. Data; asks nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agents import directors
from storage.settings import Settings
from tools import backends


@dataclass(frozen=True)
class Asking:
    """How often a stage asks about each page, plan of a page, or shot; and about how many tokens a question takes.

    Pictures count as what is read. `asks` says whether it asks at all in a film with these settings.
    """

    stage: str
    of: Literal["page", "plan", "shot"]
    questions: float
    read: int
    written: int
    asks: Callable[[Settings], bool]


def directs(settings: Settings) -> bool:
    """Whether a model directs."""
    return directors.choose(settings.director, settings.model) == "llm"


def judges(settings: Settings) -> bool:
    """Whether a critic looks at takes."""
    from agents.reviewing import critic

    return critic.watches(settings) and (settings.critic == "every" or draws(settings))


def draws(settings: Settings) -> bool:
    """Whether any of a film's backends draws by a model."""
    chosen = [(role, getattr(settings.backends, role)) for role in ("clean", "outpaint", "animate")]
    loaded = (backends.load(role, name, **settings.options_of(role, name)) for role, name in chosen)
    return any(getattr(backend, "generates", False) for backend in loaded)


TABLE = (
    Asking("understand", "page", 1.0, 4000, 600, directs),  # of six panels
    Asking("storyboard", "plan", 1.0, 4000, 900, directs),
    Asking("review", "shot", 1.0, 3500, 300, judges),
)


def of(stage: str) -> Asking:
    """The row of a stage."""
    return next(row for row in TABLE if row.stage == stage)
