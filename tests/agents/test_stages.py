"""Test what each stage keeps, and that only results touched by a change become stale."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from agents import film_pieces
from agents.graph import run_graph
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import animate, assemble, cast, clean, composite, ingest, outpaint, read, storyboard
from storage.domain import Appearance, Balloon, Box, CameraKey, ShotPlan, Transcript
from storage.errors import SettingsError, SourceError
from storage.settings import Backends
from tools import png
from tools.measuring.fidelity import PROVENANCE_TONES

pytestmark = pytest.mark.film


def until_storyboard(context: RunContext) -> None:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})


def made(context: RunContext, after: int = 0) -> Counter[str]:
    return Counter(str(event.facts["tool"]) for event in context.library.events(after=after, kinds={"made"}))


def last(context: RunContext) -> int:
    return max(event.id for event in context.library.events())


def revise(context: RunContext, number: int, **changes: object) -> None:
    plans = list(context.library.shots())
    plans[number] = ShotPlan.model_validate({**dict(plans[number]), **changes})
    context.library.add_revision(plans, key=f"revision {changes}", author="hand", message="by hand")


def test_a_page_that_cannot_be_read_ends_the_run_and_says_which(context: RunContext) -> None:
    assert not isinstance(context.source, tuple)
    assert context.source
    (context.source / "002.png").write_bytes((context.source / "002.png").read_bytes()[:300])
    with pytest.raises(SourceError, match=r"002\.png"):
        ingest.run(context, {})
    assert context.library.pages() == ()


def test_a_correction_by_hand_wins_and_stays(context: RunContext) -> None:
    until_storyboard(context)
    assert made(context)["read"] == 0, "every page was given by hand, none was read by a backend"
    context.corrections = None
    until_storyboard(context)
    transcript = context.library.transcript()
    assert transcript is not None
    assert [text.text for page in transcript.pages for text in page.balloons] == ["hello there"] * 2


def test_a_transcript_of_another_book_is_refused(context: RunContext) -> None:
    assert context.corrections
    page = context.corrections.pages[0].model_copy(update={"image": "cover.png"})
    context.corrections = context.corrections.model_copy(update={"pages": (page,)})
    ingest.run(context, {})
    with pytest.raises(SettingsError, match=r"cover\.png"):
        read.run(context, {})


def test_the_cast_is_who_is_seen_or_speaks_and_nobody_else() -> None:
    sighting = Appearance(id="c0-0", box=Box(0, 0, 9, 9), character="robin")
    line = Balloon(id="t0-0", order=0, box=Box(0, 0, 9, 9), speaker="camera")
    from tests.conftest import transcript_of

    (page,) = transcript_of(1).pages
    page = page.model_copy(update={"characters": (sighting,), "balloons": (line,)})
    found = cast.gather_cast(Transcript(order="ltr", backend="x", pages=(page,)))
    assert [(c.id, c.name, c.appearances) for c in found] == [("robin", "robin", ("c0-0",)), ("camera", "camera", ())]
    assert cast.gather_cast(transcript_of(2)) == ()


def test_the_plan_is_made_once_and_a_revision_by_hand_stays_the_head(context: RunContext) -> None:
    until_storyboard(context)
    revise(context, 0, seconds=9.0)
    head = context.library.head()
    until_storyboard(context)
    assert context.library.head() == head
    context.settings = context.settings.model_copy(
        update={"screen": context.settings.screen.model_copy(update={"width": 180, "height": 320})}
    )
    until_storyboard(context)
    planned, carried = context.library.revisions()[-2:]
    assert head is not None
    assert (planned.number, planned.author) == (head.number + 1, "director")
    assert carried == context.library.head()
    assert carried.message == f"what was changed, carried over from revision {head.number}"
    assert context.library.shots()[0].seconds >= 9.0


def test_a_longer_shot_is_filmed_again_and_nothing_else_is(context: RunContext) -> None:
    run_graph(context, {})
    before = last(context)
    revise(context, 1, seconds=context.library.shots()[1].seconds + 1)
    run_graph(context, {})
    assert {tool: count for tool, count in made(context, before).items() if tool not in ("dissolve", "mix")} == {
        "composite": 1, "review": 1, "assemble": 1,
    }  # fmt: skip


def test_a_balloon_that_is_corrected_films_anew_and_makes_no_clip_stale(context: RunContext) -> None:
    context.settings = context.settings.model_copy(update={"backends": Backends(animate="tests.outside.Drifting")})
    context.library.set_settings(context.settings)
    run_graph(context, {})
    before, (shot, *_) = last(context), context.library.shots()
    assert context.corrections
    page = context.corrections.pages[0]
    texts = (page.balloons[0].model_copy(update={"box": Box(40, 40, 124, 92)}),)
    context.corrections = context.corrections.model_copy(
        update={"pages": (page.model_copy(update={"balloons": texts}), *context.corrections.pages[1:])}
    )
    read.run(context, {})
    for stage in (clean, outpaint, animate, composite):
        stage.run(context, {})
    again = made(context, before)
    assert again["animate"] == 0
    assert again["composite"] == 1
    (resolved,) = composite.resolve_shots(context, (one for one in shots_to_film(context, {}) if one.id == shot.id))
    (filmed,) = resolved.jobs("segment") or ()
    moving = composite.frame_function(context.library.artifacts, **{
        name: value for name, value in filmed.arguments.items() if name not in ("crf", "preset")
    })  # fmt: skip
    assert moving(0.9).shape == (180, 320, 3)


@pytest.mark.parametrize(("backend", "same"), [("Drifting", False), ("Absorbed", True)])
def test_other_references_make_no_clip_stale_of_a_model_that_looks_at_none(
    context: RunContext, backend: str, same: bool
) -> None:
    def key() -> str:
        shot, *_ = shots_to_film(context, {})
        (resolved,) = composite.resolve_shots(context, [shot])
        (job,) = resolved.jobs("motions") or ()
        return job.key

    until_storyboard(context)
    context.settings = context.settings.model_copy(update={"backends": Backends(animate=f"tests.outside.{backend}")})
    for stage in (clean, outpaint):
        stage.run(context, {})
    shot, *_ = shots_to_film(context, {})
    before = key()
    options = shot.plan.render_options.model_copy(update={"references": (shot.panels[0].id,)})
    revise(context, 0, render_options=options)
    assert (key() == before) is same


def test_another_text_makes_no_picture_stale(context: RunContext) -> None:
    run_graph(context, {})
    before, plans = last(context), context.library.shots()
    assert context.corrections
    page = context.corrections.pages[0]
    texts = (page.balloons[0].model_copy(update={"text": "hello thera"}),)
    context.corrections = context.corrections.model_copy(
        update={"pages": (page.model_copy(update={"balloons": texts}),)}
    )
    run_graph(context, {})
    assert [plan.camera for plan in context.library.shots()] == [plan.camera for plan in plans]
    assert not made(context, before)["clean"]
    assert not made(context, before)["composite"]
    assert made(context, before)["assemble"] == 1, "the subtitles have changed"


def shared(context: RunContext, **backends: str) -> ResolvedShot:
    """A shot in which three panels appear one by one, filmed alone."""
    context.settings = context.settings.model_copy(update={"backends": Backends(**backends)})
    context.library.set_settings(context.settings)
    until_storyboard(context)
    plan, seen = context.library.shots()[0], Box(-400, 0, 800, 675)
    changes = {"panels": ("p0-0", "p0-1", "p0-2"), "reveals": (0.0, 0.4, 0.7), "seconds": 2.0,
               "camera": (CameraKey(t=0, box=seen), CameraKey(t=1, box=seen)), "balloons": ()}  # fmt: skip
    context.library.add_revision([plan.model_copy(update=changes)], key="by hand", author="hand", message="share")
    for stage in (clean, outpaint, animate, composite):
        assert not stage.run(context, {})["failures"]
    return composite.resolve_shots(context, shots_to_film(context, {}))[0]


def test_panels_that_appear_are_painted_around_once_and_moved_once(context: RunContext) -> None:
    shot = shared(context, outpaint="tests.outside.Painting", animate="tests.outside.Drifting")
    assert made(context, 0)["outpaint"] == 3, "one painting, and twice what stands before"
    assert made(context, 0)["animate"] == 1
    plates = [png.read_png(context.library.artifacts.open(plate.artifacts["plate"].sha256))
              for plate in shot.plates or ()]  # fmt: skip
    assert all((plate[:, :380] == 100).all() for plate in plates), "the ground is the same from the first moment on"
    arguments = composite.scene_arguments(context, shot)
    assert arguments
    film = composite.frame_function(context.library.artifacts, backend="camera", options={}, **arguments)
    early, middle, late = (film(t).astype(int) for t in (0.3, 0.6, 0.99))
    right, left = (slice(64, 108), slice(168, 202)), (slice(64, 108), slice(117, 153))
    assert np.abs(early[right] - middle[right]).mean() > 20 < np.abs(middle[left] - late[left]).mean()
    assert np.abs(early[left] - middle[left]).mean() < 8 > np.abs(middle[right] - late[right]).mean()


def test_what_is_still_to_come_is_quiet_on_a_plain_ground_too(context: RunContext) -> None:
    shot = shared(context, animate="tests.outside.Noise")
    assert (made(context, 0)["outpaint"], made(context, 0)["animate"]) == (3, 1)
    close, *_ = fidelity.fidelity_jobs(context, shot) or []
    kept = context.make("review", [close]).made[close.key]
    maps = [png.read_png(context.library.artifacts.open(kept.artifacts[f"map{at}"].sha256)) for at in range(3)]
    shares = [float((one == PROVENANCE_TONES["generated"]).mean()) for one in maps]
    assert shares == sorted(shares)
    assert shares[0] < shares[2], "what lies over the frames is not drawn by the model"


def test_subtitles_follow_the_balloons_of_a_shot_on_the_films_own_clock(context: RunContext) -> None:
    until_storyboard(context)
    plan, near = context.library.shots()[0], Box(20, 20, 180, 110)
    far = Box(220, 100, 380, 190)
    assert context.corrections
    page = context.corrections.pages[0]
    again = page.balloons[0].model_copy(
        update={"id": "t0-1", "order": 1, "box": Box(260, 120, 330, 170), "text": "well"}
    )
    boom = again.model_copy(update={"id": "t0-2", "order": 2, "kind": "sound"})
    transcript = context.corrections.model_copy(
        update={
            "pages": (
                page.model_copy(update={"balloons": (*page.balloons, again, boom)}),
                *context.corrections.pages[1:],
            )
        }
    )
    context.library.set_transcript(transcript)
    changes = {"balloons": ("t0-0", "t0-1", "t0-2"), "seconds": 6.0, "camera": (
        CameraKey(t=0, box=near), CameraKey(t=0.5, box=near), CameraKey(t=0.6, box=far), CameraKey(t=1, box=far),
    )}  # fmt: skip
    pan = plan.model_copy(update=changes)
    (shot,) = shots_to_film(context, {}, [pan])
    first, second = assemble.cues_of(film_pieces.FilmPiece("", 24, 72, shot), shot, {}, context.settings.screen, {})
    assert (first.text, second.text) == ("hello there", "well")
    assert first.start == 2.0, "the shot begins two seconds into the film"
    assert 5.0 <= first.end <= 5.3, "it goes when the camera leaves"
    assert 5.2 <= second.start <= 5.6, "it comes when the balloon is wholly in view"
    assert second.end == 8.0
    assert first.end <= second.start

    panels, seen = ("p0-0", "p0-1", "p0-2"), Box(-400, 0, 800, 675)
    there = again.model_copy(update={"box": Box(240, 260, 330, 320), "panel": "p0-1"})
    page = page.model_copy(update={"balloons": (*page.balloons, there)})
    context.library.set_transcript(transcript.model_copy(update={"pages": (page, *transcript.pages[1:])}))
    revealing = pan.model_copy(update={"panels": panels, "reveals": (0.0, 0.5, 0.75), "balloons": ("t0-0", "t0-1"),
        "camera": (CameraKey(t=0, box=seen), CameraKey(t=1, box=seen))})  # fmt: skip
    (shot,) = shots_to_film(context, {}, [revealing])
    cues = assemble.cues_of(film_pieces.FilmPiece("", 0, 72, shot), shot, {}, context.settings.screen, {})
    assert [(cue.start, cue.end) for cue in cues] == [(0.0, 3.0), (3.0, 6.0)], "the second comes with its panel"
