"""List and accept the corrections of texts that the model proposes, and keep its answers for accepted ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from agents import comprehension, planning
from agents.comprehension.reader import key_of
from agents.corrections import Accept, SetText
from agents.planning.prompt import page_views
from storage.comprehension import Proposal
from storage.domain import PageTranscript, Transcript
from storage.errors import SettingsError
from storage.library import Library
from storage.settings import Settings


def open_proposals(library: Library, transcript: Transcript | None = None) -> tuple[Proposal, ...]:
    """Return the proposals for texts that have not changed since they were doubted."""
    now = transcript or library.transcript()
    pages = {page.index: page.balloons for page in now.pages} if now else {}
    return tuple(
        one
        for one in comprehension.comprehension_of(library).proposals
        if one.number <= len(pages.get(one.page, ())) and pages[one.page][one.number - 1].text == one.before
    )


def accepted_corrections(library: Library, transcript: Transcript, request: Accept) -> list[SetText]:
    """Return the corrections that accept the proposed texts.

    Raises:
        SettingsError: Nothing is proposed for that page or balloon.
    """
    proposals = [one for one in open_proposals(library, transcript) if request.page in (None, one.page + 1)]
    found = [one for one in proposals if request.balloon in (None, one.number)]
    if not found:
        balloon = f" for balloon {request.balloon}" if request.balloon else ""
        page = f" of page {request.page}" if request.page else ""
        raise SettingsError(
            f"no other text is proposed{balloon}{page}",
            f"there are proposals for {_name_balloons(proposals)}"
            if proposals
            else "see what is proposed: main.py fix PROJECT list",
        )
    return [SetText(page=one.page + 1, balloon=one.number, text=one.after) for one in found]


def carry_over(library: Library, before: PageTranscript, after: PageTranscript, transcript: Transcript) -> None:
    """Keep a page's comprehension after proposed texts were accepted: it already reflects them."""
    settings = library.settings() or Settings()
    images = {image.index: image.artifact for image in library.pages()}
    if not planning.is_llm_director(settings) or before.index not in images:
        return
    views = zip(page_views(before), page_views(after), strict=False)
    for pair, text_only in product(views, (False, True)):
        image, order = images[before.index], transcript.order
        keys = [key_of(view, order, image, settings.model, text_only=text_only) for view in pair]
        if made := library.find_made(keys[0]):
            library.add_made(keys[1], "chat", made)


def _name_balloons(proposals: Sequence[Proposal]) -> str:
    """Name the balloons of proposals, for a hint."""
    return ", ".join(f"balloon {one.number}" for one in proposals[:12])
