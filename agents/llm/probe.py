"""Find out for `doctor` what a model can do: whether it sees pictures, keeps a schema, and how fast it answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.llm import vision
from agents.llm.client import ChatClient
from agents.llm.model_facts import keep_facts, recall_facts
from agents.llm.prompts import fill_prompt
from agents.llm.servers import Server
from agents.llm.vision import ProbeAnswer
from storage.errors import AnswerError
from storage.library import Library
from storage.settings import Settings
from tools.plates import Image

TEXT_ONLY = "it directs by the lettering and the layout alone; a model that sees does better (llama.cpp: its --mmproj)"


@dataclass(frozen=True)
class ModelCapabilities:
    """What a model can do.

    Attributes:
        answers: Whether it gave a usable answer.
        has_vision: Whether it sees pictures; None where its answers leave that open.
        reason: Why it does not see pictures; "" where it does.
        form: The strictest answer format that its server accepts.
        keeps_schema: Whether it keeps a schema that is not repeated in the prompt text.
        seconds: Seconds for one answer.
    """

    answers: bool
    has_vision: bool | None
    reason: str
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
        return f"{self._describe_vision()}; {schema}; {self.seconds:.1f} s an answer"

    def _describe_vision(self) -> str:
        if self.has_vision is None:
            return "whether it sees pictures is not known"
        return "sees pictures" if self.has_vision else f"SEES NO PICTURES ({self.reason}): {TEXT_ONLY}"


def probe_model(server: Server, library: Library | None = None) -> ModelCapabilities:
    """Ask whether the model sees, then one question more, and another where the schema was not kept.

    Args:
        server: The server and its model.
        library: The project that remembers whether the model sees, instead of what it remembered before.

    Raises:
        ChatError: The server cannot be used.
    """
    once = replace(server, patience=replace(server.patience, tries=1, seconds=min(120.0, server.patience.seconds)))
    chat = ChatClient(once, settings=Settings(max_cost=0.25))
    pictures = [vision.PICTURES[0].draw()] if chat.has_vision() else []
    facts = chat.facts
    if facts.has_vision is not None:
        reasons = facts.reasons or recall_facts(library, server).reasons
        keep_facts(library, server, replace(facts, reasons=reasons))
    begin, before = time.monotonic(), chat.replies
    answers, kept = _ask_model(chat, pictures)
    seconds = (time.monotonic() - begin) / max(1, chat.replies - before)
    return ModelCapabilities(answers, facts.has_vision, facts.reason, chat.form, kept, seconds)


def _ask_model(chat: ChatClient, pictures: Sequence[Image]) -> tuple[bool, bool]:
    """Return whether the model answers, and whether it kept a schema that the prompt text did not repeat."""
    prompt, before = fill_prompt(vision.PROMPT), chat.replies
    for schema_in_prompt in (False, True):
        try:
            chat.ask(prompt, pictures, ProbeAnswer, max_tokens=vision.MAX_TOKENS, schema_in_prompt=schema_in_prompt)
            return True, not schema_in_prompt and chat.replies == before + 1 and chat.form == "json_schema"
        except AnswerError:
            continue
    return False, False
