"""Test the sides of an aspect, and video formats of another aspect in even numbers of pixels."""

from __future__ import annotations

import pytest

from storage.domain import VideoFormat
from storage.errors import SettingsError
from storage.video_format import fit_format, screen_of, sides


def test_an_aspect_has_two_sides() -> None:
    assert sides("16:9") == (16, 9)
    assert sides("1:4") == (1, 4)


@pytest.mark.parametrize(
    ("aspect", "what"),
    [("16", "'16' is not an aspect"), ("0:1", "not an aspect"), ("9:16 ", "not an aspect"), ("9:1", "too narrow")],
)
def test_what_is_no_aspect_or_too_narrow_is_refused(aspect: str, what: str) -> None:
    with pytest.raises(SettingsError, match=what):
        sides(aspect)
    with pytest.raises(SettingsError, match=what):
        screen_of(aspect, VideoFormat())


def test_the_shorter_side_stays_and_all_sides_are_even() -> None:
    assert screen_of("9:16", VideoFormat()) == VideoFormat(width=1080, height=1920)
    assert screen_of("16:9", VideoFormat(width=1080, height=1920)) == VideoFormat()
    assert screen_of("1:1", VideoFormat(fps=12)) == VideoFormat(width=1080, height=1080, fps=12)
    assert screen_of("4:5", VideoFormat()) == VideoFormat(width=1080, height=1350)
    assert screen_of("2:3", VideoFormat(width=427, height=241)) == VideoFormat(width=240, height=362)


def test_a_height_is_kept_where_it_is_asked_for() -> None:
    assert fit_format(VideoFormat(), 9, 16, 1080) == VideoFormat(width=608, height=1080)
    assert fit_format(VideoFormat(), 16, 9, 241) == VideoFormat(width=428, height=240)
