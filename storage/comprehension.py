"""Values for what a language model understood of a book; they stand beside the transcript and never overwrite it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storage.domain import Kind, Shape

PanelKind = Literal["establishing", "action", "reaction", "dialogue", "detail"]


class Proposal(Shape):
    """Another text for a balloon whose lettering may have been read wrongly; only a person takes it.

    `page` is the page's index, `number` the balloon's place on it, from 1; `before` is the text as it was read.
    """

    page: int
    balloon: str
    number: int
    before: str
    after: str


class PageComprehension(Shape):
    """What a model understood of one page; texts, panels and characters are named by their ids.

    `story` is the whole story up to this page and with it, told anew. `speakers` and `spoken` (kinds of lines) hold
    only what the reader left unknown; `names` what the lettering of this page calls somebody; `looks` how somebody
    is drawn here, in one line.
    """

    index: int
    synopsis: str = ""
    setting: str = ""
    mood: str = ""
    story: str = ""
    kinds: dict[str, PanelKind] = Field(default_factory=dict)
    speakers: dict[str, str] = Field(default_factory=dict)
    spoken: dict[str, Kind] = Field(default_factory=dict)
    names: dict[str, str] = Field(default_factory=dict)
    looks: dict[str, str] = Field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()


class DescribedCharacter(Shape):
    """Somebody of the cast as the model describes them; `looks` is "" where it said nothing."""

    id: str
    name: str
    looks: str = ""


class Comprehension(Shape):
    """What a model understood of a whole book. `left` says of pages that it did not understand why; by index."""

    model: str = ""
    pages: tuple[PageComprehension, ...] = ()
    people: tuple[DescribedCharacter, ...] = ()
    left: dict[int, str] = Field(default_factory=dict)

    def page(self, index: int) -> PageComprehension:
        """What was understood of a page; nothing, where it was not."""
        return next((page for page in self.pages if page.index == index), PageComprehension(index=index))

    def looks_of(self, character: str) -> str:
        """How somebody is drawn; "" where that is not known."""
        return next((person.looks for person in self.people if person.id == character), "")

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """All of them, in the order of the book."""
        return tuple(one for page in self.pages for one in page.proposals)
