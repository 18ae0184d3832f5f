"""A server in, what its model can do out, by one question with a picture: does it see, keep a schema, and how fast."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from agents.asking.answers import Answer
from agents.asking.servers import Server
from agents.chat import Chat
from agents.prompting import fill
from storage.errors import AnswerError, ChatError
from storage.settings import Settings
from tools.plates import Image

COUNT, COLOUR = 5, "green"


class Seen(Answer):
    """What the model saw."""

    discs: int
    colour: Literal["red", "green", "blue", "yellow", "black", "none"]


@dataclass(frozen=True)
class Examination:
    """What a model can do; `form` is the strictest one its server takes, `kept` whether the first answer kept it."""

    answers: bool
    sees: bool
    form: str
    kept: bool
    seconds: float

    def words(self) -> str:
        """One line for people."""
        if not self.answers:
            return f"it answers, but keeps no schema: {self.seconds:.1f} s"
        sight = "sees pictures" if self.sees else "does not see what is drawn"
        schema = "keeps a schema" if self.kept else "keeps a schema when it is told twice"
        return f"{sight}, {schema} ({self.form}), {self.seconds:.1f} s an answer"


def examined(server: Server) -> Examination:
    """Ask one question. ChatError where the server cannot be used."""
    once = replace(server, patience=replace(server.patience, tries=1, seconds=min(120.0, server.patience.seconds)))
    chat, begin = Chat(once, settings=Settings(max_cost=0.25)), time.monotonic()
    prompt = fill("doctor")
    try:
        seen = chat.ask(prompt, [drawing()], Seen)
    except AnswerError:
        return Examination(False, False, chat.form, False, time.monotonic() - begin)
    except ChatError as error:
        if "refuses the question" not in error.what:
            raise
        seen = Chat(once).ask(prompt, [], Seen)  # a server of words alone refuses pictures
    seconds = (time.monotonic() - begin) / max(1, chat.replies)
    return Examination(True, seen.discs == COUNT and seen.colour == COLOUR, chat.form, chat.replies < 2, seconds)


def drawing() -> Image:
    """Five green discs on white, (256, 384, 3) RGB."""
    picture = np.full((256, 384, 3), 255, np.uint8)
    for x, y in ((60, 60), (190, 70), (320, 60), (110, 190), (260, 190)):
        cv2.circle(picture, (x, y), 34, (20, 150, 40), cv2.FILLED, cv2.LINE_AA)
    return picture
