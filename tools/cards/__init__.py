"""Draw the cards of a film: its title, its chapters and its credits, with typefaces that come with Python packages."""

from __future__ import annotations

from storage.domain import Shape

VERSION = 1
"""Increase it when the same card gives other frames than before; it is part of the content keys of cards."""


class TitleCard(Shape):
    """The words over the cover at the start of a film; any of them may be empty."""

    title: str = ""
    subtitle: str = ""
    byline: str = ""


class ChapterCard(Shape):
    """The words at the start of a chapter or volume."""

    title: str


class CreditLine(Shape):
    """One line of the credits: what was done, and who did it."""

    role: str
    names: str


class EndCard(Shape):
    """The credits at the end of a film."""

    credits: tuple[CreditLine, ...] = ()
    notes: tuple[str, ...] = ()
    """Smaller lines below them: models, licences, rights."""
    maker: str = ""
    """The last line: what the film was made with."""


Card = TitleCard | ChapterCard | EndCard
