"""Test what a project is said to hold, and that results are forgotten without those that others refer to."""

from __future__ import annotations

from storage.book_info import BookInfo
from storage.domain import Made, PageImage, PageTranscript, Transcript
from storage.inventory import CORRECTION, PLAN_INPUTS, UNUSED
from storage.library import Library
from storage.records import PlanInputs
from storage.settings import Settings


def test_every_file_has_the_kind_of_the_tool_that_made_it_first(library: Library) -> None:
    plate = library.artifacts.keep(b"plate", "image/png")
    page = library.artifacts.keep(b"page", "image/png")
    stray = library.artifacts.keep(b"stray", "text/plain")
    library.add_made("1", "outpaint", Made(artifacts={"plate": plate}))
    library.add_made("2", "animate", Made(artifacts={"motion": plate}))
    library.add_made("3", "ingest", Made(artifacts={"page": page}))
    library.add_made("4", "review", Made(facts={"black": 0.0}))
    kinds = {file.artifact: (file.kind, file.size) for file in library.stored_files()}
    assert kinds == {plate.sha256: ("outpaint", 5), page.sha256: ("ingest", 4), stray.sha256: (UNUSED, 5)}
    assert [(result.key, result.tool, result.role) for result in library.stored_results()] == [
        ("1", "outpaint", "plate"), ("2", "animate", "motion"), ("3", "ingest", "page"),
    ]  # fmt: skip
    assert library.is_database_sound()


def test_results_are_forgotten_and_what_others_refer_to_stays_known(library: Library) -> None:
    page = library.artifacts.keep(b"page", "image/png")
    film = library.artifacts.keep(b"film", "video/mp4")
    library.add_made("1", "ingest", Made(artifacts={"page": page}))
    library.add_made("2", "composite", Made(artifacts={"segment": film}))
    library.set_pages([PageImage(index=0, name="1.png", artifact=page.sha256, width=2, height=2)])
    take = library.add_take("s001", key="2", artifact=film.sha256, backend="still", seed=0, attempt=0)
    assert library.take_keys([take.id]) == {"2"}
    library.forget_results(["1", "2"])
    assert library.stored_results() == ()
    assert library.find_made("1") is None
    assert library.pages()[0].artifact == page.sha256
    assert library.takes("s001") == (take,)
    library.add_made("2", "composite", Made(artifacts={"segment": film}))
    assert library.missing_files() == {}
    library.artifacts.open(film).unlink()
    assert library.missing_files() == {"composite": 1}


def test_missing_corrections_and_inputs_of_plans_are_named_and_takes_that_were_removed_are_not(
    library: Library,
) -> None:
    page = library.artifacts.keep(b"page", "image/png")
    image = PageImage(index=0, name="1.png", artifact=page.sha256, width=2, height=2)
    library.set_pages([image])
    reading = PageTranscript(index=0, image="1.png", width=2, height=2)
    library.add_correction({page.sha256: reading}, author="hand", message="by hand")
    transcript = Transcript(order="ltr", backend="classic", pages=(reading,))
    inputs = PlanInputs(info=BookInfo(), pages=(image,), transcript=transcript, correction=1, settings={})
    library.set_settings(Settings())
    library.add_revision((), kind="plan", key="", author="director", message="", inputs=inputs)
    film = library.artifacts.keep(b"film", "video/mp4")
    library.add_made("2", "composite", Made(artifacts={"segment": film}))
    library.add_take("s001", key="2", artifact=film.sha256, backend="still", seed=0, attempt=0)
    library.forget_results(["2"])
    assert library.missing_files() == {}
    library.artifacts.remove([file.artifact for file in library.stored_files()])
    assert library.missing_files() == {CORRECTION: 1, PLAN_INPUTS: 1}


def test_a_scratch_copy_changes_nothing_in_the_library(library: Library) -> None:
    library.add_event("ingest", "note", "first")
    with library.scratch_copy() as copy:
        copy.add_event("ingest", "note", "second")
        assert [event.text for event in copy.events()] == ["first", "second"]
        assert copy.artifacts.readonly
    assert [event.text for event in library.events()] == ["first"]
