"""Frozen values for the history of the work: revisions, corrections, takes, verdicts, failures, cuts and events.

All times are timezone-aware and in UTC. Ids are assigned by the library and count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from storage.book_info import BookInfo
from storage.domain import Artifact, Decision, Order, PageImage, Shape, ShotPlan, Transcript, VideoFormat
from storage.sound import CharacterVoice

Author = Literal["director", "critic", "chat", "script", "hand"]
RevisionKind = Literal["plan", "edit", "aspect", "rebase", "retake", "best_of"]
"""How a revision came about.

`plan` is a director's plan; `edit` changes it; `aspect` frames it for another aspect; `rebase` carries the changes of
an older revision over to a newer plan; `retake` is what a critic changed of a take it refused; `best_of` chooses among
takes that differ by their seeds.
"""
CorrectionKind = Literal["fix", "transcript", "rebase"]
"""`fix` is one correction of the transcript, `transcript` a whole transcript given as a file, and `rebase` carries the
corrections of a page over to a retouched picture of it.
"""
Judge = Literal["measures", "critic"]
LossCause = Literal["panel_gone", "balloon_gone", "planned_otherwise", "refused"]
"""Why an edit could not be carried over to a new plan.

`panel_gone`: no panel of the new pages is the one that it changed; `balloon_gone`: its balloon is gone;
`planned_otherwise`: the new plan divides those panels among shots in another way; `refused`: it would break a rule of
the plan there.
"""
Fact = float | int | str | bool | list[float] | None


class PlanInputs(Shape):
    """What a director's plan was made from, so that undo can restore it together with the plan."""

    info: BookInfo
    pages: tuple[PageImage, ...]
    transcript: Transcript
    correction: int | None
    """The number of the corrections in force; None if there were none."""
    settings: dict[str, object]
    """The settings that shape a plan, by name, as JSON values."""


class LostEdit(Shape):
    """An edit that could not be carried over to a new plan, or not for all of its shots."""

    edit: dict[str, object]
    """The edit that does it again, as JSON values, for the shots that are concerned."""
    shots: tuple[str, ...]
    """The ids of the shots for which it is lost."""
    cause: LossCause
    revision: int
    """The revision that made the edit."""
    position: int
    """The position of the edit in its revision, from 0."""


@dataclass(frozen=True)
class RevisionDraft:
    """A revision to add; its fields are those of `Storyboards.add_revision`."""

    shots: tuple[ShotPlan, ...]
    key: str
    author: Author
    message: str
    edits: tuple[Mapping[str, object], ...] = ()
    kind: RevisionKind = "edit"
    origin: int | None = None
    inputs: PlanInputs | None = None
    lost: tuple[LostEdit, ...] = ()
    screen: VideoFormat | None = None


class Revision(Shape):
    """One state of the storyboard."""

    number: int
    parent: int | None
    """The number of the revision that it was made from."""
    origin: int | None = None
    """The revision whose changes it repeats on another plan: the rebased one, or the critic's retake that is applied
    again. None for all others, and where it is not known.
    """
    kind: RevisionKind
    """How it came about."""
    key: str
    """The content key of its plan."""
    author: Author
    message: str
    edits: tuple[dict[str, object], ...] = ()
    """The edits that made it from its parent, as JSON values; only agents/editing interprets them."""
    screen: VideoFormat | None = None
    """The video format that its cameras are framed for; None in old projects."""
    inputs: str | None = None
    """The artifact of what a plan was made from (see `Storyboards.plan_inputs`); None for all other kinds, and in
    projects of older versions.
    """
    lost: tuple[LostEdit, ...] = ()
    """For a rebase: the edits that could not be carried over, also those that were lost before."""
    created: datetime


def root_plan(revisions: Sequence[Revision], number: int | None) -> Revision | None:
    """Return the director's plan that a revision is based on, or the revision itself if it is one.

    Args:
        revisions: All revisions.
        number: The number of the revision; None gives None.
    """
    known = {one.number: one for one in revisions}
    while (found := known.get(number or 0)) is not None and found.kind != "plan":
        number = found.parent
    return found


class Correction(Shape):
    """One state of the corrections of the transcript."""

    number: int
    parent: int | None
    """The number of the state that it was made from."""
    kind: CorrectionKind
    """How it came about."""
    key: str
    """The content key of the transcript that it was taken from; "" for a single correction."""
    author: Author
    message: str
    edits: tuple[dict[str, object], ...] = ()
    """The correction that made it, as JSON values for agents/corrections; empty for a whole transcript."""
    order: Order | None
    """The reading direction of the book; None if it is not corrected."""
    names: dict[str, str]
    """The names of characters by id."""
    merged: dict[str, str]
    """The character that another one was merged into, by id."""
    voices: dict[str, CharacterVoice] = Field(default_factory=dict)
    """What was said of the voices of characters, by id, and of the `NARRATOR`."""
    pages: dict[str, str]
    """The artifact of each corrected page by the artifact of its image."""
    created: datetime


class TakeDraft(Shape, allow_inf_nan=True):
    """A take to add; its fields are those of `Take`."""

    shot: str
    key: str
    artifact: str
    backend: str
    seed: int
    attempt: int
    facts: dict[str, Fact] = Field(default_factory=dict)


class Take(Shape, allow_inf_nan=True):
    """One attempt at a shot; it is never changed."""

    id: int
    shot: str
    number: int
    """The number of the take, from 1 within its shot."""
    key: str
    """The content key of its segment."""
    artifact: str
    """The SHA-256 of its segment."""
    backend: str
    seed: int
    attempt: int
    facts: dict[str, Fact]
    created: datetime


class Verdict(Shape, allow_inf_nan=True):
    """A verdict on a take, by the measures or by the critic, with the measured values.

    It is history: whether the measures approve a take is computed from the values and the bounds in force.
    """

    id: int
    take: int
    author: Judge
    decision: Decision
    reason: str
    measures: dict[str, float]
    created: datetime


class Failure(Shape):
    """The newest reason why a shot could not be made at a stage."""

    shot: str
    stage: str
    reason: str
    created: datetime


class Cut(Shape):
    """The ordered takes that make the film of a revision."""

    id: int
    revision: int
    key: str
    """The content key of all that was joined, including subtitles; "" if it has none."""
    takes: tuple[int, ...]
    """The ids of the takes, in order."""
    film: Artifact | None
    """The joined film; None if it is not joined yet."""
    created: datetime


class EventDraft(Shape, allow_inf_nan=True):
    """An event to add to the journal."""

    stage: str
    kind: str
    text: str = ""
    facts: dict[str, Fact] = Field(default_factory=dict)


class Event(Shape, allow_inf_nan=True):
    """An event of a run; events are ordered by id."""

    id: int
    stage: str
    kind: str
    text: str
    facts: dict[str, Fact]
    created: datetime


class Message(Shape):
    """One turn of the conversation about the film; `role` is "user", "assistant" or "system"."""

    id: int
    role: str
    text: str
    created: datetime
