"""Test what a project remembers of a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.llm.model_facts import ModelFacts, keep_facts, recall_facts
from agents.llm.servers import Server
from storage.library import Library

HERE, THERE = Server("m", "http://127.0.0.1:1/v1"), Server("m", "http://127.0.0.1:2/v1")


@pytest.mark.parametrize("facts", [ModelFacts(), ModelFacts(False, "refused"), ModelFacts(True, reasons=True)])
def test_facts_are_kept_by_server_and_model_and_the_newest_count(tmp_path: Path, facts: ModelFacts) -> None:
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        keep_facts(library, HERE, ModelFacts(not facts.has_vision, "earlier"))
        keep_facts(library, HERE, facts)
        assert recall_facts(library, HERE) == facts
        assert recall_facts(library, THERE) == ModelFacts()
        assert recall_facts(library, Server("n", HERE.url)) == ModelFacts()


def test_without_a_project_or_a_server_nothing_is_known() -> None:
    keep_facts(None, HERE, ModelFacts(True))
    assert recall_facts(None, HERE) == recall_facts(None, None) == ModelFacts()


def test_answers_without_sight_count_until_the_model_is_known_to_see() -> None:
    assert [ModelFacts(seen).answer_kinds for seen in (None, False, True)] == [(False, True), (False, True), (False,)]
