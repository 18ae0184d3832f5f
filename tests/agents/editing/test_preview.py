"""Test that previews are small and quick, and leave the film as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.editing import grammar, preview, revise
from storage.domain import VideoFormat
from storage.library import Library
from tools.video import clips

pytestmark = pytest.mark.film


def test_a_revised_shot_is_seen_small_before_the_film_is_made(filmed: Path) -> None:
    folder = filmed / "chapter.komadori"
    revise.revise(folder, [grammar.parse_line("shot 3 slower")])
    places = preview.render_preview(folder, ["s003", "s099"])
    assert list(places) == ["s003"]
    facts = clips.probe_clip(places["s003"])
    with Library.open(folder, readonly=True) as library:
        plan, cut = library.shot("s003"), library.cut()
        assert facts.frames == round(plan.seconds * 12)
        assert len(library.takes("s003")) == 1
        assert cut
        assert cut.revision == 1
    assert preview.render_preview(folder, []) == {}


def test_half_the_size_is_even_and_not_too_small() -> None:
    assert preview.preview_format(VideoFormat()) == VideoFormat(width=960, height=540)
    assert preview.preview_format(VideoFormat(width=318, height=180)) == VideoFormat(width=160, height=120)
