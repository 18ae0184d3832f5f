"""Test that films are written, joined and read back by ffmpeg, byte by byte where it matters."""

from __future__ import annotations

import random
import re
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from storage.domain import VideoFormat
from storage.errors import BackendError, SourceError, StorageError
from tests.tools.drawings import lines
from tools.plates import Image
from tools.previews.jpeg import encode_jpeg
from tools.video import clips
from tools.video.ffmpeg import ffmpeg_path
from tools.video.subtitles import Cue, write_srt

SCREEN = VideoFormat(width=160, height=90, fps=24)
ART = lines(400, 90)


def sliding(t: float) -> Image:
    x = round(t * 200)
    return np.ascontiguousarray(ART[:, x : x + 160])


def segment(path: Path, frames: int = 12) -> Path:
    clips.write_segment(sliding, frames=frames, screen=SCREEN, path=path, preset="ultrafast")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return segment(tmp_path_factory.mktemp("made") / "segment.mp4")


@pytest.mark.parametrize("frames", [1, 2, 7, 25])
def test_a_segment_has_exactly_its_frames_and_says_what_it_is(frames: int, tmp_path: Path) -> None:
    facts = clips.probe_clip(segment(tmp_path / "s.mp4", frames))
    assert (facts.width, facts.height, facts.fps, facts.frames) == (160, 90, 24, frames)
    assert (facts.codec, facts.pixel_format) == ("h264", "yuv420p")
    assert facts.colour.startswith("tv, bt709")
    assert facts.seconds == pytest.approx(frames / 24)


def test_frames_are_asked_for_at_their_times_and_come_back_as_they_were(made: Path) -> None:
    seen = list(clips.read_frames(made))
    assert len(seen) == 12
    for i, frame in enumerate(seen):
        assert np.abs(frame.astype(int) - sliding(i / 11)).mean() < 6


def test_colours_come_back_as_they_were(tmp_path: Path) -> None:
    flat = np.full((90, 160, 3), (200, 60, 40), np.uint8)
    clips.write_segment(lambda t: flat, frames=3, screen=SCREEN, path=tmp_path / "c.mp4")
    assert clips.read_frame(tmp_path / "c.mp4", 0.5)[45, 80].tolist() == pytest.approx([200, 60, 40], abs=3)


def test_the_same_frames_give_the_same_bytes_at_any_pace(tmp_path: Path) -> None:
    luck = random.Random(3)

    def hesitating(t: float) -> Image:
        time.sleep(luck.choice((0, 0, 0.03)))
        return sliding(t)

    files = []
    for number, frame in enumerate((sliding, hesitating)):
        files.append(tmp_path / f"{number}.mp4")
        clips.write_segment(frame, frames=40, screen=SCREEN, path=files[-1])
    assert files[0].read_bytes() == files[1].read_bytes()
    options = re.search(rb"x264 - core .*? options: ([^\0]*)", files[0].read_bytes())
    assert options
    assert {b"threads=1", b"lookahead_threads=1", b"sliced_threads=0"} <= set(options[1].split())


def test_the_index_stands_before_the_picture_so_that_a_film_starts_at_once(made: Path, tmp_path: Path) -> None:
    clips.join_segments([made, made], path=tmp_path / "film.mp4")
    for film in (made, tmp_path / "film.mp4"):
        data = film.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")


def test_a_joined_film_has_all_frames_at_even_times_with_subtitles_chapters_and_title(
    made: Path, tmp_path: Path
) -> None:
    write_srt(tmp_path / "film.srt", [Cue(0.1, 0.9, "どこへ行く？", "ミカ")])
    chapters = [clips.Chapter(0, 0.5, "Page 1 = first; #1"), clips.Chapter(0.5, 1.5, "二頁")]
    film = tmp_path / "film.mp4"
    for _ in range(2):
        before = film.read_bytes() if film.exists() else b""
        clips.join_segments(
            [made, made, made],
            path=film,
            subtitles=tmp_path / "film.srt",
            chapters=chapters,
            title="Kite",
            comment="by hand",
            language="jpn",
        )
    assert film.read_bytes() == before, "the same segments gave another film"
    facts = clips.probe_clip(film)
    assert (facts.frames, facts.subtitles) == (36, 1)
    said = subprocess.run([ffmpeg_path(), "-i", str(film)], capture_output=True, text=True, check=False).stderr
    for words in ("Page 1 = first; #1", "二頁", "title           : Kite", "comment         : by", "(jpn): Subtitle"):
        assert words in said
    shown = [ffmpeg_path(), "-v", "error", "-i", str(film), "-map", "0:v", "-f", "framemd5", "-"]
    lines_ = subprocess.run(shown, capture_output=True, text=True, check=True).stdout.splitlines()
    times = [int(line.split(",")[1]) for line in lines_ if line and not line.startswith("#")]
    assert times == list(range(36))


