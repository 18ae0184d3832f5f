"""Test how subtitles are wrapped, split, ordered and written."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pysubs2
import pytest

from storage.domain import VideoFormat
from storage.errors import StorageError
from tools.video import clips
from tools.video.ffmpeg import ffmpeg_path
from tools.video.subtitles import LATIN, WIDE, Cue, split_cue, wrap_text, write_srt

LONG = "I never said that I would come back here, and you know it as well as I do. So why do you wait by the window?"


def test_words_are_wrapped_whole_into_lines_that_are_read_at_a_glance() -> None:
    lines = wrap_text(LONG)
    assert " ".join(lines) == LONG
    assert max(map(len, lines)) <= LATIN
    assert wrap_text("A  short\nline") == ["A short line"]
    assert wrap_text("  ") == []


def test_japanese_is_wrapped_by_characters_and_never_before_a_full_stop_or_small_kana() -> None:
    text = "こんな所に私を呼び出して、どうするつもりなんですか？教えてください、さあちゃんと。"
    lines = wrap_text(text)
    assert "".join(lines) == text
    assert max(map(len, lines)) <= WIDE
    assert not [line for line in lines if line[0] in "。、？ゃゅょっー"]


def test_a_long_cue_is_split_over_its_time_two_lines_at_a_time() -> None:
    parts = split_cue(Cue(2.0, 8.0, LONG))
    assert len(parts) == 2
    assert (parts[0].start, parts[-1].end) == (2.0, 8.0)
    assert parts[0].end == parts[1].start
    assert all(part.text.count("\n") <= 1 for part in parts)


def test_the_file_is_read_back_in_order_with_speakers_and_without_overlap(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    write_srt(path, [Cue(3, 5, "二行目です。", "ミカ"), Cue(0, 3.6, "Hello {there}", "Jo"), Cue(6, 7, "")])
    events = pysubs2.load(str(path))
    assert [event.plaintext for event in events] == ["Jo: Hello (there)", "ミカ：二行目です。"]
    assert all(a.end <= b.start for a, b in pairwise(events))
    assert (events[0].start, events[1].end) == (0, 5000)


def test_two_cues_at_one_time_are_shown_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "film.srt"
    write_srt(path, [Cue(1, 3, "One thing"), Cue(1, 3, "Another thing")])
    events = pysubs2.load(str(path))
    assert len(events) == 2
    assert all(event.duration >= 500 for event in events)


def test_no_cue_gives_an_empty_file_and_an_unwritable_one_an_error(tmp_path: Path) -> None:
    write_srt(tmp_path / "film.srt", [])
    assert (tmp_path / "film.srt").read_text() == ""
    with pytest.raises(StorageError):
        write_srt(tmp_path / "nowhere" / "film.srt", [])


TRICKS = (
    "00:00:01,000 --> 00:00:02,000", "0:0:1,5 --> 0:0:2,5 what", "-->", "00:00:01.000 00:00:02.000", "42", "2001",
    "<i>",    "<b></b>", "{\\an8}", "\\N", "a\x00b", "\ud800", "1\n\n2\n00:00:01,000 --> 00:00:02,000\nthree",
    "WEBVTT", "<3", "7",
)  # fmt: skip


def test_no_text_of_a_balloon_is_taken_for_another_cue_by_any_player(tmp_path: Path) -> None:
    cues = [Cue(number * 2.0, number * 2 + 1.5, text) for number, text in enumerate(TRICKS)]
    path, film, segment = tmp_path / "film.srt", tmp_path / "film.mp4", tmp_path / "segment.mp4"
    write_srt(path, cues)
    expected = sum(len(split_cue(cue)) for cue in cues)
    assert expected == len(TRICKS)
    assert len(pysubs2.load(str(path))) == expected
    dark = np.zeros((90, 160, 3), np.uint8)
    clips.write_segment(lambda t: dark, frames=3, screen=VideoFormat(width=160, height=90), path=segment)
    clips.join_segments([segment], path=film, subtitles=path)
    words = [ffmpeg_path(), "-v", "error", "-i", str(film), "-map", "0:s", "-f", "srt", "-"]
    shown = subprocess.run(words, capture_output=True, check=True).stdout.decode()
    assert shown.count("-->") == expected


def test_what_needs_no_escape_is_kept_as_it_is() -> None:
    for text in ("at 10:30, a -> b", "3 < 4 > 2", "「はい」", "10:30:00"):
        assert Cue(0, 1, text).text == text
