"""Test that frame rates stay exact in files, and that ffmpeg reads and writes files of any name."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from storage.domain import VideoFormat
from storage.frame_rate import parse_frame_rate
from tests.tools.drawings import lines
from tools.plates import Image
from tools.video import clips, lossless
from tools.video.ffmpeg import ffmpeg_path, file_argument
from tools.video.subtitles import Cue, write_srt

ART = lines(400, 90)
NAMES = (
    "-dash", "100%d %03d", "it's", 'say "it"', "two\nlines", "a:b", "concat:x|y", "file:x", "pipe:1", "[a](b){c}",
    "x?y#z&",    "back\\slash", "$(x) `y`", "コマ撮り", os.fsdecode(b"na\xefve"), "n" * 240,
)  # fmt: skip


def sliding(t: float) -> Image:
    x = round(t * 200)
    return np.ascontiguousarray(ART[:, x : x + 160])


def frame_times(film: Path) -> tuple[Fraction, list[int]]:
    """Return the time base of a film, and the times of its frames in it."""
    words = [
        ffmpeg_path(),
        "-v",
        "error",
        "-i",
        file_argument(film),
        "-map",
        "0:v",
        "-c",
        "copy",
        "-f",
        "framecrc",
        "-",
    ]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    base = next(line.split()[-1] for line in said if line.startswith("#tb 0"))
    return Fraction(base), sorted(int(line.split(",")[2]) for line in said if not line.startswith("#"))


@pytest.mark.parametrize("rate", ["23.976", "29.97", "30000/1001", "59.94", "12.5", 25, 24])
def test_every_frame_of_a_joined_film_stands_at_its_exact_time(rate: str | int, tmp_path: Path) -> None:
    screen = VideoFormat(width=160, height=90, fps=parse_frame_rate(rate))
    parts = [tmp_path / f"{frames}.mp4" for frames in (7, 5)]
    for part, frames in zip(parts, (7, 5), strict=True):
        clips.write_segment(sliding, frames=frames, screen=screen, path=part, preset="ultrafast")
        facts = clips.probe_clip(part)
        assert (facts.fps, facts.frames, facts.seconds) == (screen.fps, frames, float(frames / screen.fps))
    clips.join_segments(parts * 40, path=tmp_path / "film.mp4", rate=screen.fps)
    base, times = frame_times(tmp_path / "film.mp4")
    assert [base * time for time in times] == [number / Fraction(screen.fps) for number in range(480)]


@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed there")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_files_of_any_name_are_written_joined_and_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # relative names are the dangerous ones
    folder = Path(name)
    folder.mkdir()
    segment, film, subtitles = folder / f"{name}.mp4", Path(f"{name}.mp4"), folder / f"{name}.srt"
    clips.write_segment(sliding, frames=3, screen=VideoFormat(width=160, height=90), path=segment, preset="ultrafast")
    write_srt(subtitles, [Cue(0, 0.1, "hello")])
    clips.join_segments([segment, segment], path=film, subtitles=subtitles, title=name)
    facts = clips.probe_clip(film)
    assert (facts.frames, facts.subtitles) == (6, 1)
    assert clips.read_frame(film, 0.5).shape == (90, 160, 3)
    clip = folder / "-clip.mkv"
    lossless.write_lossless(np.zeros((2, 8, 8, 3), np.uint8), rate=8, path=clip)
    assert lossless.read_lossless(clip).shape == (2, 8, 8, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([folder.name, film.name])
