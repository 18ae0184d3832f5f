"""Test a film in which real diffusers pipelines with tiny random weights play every role."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import run
from agents.editing import grammar, revise
from storage.domain import Made, Transcript, VideoFormat
from storage.library import Library
from storage.records import Event
from storage.settings import Backends, Settings
from tests.agents.test_moving_faces import with_mika
from tests.conftest import draw_page, transcript_of
from tests.tiny import checkpoint
from tools import backends, png
from tools.video import clips, lossless

pytestmark = pytest.mark.film


HOUSE = Path(__file__).resolve().parents[1]
PROGRAM = """
import json, sys
from pathlib import Path
from agents import run
from storage.settings import Settings
given = json.loads(sys.argv[1])
run.animate(Path(given["project"]), Settings.model_validate(given["settings"]),
             run.RunOptions(Path(given["chapter"])))
"""

ROLES = ("clean", "outpaint", "animate")
FIRST = ("sdxl_inpaint", "klein_inpaint", "wan_i2v")
"""Who cleans, who continues, who moves, where a test names nobody."""
FILMS = (
    ("classic", "klein_inpaint", "wan_vace"),
    ("sdxl_inpaint", "sdxl_inpaint", "animatediff"),
    ("klein_inpaint", "flux_fill", "ltx_i2v"),
    ("qwen_edit", "qwen_edit", "svd"),
    ("classic", "extend", "framepack"),
    ("zimage_inpaint", "zimage_inpaint", "ltx2"),
    ("classic", "extend", "hunyuan15"),
)
WEIGHTS = {"wan_i2v": "wan22_i2v", "animatediff": "sd15"}
BESIDE = {
    "animatediff": {"motion": "motion_adapter", "control": "sparsectrl"},
    "framepack": {"transformer": "", "sight": ""},
    "sdxl_inpaint": {"adapter": "ip_adapter"},
}
"""Options that name weights beside the model's own."""


def tiny(capability: str, name: str, said: dict[str, Any]) -> dict[str, Any]:
    """Return those options of `said` that a backend has, with an untrained model."""
    beside = {key: place and str(checkpoint(place)) for key, place in BESIDE.get(name, {}).items()}
    taken = set(backends.backend_options(capability, name) or {}) - ({"megapixels"} if name == "qwen_edit" else set())
    model = {"model": str(checkpoint(WEIGHTS.get(name, name)))} if "model" in taken else {}
    return {key: value for key, value in {**said, **beside, **model}.items() if key in taken}


def settings(chosen: tuple[str, str, str] = FIRST, **more: Any) -> Settings:
    said = {"steps": 2, "megapixels": 0.004, "candidates": 1, "frames": 5, "rate": 4.0, "window": 3,
            "adapter_file": "ip.safetensors", **more}  # fmt: skip
    roles = dict(zip(ROLES, chosen, strict=True))
    return Settings(
        screen=VideoFormat(width=160, height=90, fps=12),
        backends=Backends(**roles),
        options={f"{role}.{name}": tiny(role, name, said) for role, name in roles.items()},
        max_drift=1.0,  # what untrained weights draw is no panel
    )


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "chapter"
    folder.mkdir()
    (folder / "001.png").write_bytes(png.encode_png(draw_page(1)))
    return folder


def strip(folder: Path) -> tuple[np.ndarray, Transcript]:
    """Draw a page of two panels in a folder and return it with its transcript."""
    page, [read] = draw_page(1)[:430], transcript_of(1).pages
    page[217:423, :200] = 255
    folder.mkdir()
    (folder / "001.png").write_bytes(png.encode_png(page))
    two = read.model_copy(update={"height": 430, "panels": read.panels[:2]})
    return page, Transcript(order="rtl", backend="corrected", pages=(two,))


def made(project: Path) -> list[Event]:
    with Library.open(project, readonly=True) as library:
        return list(library.events(kinds={"made"}))


