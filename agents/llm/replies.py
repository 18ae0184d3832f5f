"""Keep a model's replies in the library of a project, under the content keys of the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.llm.budget import Usage
from agents.llm.request import ChatRequest, Reply
from storage.domain import Facts, Made

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library


class ReplyStore:
    """Replies of one model. Without a library nothing is kept, and nothing is found."""

    def __init__(self, library: Library | None, model: str) -> None:
        self._library, self._model = library, model

    def find(self, key: str) -> Reply | None:
        """Return the reply that is kept under a content key, or None."""
        made = self._library.find_made(key) if self._library else None
        if made is None or self._library is None:
            return None
        text = self._library.artifacts.open(made.artifacts["reply"]).read_text(encoding="utf-8")
        return Reply(text, str(made.facts["finish"]), str(made.facts["refusal"]))

    def keep(self, key: str, reply: Reply) -> None:
        """Keep a reply under a content key."""
        if self._library is not None:
            facts: Facts = {"model": self._model, "finish": reply.finish, "refusal": reply.refusal}
            kept = self._library.artifacts.keep(reply.text.encode("utf-8", "replace"), "text/plain")
            self._library.add_made(key, "chat", Made(artifacts={"reply": kept}, facts=facts))

    def forget(self, question: ChatRequest) -> None:
        """Delete the kept reply to a request."""
        if self._library is not None:
            self._library.forget_made(question.key(self._model))

    def record_usage(self, question: ChatRequest, used: Usage, cost: float, seconds: float) -> None:
        """Record the tokens, the cost in US dollars and the seconds of a request in the library's journal."""
        if self._library is not None and used.total:
            self._library.add_event(
                question.asks, "asked", question.prompt, model=self._model, guessed=question.tokens(self._model),
                read=used.read, written=used.written, cost=round(cost, 6), seconds=round(seconds, 3),
            )  # fmt: skip
