"""Test which panels are found to look like those of a shot: earlier ones alone, and none without a likeness model."""

from __future__ import annotations

import pytest

from agents.alike_panels import alike_panels, embed_panels
from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film
from agents.stages import cast
from storage.settings import Backends
from tests.agents.test_stages import until_storyboard
from tests.tiny import checkpoint


def shots_of(context: RunContext, **chosen: str) -> list[ShotToFilm]:
    options = {"likeness.dinov2": {"model": str(checkpoint("dinov2"))}}
    context.settings = context.settings.model_copy(update={"backends": Backends(**chosen), "options": options})
    until_storyboard(context)
    return list(shots_to_film(context, {}))


def test_the_most_alike_panels_so_far_are_found_once_for_all_shots(context: RunContext) -> None:
    shots = shots_of(context, outpaint="tests.outside.Painting", likeness="dinov2")
    images = {page.artifact: page.index for page in context.library.pages()}
    first = next(shot for shot in shots if shot.plan.page == 0)
    later = next(shot for shot in shots if shot.plan.page == 1)
    alike = alike_panels(context, first, 9)
    assert alike is not None
    assert {images[sha] for sha, _ in alike} == {0}, "pages that come later change no shot"
    assert len(alike) == 4 - len(first.panels)
    own = {panel.box for panel in first.panels}
    assert own.isdisjoint(box for _, box in alike)
    both = alike_panels(context, later, 9)
    assert both is not None
    assert {images[sha] for sha, _ in both} == {0, 1}
    assert alike_panels(context, later, 2) == both[:2]
    before = context.library.last_event()
    cast.run(context, {})
    assert not list(context.library.events(after=before, kinds={"made"}))


@pytest.mark.parametrize(
    "chosen", [{}, {"outpaint": "tests.outside.Painting"}, {"likeness": "dinov2"}], ids=["none", "tones", "no model"]
)
def test_without_a_likeness_model_or_a_model_that_draws_there_are_none(
    context: RunContext, chosen: dict[str, str]
) -> None:
    shots = shots_of(context, **chosen)
    transcript = context.library.transcript()
    assert transcript
    embed_panels(context, transcript)
    assert alike_panels(context, shots[0], 3) is None
    assert "likeness" not in context.library.made_tools()
