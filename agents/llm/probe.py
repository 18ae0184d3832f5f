"""Test what a model can do with one question about a picture: whether it sees, keeps a schema, and how fast."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from agents.llm.client import ChatClient
from agents.llm.prompts import fill_prompt
from agents.llm.servers import Server
from agents.llm.structured_output import Answer
from storage.errors import AnswerError, QuestionError
from storage.settings import Settings
from tools.plates import Image

COUNT, COLOUR = 5, "green"
BLIND = "it would direct by the lettering alone; name a model that sees (llama.cpp: with its --mmproj)"


class ProbeAnswer(Answer):
    """What the model saw. Its words do not ask for the `ground`: who answers it keeps the schema."""

    discs: int
    colour: Literal["red", "green", "blue", "yellow", "black", "none"]
    ground: Literal["white", "black", "other"]


@dataclass(frozen=True)
class ModelCapabilities:
    """What a model can do.

    Attributes:
        answers: Whether it gave a usable answer.
        sees: Whether it saw the test picture correctly.
        form: The strictest answer format that its server accepts.
        keeps_schema: Whether it keeps a schema that is not repeated in the prompt text.
        seconds: Seconds for one answer.
    """

    answers: bool
    sees: bool
    form: str
    keeps_schema: bool
    seconds: float

    def summary(self) -> str:
        """Format the capabilities as one line for people."""
        if not self.answers:
            return f"it answers, but nothing that can be used, schema or not: {self.seconds:.1f} s an answer"
        if self.keeps_schema:
            schema = f"keeps a schema ({self.form})"
        elif self.form == "json_schema":
            schema = "takes a schema and does not keep it: it is told in words"
        else:
            schema = f"knows no schemas ({self.form}): it is told in words"
        sight = "sees pictures" if self.sees else f"IS BLIND, {BLIND}"
        return f"{sight}; {schema}; {self.seconds:.1f} s an answer"


def probe_model(server: Server) -> ModelCapabilities:
    """Ask one question about a test picture, and a second one where the schema was not kept.

    Raises:
        ChatError: The server cannot be used.
    """
    once = replace(server, patience=replace(server.patience, tries=1, seconds=min(120.0, server.patience.seconds)))
    chat, begin = ChatClient(once, settings=Settings(max_cost=0.25)), time.monotonic()
    pictures = [draw_test_picture()]
    try:
        seen, kept = _ask_model(chat, pictures)
    except QuestionError as error:
        if error.reason != "refused":
            raise
        begin = time.monotonic()
        seen, kept = _ask_model(chat, [])  # a server of words alone refuses pictures
    sees = seen is not None and (seen.discs, seen.colour) == (COUNT, COLOUR)
    seconds = (time.monotonic() - begin) / max(1, chat.replies)
    return ModelCapabilities(seen is not None, sees, chat.form, kept, seconds)


def _ask_model(chat: ChatClient, pictures: Sequence[Image]) -> tuple[ProbeAnswer | None, bool]:
    """Return the model's answer or None, and whether it kept a schema that the prompt text did not repeat."""
    prompt = fill_prompt("doctor")
    try:
        seen = chat.ask(prompt, pictures, ProbeAnswer, told=False)
        return seen, chat.replies == 1 and chat.form == "json_schema"
    except AnswerError:
        pass
    try:
        return chat.ask(prompt, pictures, ProbeAnswer), False
    except AnswerError:
        return None, False


def draw_test_picture() -> Image:
    """Draw five green discs on white, (256, 384, 3) RGB uint8."""
    picture = np.full((256, 384, 3), 255, np.uint8)
    for x, y in ((60, 60), (190, 70), (320, 60), (110, 190), (260, 190)):
        cv2.circle(picture, (x, y), 34, (20, 150, 40), cv2.FILLED, cv2.LINE_AA)
    return picture
