"""Test that a model's reply becomes an answer, or a description of its faults."""

from __future__ import annotations

from typing import Literal

import pytest

from agents.llm.structured_output import Answer, parse_answer, strict_schema


class Move(Answer):
    kind: Literal["pan", "hold"]
    pace: float


class Plan(Answer):
    moves: list[Move]
    title: str = ""


@pytest.mark.parametrize(
    "text",
    ['{"kind": "pan", "pace": 1}', '```\n{"kind": "pan", "pace": "1"}\n```', 'a } b { c {"kind": "pan", "pace": 1.0} {',
     '<thinking>{"kind": "hold", "pace": 2}</thinking>{"kind": "pan", "pace": 1, "besides": "more"}'],
)  # fmt: skip
def test_it_is_found_wherever_it_stands(text: str) -> None:
    assert parse_answer(text, Move) == (Move(kind="pan", pace=1.0), "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty"),
        ("no", "no JSON object"),
        ('{"kind": "zoom", "pace": 1}', "kind: Input should be 'pan' or 'hold'"),
        ('{"kind": "pan", "pace": NaN}', "no JSON object"),
        ('{"kind": "pan", "pace": 1e999}', "finite"),
        ("{" * 3000, "no JSON object"),
    ],
)
def test_what_is_wrong_is_said(text: str, fault: str) -> None:
    answer, said = parse_answer(text, Move)
    assert answer is None
    assert fault in said


def test_many_faults_are_told_in_few_words() -> None:
    _, said = parse_answer('{"moves": [' + ",".join(['{"kind": 1}'] * 200) + "]}", Plan)
    assert said.endswith("and 394 more faults")
    assert len(said) < 600


def test_a_schema_is_flat_strict_and_without_references() -> None:
    schema = strict_schema(Plan)
    assert schema["required"] == ["moves", "title"]
    moves = schema["properties"]["moves"]["items"]
    assert moves["properties"]["kind"] == {"type": "string", "enum": ["pan", "hold"]}
    assert moves["additionalProperties"] is False
    assert "$ref" not in str(schema)
    assert "default" not in str(schema)