def test_long_chapters_beside_subtitles_are_kept_as_a_track_of_their_own(made: Path, tmp_path: Path) -> None:
    write_srt(tmp_path / "film.srt", [Cue(0.1, 0.9, "Where to?")])
    chapters = [clips.Chapter(0, 20, "Page 1"), clips.Chapter(20, 40, "Page 2")]
    clips.join_segments([made] * 80, path=tmp_path / "film.mp4", subtitles=tmp_path / "film.srt", chapters=chapters)
    read = [ffmpeg_path(), "-v", "warning", "-i", str(tmp_path / "film.mp4"), "-map", "0:v", "-f", "null", "-"]
    assert subprocess.run(read, capture_output=True, text=True, check=True).stderr == ""


def test_odd_names_of_folders_are_no_trouble(made: Path, tmp_path: Path) -> None:
    odd = tmp_path / "it's a 本 [1] %03d"
    odd.mkdir()
    part = segment(odd / "a 'b' #c.mp4", 3)
    clips.join_segments([part, made], path=odd / "film.mp4")
    assert clips.probe_clip(odd / "film.mp4").frames == 15
    assert sorted(p.name for p in odd.iterdir()) == ["a 'b' #c.mp4", "film.mp4"]


def test_single_frames_and_every_nth_can_be_taken_out(made: Path) -> None:
    everything = list(clips.read_frames(made))
    assert (clips.read_frame(made, 0.0) == everything[0]).all()
    assert (clips.read_frame(made, 1.0) == everything[-1]).all()
    assert (clips.read_frame(made, 5 / 11) == everything[5]).all()
    some = list(clips.read_frames(made, width=80, every=3))
    assert [f.shape for f in some] == [(45, 80, 3)] * 4


def test_an_error_of_the_frame_function_comes_through_and_leaves_nothing(tmp_path: Path) -> None:
    def failing(t: float) -> Image:
        if t > 0.4:
            raise ValueError("no such frame")
        return sliding(t)

    with pytest.raises(ValueError, match="no such frame"):
        clips.write_segment(failing, frames=12, screen=SCREEN, path=tmp_path / "s.mp4")
    assert list(tmp_path.iterdir()) == []


def program(path: Path, says: str) -> str:
    path.write_text(f'#!/bin/sh\necho "{says}" >&2\nexit 1\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_full_disk_is_told_from_a_failing_ffmpeg(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for says, kind in (("av_interleaved_write_frame(): No space left on device", StorageError),
                       ("Error: unknown encoder", BackendError)):  # fmt: skip
        monkeypatch.setenv("FFMPEG_BINARY", program(tmp_path / "ffmpeg", says))
        with pytest.raises(kind) as first:
            segment(tmp_path / "s.mp4")
        with pytest.raises(kind) as second:
            clips.join_segments([made], path=tmp_path / "film.mp4")
        assert first.value.hint
        assert second.value.hint
    assert [p.name for p in tmp_path.iterdir()] == ["ffmpeg"]


def test_a_missing_ffmpeg_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "/nowhere/ffmpeg")
    with pytest.raises(BackendError, match="FFMPEG_BINARY"):
        ffmpeg_path()


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a film")
    with pytest.raises(SourceError):
        clips.probe_clip(tmp_path / "notes.mp4")
    with pytest.raises(SourceError):
        clips.join_segments([], path=tmp_path / "film.mp4")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        segment(tmp_path / "file" / "s.mp4")


def test_a_poster_is_attached_without_touching_the_film(made: Path, tmp_path: Path) -> None:
    picture = encode_jpeg(sliding(0.5), longest=160)
    (tmp_path / "poster.jpg").write_bytes(picture)
    write_srt(tmp_path / "s.srt", [Cue(0.0, 0.4, "hello")])
    chapters = [clips.Chapter(0.0, 1.0, "Page 1")]
    for subtitles in (None, tmp_path / "s.srt"):
        for name, poster in (("one", tmp_path / "poster.jpg"), ("two", tmp_path / "poster.jpg"), ("bare", None)):
            clips.join_segments(
                [made, made], path=tmp_path / f"{name}.mp4", subtitles=subtitles, chapters=chapters, poster=poster
            )
        assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
        one, bare = (clips.probe_clip(tmp_path / f"{name}.mp4") for name in ("one", "bare"))
        assert one == bare
        assert one.frames == 24
        words = [ffmpeg_path(), "-v", "error", "-i", str(tmp_path / "one.mp4"), "-map", "0:v:1", "-c", "copy"]
        done = subprocess.run([*words, "-f", "image2pipe", "-"], capture_output=True, check=True)
        assert done.stdout == picture
