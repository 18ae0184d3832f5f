"""Test that a revision leads back to the plan that it is based on."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.records import Revision, RevisionKind, root_plan


def revision(number: int, parent: int | None, kind: RevisionKind) -> Revision:
    return Revision(
        number=number, parent=parent, kind=kind, key="k", author="hand", message="", created=datetime.now(UTC)
    )


def test_every_change_leads_back_to_its_own_plan_and_what_has_none_to_nothing() -> None:
    line = [
        revision(1, None, "plan"), revision(2, 1, "edit"), revision(3, 2, "plan"), revision(4, 3, "aspect"),
        revision(5, 4, "retake"), revision(6, 2, "rebase"), revision(8, 7, "edit"), revision(9, None, "edit"),
    ]  # fmt: skip
    plans = [root_plan(line, number) for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, None)]
    assert [plan and plan.number for plan in plans] == [1, 1, 3, 3, 3, 1, None, None, None, None]