@pytest.mark.usefixtures("processes")  # what a process loads is counted in a process that has loaded nothing
def test_a_page_becomes_a_film_in_which_models_paint_and_move(tmp_path: Path, page: Path) -> None:
    project = tmp_path / "p.komadori"
    report = run.animate(project, settings(), run.RunOptions(page))
    assert report.film is not None
    assert not report.not_filmed
    facts = clips.probe_clip(report.film)
    assert (facts.width, facts.height) == (160, 90)
    events = [event for event in made(project) if event.facts.get("loads") is not None]
    loads = Counter(event.stage for event in events if event.facts["loads"])
    first = {stage: [e for e in made(project) if e.stage == stage] for stage in ("outpaint", "animate")}
    assert loads == {"words": 3, "clean": 1, "outpaint": 1, "animate": 1}, "a model hears once, and then it draws"
    assert all(len(events) >= report.shots for events in first.values())
    again = run.animate(project, settings(), run.RunOptions(page))
    assert again.film == report.film
    assert len([e for e in made(project) if e.stage == "animate"]) == len(first["animate"]), "nothing is made twice"


@pytest.mark.usefixtures("processes")
def test_one_model_redraws_and_continues_a_panel_and_is_loaded_once(tmp_path: Path, page: Path) -> None:
    project, chosen = tmp_path / "p.komadori", settings(("klein_inpaint", "klein_inpaint", "still"))
    options = chosen.options | {"redraw.klein_inpaint": chosen.options["clean.klein_inpaint"]}
    chosen = chosen.model_copy(
        update={"backends": chosen.backends.model_copy(update={"redraw": "klein_inpaint"}), "options": options}
    )
    wishes = run.RunOptions(page, corrections=with_mika(1))
    run.animate(project, chosen, wishes)
    before = len(made(project))
    revise.revise(project, grammar.parse_lines('shot 1 redraw "make it night"; shot 1 mouth on mika'))
    report = run.animate(project, chosen, wishes)
    assert (report.not_filmed, set(report.not_redrawn)) == ({}, {"s001"}), "untrained weights draw no mouth"
    events = made(project)[before:]
    assert Counter(event.stage for event in events)["redraw"] == 5, "the night, three drawings of a face, and the face"
    assert {"redraw", "outpaint"} <= {event.stage for event in events}
    assert Counter(event.stage for event in events if event.facts.get("loads")) == {"words": 1, "redraw": 1}


@pytest.mark.usefixtures("processes")
def test_a_shot_ends_on_a_pose_that_an_editor_draws_and_each_model_is_loaded_once(tmp_path: Path) -> None:
    _, read = strip(tmp_path / "chapter")
    project, chosen = tmp_path / "p.komadori", settings(("classic", "extend", "wan_i2v"), cadence="twos")
    said = {"steps": 1, "megapixels": 0.004}
    chosen = chosen.model_copy(
        update={
            "backends": chosen.backends.model_copy(update={"redraw": "klein_inpaint"}),
            "options": chosen.options | {"redraw.klein_inpaint": tiny("redraw", "klein_inpaint", said)},
        }
    )
    wishes = run.RunOptions(tmp_path / "chapter", corrections=read)
    run.plan(project, chosen, wishes)
    revise.revise(project, grammar.parse_lines('shot 1 end "she looks down"; shot 1 seconds 2'))
    report = run.animate(project, chosen, wishes)
    assert (report.not_filmed, report.stills, report.unmet_poses) == ({}, {}, {})
    events = made(project)
    assert Counter(e.stage for e in events if e.facts.get("loads")) == {"words": 2, "redraw": 1, "animate": 1}
    with Library.open(project, readonly=True) as library:
        found = [library.find_made(str(event.facts["key"])) for event in events if event.stage == "animate"]
        (clip,) = (each for each in found if each and "keys" in each.facts)
        frames = lossless.read_lossless(library.artifacts.open(clip.artifacts["motion"].sha256))
        plates = [each for event in events if (each := library.find_made(str(event.facts["key"])))]
        (plate,) = (plate_of(library, each) for each in plates if each.facts.get("box") == clip.facts["box"]
                    and "plate" in each.artifacts)  # fmt: skip
    assert clip.facts["keys"] == [0.0, 23.0, 24.0]
    assert (frames[0] == plate[0]).all()
    assert (frames[24] != plate[0]).any()
    assert (frames[24] == frames[23]).all()
    assert (frames[22] != frames[23]).any()


