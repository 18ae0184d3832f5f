"""Test that a few questions find out what a model can do, and that the result fits in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.llm import vision
from agents.llm.model_facts import ModelFacts, keep_facts, recall_facts
from agents.llm.probe import probe_model
from storage.errors import ChatError
from storage.library import Library
from tests.loopback import Asked, Said, Script, always, look_at_discs, serving, text_only

SEES = '{"discs": 5, "colour": "green", "ground": "white"}'
BLIND = '{"discs": 0, "colour": "none", "ground": "other"}'
UNTOLD = '{"discs": 5, "colour": "green"}'
"""Answer of a model that follows the prompt text and does not know the schema."""


def ignoring(asked: Asked, number: int) -> Said:
    """Answer as a server that accepts a schema and ignores it."""
    return Said(SEES if '"ground":' in asked.words else UNTOLD)


def without_schemas(script: Script) -> Script:
    """Refuse every format but plain text."""
    return lambda asked, number: (
        Said("unknown response_format", status=400) if asked.form != "text" else script(asked, number)
    )


def test_a_model_that_sees_and_keeps_a_schema() -> None:
    with serving(look_at_discs, probe=None) as there:
        found = probe_model(there.server())
    assert (found.answers, found.has_vision, found.form, found.keeps_schema) == (True, True, "json_schema", True)
    assert found.summary().startswith("sees pictures; keeps a schema (json_schema); ")
    assert there.asked[0].pictures[0].shape == vision.PICTURES[0].draw().shape
    assert "ground" not in there.asked[-1].words, "what only the schema says tells whether it is kept"


def test_a_server_that_ignores_or_refuses_the_schema_is_found_out() -> None:
    with serving(ignoring, probe=None) as there:
        found = probe_model(there.server())
    assert found.has_vision
    assert not found.keeps_schema
    assert "takes a schema and does not keep it" in found.summary()
    with serving(without_schemas(ignoring), probe=None) as there:
        assert "knows no schemas (text): it is told in words" in probe_model(there.server()).summary()
    with serving(always("nonsense"), probe=None) as there:
        found = probe_model(there.server())
    assert (found.answers, found.has_vision) == (False, None), "nothing that it says tells whether it sees"


@pytest.mark.parametrize("script", [always(BLIND), text_only(look_at_discs)], ids=["ignores pictures", "refuses them"])
def test_a_model_without_vision_is_usable_and_said_to_see_nothing(script: Script) -> None:
    with serving(script, probe=None) as there:
        found = probe_model(there.server())
    assert (found.answers, found.has_vision, found.form, found.keeps_schema) == (True, False, "json_schema", True)
    assert found.reason in found.summary()
    assert there.asked[-1].pictures == []


def test_a_server_of_words_alone_that_knows_no_schemas_is_asked_without_the_picture() -> None:
    with serving(without_schemas(text_only(look_at_discs, 400)), probe=None) as there:
        found = probe_model(there.server())
    assert (found.answers, found.has_vision, found.form, found.keeps_schema) == (True, False, "text", False)


def test_a_server_that_cannot_be_used_says_why() -> None:
    refusal = always(Said("who are you?", status=401))
    with serving(refusal, probe=None) as there, pytest.raises(ChatError, match="who are you"):
        probe_model(there.server())


def test_a_project_remembers_the_newest_finding_by_server_and_model(tmp_path: Path) -> None:
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        eyes: list[bool] = [False]

        def script(asked: Asked, number: int) -> Said:
            return look_at_discs(asked, number) if eyes[0] else text_only(look_at_discs)(asked, number)

        with serving(script, probe=None) as there:
            probe_model(there.server(), library)
            assert recall_facts(library, there.server()).has_vision is False
            assert recall_facts(library, there.server(model="another")).has_vision is None
            eyes[0] = True
            probe_model(there.server(), library)
            assert recall_facts(library, there.server()).has_vision is True
        with serving(script, probe=None) as there:
            assert recall_facts(library, there.server()).has_vision is None, "another address is another server"


def test_a_project_still_remembers_that_the_model_reasons(library: Library) -> None:
    with serving(look_at_discs, probe=None) as there:
        keep_facts(library, there.server(), ModelFacts(reasons=True))
        probe_model(there.server(), library)
        assert recall_facts(library, there.server()) == ModelFacts(has_vision=True, reasons=True)
