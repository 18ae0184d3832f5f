"""Represent one broken rule of a film plan as data, and describe it in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ViolationKind = Literal[
    "unknown_page", "unknown_panel", "unknown_balloon", "no_panel", "wrong_ordinal", "duplicate_id", "page_order",
    "reveal_order", "balloon_order", "panel_order", "wrong_aspect", "too_short", "too_near", "too_fast", "off_panel",
    "unread", "balloon_not_shown", "panel_not_shown", "panel_cropped", "panel_off_center", "too_many_dissolves",
]  # fmt: skip

_SENTENCES: Mapping[ViolationKind, str] = {
    "unknown_page": "there is no page {measured:.0f}",
    "unknown_panel": "its page has no {subject}",
    "unknown_balloon": "its page has no {subject}",
    "no_panel": "shows no panel",
    "wrong_ordinal": "its ordinal is {measured:.0f}, its place is {needed:.0f}",
    "duplicate_id": "two shots have this id",
    "page_order": "goes back from page {needed:.0f} to page {measured:.0f}",
    "reveal_order": "its panels are not revealed in their order",
    "balloon_order": "the lines of {subject} are not in reading order",
    "panel_order": "is shown before panels that are read first",
    "wrong_aspect": "a camera box has the shape {measured:.3f}, the screen {needed:.3f}",
    "too_short": "lasts {measured:.1f} s, too short to be seen",
    "too_near": "goes so near that {measured:.0f} page pixels fill the screen, it takes at least {needed:.0f}",
    "too_fast": "moves in {measured:.1f} s as far as takes at least {needed:.1f} s",
    "off_panel": "looks past its panels: the picture fills {measured:.0%} of what it could",
    "unread": "{subject} is wholly in view for {measured:.1f} s of the {needed:.1f} s it takes to read",
    "balloon_not_shown": "no shot shows it",
    "panel_not_shown": "no shot shows it",
    "panel_cropped": "only {measured:.0%} of it is ever in view",
    "panel_off_center": "the picture's centre never lies in it",
    "too_many_dissolves": "{measured:.0f} shots dissolve, at most {needed:.0f} may: a cut is the rule",
}
_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Violation:
    """A broken rule of `Director.plan`.

    Attributes:
        kind: Which rule is broken.
        shot: Id of the shot that breaks it; "" where no single shot does.
        subject: Id of the panel or balloon that is meant; "" where none is.
        measured: Measured value in the unit of its kind: seconds, page pixels, a share 0..1, an aspect ratio, a count.
        needed: Bound that `measured` misses, in the same unit.
    """

    kind: ViolationKind
    shot: str = ""
    subject: str = ""
    measured: float = 0.0
    needed: float = 0.0

    @property
    def place(self) -> str:
        """Id of the shot, or else of the panel or balloon, that must be changed; "" for the whole film."""
        return self.shot or self.subject

    def message(self, names: Mapping[str, str] = _AS_THEY_ARE) -> str:
        """Describe the violation and its place, for whoever planned.

        Args:
            names: Names of shots, panels and balloons by id. Ids without a name are used as they are.

        Returns:
            One sentence without a full stop, such as "s003: lasts 0.5 s, too short to be seen".
        """
        return f"{names.get(self.place, self.place) or 'the film'}: {self.description(names)}"

    def description(self, names: Mapping[str, str] = _AS_THEY_ARE) -> str:
        """Describe the violation without its place; see `message`."""
        subject = names.get(self.subject, self.subject)
        return _SENTENCES[self.kind].format(subject=subject, measured=self.measured, needed=self.needed)
