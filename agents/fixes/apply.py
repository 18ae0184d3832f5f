"""Apply one correction to a transcript: the page it names is changed, and its ids are given anew."""

from __future__ import annotations

from agents.fixes import Accept, CastFix, PageFix, SetSpeaker, balloons, panels, people
from agents.fixes.errors import FixError
from storage.shapes import Transcript


def apply_fix(transcript: Transcript, fix: PageFix | CastFix) -> Transcript:
    """Apply one correction; the doubts about its page are settled by it.

    `Accept` cannot be applied here: only a project knows what it accepts (`mend.applied`).

    Args:
        transcript: What was read of the whole book.
        fix: What is to be changed.

    Returns:
        The corrected transcript.

    Raises:
        FixError: The fix names something that is not there.
    """
    if isinstance(fix, Accept):
        hint = "a model that sees proposes texts: see main.py fix --help"
        raise FixError("no other text is proposed", hint, "nothing_proposed")
    if isinstance(fix, CastFix):
        return people.mended(transcript, fix)
    page = people.page_of(transcript, fix.page)
    if isinstance(fix, panels.PanelFix):
        page = panels.mended(page, fix, transcript.order)
    elif isinstance(fix, SetSpeaker):
        page = balloons.spoken(page, fix, people.speaker_of(transcript, fix.speaker) or "")
    else:
        page = balloons.mended(page, fix, transcript.order)
    return people.gathered(transcript, page.model_copy(update={"doubts": ()}))
