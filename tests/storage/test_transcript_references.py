"""Test that no transcript is stored whose ids are not unique, or that names what it does not hold."""

from __future__ import annotations

import pytest

from storage.domain import Appearance, Balloon, Box, Panel, Transcript
from storage.errors import SettingsError
from storage.library import Library
from tests.storage.test_book import make_transcript


def page_with(**changes: object) -> Transcript:
    transcript = make_transcript(pages=2)
    first, second = transcript.pages
    return transcript.model_copy(update={"pages": (first.model_copy(update=changes), second)})


BOX = Box(0, 0, 1, 1)
TROUBLE = {
    "panel p1-0 twice": page_with(panels=(Panel(id="p1-0", order=0, box=BOX),), balloons=(), characters=()),
    "text t1-0 twice": page_with(balloons=(Balloon(id="t1-0", order=0, box=BOX),)),
    "appearance c1-1 twice": page_with(characters=(Appearance(id="c1-1", box=BOX),)),
    "page 1 twice": page_with(index=1),
    "panel p9-9,": page_with(balloons=(Balloon(id="t0-0", order=0, box=BOX, panel="p9-9"),)),
    "panel p8-8,": page_with(characters=(Appearance(id="c0-0", box=BOX, panel="p8-8"),)),
    "character nobody,": page_with(characters=(Appearance(id="c0-0", box=BOX, character="nobody"),)),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_transcript_that_contradicts_itself_is_refused_by_name(library: Library, trouble: str) -> None:
    before = make_transcript()
    library.set_transcript(before)
    with pytest.raises(SettingsError, match=trouble):
        library.set_transcript(TROUBLE[trouble])
    assert library.transcript() == before
