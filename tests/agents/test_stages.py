"""What each stage keeps, and what it leaves alone: only what a change touches goes stale."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from agents.graph import follow
from agents.resolved_shot import ResolvedShot
from agents.reviewing import fidelity
from agents.shots import in_force
from agents.stages import animate, assemble, cast, clean, composite, ingest, outpaint, read, storyboard
from agents.workshop import Workshop
from storage.errors import SettingsError, SourceError
from storage.settings import Backends
from storage.shapes import Appearance, Balloon, Box, CameraKey, ShotPlan, Transcript
from tools import png
from tools.measuring.fidelity import TONES


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
    (resolved,) = composite.resolve_shots(shop, (one for one in in_force(shop, {}) if one.id == shot.id))
    (filmed,) = resolved.jobs("segment") or ()
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
        (resolved,) = composite.resolve_shots(shop, [shot])
        (job,) = resolved.jobs("motions") or ()
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


def shared(shop: Workshop, **backends: str) -> ResolvedShot:
    """A shot in which three panels appear one by one, filmed alone."""
    shop.settings = shop.settings.model_copy(update={"backends": Backends(**backends)})
    shop.library.set_settings(shop.settings)
    until_storyboard(shop)
    plan, seen = shop.library.shots()[0], Box(-400, 0, 800, 675)
    changes = {"panels": ("p0-0", "p0-1", "p0-2"), "reveals": (0.0, 0.4, 0.7), "seconds": 2.0,
               "camera": (CameraKey(t=0, box=seen), CameraKey(t=1, box=seen)), "lines": ()}  # fmt: skip
    shop.library.add_revision([plan.model_copy(update=changes)], key="by hand", author="hand", message="share")
    for stage in (clean, outpaint, animate, composite):
        assert not stage.run(shop, {})["broken"]
    return composite.resolve_shots(shop, in_force(shop, {}))[0]


def test_panels_that_appear_are_painted_around_once_and_moved_once(shop: Workshop) -> None:
    shot = shared(shop, outpaint="tests.outside.Painting", animate="tests.outside.Drifting")
    assert made(shop, 0)["outpaint"] == 3, "one painting, and twice what stands before"
    assert made(shop, 0)["animate"] == 1
    plates = [png.read(shop.library.artifacts.open(plate.artifacts["plate"].sha256))
              for plate in shot.plates or ()]  # fmt: skip
    assert all((plate[:, :380] == 100).all() for plate in plates), "the ground is the same from the first moment on"
    arguments = composite.scene(shop, shot)
    assert arguments
    film = composite.frame_function(shop.library.artifacts, backend="camera", options={}, **arguments)
    early, middle, late = (film(t).astype(int) for t in (0.3, 0.6, 0.99))
    right, left = (slice(64, 108), slice(168, 202)), (slice(64, 108), slice(117, 153))
    assert np.abs(early[right] - middle[right]).mean() > 20 < np.abs(middle[left] - late[left]).mean()
    assert np.abs(early[left] - middle[left]).mean() < 8 > np.abs(middle[right] - late[right]).mean()


def test_what_is_still_to_come_is_quiet_on_a_plain_ground_too(shop: Workshop) -> None:
    shot = shared(shop, animate="tests.outside.Noise")
    assert (made(shop, 0)["outpaint"], made(shop, 0)["animate"]) == (3, 1)
    close, *_ = fidelity.jobs(shop, shot) or []
    kept = shop.make("review", [close]).made[close.key]
    maps = [png.read(shop.library.artifacts.open(kept.artifacts[f"map{at}"].sha256)) for at in range(3)]
    shares = [float((one == TONES["generated"]).mean()) for one in maps]
    assert shares == sorted(shares)
    assert shares[0] < shares[2], "what lies over the frames is not drawn by the model"


def test_subtitles_follow_the_balloons_of_a_shot_on_the_films_own_clock(shop: Workshop) -> None:
    until_storyboard(shop)
    plan, near = shop.library.shots()[0], Box(20, 20, 180, 110)
    far = Box(220, 100, 380, 190)
    assert shop.corrections
    page = shop.corrections.pages[0]
    again = page.texts[0].model_copy(update={"id": "t0-1", "order": 1, "box": Box(260, 120, 330, 170), "text": "well"})
    boom = again.model_copy(update={"id": "t0-2", "order": 2, "kind": "sound"})
    transcript = shop.corrections.model_copy(update={"pages": (
        page.model_copy(update={"texts": (*page.texts, again, boom)}), *shop.corrections.pages[1:])})  # fmt: skip
    shop.library.set_transcript(transcript)
    changes = {"lines": ("t0-0", "t0-1", "t0-2"), "seconds": 6.0, "camera": (
        CameraKey(t=0, box=near), CameraKey(t=0.5, box=near), CameraKey(t=0.6, box=far), CameraKey(t=1, box=far),
    )}  # fmt: skip
    pan = plan.model_copy(update=changes)
    (shot,) = in_force(shop, {}, [pan])
    first, second = assemble.cues_of(assemble.Piece("", 24, 72, shot), shot, {}, shop.settings.screen)
    assert (first.text, second.text) == ("hello there", "well")
    assert first.start == 2.0, "the shot begins two seconds into the film"
    assert 5.0 <= first.end <= 5.3, "it goes when the camera leaves"
    assert 5.2 <= second.start <= 5.6, "it comes when the balloon is wholly in view"
    assert second.end == 8.0
    assert first.end <= second.start

    panels, seen = ("p0-0", "p0-1", "p0-2"), Box(-400, 0, 800, 675)
    there = again.model_copy(update={"box": Box(240, 260, 330, 320), "panel": "p0-1"})
    page = page.model_copy(update={"texts": (*page.texts, there)})
    shop.library.set_transcript(transcript.model_copy(update={"pages": (page, *transcript.pages[1:])}))
    revealing = pan.model_copy(update={"panels": panels, "reveals": (0.0, 0.5, 0.75), "lines": ("t0-0", "t0-1"),
        "camera": (CameraKey(t=0, box=seen), CameraKey(t=1, box=seen))})  # fmt: skip
    (shot,) = in_force(shop, {}, [revealing])
    cues = assemble.cues_of(assemble.Piece("", 0, 72, shot), shot, {}, shop.settings.screen)
    assert [(cue.start, cue.end) for cue in cues] == [(0.0, 3.0), (3.0, 6.0)], "the second comes with its panel"
