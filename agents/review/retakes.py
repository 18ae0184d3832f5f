"""Apply the critic's edits as revisions, rebase them onto a new plan, and list the retakes in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from agents import preflight
from agents.editing import Plan, grammar, shot_protection
from agents.editing.apply import apply_edits
from agents.editing.selectors import ShotSelector
from agents.editing.shot_status import editable_storyboard
from storage.errors import KomadoriError
from storage.records import Revision

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library


def apply_critic_edits(
    library: Library,
    edits: Sequence[Plan],
    reason: str,
    *,
    kind: Literal["retake", "best_of"] = "retake",
    origin: int | None = None,
) -> bool:
    """Apply edits as one revision by the critic.

    Args:
        library: The project's library.
        edits: The edits.
        reason: The message of the revision.
        kind: The kind of the revision.
        origin: The revision that made these edits before, on another plan.

    Returns:
        Whether anything changed.

    Raises:
        KomadoriError: An edit is impossible.
    """
    board = editable_storyboard(library)
    after = apply_edits(board, edits)
    preflight.refuse_changes(library.settings(), board, after)
    if after.shots == board.shots:
        return False
    data = [edit.model_dump(mode="json") for edit in edits]
    library.add_revision(after.shots, kind=kind, origin=origin, key="", author="critic", message=reason, edits=data)
    return True


def rebase_retakes(library: Library, line: Sequence[Revision]) -> None:
    """Apply the critic's changes in `line` again on a new plan, except to shots that people have changed."""
    owned = shot_protection.protected_shots(library)
    for one in line:
        if one.kind not in ("retake", "best_of"):
            continue
        free = [edit for edit in one.edits if not _shots_of_edits([edit]) & owned]
        edits: list[Plan] = [grammar.edit_from_data(edit) for edit in free]  # type: ignore[misc]
        with suppress(KomadoriError):  # a shot is gone, or locked
            apply_critic_edits(library, edits, one.message, kind=one.kind, origin=one.number)


def active_retakes(library: Library) -> dict[str, list[Revision]]:
    """Return the critic's retakes among the ancestors of the head, by shot id, oldest first."""
    found: dict[str, list[Revision]] = {}
    for revision in library.ancestry():
        if revision.kind == "retake":
            for name in _shots_of_edits(revision.edits):
                found.setdefault(name, []).append(revision)
    return found


def _shots_of_edits(edits: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the shots that edits name."""
    return {name for edit in edits if "which" in edit for name in ShotSelector.parse(edit["which"]).shot_ids}