def test_killed_in_the_middle_of_a_clip_it_goes_on_without_making_a_finished_one_again(
    tmp_path: Path, page: Path
) -> None:
    project = tmp_path / "p.komadori"
    moving = settings().model_copy(update={"backends": Backends(animate="wan_i2v")})
    given = {"project": str(project), "chapter": str(page), "settings": moving.model_dump(mode="json")}
    words = [sys.executable, "-c", PROGRAM, json.dumps(given)]
    process = subprocess.Popen(words, cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not _has_begun(project):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was killed, and had not ended by itself"
    before = {str(event.facts["key"]) for event in made(project) if event.stage == "animate"}
    assert before
    subprocess.run(words, cwd=HOUSE, check=True, capture_output=True)
    finished = Counter(str(event.facts["key"]) for event in made(project))
    assert max(finished.values()) == 1
    assert len(finished) > len(before)


def test_memory_that_never_suffices_leaves_the_still_and_is_named(tmp_path: Path, page: Path) -> None:
    starved = settings().model_copy(update={"backends": Backends(animate="tests.outside.Starved"), "max_retakes": 1})
    report = run.animate(tmp_path / "p.komadori", starved, run.RunOptions(page))
    assert report.film is not None
    assert len(report.stills) == report.shots
    assert all("memory does not suffice" in reason for reason in report.stills.values())


@pytest.mark.parametrize("chosen", FILMS)
def test_every_backend_makes_a_film_around_the_artist_s_own_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: tuple[str, str, str]
) -> None:
    # Qwen's pipeline makes every reference a picture of a million pixels, which a CPU would look at for minutes
    qwen = "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus"
    monkeypatch.setattr(f"{qwen}.VAE_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(f"{qwen}.CONDITION_IMAGE_SIZE", 56 * 56)
    page, read = strip(tmp_path / "chapter")
    wishes = run.RunOptions(tmp_path / "chapter", corrections=read)
    report = run.animate(tmp_path / "p.komadori", settings(chosen, steps=2, frames=9, rate=2.0, guidance=1.0), wishes)
    assert report.film is not None
    assert (report.shots, report.not_filmed, report.fallbacks, report.stills) == (2, {}, {}, {})
    assert clips.probe_clip(report.film).width == 160
    with Library.open(tmp_path / "p.komadori", readonly=True) as library:
        found = [library.find_made(str(event.facts["key"])) for event in library.events(kinds={"made"})]
        plates = [plate_of(library, each) for each in found if each and "plate" in each.artifacts]
    frames = [int(str(each.facts["frames"])) for each in found if each and "motion" in each.artifacts]
    assert frames
    assert all(count > 1 for count in frames)
    assert any((original == 0).any() for _, original, _ in plates), "something is not the artist's"
    if chosen[0] == "classic":
        assert all(stands(page, *plate) for plate in plates)


def test_no_backend_that_draws_is_without_a_film() -> None:
    for role, plain, *shown in zip(ROLES, ("classic", "extend", "still"), FIRST, *FILMS, strict=False):
        elsewhere = {"comfy"}  # tests/test_comfy_film.py
        assert {plain, *shown} == set(backends.backend_names(role)) - elsewhere


def plate_of(library: Library, made: Made) -> tuple[Any, Any, Any]:
    pixels, original = (
        png.read_png(library.artifacts.open(made.artifacts[role].sha256)) for role in ("plate", "original")
    )
    return pixels[..., :3], original if original.ndim == 2 else original[..., 0], made.facts["box"]


def stands(page: Any, pixels: Any, original: Any, box: Any) -> bool:
    """Return whether all pixels that are marked as the artist's equal those of the page."""
    rows, columns = np.nonzero(original == 255)
    x0, y0 = round(box[0]), round(box[1])
    return bool(len(rows)) and bool((pixels[rows, columns] == page[rows + y0, columns + x0]).all())


def _has_begun(project: Path) -> bool:
    """Return whether a clip is finished while others are still to come."""
    try:
        return len([event for event in made(project) if event.stage == "animate"]) >= 1
    except Exception:  # there is no library yet, or it is being made
        return False
