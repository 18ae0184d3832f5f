"""Test that an edited transcript is stored as one correction, or refused with the place of its fault."""

from __future__ import annotations

import pytest

from agents.corrections import transcript_overlay
from agents.run_context import RunContext
from agents.stages import cast, ingest
from storage.domain import Box, PageImage, PageTranscript
from storage.errors import SettingsError
from tests.conftest import transcript_of


def unread(page: PageImage) -> PageTranscript | None:
    return None


def test_pages_that_nobody_has_read_are_taken_at_their_word_without_their_doubts(context: RunContext) -> None:
    ingest.run(context, {})
    given = transcript_of(2)
    doubtful = tuple(page.model_copy(update={"doubts": ("some panels overlap",)}) for page in given.pages)
    context.corrections = given.model_copy(update={"pages": doubtful})
    transcript_overlay.keep_corrections(context, context.library.pages(), unread)
    assert transcript_overlay.pages_by_hand(context.library, context.library.pages()) == dict(enumerate(given.pages))
    head = context.library.correction()
    assert head
    assert (head.author, head.message, head.order) == ("hand", "transcript by hand: page 1, 2", "rtl")


def test_a_correction_follows_its_picture_to_another_name_and_place(context: RunContext) -> None:
    ingest.run(context, {})
    transcript_overlay.keep_corrections(context, context.library.pages(), unread)
    first, second = context.library.pages()
    moved = (second.model_copy(update={"index": 0, "name": "a.png"}), first.model_copy(update={"index": 7}))
    context.library.set_pages(moved)
    found = transcript_overlay.pages_by_hand(context.library, context.library.pages())
    assert [(page.image, page.panels[0].id, page.balloons[0].panel) for page in found.values()] == [
        ("a.png", "p0-0", "p0-0"), ("001.png", "p7-0", "p7-0"),
    ]  # fmt: skip


PANELS = transcript_of(1).pages[0].panels
FAULTS: dict[str, dict[str, object]] = {
    "speaks of cover.png": {"image": "cover.png"},
    "gives 001.png as 400 x 601": {"height": 601},
    "001.png: text t0-0 names panel p0-0, which": {"panels": ()},
    "panel p0-1 shows nothing": {"panels": (PANELS[0], PANELS[1].model_copy(update={"box": Box(20, 590, 380, 593)}))},
    "holds panel p0-1 twice": {"panels": PANELS[1:2] * 2, "balloons": ()},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_meant_is_refused_with_its_place_and_nothing_is_kept(context: RunContext, fault: str) -> None:
    ingest.run(context, {})
    page = transcript_of(1).pages[0].model_copy(update=FAULTS[fault])
    context.corrections = transcript_of(1).model_copy(update={"pages": (page,)})
    with pytest.raises(SettingsError, match=fault):
        transcript_overlay.keep_corrections(context, context.library.pages(), unread)
    assert context.library.corrections() == ()


def test_the_cast_is_left_alone_where_nobody_corrected_it(context: RunContext) -> None:
    ingest.run(context, {})
    assert transcript_overlay.cast_by_hand(context.library, transcript_of(2)) == transcript_of(2)
    cast.run(context, {})
    assert context.library.transcript() is None, "nothing is read yet"
