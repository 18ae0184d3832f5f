"""Frozen values for the history of the work: revisions, corrections, takes, verdicts, failures, cuts and events.

All times are timezone-aware and in UTC. Ids are assigned by the library and count from 1.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from storage.domain import Artifact, Decision, Order, Shape, VideoFormat

Author = Literal["director", "critic", "chat", "script", "hand"]
RevisionKind = Literal["plan", "edit", "aspect", "rebase", "retake", "best_of"]
"""How a revision came about.

`plan` is a director's plan; `edit` changes it; `aspect` frames it for another aspect; `rebase` carries the changes of
an older revision over to a newer plan; `retake` is what a critic changed of a take it refused; `best_of` chooses among
takes that differ by their seeds.
"""
CorrectionKind = Literal["fix", "transcript"]
"""One fix of the reading, or a whole transcript given as a file."""
Judge = Literal["measures", "critic"]
Fact = float | int | str | bool | list[float] | None


class Revision(Shape):
    """One state of the storyboard; `parent` is the revision it was made from, `key` the content key of its plan.

    `kind` says how it came about, and `origin` names the revision whose changes it repeats on another plan: a `rebase`
    of it, or a critic's retake that is done again. `origin` is None for all others, and where it is not known. `edits`
    are what was asked for to make it of its parent, as data that only agents/edits understands; `screen` is
    what its cameras are framed for, None in projects of old.
    """

    number: int
    parent: int | None
    origin: int | None = None
    kind: RevisionKind
    key: str
    author: Author
    message: str
    edits: tuple[dict[str, object], ...] = ()
    screen: VideoFormat | None = None
    created: datetime


class Correction(Shape):
    """One state of what a person corrected of the reading; `parent` is the state it was made from.

    `pages` gives the artifact of a page's reading by the artifact of its picture, `order` the book's reading order,
    `names` the names of characters by id, `merged` the character that another one is. `kind` says how it came about:
    `edits` holds the fix that made it, as data that only agents/fixes understands, `key` the content key of the
    transcript that it was taken from. Each is empty for the other kind.
    """

    number: int
    parent: int | None
    kind: CorrectionKind
    key: str
    author: Author
    message: str
    edits: tuple[dict[str, object], ...] = ()
    order: Order | None
    names: dict[str, str]
    merged: dict[str, str]
    pages: dict[str, str]
    created: datetime


class TakeDraft(Shape, allow_inf_nan=True):
    """What is said of an attempt at a shot when it is added; `key` and `artifact` are its segment's."""

    shot: str
    key: str
    artifact: str
    backend: str
    seed: int
    attempt: int
    facts: dict[str, Fact] = Field(default_factory=dict)


class Take(Shape, allow_inf_nan=True):
    """One attempt at a shot, never changed; `number` counts from 1 within the shot, `artifact` is a sha256."""

    id: int
    shot: str
    number: int
    key: str
    artifact: str
    backend: str
    seed: int
    attempt: int
    facts: dict[str, Fact]
    created: datetime


class Verdict(Shape, allow_inf_nan=True):
    """What a review once said of a take, by its measures or by the model that looked at it, and the numbers measured.

    It is history: whether the measures let a take stand is computed from the numbers and the bounds in force.
    """

    id: int
    take: int
    author: Judge
    decision: Decision
    reason: str
    measures: dict[str, float]
    created: datetime


class Failure(Shape):
    """A shot that could not be made at a stage, and why; the newest reason stands."""

    shot: str
    stage: str
    reason: str
    created: datetime


class Cut(Shape):
    """The ordered choice of takes (their ids) that makes the film; `film` is None until it is joined.

    `key` is the content key under which all that was joined stands (subtitles too); empty when it has none.
    """

    id: int
    revision: int
    key: str
    takes: tuple[int, ...]
    film: Artifact | None
    created: datetime


class EventDraft(Shape, allow_inf_nan=True):
    """What is said of something that happened, when it is kept."""

    stage: str
    kind: str
    text: str = ""
    facts: dict[str, Fact] = Field(default_factory=dict)


class Event(Shape, allow_inf_nan=True):
    """Something that happened on the route, in the order of its id."""

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
