"""Test that one question finds out what a model can do, and that the result fits in one line."""

from __future__ import annotations

import pytest

from agents.llm.probe import draw_test_picture, probe_model
from storage.errors import ChatError
from tests.loopback import Asked, Said, always, serving

SEES = '{"discs": 5, "colour": "green", "ground": "white"}'
BLIND = '{"discs": 0, "colour": "none", "ground": "other"}'
UNTOLD = '{"discs": 5, "colour": "green"}'
"""Answer of a model that follows the prompt text and does not know the schema."""


def ignoring(asked: Asked, number: int) -> Said:
    """Answer as a server that accepts a schema and ignores it."""
    return Said(SEES if '"ground":' in asked.words else UNTOLD)


def test_a_model_that_sees_and_keeps_a_schema() -> None:
    with serving(always(SEES)) as there:
        found = probe_model(there.server())
    assert (found.answers, found.sees, found.form, found.keeps_schema) == (True, True, "json_schema", True)
    assert found.summary().startswith("sees pictures; keeps a schema (json_schema); ")
    assert there.asked[0].pictures[0].shape == draw_test_picture().shape
    assert "ground" not in there.asked[0].words, "what only the schema says tells whether it is kept"


def test_a_server_that_ignores_or_refuses_the_schema_is_found_out() -> None:
    with serving(ignoring) as there:
        found = probe_model(there.server())
    assert found.sees
    assert not found.keeps_schema
    assert "takes a schema and does not keep it" in found.summary()

    def refusing(asked: Asked, number: int) -> Said:
        return Said("unknown response_format", status=400) if asked.form != "text" else ignoring(asked, number)

    with serving(refusing) as there:
        assert "knows no schemas (text): it is told in words" in probe_model(there.server()).summary()
    with serving(always("nonsense")) as there:
        found = probe_model(there.server())
    assert not found.answers
    assert "nothing that can be used" in found.summary()


def test_a_blind_model_is_warned_of() -> None:
    with serving(always(BLIND)) as there:
        words = probe_model(there.server()).summary()
    assert words.startswith("IS BLIND, it would direct by the lettering alone; name a model that sees")
    assert "keeps a schema (json_schema)" in words


def test_a_server_of_words_alone_is_asked_without_the_picture() -> None:
    def script(asked: Asked, number: int) -> Said:
        if asked.form != "text":
            return Said("unknown response_format", status=400)
        return Said("this model has no eyes", status=400) if asked.pictures else Said(BLIND)

    with serving(script) as there:
        found = probe_model(there.server())
    assert (found.answers, found.sees, found.form, found.keeps_schema) == (True, False, "text", False)


def test_a_server_that_cannot_be_used_says_why() -> None:
    with serving(always(Said("who are you?", status=401))) as there, pytest.raises(ChatError, match="who are you"):
        probe_model(there.server())
