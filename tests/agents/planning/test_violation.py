"""Test that a violation is data, and that its sentence uses the names that the reader knows."""

from __future__ import annotations

from typing import get_args

import pytest

from agents.planning.violation import Violation, ViolationKind

UNREAD = Violation("unread", "s007", "t2-1", measured=1.25, needed=2.0)


@pytest.mark.parametrize("kind", get_args(ViolationKind))
def test_every_kind_has_its_sentence(kind: ViolationKind) -> None:
    said = Violation(kind, "s007", "p2-1", measured=3, needed=4)
    assert said.message() == f"s007: {said.description()}"
    assert "{" not in said.message()


def test_the_sentence_holds_the_names_it_is_given() -> None:
    said = UNREAD.message({"s007": "the shot of panel 2", "t2-1": "balloon 3"})
    assert said.startswith("the shot of panel 2: balloon 3 ")
    assert "t2-1" in UNREAD.message()


def test_an_id_within_another_id_keeps_its_own_name() -> None:
    names = {"p1-1": "panel 1", "p1-10": "panel 10"}
    assert Violation("panel_not_shown", subject="p1-10").message(names).startswith("panel 10: ")


def test_what_has_to_be_changed_is_the_shot_or_else_the_subject() -> None:
    assert UNREAD.place == "s007"
    assert Violation("balloon_not_shown", subject="t2-1").place == "t2-1"
    assert Violation("too_many_dissolves").place == ""
