"""Find out whether a model sees pictures: ask about small drawings whose content is known only by seeing them.

Servers refuse pictures in many ways: with status 400, 404, 415, 422 or 500, each in its own words. None of these is
believed at once. Pictures count as refused if the same question is answered without a picture, before and after which
it is refused with one. A model that takes pictures and describes two of them wrongly does not see them either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import cv2
import numpy as np

from agents.llm.structured_output import Answer
from storage.errors import AnswerError, BudgetError, ChatError, QuestionError
from tools.plates import Image

PROMPT = "doctor"
MAX_TOKENS = 200
"""Most tokens of an answer about a picture of the probe."""
PASSING = frozenset({0, 401, 403, 408, 409, 425, 429, 502, 503, 504})
"""HTTP statuses that say nothing about pictures: keys, limits, overload, and 0 for a server without an answer."""
SERVER_FAULT = 500
"""From this status on a refusal may be an accident, and is tried once more."""
IGNORED = "it takes pictures and does not see what they show"


class ProbeAnswer(Answer):
    """What the model saw. Its words do not ask for the `ground`: who answers it keeps the schema."""

    discs: int
    colour: Literal["red", "green", "blue", "yellow", "black", "none"]
    ground: Literal["white", "black", "other"]


class ProbePicture(NamedTuple):
    """A drawing of filled discs on a plain ground."""

    colour: Literal["green", "yellow"]
    rgb: tuple[int, int, int]
    ground: int
    centers: tuple[tuple[int, int], ...]

    def draw(self) -> Image:
        """Draw it, (256, 384, 3) RGB uint8."""
        picture = np.full((256, 384, 3), self.ground, np.uint8)
        for x, y in self.centers:
            cv2.circle(picture, (x, y), 34, self.rgb, cv2.FILLED, cv2.LINE_AA)
        return picture


PICTURES = (
    ProbePicture("green", (20, 150, 40), 255, ((60, 60), (190, 70), (320, 60), (110, 190), (260, 190))),
    ProbePicture("yellow", (250, 220, 30), 0, ((90, 70), (280, 90), (180, 195))),
)


@dataclass(frozen=True)
class VisionResult:
    """Whether a model sees pictures: None where the probe could not tell. `reason` says why it does not."""

    has_vision: bool | None
    reason: str = ""


Ask = Callable[[Sequence[Image]], ProbeAnswer]
"""Asks the probe's question once, with these pictures or with none."""


def probe_vision(ask: Ask) -> VisionResult:
    """Find out whether a model sees pictures, with one question in the usual case.

    Args:
        ask: Asks the question.

    Raises:
        ChatError: The server cannot be used at all, or asking might exceed the budget (BudgetError).
    """
    try:
        return _judge_answers(ask)
    except AnswerError:
        return VisionResult(None)  # whoever answers nothing that can be used has not shown that it is blind
    except ChatError as refusal:
        if not may_refuse_pictures(refusal):
            raise
        return _confirm_refusal(ask, refusal)


def may_refuse_pictures(error: ChatError) -> bool:
    """Return whether an error may mean that the server does not take pictures."""
    return not isinstance(error, BudgetError | AnswerError) and error.status not in PASSING


def _judge_answers(ask: Ask) -> VisionResult:
    """Ask about the pictures one after the other, and judge the answers."""
    near = 0
    for picture in PICTURES:
        said = ask([picture.draw()])
        off = abs(said.discs - len(picture.centers)) if said.colour == picture.colour else 99
        if off == 0:
            return VisionResult(True)
        near += off == 1
    return VisionResult(True) if near == len(PICTURES) else VisionResult(False, IGNORED)


def _confirm_refusal(ask: Ask, refusal: ChatError) -> VisionResult:
    """Tell a server that refuses pictures from one that refuses or fails at everything, or failed by accident."""
    try:
        ask([])
    except QuestionError:
        return VisionResult(None)
    except AnswerError:
        pass  # it has answered, though nothing that can be used
    for _ in range(2 if refusal.status >= SERVER_FAULT else 1):
        try:
            ask([PICTURES[0].draw()])
        except ChatError as error:
            if not may_refuse_pictures(error):
                return VisionResult(None)
        else:
            return VisionResult(None)  # it took a picture after all
    return VisionResult(False, f"it refuses pictures with HTTP status {refusal.status}")
