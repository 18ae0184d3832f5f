"""Test how many tokens an answer may have: its own bound, the server's, and what is left of the context."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agents.llm.client import ChatClient
from agents.llm.prompts import Prompt
from agents.llm.structured_output import Answer
from storage.errors import QuestionError
from storage.library import Library
from tests.loopback import Said, always, in_turn, serving

WELL = '{"animal": "bird", "legs": 2}'
QUESTION = Prompt("test", "What is drawn here?", "hash", "storyboard", "Animal")


class Animal(Answer):
    animal: str
    legs: int


@pytest.mark.parametrize(("useful", "sent"), [(700, 700), (9000, 2500)])
def test_an_answer_has_the_smaller_of_its_own_bound_and_the_server_s(useful: int, sent: int) -> None:
    with serving(always(WELL)) as there:
        ChatClient(replace(there.server(), answer=2500)).ask(QUESTION, [], Animal, max_tokens=useful)
    assert there.asked[0].body["max_tokens"] == sent


@pytest.mark.parametrize(
    "cut",
    [
        Said("<think>five, or six", finish="length"),
        Said("", finish="length"),
        Said(raw=json.dumps({"choices": [{"finish_reason": "length", "message": {
            "content": '{"animal": ', "reasoning_content": "five, or six"}}]}).encode()),
        Said(raw=json.dumps({"choices": [{"finish_reason": "length", "message": {"content": '{"animal": '}}], "usage": {
            "prompt_tokens": 9, "completion_tokens": 99, "completion_tokens_details": {"reasoning_tokens": 90},
        }}).encode()),
        Said(raw=json.dumps({"choices": [{"finish_reason": "length", "message": {"content": '{"animal": '}}], "usage": {
            "prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 60}}).encode()),
        Said('{"animal": "bi', finish="length", written=400),
    ],
    ids=["marks", "nothing begun", "field", "counted", "hidden in the sum", "hidden in the answer"],
)  # fmt: skip
def test_a_model_that_reasons_gets_the_room_of_the_server_and_it_is_remembered(cut: Said, library: Library) -> None:
    with serving(in_turn(cut, WELL)) as there:
        assert ChatClient(there.server(), library).ask(QUESTION, [], Animal, max_tokens=50).legs == 2
        other = replace(QUESTION, text="And here?")
        assert ChatClient(there.server(), library).ask(other, [], Animal, max_tokens=50).legs == 2
    assert [asked.body["max_tokens"] for asked in there.asked] == [50, 8000, 8000]


def test_an_answer_that_is_cut_off_without_thoughts_is_asked_again_as_short(library: Library) -> None:
    with serving(in_turn(Said('{"animal": "a bird, and a bird, and', finish="length"), WELL)) as there:
        assert ChatClient(there.server(), library).ask(QUESTION, [], Animal, max_tokens=50).legs == 2
    assert [asked.body["max_tokens"] for asked in there.asked] == [50, 50]
    assert len(there.asked[1].body["messages"]) == 3, "it is told what is wrong"


@pytest.mark.parametrize(
    "facts", [{"type": "exceed_context_size_error", "n_ctx": 4096}, {"code": "context_length_exceeded"}]
)
def test_a_context_that_is_exceeded_is_told_by_its_type_and_asked_about_once(facts: dict[str, object]) -> None:
    error = {"message": "too much", **facts}
    with serving(always(Said(status=400, raw=json.dumps({"error": error}).encode()))) as there:
        chat = ChatClient(there.server())
        with pytest.raises(QuestionError) as caught:
            chat.ask(QUESTION, [], Animal)
        assert (caught.value.reason, len(there.asked)) == ("too_long", 1)
        assert ("KOMADORI_WINDOW=4096" in caught.value.hint) == ("n_ctx" in facts)
        with pytest.raises(QuestionError, match="window of 4096" if "n_ctx" in facts else "takes"):
            chat.ask(replace(QUESTION, text="x" * 15_000), [], Animal)
    assert len(there.asked) == (1 if "n_ctx" in facts else 2), "a window that is known is not exceeded again"


@pytest.mark.parametrize(
    ("read", "stated", "too_long", "fitting"), [(8000, 4096, 15_000, 6000), (50_000, 40_000, 160_000, 105_000)]
)
def test_a_window_that_the_server_states_counts_though_the_project_once_had_longer_questions(
    read: int, stated: int, too_long: int, fitting: int, library: Library
) -> None:
    library.add_event(
        "storyboard", "asked", model="scripted", read=read, guessed=read, written=9, cost=0.0, seconds=1.0
    )
    error = {"message": "too much", "type": "exceed_context_size_error", "n_ctx": stated}
    refusal = Said(status=400, raw=json.dumps({"error": error}).encode())
    with serving(in_turn(refusal, WELL)) as there:
        chat = ChatClient(there.server(), library)
        with pytest.raises(QuestionError):
            chat.ask(QUESTION, [], Animal)
        with pytest.raises(QuestionError, match=f"window of {stated}"):
            chat.ask(replace(QUESTION, text="x" * too_long), [], Animal)
        assert len(there.asked) == 1
        assert chat.ask(replace(QUESTION, text="x" * fitting), [], Animal).legs == 2
    limit = there.asked[1].body["max_tokens"]
    assert 1000 <= limit < stated - fitting / 4, "the answer has what is left of the window"
