"""Test that each moment of a take is shown beside the same moment on the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.domain import Box, CameraKey, VideoFormat
from tools.geometry import box_polygon
from tools.previews import take_comparison
from tools.previews.contact_sheet import GAP, LINE
from tools.video import clips


@pytest.mark.parametrize(
    "screen", [VideoFormat(), VideoFormat(width=1080, height=1920), VideoFormat(width=1080, height=1080)]
)
def test_it_is_as_large_as_a_model_sees_whatever_the_film_s_shape(screen: VideoFormat) -> None:
    width = take_comparison.cell_width(screen)
    frame = np.full((round(width / screen.aspect), width, 3), 90, np.uint8)
    camera = (CameraKey(t=0, box=Box(0, 0, 400 * screen.aspect, 400)),)
    page = np.full((400, 800, 3), 255, np.uint8)
    laid = take_comparison.compare_take(page, [], camera, "linear", [frame] * 3, 1)
    assert 0.85 * take_comparison.LONG_SIDE_PIXELS <= max(laid.shape[:2]) <= take_comparison.LONG_SIDE_PIXELS + 6
    assert max(frame.shape[:2]) >= {16 / 9: 500, 9 / 16: 470, 1.0: 328}[screen.aspect]


def test_the_page_stands_above_as_the_camera_sees_it_and_what_is_not_of_the_panel_is_dimmed() -> None:
    page = np.full((400, 400, 3), 255, np.uint8)
    page[100:200, 100:200] = (200, 0, 0)
    page[300:400, 300:400] = (0, 0, 200)
    camera = (CameraKey(t=0, box=Box(100, 100, 200, 200)), CameraKey(t=1, box=Box(300, 300, 400, 400)))
    frame = np.full((60, 60, 3), 90, np.uint8)
    laid = take_comparison.compare_take(page, [box_polygon(Box(90, 90, 210, 210))], camera, "linear", [frame] * 3, 2)
    first, last = laid[LINE + 30, GAP + 30], laid[LINE + 30, 3 * GAP + 150]
    assert first.tolist() == [200, 0, 0]
    assert last.tolist() == [96, 96, 146], "dimmed"
    below = LINE + 60 + GAP
    assert (laid[below + LINE : below + LINE + 60, GAP : GAP + 60] == 90).all()


def test_the_moments_of_a_film_are_its_first_middle_and_last(tmp_path: Path) -> None:
    screen = VideoFormat(width=64, height=36, fps=12)
    path = tmp_path / "a.mp4"
    clips.write_segment(
        lambda t: np.full((36, 64, 3), round(t * 240), np.uint8), frames=9, screen=screen, path=path, crf=10,
        preset="ultrafast",
    )  # fmt: skip
    found = take_comparison.three_moments(path, width=32)
    assert [one.shape for one in found] == [(18, 32, 3)] * 3
    assert [round(float(one.mean()), -1) for one in found] == [0, 120, 240]


@pytest.mark.parametrize(("frames", "tones"), [(1, [0, 0, 0]), (2, [0, 240, 240]), (4, [0, 160, 240])])
def test_a_film_of_few_pictures_has_its_three_moments_too(frames: int, tones: list[int], tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    clips.write_segment(
        lambda t: np.full((36, 64, 3), round(t * 240), np.uint8), frames=frames,
        screen=VideoFormat(width=64, height=36, fps=12), path=path, crf=10, preset="ultrafast",
    )  # fmt: skip
    assert [round(float(moment.mean()), -1) for moment in take_comparison.three_moments(path, width=32)] == tones
