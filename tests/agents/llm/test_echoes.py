"""Test that texts which only repeat the question are found, and texts of one's own are not."""

from __future__ import annotations

import json

import pytest
from pydantic import Field

from agents.comprehension.schema import PageAnswer, TextOnlyPageAnswer
from agents.conversation.model_answer import ChatAnswer
from agents.llm.echoes import Echoes, drop_echoes
from agents.llm.structured_output import Answer, parse_answer
from agents.review.critic_schema import Judgement

MESSAGE = "shot seven a bit more dramatic"
SCHEMA = ChatAnswer.model_json_schema()


@pytest.mark.parametrize(
    ("text", "is_echo"),
    [
        ("one or two short sentences to the person", True),
        ("One or two short sentences!", True),
        ("one or two short sentences to the person, one or two short", True),
        ("what is unclear", True),
        ("empty when nothing is", True),
        (MESSAGE, True),
        ("The story so far", True),
        ("I made shot 7 slower.", False),
        ("What is unclear to me is the second shot of the page.", False),
        ("one or two", False),
        ("the person", False),
        ("", False),
        ("ショット7を遅くした", False),
    ],
)
def test_a_text_is_an_echo_if_it_says_little_of_its_own(text: str, is_echo: bool) -> None:
    echoes = Echoes.of(SCHEMA, [MESSAGE, "The story so far:"])
    assert (drop_echoes(text, echoes) == "") == (is_echo or not text)
    assert (drop_echoes([text], echoes) == []) == is_echo


def test_echoes_are_found_at_any_depth_and_all_else_stays() -> None:
    echoes = Echoes.of(PageAnswer.model_json_schema(), [])
    given = {
        "lines": [{"balloon": 1, "name": "if the speaker is not in the picture: the name, as listed"}],
        "kinds": ["action"],
    }
    assert drop_echoes(given, echoes) == {"lines": [{"balloon": 1, "name": ""}], "kinds": ["action"]}


def schema_of(answer_type: type[Answer]) -> str:
    return json.dumps(answer_type.model_json_schema())


FORMS = {
    ChatAnswer: {
        "say": "one or two short sentences to the person",
        "edits": ["lines of the language; empty to change nothing"],
        "question": "what is unclear; empty when nothing is",
    },
    PageAnswer: {
        "synopsis": "what happens here and who is there, in one sentence", "setting": "where and when this is",
        "mood": "one or two words", "story": "the whole story so far, this page included", "kinds": ["action"],
    },
    TextOnlyPageAnswer: {
        "synopsis": "what happens here, in one sentence", "setting": "where and when this is",
        "mood": "one or two words", "story": "the whole story so far, this page included", "kinds": ["action"],
    },
    Judgement: {"reason": "one sentence"},
}  # fmt: skip


@pytest.mark.parametrize("answer_type", FORMS)
def test_an_answer_that_only_repeats_its_form_or_its_schema_is_none(answer_type: type[Answer]) -> None:
    for text in (json.dumps(FORMS[answer_type]), schema_of(answer_type), "{}", '{"other": 1}'):
        answer, fault = parse_answer(text, answer_type)
        assert answer is None
        assert fault


def test_an_echo_beside_an_answer_is_left_out_of_it() -> None:
    said = {"say": "one or two short sentences to the person", "edits": ["shot 7 slower"], "question": ""}
    assert parse_answer(json.dumps(said), ChatAnswer)[0] == ChatAnswer(edits=["shot 7 slower"])


def test_a_required_text_that_is_an_echo_does_not_hide_what_else_is_wrong() -> None:
    class Shot(Answer):
        reason: str = Field(description="why, in a few words")
        pace: float

    _, fault = parse_answer('{"reason": "why, in a few words", "pace": "quick"}', Shot)
    assert "pace" in fault
