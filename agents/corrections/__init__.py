"""Typed corrections of the reading (panels, balloons, characters), each one flat pydantic model.

Pages, panels and balloons are counted from 1, as `read --html` shows them. Boxes and cut positions are in page pixels.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storage.domain import Kind, Shape, UprightBox

Number = Annotated[int, Field(ge=1, le=999_999)]


class SwapPanels(Shape):
    """Exchange the places of two panels in the reading order."""

    do: Literal["swap panels"] = "swap panels"
    page: Number
    first: Number
    second: Number


class MovePanel(Shape):
    """Read a panel as the `to`-th of its page."""

    do: Literal["move panel"] = "move panel"
    page: Number
    panel: Number
    to: Number


class MergePanels(Shape):
    """Make several panels one, read where the first of them was."""

    do: Literal["merge panels"] = "merge panels"
    page: Number
    panels: Annotated[tuple[Number, ...], Field(min_length=2)]


class SplitPanel(Shape):
    """Cut a panel in two at x (left and right) or y (above and below); in the middle when `at` is None."""

    do: Literal["split panel"] = "split panel"
    page: Number
    panel: Number
    axis: Literal["x", "y"]
    at: float | None = None


class DeletePanel(Shape):
    """Take a panel away; what was said in it stays on the page."""

    do: Literal["delete panel"] = "delete panel"
    page: Number
    panel: Number


class AddPanel(Shape):
    """Add a panel; where a reader would come to it, unless `to` says its place."""

    do: Literal["add panel"] = "add panel"
    page: Number
    box: UprightBox
    to: Number | None = None


class AddBalloon(Shape):
    """Add a text, in the panel that holds it, where a reader would come to it."""

    do: Literal["add balloon"] = "add balloon"
    page: Number
    box: UprightBox
    text: str
    kind: Kind = "speech"


class DeleteBalloon(Shape):
    """Take a text away."""

    do: Literal["delete balloon"] = "delete balloon"
    page: Number
    balloon: Number


class MoveBalloon(Shape):
    """Let another panel say a text."""

    do: Literal["move balloon"] = "move balloon"
    page: Number
    balloon: Number
    panel: Number


class SetText(Shape):
    """Say what a text says."""

    do: Literal["text"] = "text"
    page: Number
    balloon: Number
    text: str


class SetKind(Shape):
    """Say what kind of text it is."""

    do: Literal["kind"] = "kind"
    page: Number
    balloon: Number
    kind: Kind


class SetSpeaker(Shape):
    """Say who says a text, by id or name; somebody unheard of joins the cast. None: nobody known."""

    do: Literal["speaker"] = "speaker"
    page: Number
    balloon: Number
    speaker: str | None


class Accept(Shape):
    """Take the text that a model proposes for a balloon; without one for all of a page, without a page for the book."""

    do: Literal["accept"] = "accept"
    page: Number | None = None
    balloon: Number | None = None


class RenameCharacter(Shape):
    """Give a character, known by id or name, another name."""

    do: Literal["rename"] = "rename"
    character: str
    name: Annotated[str, Field(min_length=1)]


class MergeCharacters(Shape):
    """Say that one character is another one."""

    do: Literal["merge"] = "merge"
    character: str
    into: str


PageCorrection = (
    SwapPanels | MovePanel | MergePanels | SplitPanel | DeletePanel | AddPanel
    | AddBalloon | DeleteBalloon | MoveBalloon | SetText | SetKind | SetSpeaker | Accept
)  # fmt: skip
CastCorrection = RenameCharacter | MergeCharacters
CorrectionEdit = Annotated[PageCorrection | CastCorrection, Field(discriminator="do")]
