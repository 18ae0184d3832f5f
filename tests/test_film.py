"""Test a whole film from its pages, also when the program is killed again and again on the way."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pysubs2
import pytest

from benchmarks.chaos import find_target
from main import main
from storage.library import Library
from tests.conftest import draw_chapter, transcript_of
from tools.video import clips
from tools.video.ffmpeg import ffmpeg_path

pytestmark = pytest.mark.film


HOUSE = Path(__file__).resolve().parents[1]
STAGES = ("ingest", "read", "storyboard", "clean", "outpaint", "animate", "composite", "review", "mix", "assemble")


def command(folder: Path, chapter: Path, name: str) -> list[str]:
    """Return the same command line every time; only the project and the film have their own names."""
    return [
        sys.executable, "main.py", "animate", str(chapter), "--project", str(folder / f"{name}.komadori"),
        "-o", str(folder / f"{name}.mp4"), "--height", "180", "--fps", "12",
    ]  # fmt: skip


def run(words: list[str]) -> None:
    said = subprocess.run(words, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_a_chapter_becomes_a_film_with_subtitles_and_chapters(tmp_path: Path, chapter: Path) -> None:
    (tmp_path / "transcript.json").write_text(transcript_of(2).model_dump_json())
    run([*command(tmp_path, chapter, "film"), "--transcript", str(tmp_path / "transcript.json")])
    facts = clips.probe_clip(tmp_path / "film.mp4")
    assert (facts.width, facts.height, facts.fps) == (320, 180, 12)
    assert (facts.codec, facts.pixel_format, facts.subtitles) == ("h264", "yuv420p", 1)
    assert facts.colour.startswith("tv, bt709")
    words = [ffmpeg_path(), "-v", "error", "-i", str(tmp_path / "film.mp4"), "-f", "ffmetadata", "-"]
    metadata = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert [line for line in metadata.splitlines() if line.startswith("title=")] == ["title=Page 1", "title=Page 2"]
    assert "comment=directed by rules" in metadata.splitlines()
    assert (tmp_path / "film.srt").read_text().count("hello there") == 2
    with Library.open(tmp_path / "film.komadori", readonly=True) as library:
        planned = sum(round(plan.seconds * 12) for plan in library.shots())
        assert facts.frames >= planned


def test_an_ntsc_film_of_awkward_names_and_words_is_exact_and_refreshed_where_it_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_chapter(tmp_path / "-dash:it's 100%d")
    book = transcript_of(2)
    line = book.pages[0].balloons[0].model_copy(update={"text": "00:00:01,000 --> 00:00:02,000"})
    pages = (book.pages[0].model_copy(update={"balloons": (line,)}), book.pages[1])
    (tmp_path / "t.json").write_text(book.model_copy(update={"pages": pages}).model_dump_json())
    monkeypatch.chdir(tmp_path)
    words = ["animate", "./-dash:it's 100%d", "-o", "./-film:%d.mp4", "--transcript", "t.json", "--fps", "23.976"]
    assert main([*words, "--height", "180"]) == 0
    film, rate = tmp_path / "-film:%d.mp4", Fraction(24000, 1001)
    before = film.read_bytes()
    project = tmp_path / "-dash:it's 100%d.komadori"
    with Library.open(project, readonly=True) as library:
        settings, frames = library.settings(), [plan.seconds * rate for plan in library.shots()]
    assert settings
    assert settings.screen.fps == rate
    assert frames == pytest.approx([round(count) for count in frames])
    facts = clips.probe_clip(film)
    assert (facts.fps, facts.subtitles) == (rate, 1)
    assert len(pysubs2.load(str(film.with_suffix(".srt")))) == 2
    monkeypatch.chdir("/")
    assert main(["chat", str(project), "shot 2 seconds 5"]) == 0
    longer = clips.probe_clip(film)
    assert longer.frames > facts.frames
    assert main(["undo", str(project)]) == 0
    assert film.read_bytes() == before
    assert not list((project / "films").glob("*"))


def test_a_spoken_film_that_is_killed_while_it_speaks_and_mixes_is_the_same_film(tmp_path: Path, chapter: Path) -> None:
    (tmp_path / "t.json").write_text(transcript_of(2).model_dump_json())

    def spoken(name: str) -> list[str]:
        voiced = ["--voice", "tests.outside.Tones", "--transcript", str(tmp_path / "t.json")]
        return [*command(tmp_path, chapter, name), *voiced]

    run(spoken("whole"))
    luck, killed = random.Random(3), Counter[str]()
    for stage in ("voice", "mix", "mix"):
        kill_in(spoken("torn"), tmp_path / "torn.komadori", stage, luck.random() * 0.1, killed)
    run(spoken("torn"))
    assert set(killed) == {"voice", "mix"}
    assert (tmp_path / "torn.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert (tmp_path / "torn.srt").read_bytes() == (tmp_path / "whole.srt").read_bytes()
    assert made(tmp_path / "torn.komadori") == made(tmp_path / "whole.komadori")


def test_killed_again_and_again_it_makes_the_same_film_and_no_finished_job_twice(tmp_path: Path, chapter: Path) -> None:
    run(command(tmp_path, chapter, "whole"))
    luck, killed = random.Random(7), Counter[str]()
    for stage in STAGES:  # in each of them, a random moment after it has begun to make something
        longest = 0.02 if stage == "assemble" else 0.15
        kill_in(command(tmp_path, chapter, "torn"), tmp_path / "torn.komadori", stage, luck.random() * longest, killed)
    run(command(tmp_path, chapter, "torn"))
    assert set(killed) == set(STAGES), f"only killed in {killed}"
    assert (tmp_path / "torn.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert (tmp_path / "torn.srt").read_bytes() == (tmp_path / "whole.srt").read_bytes()
    assert made(tmp_path / "torn.komadori") == made(tmp_path / "whole.komadori")
    with Library.open(tmp_path / "torn.komadori", readonly=True) as library:
        finished = Counter(str(event.facts["key"]) for event in library.events(kinds={"made"}))
    assert finished
    assert not [key for key, times in finished.items() if times > 1]


def made(project: Path) -> set[str]:
    with sqlite3.connect(f"file:{project / 'library.db'}?mode=ro", uri=True) as connection:
        return {key for (key,) in connection.execute("select key from made")}


def kill_in(words: list[str], project: Path, stage: str, delay: float, killed: Counter[str]) -> bool:
    """Start the command and kill it a moment after `stage` has begun to work.

    Returns False when it finished first.
    """
    seen = last_event(project)
    process = subprocess.Popen(words, cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        if begun(project, seen, stage):
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            if process.wait() == -signal.SIGKILL:
                killed[stage] += 1
                return True
        time.sleep(0.01)
    return False


def kill_worker_in(words: list[str], project: Path, stage: str) -> int:
    """Start the command and kill one of its worker processes once `stage` has begun; return the command's status."""
    seen, victim = last_event(project), None
    process = subprocess.Popen(words, cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and victim is None:
        if begun(project, seen, stage):
            victim = find_target(process.pid, "worker", random.Random(1))
        time.sleep(0.01)
    assert victim is not None, "it ended before a worker could be killed"
    os.kill(victim, signal.SIGKILL)
    return process.wait()


def last_event(project: Path) -> int:
    return max((number for number, _ in events(project)), default=0)


def begun(project: Path, after: int, stage: str) -> bool:
    return any(number > after and name == stage for number, name in events(project))


def events(project: Path) -> list[tuple[int, str]]:
    if not (project / "library.db").exists():
        return []
    try:
        with sqlite3.connect(f"file:{project / 'library.db'}?mode=ro", uri=True) as connection:
            return list(connection.execute("select id, stage from event"))
    except sqlite3.OperationalError:
        return []  # not made yet


def test_nothing_half_written_is_left_behind(tmp_path: Path, chapter: Path) -> None:
    killed = Counter[str]()
    kill_in(command(tmp_path, chapter, "torn"), tmp_path / "torn.komadori", "composite", 0.3, killed)
    assert killed["composite"]
    words, project = command(tmp_path, chapter, "torn"), tmp_path / "torn.komadori"
    assert kill_worker_in(words, project, "composite") == 0, "the job of a worker that dies is tried again"
    left = [path for path in (tmp_path / "torn.komadori").rglob("*") if path.is_file()]
    assert not [path for path in left if path.parent.name == "tmp" or path.suffix == ".part"]
    with Library.open(tmp_path / "torn.komadori", readonly=True) as library:
        assert all(library.artifacts.is_intact(path.name) for path in left if len(path.name) == 64)
