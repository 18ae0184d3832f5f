"""Test that a raised version of a stage's code makes that stage and all that follow it again, and nothing else."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agents import film_pieces, looks
from agents.executors import Job, JobResult
from agents.executors.worker import run_job
from agents.graph import run_graph
from agents.review import fidelity
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import animate, assemble, clean, composite, ingest, outpaint, read, review, storyboard
from storage.artifacts import Artifacts
from storage.domain import Box, CameraKey, Facts, Made
from storage.keys import code_versions, content_key
from storage.library import Library
from storage.settings import Backends, Settings
from tests.conftest import SMALL, draw_chapter
from tools.composite import camera
from tools.ingest import images
from tools.video import clips, lossless, pixel_protection, subtitles

PLACED: Facts = {"box": [0, 0, 9, 9]}
LONG: Facts = {"frames": 12, "seconds": 1.0}
PRETENDED: dict[str, tuple[tuple[str, ...], Facts]] = {
    "clean": (("cutout",), PLACED),
    "outpaint": (("plate", "original"), PLACED),
    "animate": (("motion",), {**PLACED, "frames": 1, "rate": 12.0}),
    "composite": (("segment",), LONG),
    "dissolve": (("segment",), LONG),
    "fidelity": ((), {"generated": 0.0}),
    "review": ((), {"faults": ""}),
    "assemble": (("film", "subtitles"), LONG),
}
"""Roles and facts of what each tool keeps that this test does not really make."""
FILMING = {"clean", "outpaint", "animate", "composite", "dissolve", "review", "assemble"}
FILMED = {"composite", "dissolve", "review", "assemble"}


class Pretending:
    """An executor that reads the book, and of all else makes bytes that are different under every content key."""

    def __init__(self, root: Path) -> None:
        self._artifacts = Artifacts(root)

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Give each job's result as soon as it is asked for."""
        return map(self._done, jobs)

    def close(self) -> None:
        """Nothing to stop."""

    def _done(self, job: Job) -> JobResult:
        if job.tool in PRETENDED:
            roles, facts = PRETENDED[job.tool]
            kept = {role: self._artifacts.keep(f"{role} {job.key}".encode(), "text/plain") for role in roles}
            return JobResult(job.key, Made(artifacts=kept, facts=facts))
        done = run_job(self._artifacts.root, job)
        if job.tool == "ingest" and done.made:  # another picture file of the same pixels
            page = self._artifacts.open(done.made.artifacts["page"]).read_bytes() + job.key.encode()
            return JobResult(
                job.key, Made(artifacts={"page": self._artifacts.keep(page, "image/png")}, facts=done.made.facts)
            )
        return done


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of one page: in its first shot panels appear on a ground that a model paints; its second one dissolves."""
    room = tmp_path_factory.mktemp("versions")
    with Library.open(room / "chapter.komadori", create=True) as library:
        context = workshop(library, draw_chapter(room / "chapter"))
        for stage in (ingest, read, storyboard):
            stage.run(context, {})
        first, *others = library.shots()
        seen = Box(-400, 0, 800, 675)
        first = first.model_copy(update={
            "panels": (first.panels[0], others[0].panels[0]), "reveals": (0.0, 0.5),
            "camera": (CameraKey(t=0, box=seen), CameraKey(t=1, box=seen)),
        })  # fmt: skip
        others[0] = others[0].model_copy(update={"transition": "dissolve"})
        library.add_revision([first, *others], key="by hand", author="hand", message="by hand")
        run_graph(context, {})
    return room


@pytest.fixture
def film(made_once: Path, tmp_path: Path) -> Iterator[RunContext]:
    """A copy of it."""
    shutil.copytree(made_once / "chapter.komadori", tmp_path / "chapter.komadori")
    with Library.open(tmp_path / "chapter.komadori") as library:
        yield workshop(library, made_once / "chapter")


def workshop(library: Library, chapter: Path) -> RunContext:
    settings = Settings(screen=SMALL, pages="1", backends=Backends(outpaint="tests.outside.Painting"))
    return RunContext(library, settings, Pretending(library.artifacts.root), chapter)


def made_by(context: RunContext) -> Counter[str]:
    """How many results of each tool another run over the film makes."""
    before = context.library.last_event()
    run_graph(context, {})
    return Counter(str(event.facts["tool"]) for event in context.library.events(before, kinds={"made"}))


@pytest.mark.parametrize(
    ("place", "constant", "again"),
    [
        (images, "VERSION", {"ingest", "read", "look", *FILMING, "fidelity"}),
        (ingest, "VERSION", {"ingest", "read", "look", *FILMING, "fidelity"}),
        (read, "VERSION", {"read"}),  # it read the same
        (looks, "VERSION", {"look"}),  # planned anew, and the same
        (clean, "VERSION", {*FILMING, "fidelity"}),
        (outpaint, "VERSION", {*FILMING, "fidelity"} - {"clean"}),
        (outpaint, "WAITING_VERSION", {*FILMING, "fidelity"} - {"clean"}),
        (animate, "VERSION", {"animate", *FILMED, "fidelity"}),
        (lossless, "VERSION", {"animate", *FILMED, "fidelity"}),
        (composite, "VERSION", FILMED),
        (camera.Backend, "version", FILMED),
        (clips, "SEGMENT_VERSION", FILMED),
        (pixel_protection, "VERSION", {*FILMED, "fidelity"}),
        (film_pieces, "DISSOLVE_VERSION", {"dissolve", "assemble"}),
        (review, "VERSION", {"review"}),
        (fidelity, "VERSION", {"fidelity"}),
        (assemble, "VERSION", {"assemble"}),
        (clips, "JOIN_VERSION", {"assemble"}),
        (subtitles, "VERSION", {"assemble"}),
    ],
)
def test_a_raised_version_makes_its_stage_again_and_what_follows(
    place: ModuleType | type, constant: str, again: set[str], film: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not made_by(film)
    monkeypatch.setattr(place, constant, getattr(place, constant) + 1)
    assert set(made_by(film)) == again
    assert not made_by(film)


def test_another_compositor_films_every_shot_and_every_dissolve_again(
    film: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera.Backend, "version", 2)
    made = made_by(film)
    assert (made["composite"], made["dissolve"]) == (len(film.library.shots()), 1)


def test_version_1_of_all_code_stands_in_no_key() -> None:
    assert code_versions(clean=1, lossless=1) == {}
    assert code_versions(clean=2, lossless=1) == {"code": {"clean": 2}}


def test_keys_of_first_versions_are_those_that_projects_hold_already(film: RunContext) -> None:
    """Each key is written out here as it was before versions of stages entered it."""
    first, second, *_ = composite.resolve_shots(film, shots_to_film(film, {}))
    (page,) = film.library.pages()
    cut, waiting, filmed = clean.jobs(film, second)[0], outpaint.jobs(film, first), composite.jobs(film, second)
    assert waiting
    assert filmed
    assert film.library.find_made(content_key("read", "classic", 7, page=page.artifact, language="", identity={}))
    assert cut.key == content_key("clean", "classic", 1, **without(cut.arguments, "backend", "options"))
    assert waiting[0].key == content_key("outpaint", "waiting", 1, **waiting[0].arguments)
    encoded = code_versions(segment=clips.SEGMENT_VERSION)
    shown = without(filmed[0].arguments, "backend", "options")
    assert filmed[0].key == content_key("composite", "camera", 1, **shown, **encoded)
    how = {"frames": 6, "screen": SMALL, "crf": film.settings.crf, "preset": film.settings.preset}
    sides = {"before": composite.scene_arguments(film, first), "after": composite.scene_arguments(film, second)}
    camera_of = {"backend": "camera", "options": {}}
    assert film.library.find_made(
        content_key(
            "dissolve",
            "clips",
            1,
            **{side: {**(scene or {}), **camera_of} for side, scene in sides.items()},
            **how,
            **encoded,
        )
    )


def without(arguments: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name not in names}


def test_constants_that_shape_results_change_with_their_versions() -> None:
    """Who changes one of these raises the version that stands first, and then both here."""
    assert (clips.SEGMENT_VERSION, clips.THREADS, clips.encoder_options(SMALL, 20)) == (3, 1, [
        "-vf", "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        "-crf", "20", "-g", "120", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1",
        "-video_track_timescale", "6144", "-movflags", "+faststart",
    ])  # fmt: skip
    assert (composite.VERSION, composite.FADE_SECONDS) == (1, 0.35)
    assert (pixel_protection.VERSION, pixel_protection.FEATHER) == (1, 6.0)
    assert (subtitles.VERSION, subtitles.LATIN, subtitles.WIDE) == (1, 42, 16)
