"""What a model can do is found out by asking it once, and said in one line."""

from __future__ import annotations

import pytest

from agents.asking.examine import drawing, examined
from storage.errors import ChatError
from tests.loopback import Asked, Said, always, in_turn, serving

SEES, BLIND = '{"discs": 5, "colour": "green"}', '{"discs": 0, "colour": "none"}'


def test_a_model_that_sees_and_keeps_a_schema() -> None:
    with serving(always(SEES)) as there:
        found = examined(there.server())
    assert (found.answers, found.sees, found.form, found.kept) == (True, True, "json_schema", True)
    assert found.words().startswith("sees pictures, keeps a schema (json_schema), ")
    assert there.asked[0].pictures[0].shape == drawing().shape


def test_a_model_that_needs_to_be_told_twice_or_does_not_see() -> None:
    with serving(in_turn("five", BLIND)) as there:
        words = examined(there.server()).words()
    assert words.startswith("does not see what is drawn, keeps a schema when it is told twice (json_schema)")
    with serving(always("nonsense")) as there:
        assert "keeps no schema" in examined(there.server()).words()


def test_a_server_of_words_alone() -> None:
    def script(asked: Asked, number: int) -> Said:
        return Said("this model has no eyes", status=400) if asked.pictures else Said(BLIND)

    with serving(script) as there:
        assert "does not see" in examined(there.server()).words()


def test_a_server_that_cannot_be_used_says_why() -> None:
    with serving(always(Said("who are you?", status=401))) as there, pytest.raises(ChatError, match="who are you"):
        examined(there.server())
