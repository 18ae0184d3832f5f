"""Typed corrections of the reading (panels, balloons, characters), each one flat pydantic model.

Pages, panels and balloons are counted from 1, as `read --html` shows them. Boxes and cut positions are in page pixels.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storage.domain import Kind, Shape, UprightBox

Number = Annotated[int, Field(ge=1, le=999_999)]


class SwapPanels(Shape):
    """Exchange two panels in the reading order."""

    do: Literal["swap panels"] = "swap panels"
    page: Number
    first: Number
    second: Number


class MovePanel(Shape):
    """Move a panel to position `to` of the reading order of its page."""

    do: Literal["move panel"] = "move panel"
    page: Number
    panel: Number
    to: Number


class MergePanels(Shape):
    """Merge several panels into one, at the position of the first of them in the reading order."""

    do: Literal["merge panels"] = "merge panels"
    page: Number
    panels: Annotated[tuple[Number, ...], Field(min_length=2)]


class SplitPanel(Shape):
    """Cut a panel in two at x (left and right) or y (above and below); in the middle if `at` is None."""

    do: Literal["split panel"] = "split panel"
    page: Number
    panel: Number
    axis: Literal["x", "y"]
    at: float | None = None


class DeletePanel(Shape):
    """Delete a panel; its balloons stay on the page."""

    do: Literal["delete panel"] = "delete panel"
    page: Number
    panel: Number


class AddPanel(Shape):
    """Add a panel, at position `to` of the reading order; by default where a reader would come to it."""

    do: Literal["add panel"] = "add panel"
    page: Number
    box: UprightBox
    to: Number | None = None


class AddBalloon(Shape):
    """Add a balloon to the panel that contains it, where a reader would come to it."""

    do: Literal["add balloon"] = "add balloon"
    page: Number
    box: UprightBox
    text: str
    kind: Kind = "speech"


class DeleteBalloon(Shape):
    """Delete a balloon."""

    do: Literal["delete balloon"] = "delete balloon"
    page: Number
    balloon: Number


class MoveBalloon(Shape):
    """Assign a balloon to another panel."""

    do: Literal["move balloon"] = "move balloon"
    page: Number
    balloon: Number
    panel: Number


class SetText(Shape):
    """Set the text of a balloon."""

    do: Literal["text"] = "text"
    page: Number
    balloon: Number
    text: str


class SetKind(Shape):
    """Set the kind of a balloon."""

    do: Literal["kind"] = "kind"
    page: Number
    balloon: Number
    kind: Kind


class SetSpeaker(Shape):
    """Set the speaker of a balloon, by id or name; an unknown name joins the cast, and None is nobody known."""

    do: Literal["speaker"] = "speaker"
    page: Number
    balloon: Number
    speaker: str | None


class Accept(Shape):
    """Accept the text that a model proposes for a balloon, or for all balloons of a page or of the book.

    Without `balloon` it accepts all of a page, and without `page` all of the book.
    """

    do: Literal["accept"] = "accept"
    page: Number | None = None
    balloon: Number | None = None


class RenameCharacter(Shape):
    """Give a character, found by id or name, another name."""

    do: Literal["rename"] = "rename"
    character: str
    name: Annotated[str, Field(min_length=1)]


class MergeCharacters(Shape):
    """Merge a character into another one."""

    do: Literal["merge"] = "merge"
    character: str
    into: str


class SetVoice(Shape):
    """Choose the voice of a character, found by id or name, or of the narrator.

    A value that is None stays as it is; "" as the voice lets the casting choose.
    """

    do: Literal["voice"] = "voice"
    character: str
    voice: Annotated[str, Field(max_length=200)] | None = None
    pitch: Annotated[float, Field(ge=-12, le=12)] | None = None
    rate: Annotated[float, Field(ge=0.5, le=2)] | None = None


class DescribeVoice(Shape):
    """Say what voice the casting is to look for: a woman's or a man's, and how old. None stays as it is."""

    do: Literal["sounds"] = "sounds"
    character: str
    gender: Literal["female", "male"] | None = None
    age: Literal["child", "young", "adult", "old"] | None = None


PageCorrection = (
    SwapPanels | MovePanel | MergePanels | SplitPanel | DeletePanel | AddPanel
    | AddBalloon | DeleteBalloon | MoveBalloon | SetText | SetKind | SetSpeaker | Accept
)  # fmt: skip
VoiceCorrection = SetVoice | DescribeVoice
CastCorrection = RenameCharacter | MergeCharacters | VoiceCorrection
CorrectionEdit = Annotated[PageCorrection | CastCorrection, Field(discriminator="do")]
