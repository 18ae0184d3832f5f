"""Correct the balloons of a page: their text, kind, speaker and panel."""

from __future__ import annotations

from typing import Any

from agents.corrections import AddBalloon, DeleteBalloon, MoveBalloon, SetKind, SetSpeaker, SetText
from agents.corrections.errors import CorrectionError
from agents.corrections.panels import NEW_ID, panel_index, require_on_page
from storage.domain import Balloon, Order, PageTranscript
from tools.reading.order import panel_of
from tools.reading.renumbering import find_balloon_index, reassign_panels, renumber_page
from tools.reading.writing_system import language_of

BalloonCorrection = AddBalloon | DeleteBalloon | MoveBalloon | SetText | SetKind
COLUMN_RATIO = 1.2
"""Ratio of height to width above which Japanese or Chinese lettering is taken to stand in columns."""


def correct_balloons(page: PageTranscript, fix: BalloonCorrection, order: Order) -> PageTranscript:
    """Return the page with one of its balloons corrected.

    Raises:
        CorrectionError: The page has no such balloon or panel, or the box of a new balloon is not on the page.
    """
    match fix:
        case AddBalloon():
            return _add_balloon(page, fix, order)
        case DeleteBalloon():
            place = balloon_index(page, fix.balloon)
            return renumber_page(
                page.model_copy(update={"balloons": (*page.balloons[:place], *page.balloons[place + 1 :])})
            )
        case MoveBalloon():
            return reassign_panels(
                _change_balloon(page, fix.balloon, panel=page.panels[panel_index(page, fix.panel)].id)
            )
        case SetText():
            return _change_balloon(
                page, fix.balloon, **_text_fields(fix.text, page.balloons[balloon_index(page, fix.balloon)].language)
            )
        case SetKind():
            return _change_balloon(page, fix.balloon, kind=fix.kind)


def set_speaker(page: PageTranscript, fix: SetSpeaker, speaker: str) -> PageTranscript:
    """Return the page with a balloon spoken by the character with the id `speaker`; "" is nobody known."""
    return _change_balloon(page, fix.balloon, speaker=speaker)


def balloon_index(page: PageTranscript, number: int) -> int:
    """Return the index (from 0) of the balloon with a number (from 1).

    Raises:
        CorrectionError: The page has no such balloon.
    """
    count = len(page.balloons)
    if number > count:
        say = {0: "no balloons", 1: "one balloon"}.get(count, f"balloons 1 to {count}")
        raise CorrectionError(
            f"page {page.index + 1} has no balloon {number}",
            f"page {page.index + 1} has {say}; see them: main.py fix PROJECT --html OUT.html",
            "unknown_balloon",
            page=page.index + 1,
            number=number,
        )
    return number - 1


def _change_balloon(page: PageTranscript, number: int, **changes: object) -> PageTranscript:
    place = balloon_index(page, number)
    text = page.balloons[place].model_copy(update=changes)
    return page.model_copy(update={"balloons": (*page.balloons[:place], text, *page.balloons[place + 1 :])})


def _text_fields(text: str, language: str) -> dict[str, Any]:
    return {"text": text, "language": language_of([text], language), "confidence": 1.0}


def _add_balloon(page: PageTranscript, fix: AddBalloon, order: Order) -> PageTranscript:
    box = require_on_page(page, fix.box)
    text_fields = _text_fields(fix.text, page.balloons[0].language if page.balloons else "")
    upright = text_fields["language"] in ("ja", "zh") and box.height > COLUMN_RATIO * box.width
    panel = panel_of(box, page.panels, page)
    fresh = Balloon(id=NEW_ID, order=0, box=box, panel=panel, kind=fix.kind, vertical=upright, **text_fields)
    grown = page.model_copy(update={"balloons": (*page.balloons, fresh)})
    place = find_balloon_index(grown, NEW_ID, order)
    return reassign_panels(
        page.model_copy(update={"balloons": (*page.balloons[:place], fresh, *page.balloons[place:])})
    )
