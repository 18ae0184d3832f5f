"""What the library remembers of the work, as frozen values; knows no SQL.

Every time is timezone-aware UTC. Ids are the library's own and count from 1.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from storage.shapes import Artifact, Decision, Order, Screen, Shape

Author = Literal["director", "critic", "chat", "script", "hand"]
Judge = Literal["measures", "critic"]
Fact = float | int | str | bool | list[float] | None


class Revision(Shape):
    """One state of the storyboard; `parent` is the revision it was made from, `key` what it was made of.

    `edits` are what was asked for to make it of its parent, as data that only agents/edits understands; `screen` is
    what its cameras are framed for, None in projects of old.
    """

    number: int
    parent: int | None
    key: str
    author: Author
    message: str
    edits: tuple[dict[str, object], ...] = ()
    screen: Screen | None = None
    created: datetime


class Correction(Shape):
    """One state of what a person corrected of the reading; `parent` is the state it was made from.

    `pages` gives the artifact of a page's reading by the artifact of its picture, `order` the book's reading order,
    `names` the names of characters by id, `merged` the character that another one is. `key` says what it was taken
    from, "" for nothing but the person's word.
    """

    number: int
    parent: int | None
    key: str
    author: Author
    message: str
    order: Order | None
    names: dict[str, str]
    merged: dict[str, str]
    pages: dict[str, str]
    created: datetime


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
