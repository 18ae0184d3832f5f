"""What each stage keeps, and what it leaves alone: only what a change touches goes stale."""

from __future__ import annotations

from collections import Counter

import pytest

from agents.graph import follow
from agents.shots import in_force
from agents.stages import animate, cast, clean, composite, ingest, outpaint, read, storyboard
from agents.workshop import Workshop
from storage.errors import SettingsError, SourceError
from storage.settings import Backends
from storage.shapes import Appearance, Balloon, Box, ShotPlan, Transcript


def until_storyboard(shop: Workshop) -> None:
    for stage in (ingest, read, cast, storyboard):
        stage.run(shop, {})


def made(shop: Workshop, after: int = 0) -> Counter[str]:
    return Counter(str(event.facts["tool"]) for event in shop.library.events(after=after, kinds={"made"}))


def last(shop: Workshop) -> int:
    return max(event.id for event in shop.library.events())


def revise(shop: Workshop, number: int, **changes: object) -> None:
    plans = list(shop.library.shots())
    plans[number] = ShotPlan.model_validate({**dict(plans[number]), **changes})
    shop.library.add_revision(plans, key=f"revision {changes}", author="hand", message="by hand")


def test_a_page_that_cannot_be_read_ends_the_run_and_says_which(shop: Workshop) -> None:
    assert not isinstance(shop.source, tuple)
    assert shop.source
    (shop.source / "002.png").write_bytes((shop.source / "002.png").read_bytes()[:300])
    with pytest.raises(SourceError, match=r"002\.png"):
        ingest.run(shop, {})
    assert shop.library.pages() == ()


def test_a_correction_by_hand_wins_and_stays(shop: Workshop) -> None:
    until_storyboard(shop)
    assert made(shop)["read"] == 0, "every page was given by hand, none was read by a backend"
    shop.corrections = None
    until_storyboard(shop)
    transcript = shop.library.transcript()
    assert transcript is not None
    assert [text.text for page in transcript.pages for text in page.texts] == ["hello there"] * 2


def test_a_transcript_of_another_book_is_refused(shop: Workshop) -> None:
    assert shop.corrections
    page = shop.corrections.pages[0].model_copy(update={"image": "cover.png"})
    shop.corrections = shop.corrections.model_copy(update={"pages": (page,)})
    ingest.run(shop, {})
    with pytest.raises(SettingsError, match=r"cover\.png"):
        read.run(shop, {})


def test_the_cast_is_who_is_seen_or_speaks_and_nobody_else() -> None:
    sighting = Appearance(id="c0-0", box=Box(0, 0, 9, 9), character="robin")
    line = Balloon(id="t0-0", order=0, box=Box(0, 0, 9, 9), speaker="camera")
    from tests.conftest import transcript_of

    (page,) = transcript_of(1).pages
    page = page.model_copy(update={"characters": (sighting,), "texts": (line,)})
    found = cast.gather(Transcript(order="ltr", backend="x", pages=(page,)))
    assert [(c.id, c.name, c.appearances) for c in found] == [("robin", "robin", ("c0-0",)), ("camera", "camera", ())]
    assert cast.gather(transcript_of(2)) == ()


def test_the_plan_is_made_once_and_a_revision_by_hand_stays_the_head(shop: Workshop) -> None:
    until_storyboard(shop)
    revise(shop, 0, seconds=9.0)
    head = shop.library.head()
    until_storyboard(shop)
    assert shop.library.head() == head
    shop.settings = shop.settings.model_copy(
        update={"screen": shop.settings.screen.model_copy(update={"width": 180, "height": 320})}
    )
    until_storyboard(shop)
    planned, carried = shop.library.revisions()[-2:]
    assert head is not None
    assert (planned.number, planned.author) == (head.number + 1, "director")
    assert carried == shop.library.head()
    assert carried.message == f"what was changed, carried over from revision {head.number}"
    assert shop.library.shots()[0].seconds >= 9.0


def test_a_longer_shot_is_filmed_again_and_nothing_else_is(shop: Workshop) -> None:
    follow(shop, {})
    before = last(shop)
    revise(shop, 1, seconds=shop.library.shots()[1].seconds + 1)
    follow(shop, {})
    assert {tool: count for tool, count in made(shop, before).items() if tool != "dissolve"} == {
        "composite": 1, "review": 1, "assemble": 1,
    }  # fmt: skip


def test_a_balloon_that_is_corrected_films_anew_and_makes_no_clip_stale(shop: Workshop) -> None:
    shop.settings = shop.settings.model_copy(update={"backends": Backends(animate="tests.outside.Drifting")})
    shop.library.set_settings(shop.settings)
    follow(shop, {})
    before, (shot, *_) = last(shop), shop.library.shots()
    assert shop.corrections
    page = shop.corrections.pages[0]
    texts = (page.texts[0].model_copy(update={"box": Box(40, 40, 124, 92)}),)
    shop.corrections = shop.corrections.model_copy(
        update={"pages": (page.model_copy(update={"texts": texts}), *shop.corrections.pages[1:])}
    )
    read.run(shop, {})
    for stage in (clean, outpaint, animate, composite):
        stage.run(shop, {})
    again = made(shop, before)
    assert again["animate"] == 0
    assert again["composite"] == 1
    (filmed,) = composite.jobs(shop, next(one for one in in_force(shop, {}) if one.id == shot.id)) or []
    moving = composite.frame_function(shop.library.artifacts, **{
        name: value for name, value in filmed.arguments.items() if name not in ("crf", "preset")
    })  # fmt: skip
    assert moving(0.9).shape == (180, 320, 3)


@pytest.mark.parametrize(("backend", "same"), [("Drifting", False), ("Absorbed", True)])
def test_other_references_make_no_clip_stale_of_a_model_that_looks_at_none(
    shop: Workshop, backend: str, same: bool
) -> None:
    def key() -> str:
        shot, *_ = in_force(shop, {})
        (job,) = animate.jobs(shop, shot) or []
        return job.key

    until_storyboard(shop)
    shop.settings = shop.settings.model_copy(update={"backends": Backends(animate=f"tests.outside.{backend}")})
    for stage in (clean, outpaint):
        stage.run(shop, {})
    shot, *_ = in_force(shop, {})
    before = key()
    treatment = shot.plan.treatment.model_copy(update={"references": (shot.panels[0].id,)})
    revise(shop, 0, treatment=treatment)
    assert (key() == before) is same


def test_another_text_makes_no_picture_stale(shop: Workshop) -> None:
    follow(shop, {})
    before, plans = last(shop), shop.library.shots()
    assert shop.corrections
    page = shop.corrections.pages[0]
    texts = (page.texts[0].model_copy(update={"text": "hello thera"}),)
    shop.corrections = shop.corrections.model_copy(update={"pages": (page.model_copy(update={"texts": texts}),)})
    follow(shop, {})
    assert [plan.camera for plan in shop.library.shots()] == [plan.camera for plan in plans]
    assert not made(shop, before)["clean"]
    assert not made(shop, before)["composite"]
    assert made(shop, before)["assemble"] == 1, "the subtitles have changed"
