"""Values for what a language model understood of a book; they stand beside the transcript and never overwrite it."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from pydantic import Field

from storage.domain import Kind, Shape

PanelKind = Literal["establishing", "action", "reaction", "dialogue", "detail"]


VoiceKind = Literal["girl", "boy", "woman", "man", "old woman", "old man"]
"""Whose voice a character has."""


class Proposal(Shape):
    """Another text for a balloon that may have been misread; only a person can accept it."""

    page: int
    """The index of the page."""
    balloon: str
    """The id of the balloon."""
    number: int
    """The place of the balloon on the page, from 1."""
    before: str
    """The text as it was read."""
    after: str
    """The proposed text."""


class PageComprehension(Shape):
    """What a model understood of one page; balloons, panels and characters are named by their ids."""

    index: int
    """The index of the page."""
    synopsis: str = ""
    setting: str = ""
    mood: str = ""
    story: str = ""
    """The whole story up to and including this page, retold."""
    kinds: dict[str, PanelKind] = Field(default_factory=dict)
    """The kind of picture in each panel."""
    speakers: dict[str, str] = Field(default_factory=dict)
    """The speaker of each balloon for which the reader found none."""
    spoken: dict[str, Kind] = Field(default_factory=dict)
    """The kind of each balloon for which the reader found none."""
    names: dict[str, str] = Field(default_factory=dict)
    """Names that the lettering of this page gives to characters."""
    looks: dict[str, str] = Field(default_factory=dict)
    """How each character is drawn on this page, in one line."""
    sounds: dict[str, VoiceKind] = Field(default_factory=dict, exclude_if=lambda sounds: not sounds)
    """Whose voice each character has, as it is drawn and speaks on this page."""
    proposals: tuple[Proposal, ...] = ()


class DescribedCharacter(Shape):
    """A character as the model describes them."""

    id: str
    name: str
    looks: str = ""
    """How the character is drawn; "" if the model did not say."""


class Comprehension(Shape):
    """What a model understood of a whole book."""

    model: str = ""
    pages: tuple[PageComprehension, ...] = ()
    people: tuple[DescribedCharacter, ...] = ()
    left: dict[int, str] = Field(default_factory=dict)
    """The reason for each page that was not understood, by page index."""

    def page(self, index: int) -> PageComprehension:
        """Return what was understood of a page; an empty value if nothing was."""
        return next((page for page in self.pages if page.index == index), PageComprehension(index=index))

    def looks_of(self, character: str) -> str:
        """Return how a character is drawn; "" if it is not known."""
        return next((person.looks for person in self.people if person.id == character), "")

    def voice_kinds(self) -> dict[str, VoiceKind]:
        """Return whose voice each character has, as most pages say; the first of them where as many say otherwise."""
        votes: dict[str, Counter[VoiceKind]] = {}
        for page in self.pages:
            for who, kind in page.sounds.items():
                votes.setdefault(who, Counter())[kind] += 1
        return {who: counted.most_common(1)[0][0] for who, counted in votes.items()}

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """Return the proposals of all pages, in the order of the book."""
        return tuple(proposal for page in self.pages for proposal in page.proposals)
