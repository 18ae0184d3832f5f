"""The error for an edit that the storyboard does not allow, with its reason as values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from agents.planning.violation import Violation
from storage.errors import SettingsError

RefusalKind = Literal[
    "broken_promise", "no_room", "locked", "already_so", "nothing_left", "several_shots", "not_two_shots", "one_shot",
    "other_page", "not_adjacent", "beside_itself", "too_long", "no_cut", "split_too_often", "in_film", "never_planned",
    "not_left_out", "read_anew", "unknown_balloon", "unknown_panel", "unknown_take", "unknown_reference",
    "no_reference_picture", "not_seen", "unknown_shot", "unknown_character", "no_such_shots",
    "after_the_end", "unlike_panel", "not_in_picture", "too_many_effects", "too_many_sounds", "unknown_recording",
    "several_redraws", "redraw_reaches_over",
]  # fmt: skip


class EditError(SettingsError):
    """An edit that the storyboard does not allow.

    Attributes:
        kind: Why it is refused.
        shot: Id of the shot in the way; "" if there is no single one.
        violations: The rules of a plan that would be broken, the gravest first; empty for other reasons.
        least_seconds: The shortest possible length of the shot; None if the edit is not about length.
    """

    def __init__(
        self,
        what: str,
        hint: str,
        kind: RefusalKind,
        *,
        shot: str = "",
        violations: Sequence[Violation] = (),
        least_seconds: float | None = None,
    ) -> None:
        super().__init__(what, hint)
        self.kind: RefusalKind = kind
        self.shot = shot
        self.violations = tuple(violations)
        self.least_seconds = least_seconds
