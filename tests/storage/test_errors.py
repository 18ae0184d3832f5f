"""Test that each error has a message and a hint, and belongs to the tree of errors."""

from __future__ import annotations

import copy
import pickle

import pytest

from agents.corrections.errors import CorrectionError, GrammarError
from agents.editing.refusals import EditError
from agents.planning.violation import Violation
from storage import errors

WITH_FACTS = [
    EditError("it is too short", "slower", "broken_promise", shot="s001", violations=[Violation("unread", "s001")]),
    CorrectionError("there is no page 9", "pages 1 to 2", "unknown_page", page=9),
    GrammarError("this is no edit", "say: undo", examples=["undo"], limit=("le", 60.0)),
    errors.PackageMissing("it needs torch", "pip install", extra="magi"),
]


def test_an_error_travels_from_a_worker_with_its_cure() -> None:
    error = pickle.loads(pickle.dumps(errors.ProjectLocked("it is in use", "wait")))
    assert isinstance(error, errors.ProjectError)
    assert (error.what, error.hint, str(error)) == ("it is in use", "wait", "it is in use (wait)")


@pytest.mark.parametrize("error", WITH_FACTS, ids=lambda error: type(error).__name__)
def test_the_facts_of_an_error_travel_too_and_stay_where_its_place_is_said(error: errors.KomadoriError) -> None:
    facts = {name: value for name, value in vars(error).items() if name != "what"}
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error), error.at_place("film.toml:3: ")):
        assert type(same) is type(error)
        assert {name: value for name, value in vars(same).items() if name != "what"} == facts
    located = error.at_place("film.toml:3: ")
    assert located.what == f"film.toml:3: {error.what}"
    assert located.args == (located.what, error.hint)


def test_no_error_steers_a_terminal() -> None:
    error = errors.SourceError("\x1b[31m\ud800.png\nis damaged", "fetch\tit").at_place("\x07book: ")
    assert (error.what, error.hint) == ("\ufffdbook: \ufffd[31m\ufffd.png is damaged", "fetch it")
    assert len(errors.SourceError("x" * 10**6, "shorten it").what) < 2 * errors.MAX_CHARACTERS


def test_whatever_the_user_can_mend_is_one_family() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    assert len(kinds) > 10
    assert all(issubclass(kind, errors.KomadoriError) for kind in kinds)
