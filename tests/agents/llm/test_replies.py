"""Test that replies are kept under the content key of their question."""

from __future__ import annotations

from pathlib import Path

from agents.llm.budget import Usage
from agents.llm.prompts import Prompt
from agents.llm.replies import ReplyStore
from agents.llm.request import ChatRequest, Reply
from agents.llm.vision import ProbeAnswer
from storage.library import Library

QUESTION = ChatRequest.of(Prompt("test", "What?", "hash", "storyboard", "ProbeAnswer"), [], ProbeAnswer)


def test_a_reply_is_found_until_it_is_forgotten(tmp_path: Path) -> None:
    key = QUESTION.key("m")
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        replies = ReplyStore(library, "m")
        assert replies.find(key) is None
        replies.keep(key, Reply("é\ud800", "length", "no"))
        assert replies.find(key) == Reply("é?", "length", "no"), "what is no text is kept as far as it is"
        replies.forget(QUESTION)
        assert replies.find(key) is None


def test_only_what_was_used_is_recorded(tmp_path: Path) -> None:
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        replies = ReplyStore(library, "m")
        replies.record_usage(QUESTION, Usage(), 0.0, 1.0)
        replies.record_usage(QUESTION, Usage(30, 4), 0.25, 1.5)
        (event,) = library.events(kinds={"asked"})
    assert (event.stage, event.facts["read"], event.facts["written"], event.facts["cost"]) == (
        "storyboard",
        30,
        4,
        0.25,
    )


def test_without_a_library_nothing_is_kept() -> None:
    replies = ReplyStore(None, "m")
    replies.keep("k", Reply("x"))
    replies.forget(QUESTION)
    replies.record_usage(QUESTION, Usage(1, 1), 0.0, 0.0)
    assert replies.find("k") is None
