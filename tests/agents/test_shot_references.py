"""Test which images a model gets to look at where nobody chose them."""

from __future__ import annotations

from agents.alike_panels import alike_panels
from agents.run_context import RunContext
from agents.shot_references import MAX_REFERENCES, choose_references, open_references
from agents.shots import shots_to_film
from storage.domain import Character
from storage.settings import Backends
from tests.agents.test_alike_panels import shots_of


def test_portraits_come_first_and_then_the_most_alike_panels(context: RunContext) -> None:
    shot = shots_of(context, outpaint="tests.outside.Painting", likeness="dinov2")[-1]
    alike = alike_panels(context, shot, MAX_REFERENCES)
    assert alike is not None
    assert choose_references(context, shot) == alike
    assert shot.transcript
    portrait = shot.images[0].artifact
    transcript = shot.transcript.model_copy(update={"cast": (Character(id="mika", name="Mika", reference=portrait),)})
    context.library.set_transcript(transcript)
    plan = shot.plan.model_copy(update={"characters": ("mika",)})
    with_mika = next(shots_to_film(context, {}, [plan]))
    assert choose_references(context, with_mika) == [(portrait, None), *alike][:MAX_REFERENCES]


def test_without_a_likeness_model_the_nearest_panels_are_chosen_and_cut_out(context: RunContext) -> None:
    shot = shots_of(context, outpaint="tests.outside.Painting")[0]
    chosen = choose_references(context, shot)
    assert {sha for sha, _ in chosen} == {shot.page.artifact}
    order = {panel.box: panel.order for panel in shot.others}
    first = shot.panels[0].order
    distances = [abs(order[box] - first) for _, box in chosen if box is not None]
    assert distances == sorted(distances)
    opened = open_references(context.library.artifacts, chosen)
    assert [image.shape[:2] for image in opened] == [
        (round(box.height), round(box.width)) for _, box in chosen if box is not None
    ]
    assert Backends().likeness == "tones"
