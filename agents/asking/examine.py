"""A server in, what its model can do out, by one question with a picture: does it see, keep a schema, and how fast."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from agents.asking.answers import Answer
from agents.asking.servers import Server
from agents.chat import Chat
from agents.prompting import fill
from storage.errors import AnswerError, QuestionError
from storage.settings import Settings
from tools.plates import Image

COUNT, COLOUR = 5, "green"
BLIND = "it would direct by the lettering alone; name a model that sees (llama.cpp: with its --mmproj)"


class Seen(Answer):
    """What the model saw. Its words do not ask for the `ground`: who answers it keeps the schema."""

    discs: int
    colour: Literal["red", "green", "blue", "yellow", "black", "none"]
    ground: Literal["white", "black", "other"]


@dataclass(frozen=True)
class Examination:
    """What a model can do; `form` is the strictest one its server takes, `kept` whether it keeps a schema untold."""

    answers: bool
    sees: bool
    form: str
    kept: bool
    seconds: float

    def words(self) -> str:
        """One line for people."""
        if not self.answers:
            return f"it answers, but nothing that can be used, schema or not: {self.seconds:.1f} s an answer"
        if self.kept:
            schema = f"keeps a schema ({self.form})"
        elif self.form == "json_schema":
            schema = "takes a schema and does not keep it: it is told in words"
        else:
            schema = f"knows no schemas ({self.form}): it is told in words"
        sight = "sees pictures" if self.sees else f"IS BLIND, {BLIND}"
        return f"{sight}; {schema}; {self.seconds:.1f} s an answer"


def examined(server: Server) -> Examination:
    """Ask one question, and another where the schema is not kept. ChatError where the server cannot be used."""
    once = replace(server, patience=replace(server.patience, tries=1, seconds=min(120.0, server.patience.seconds)))
    chat, begin = Chat(once, settings=Settings(max_cost=0.25)), time.monotonic()
    pictures = [drawing()]
    try:
        seen, kept = _asked(chat, pictures)
    except QuestionError as error:
        if error.reason != "refused":
            raise
        begin = time.monotonic()
        seen, kept = _asked(chat, [])  # a server of words alone refuses pictures
    sees = seen is not None and (seen.discs, seen.colour) == (COUNT, COLOUR)
    seconds = (time.monotonic() - begin) / max(1, chat.replies)
    return Examination(seen is not None, sees, chat.form, kept, seconds)


def _asked(chat: Chat, pictures: Sequence[Image]) -> tuple[Seen | None, bool]:
    """What the model says, or None, and whether it kept a schema that was not told in words."""
    prompt = fill("doctor")
    try:
        seen = chat.ask(prompt, pictures, Seen, told=False)
        return seen, chat.replies == 1 and chat.form == "json_schema"
    except AnswerError:
        pass
    try:
        return chat.ask(prompt, pictures, Seen), False
    except AnswerError:
        return None, False


def drawing() -> Image:
    """Five green discs on white, (256, 384, 3) RGB."""
    picture = np.full((256, 384, 3), 255, np.uint8)
    for x, y in ((60, 60), (190, 70), (320, 60), (110, 190), (260, 190)):
        cv2.circle(picture, (x, y), 34, (20, 150, 40), cv2.FILLED, cv2.LINE_AA)
    return picture
