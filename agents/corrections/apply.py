"""Apply one correction to a transcript or a page, and renumber the page that it changes."""

from __future__ import annotations

from agents.corrections import Accept, CastCorrection, PageCorrection, SetSpeaker, balloons, characters, panels
from agents.corrections.errors import CorrectionError
from storage.domain import Order, PageTranscript, Transcript

DirectCorrection = panels.PanelCorrection | balloons.BalloonCorrection | SetSpeaker
"""A correction of a page that says itself what it sets; an `Accept` takes that from a project."""


def apply_correction(transcript: Transcript, fix: PageCorrection | CastCorrection) -> Transcript:
    """Apply one correction to a transcript; the doubts about the page it changes are removed.

    `Accept` cannot be applied here, because only a project knows the proposed texts
    (see `replan.apply_with_proposals`).

    Args:
        transcript: The reading of the whole book.
        fix: The correction.

    Returns:
        The corrected transcript.

    Raises:
        CorrectionError: The correction names something that does not exist.
    """
    if isinstance(fix, Accept):
        hint = "a model that sees proposes texts: see main.py fix --help"
        raise CorrectionError("no other text is proposed", hint, "nothing_proposed")
    if isinstance(fix, CastCorrection):
        return characters.correct_cast(transcript, fix)
    page = characters.page_of(transcript, fix.page)
    if isinstance(fix, SetSpeaker):
        fix = fix.model_copy(update={"speaker": characters.speaker_of(transcript, fix.speaker)})
    page = correct_page(page, fix, transcript.order)
    return characters.replace_page(transcript, page.model_copy(update={"doubts": ()}))


def correct_page(page: PageTranscript, fix: DirectCorrection, order: Order) -> PageTranscript:
    """Apply one correction to a page; a speaker is given by the id.

    Raises:
        CorrectionError: The correction names something that does not exist.
    """
    if isinstance(fix, panels.PanelCorrection):
        return panels.correct_panels(page, fix, order)
    if isinstance(fix, SetSpeaker):
        return balloons.set_speaker(page, fix, fix.speaker or "")
    return balloons.correct_balloons(page, fix, order)
