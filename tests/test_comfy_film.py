"""Film through a ComfyUI server: killed at its queue and continued, with a server that has gone, and told in chat."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from storage.library import Library
from tests.conftest import draw_chapter, transcript_of
from tests.program import HOUSE, command
from tests.tools.comfy.comfy_server import ComfyThere, comfy_server, png_bytes
from tests.tools.comfy.test_backends import ANIMATE, OUTPAINT, done, painted, workflow
from tools.comfy.server import VARIABLE

pytestmark = pytest.mark.film
PROFILE = """about = "a server of the user's"
[outpaint]
backend = "comfy"
workflow = "{outpaint}"
megapixels = 0.05
[animate]
backend = "comfy"
workflow = "{animate}"
megapixels = 0.05
frames = 5
"""


def blinking(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    """Return the uploaded picture with a small dot that moves over it: little enough for the review."""
    first = there.uploads[nodes["1"]["inputs"]["image"]]
    frames = []
    for number in range(nodes["2"]["inputs"]["length"]):
        frame = first.copy()
        cv2.circle(frame, (20 + 2 * number, 20), 3, (0, 0, 0), -1)
        frames.append(there.save(f"{len(there.queued)}-{number}.png", png_bytes(np.asarray(frame, np.uint8))))
    return done("3", images=frames)


def work(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
    return (blinking if nodes["2"]["class_type"] == "Move" else painted)(there, nodes)


@pytest.fixture
def film(tmp_path: Path) -> list[str]:
    """Return the words of the command that films a small chapter by two workflows."""
    for name, nodes in (("animate", ANIMATE), ("outpaint", OUTPAINT)):
        (tmp_path / name).mkdir()
        workflow(tmp_path / name, nodes)
    profile = tmp_path / "comfy.toml"
    profile.write_text(PROFILE.format(**{name: tmp_path / name / "workflow.json" for name in ("animate", "outpaint")}))
    transcript = tmp_path / "transcript.json"
    transcript.write_text(transcript_of(1).model_dump_json())
    chapter = draw_chapter(tmp_path / "chapter")
    (chapter / "002.png").unlink()
    return [
        "animate", str(chapter), "--transcript", str(transcript), "--profile", str(profile), "--height", "180",
        "--no-sound", "--max-drift", "1",
    ]  # fmt: skip


def started(film: list[str], folder: Path, name: str, url: str) -> subprocess.Popen[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "KOMADORI_"))}
    words = command(*film, "--project", folder / f"{name}.komadori", "-o", folder / f"{name}.mp4")
    return subprocess.Popen(
        words, cwd=HOUSE, env={**clean, VARIABLE: url, "KOMADORI_HANDS": "1"}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_killed_at_the_queue_it_queues_no_finished_work_again_and_the_film_is_the_same(
    film: list[str], tmp_path: Path
) -> None:
    running: list[subprocess.Popen[str]] = []

    def killing(there: ComfyThere, nodes: dict[str, Any]) -> dict[str, Any]:
        if len(there.queued) == 6 and len(running) == 1:
            running[0].send_signal(signal.SIGKILL)
        return work(there, nodes)

    with comfy_server(killing) as there:
        for _ in range(2):
            running.append(started(film, tmp_path, "killed", there.url))
            said, _ = running[-1].communicate(timeout=300)
        assert [process.returncode for process in running] == [-signal.SIGKILL, 0], said
        interrupted = [json.dumps(nodes, sort_keys=True) for nodes in there.queued]
    with comfy_server(work) as there:
        whole = started(film, tmp_path, "whole", there.url)
        said, _ = whole.communicate(timeout=300)
        assert whole.returncode == 0, said
        undisturbed = [json.dumps(nodes, sort_keys=True) for nodes in there.queued]
    assert set(interrupted) == set(undisturbed)
    assert len(undisturbed) <= len(interrupted) <= len(undisturbed) + 2, "what was in the queue may be asked for again"
    films = [hashlib.sha256((tmp_path / f"{name}.mp4").read_bytes()).hexdigest() for name in ("killed", "whole")]
    assert films[0] == films[1]
    with Library.open(tmp_path / "killed.komadori", readonly=True) as library:
        made = [str(event.facts["key"]) for event in library.events(kinds={"made"})]
    assert len(made) == len(set(made)), "nothing is made twice"


def test_a_server_that_has_gone_costs_the_motion_and_not_the_film(film: list[str], tmp_path: Path) -> None:
    process = started(film, tmp_path, "alone", "http://127.0.0.1:9")
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 3, said
    assert "Traceback" not in said
    assert (tmp_path / "alone.mp4").stat().st_size > 10_000
