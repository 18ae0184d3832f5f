"""Test which take is in force for each shot, which shots are stale, and when a storyboard is outdated."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run
from agents.editing import grammar, revise, shot_status
from storage.errors import ProjectError
from storage.library import Library
from storage.settings import Settings
from tests.conftest import SMALL

TINY = Settings(screen=SMALL, preset="ultrafast", crf=30)


def test_every_shot_of_a_finished_film_stands(finished: Path) -> None:
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        data = shot_status.storyboard_data(library)
        plans = library.shots()
    assert {name: data[name] for name in ("version", "revision", "aspect", "fps")} == {
        "version": 1, "revision": 1, "aspect": "16:9", "fps": 12,
    }  # fmt: skip
    assert [shot["id"] for shot in data["shots"]] == [plan.id for plan in plans]
    assert not any(shot["stale"] or shot["fallback"] for shot in data["shots"])
    assert {shot["take"] for shot in data["shots"]} == {1}
    camera = data["shots"][0]["camera"]
    assert [key["t"] for key in camera] == [key.t for key in plans[0].camera]
    assert tuple(camera[0]["box"]) == tuple(plans[0].camera[0].box)


def test_a_shot_is_stale_when_its_film_is_gone_or_its_plan_is_another(filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori") as library:
        first, second, *rest = library.shots()
        library.artifacts.open(library.takes(first.id)[0].artifact).unlink()
        longer = second.model_copy(update={"seconds": second.seconds + 1})
        library.add_revision((first, longer, *rest), key="by hand", author="hand", message="hold it longer")
        stale = [item.shot.id for item in shot_status.shot_statuses(library) if item.take is None]
    assert stale == [first.id, second.id]


def test_some_shots_are_looked_at_as_all_of_them_are(finished: Path) -> None:
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        items = shot_status.shot_statuses(library)
        assert shot_status.shot_statuses(library, shot_status.read_only_context(library)) == items
        assert shot_status.shot_statuses(library, plans=library.shots()[1:3]) == items[1:3]
        assert shot_status.shot_statuses(library, plans=()) == []


def test_another_picture_makes_every_shot_stale_and_going_back_none(filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori") as library:
        library.set_settings(TINY.model_copy(update={"crf": 31}))
        assert all(item.take is None for item in shot_status.shot_statuses(library))
        library.set_settings(TINY)
        assert all(item.take for item in shot_status.shot_statuses(library))


def test_a_plan_that_is_older_than_what_was_read_says_so(filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori") as library:
        transcript = library.transcript()
        assert transcript
        page, *rest = transcript.pages
        fewer = page.model_copy(update={"panels": page.panels[:-1]})
        library.set_transcript(transcript.model_copy(update={"pages": (fewer, *rest)}))
        with pytest.raises(ProjectError, match="older than what was read"):
            shot_status.shot_statuses(library)


def test_a_plan_with_a_page_that_is_not_read_any_more_is_not_edited(filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori") as library:
        transcript, head = library.transcript(), library.head()
        assert transcript
        library.set_pages(library.pages()[:1])
        library.set_transcript(transcript.model_copy(update={"pages": transcript.pages[:1]}))
        for line in ("all shots slower", f"shot {len(library.shots())} on whole"):
            for edit in (revise.revise, revise.preview_edits):
                with pytest.raises(ProjectError, match="older than what was read"):
                    edit(library, [grammar.parse_line(line)])
        assert library.head() == head


def test_a_book_that_was_only_read_has_no_storyboard(finished: Path, tmp_path: Path) -> None:
    project = tmp_path / "book.komadori"
    run.transcribe(finished / "chapter", Settings(pages="1"), project=project)
    with Library.open(project, readonly=True) as library, pytest.raises(ProjectError, match="no storyboard yet"):
        shot_status.storyboard_data(library)


@pytest.mark.parametrize(
    ("size", "aspect"), [((1920, 1080), "16:9"), ((608, 1080), "9:16"), ((864, 1080), "4:5"), ((1440, 600), "12:5")]
)
def test_the_aspect_is_reported_as_it_was_meant(size: tuple[int, int], aspect: str, filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori") as library:
        screen = SMALL.model_copy(update={"width": size[0], "height": size[1]})
        library.set_settings(TINY.model_copy(update={"screen": screen}))
        assert shot_status.storyboard_data(library)["aspect"] == aspect
