"""Test requests: the key holds all that shapes the reply, and a reply may lack any field."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agents.llm.budget import Usage
from agents.llm.prompts import Prompt
from agents.llm.request import ChatRequest, parse_reply
from agents.llm.structured_output import Answer


class Animal(Answer):
    animal: str


def question(text: str = "What?", tone: int = 9, asked_by: str = "hash") -> ChatRequest:
    picture = np.full((40, 30, 3), tone, np.uint8)
    return ChatRequest.of(Prompt("test", text, asked_by, "storyboard", "Animal"), [picture], Animal)


def test_every_part_of_a_question_is_in_its_key() -> None:
    same = question()
    others = [question("Who?"), question(tone=200), question(asked_by="other"), same.answered("no", "fault")]
    keys = [same.key("m"), same.key("n"), *(other.key("m") for other in others)]
    assert question().key("m") == same.key("m")
    assert len(set(keys)) == len(keys)


def test_an_answer_sent_back_becomes_a_turn_of_its_own() -> None:
    turns = question().answered("", "it is empty").messages
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert "it is empty" in turns[2]["content"]
    assert turns[1]["content"], "no server takes an empty turn"


def test_tokens_are_guessed_rather_high() -> None:
    assert ChatRequest.count("word " * 300) >= 400
    assert ChatRequest.count("あ" * 100) == 150
    assert question().tokens("stranger") > 1700


@pytest.mark.parametrize("found", [{}, {"choices": []}, {"choices": [None]}, {"choices": [{"message": None}]}])
def test_a_reply_without_anything_is_an_empty_one(found: dict[str, Any]) -> None:
    assert parse_reply(found).text == ""
    assert parse_reply(found).usage is None


def test_a_reply_in_parts_is_put_together() -> None:
    message = {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, "c"]}
    usage = {"prompt_tokens": 5, "completion_tokens": 7}
    reply = parse_reply({"choices": [{"message": message, "finish_reason": "length"}], "usage": usage})
    assert (reply.text, reply.finish, reply.usage) == ("ab", "length", Usage(5, 7))
