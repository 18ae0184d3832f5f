"""Edits of the critic in, a revision of its own out; and which of these are in force. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from agents import permits
from agents.edits import Plan, words
from agents.edits.applied import all_applied
from agents.edits.which import ShotSelector
from agents.revising import owners
from agents.revising.board import board_of
from storage.errors import KomadoriError
from storage.library import Library
from storage.records import Revision


def revised(
    library: Library,
    wanted: Sequence[Plan],
    reason: str,
    *,
    kind: Literal["retake", "best_of"] = "retake",
    origin: int | None = None,
) -> bool:
    """Do edits as the critic, as one revision; whether anything changed. KomadoriError where one cannot be done.

    `origin` is the revision that did them before, on another plan.
    """
    board = board_of(library)
    after = all_applied(board, wanted)
    permits.refuse_changes(library.settings(), board, after)
    if after.shots == board.shots:
        return False
    data = [edit.model_dump(mode="json") for edit in wanted]
    library.add_revision(after.shots, kind=kind, origin=origin, key="", author="critic", message=reason, edits=data)
    return True


def again(library: Library, line: Sequence[Revision]) -> None:
    """Do anew what the critic changed in `line`, where people have changed what stood beneath it but not the shot."""
    owned = owners.owned(library)
    for one in line:
        if one.kind not in ("retake", "best_of"):
            continue
        free = [edit for edit in one.edits if not _named([edit]) & owned]
        wanted: list[Plan] = [words.read(edit) for edit in free]  # type: ignore[misc]
        with suppress(KomadoriError):  # a shot is gone, or locked
            revised(library, wanted, one.message, kind=one.kind, origin=one.number)


def in_force(library: Library) -> dict[str, list[Revision]]:
    """The critic's retakes in the state in force, by shot, oldest first."""
    found: dict[str, list[Revision]] = {}
    for one in library.line():
        if one.kind == "retake":
            for name in _named(one.edits):
                found.setdefault(name, []).append(one)
    return found


def _named(edits: Iterable[Mapping[str, Any]]) -> set[str]:
    """The shots that the critic's edits name."""
    return {name for edit in edits if "which" in edit for name in ShotSelector.parse(edit["which"]).shot_ids}
