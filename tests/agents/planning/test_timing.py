"""Test the timing of camera paths: long enough to read, slow enough to follow, and no longer than that."""

from __future__ import annotations

from itertools import pairwise

import pytest

from agents.planning import timing
from agents.planning.framing import film_distance
from agents.planning.panels import PlanningStyle, ReadingNeed, gather_subjects, need_of
from agents.planning.timing import Stop, TimedPath
from storage.domain import Balloon, Box, VideoFormat
from tests.agents.planning.layouts import page_of

SCREEN = VideoFormat()
LEFT, RIGHT = Box(0, 0, 640, 360), Box(300, 0, 940, 360)


def need(box: Box, text: str = "あいうえおかきくけこさしすせそた") -> ReadingNeed:
    return need_of(Balloon(id="t", order=0, box=box, text=text, language="ja"), 830)


def test_a_move_is_as_long_as_calm_and_the_eye_ask() -> None:
    way = film_distance(LEFT, RIGHT, SCREEN)
    seconds = timing.move_seconds(LEFT, RIGHT, SCREEN)
    assert way / (seconds * 24) ** 2 <= 0.11
    far = Box(3000, 0, 3640, 360)
    assert 1.5 * film_distance(LEFT, far, SCREEN) / timing.move_seconds(LEFT, far, SCREEN) <= timing.MAX_SPEED + 1e-6


def test_a_path_rests_until_its_lines_are_read() -> None:
    first, second = need(Box(20, 50, 80, 200)), need(Box(850, 50, 900, 200))
    path = timing.time_stops([Stop(RIGHT, (second,)), Stop(LEFT, (first,))], SCREEN, least=2, beat=0.3)
    done, lacks = timing.read_until(path, [second, first])
    assert max(lacks) < 0.03
    assert path.seconds >= done + 0.3 - 1e-6
    assert path.keys[1][0] > timing.REST_SECONDS  # the camera waits for the first line before it leaves


def test_lines_are_read_one_after_the_other() -> None:
    lines = [need(Box(20 + 90 * n, 50, 80 + 90 * n, 200)) for n in range(4)]
    path = timing.time_stops([Stop(LEFT, tuple(lines))], SCREEN, least=2, beat=0.25)
    assert path.seconds == pytest.approx(4 * lines[0].seconds + 0.25)


def test_a_line_that_is_never_wholly_in_view_lacks_all_of_its_time() -> None:
    path = TimedPath(((0.0, LEFT), (5.0, LEFT)))
    outside = need(Box(600, 50, 700, 200))
    assert timing.read_until(path, [outside])[1] == [outside.seconds]


def test_a_line_is_not_read_before_its_panel_appears() -> None:
    line = need(Box(20, 50, 80, 200))
    path = TimedPath(((0.0, LEFT), (4.0, LEFT)))
    assert timing.read_until(path, [line])[0] == pytest.approx(line.seconds)
    assert timing.read_until(path, [line], [3.0])[1] == [pytest.approx(line.seconds - 1.0)]


def test_subtitles_follow_a_pan_from_balloon_to_balloon() -> None:
    lines = [need(Box(850, 50, 900, 200)), need(Box(320, 50, 380, 200)), need(Box(20, 50, 80, 200))]
    path = timing.time_stops([Stop(RIGHT, (lines[0],)), Stop(LEFT, (lines[1], lines[2]))], SCREEN, least=2, beat=0.3)
    _, leaves, arrives, _ = (at for at, _ in path.keys)
    times = timing.cue_times(path, lines)
    assert times[0][0] == 0
    assert leaves <= times[0][1] < arrives, "the first goes when its balloon leaves the picture"
    assert times[1][0] == pytest.approx(times[0][0] + lines[0].seconds), "the second stood there from the first"
    assert leaves < times[2][0] <= arrives, "the third comes with its balloon"
    assert all(end - start >= line.seconds - 0.03 for line, (start, end) in zip(lines, times, strict=True))
    assert apart(times)


def test_a_subtitle_waits_until_its_panel_appears() -> None:
    lines = [need(Box(20, 50, 80, 200)), need(Box(120, 50, 180, 200))]
    times = timing.cue_times(TimedPath(((0.0, LEFT), (9.0, LEFT))), lines, [0.0, 5.0])
    assert times == [(0.0, 5.0), (5.0, 9.0)], "the first stays while nothing follows"


def test_a_line_that_comes_too_late_is_shown_as_long_as_its_reading_takes() -> None:
    lines = [need(Box(20, 50, 80, 200)), need(Box(120, 50, 180, 200))]
    seconds = lines[0].seconds
    times = timing.cue_times(TimedPath(((0.0, LEFT), (3 * seconds, LEFT))), lines, [0.0, 2.5 * seconds])
    assert [at / seconds for time in times for at in time] == pytest.approx([0, 2, 2, 3])


def test_a_shot_too_short_for_its_lines_shows_each_for_its_share() -> None:
    lines = [need(Box(20 + 90 * n, 50, 80 + 90 * n, 200)) for n in range(2)] + [need(Box(600, 50, 700, 200))]
    path = TimedPath(((0.0, LEFT), (lines[0].seconds * 1.5, LEFT)))
    times = timing.cue_times(path, lines)
    assert [end - start for start, end in times] == [pytest.approx(lines[0].seconds / 2)] * 3
    assert times[-1][1] == pytest.approx(path.seconds)
    assert apart(times)
    assert timing.cue_times(path, []) == []


def apart(times: list[tuple[float, float]]) -> bool:
    """Return whether the times are in order and none overlaps the next."""
    return all(a[1] <= b[0] + 1e-9 for a, b in pairwise(times))


def test_a_drift_waits_for_the_reader() -> None:
    line = need(Box(180, 50, 240, 200))
    path = timing.time_drift(LEFT, RIGHT, [line], SCREEN, least=1, beat=0.3)
    assert timing.read_until(path, [line])[1] == [pytest.approx(0, abs=0.02)]


def test_silence_lasts_two_to_four_seconds_by_size() -> None:
    sizes = [Box(40, 40, 240, 200), Box(40, 40, 790, 400), Box(0, 0, 830, 1170)]
    seconds = []
    for box in sizes:
        subject = gather_subjects(page_of([box]), "rtl", {}, 16 / 9, PlanningStyle())[0][0]
        seconds.append(timing.natural_seconds(subject, PlanningStyle(), fast=False))
    assert seconds == sorted(seconds)
    assert 2.0 <= seconds[0] < 2.3
    assert 2.5 < seconds[1] < 4.0
    assert 4.0 <= seconds[2] <= 5.0


def test_a_small_panel_in_a_fast_run_is_quick_but_never_below_its_reading() -> None:
    box = Box(40, 40, 240, 200)
    silent = gather_subjects(page_of([box]), "rtl", {}, 16 / 9, PlanningStyle())[0][0]
    said = gather_subjects(
        page_of([box], [(Box(60, 60, 100, 150), 0, "ちがうよ、そうじゃない")]), "rtl", {}, 16 / 9, PlanningStyle()
    )[0][0]
    assert timing.natural_seconds(silent, PlanningStyle(), fast=True) == pytest.approx(1.6)
    assert timing.natural_seconds(said, PlanningStyle(pace=0.5), fast=True) > said.reading


def test_a_path_is_cut_in_two_that_continue_each_other() -> None:
    path = timing.time_stops([Stop(RIGHT), Stop(LEFT, seconds=4), Stop(RIGHT)], SCREEN, least=2, beat=0)
    early, late = timing.split_path(path)
    assert early.seconds + late.seconds == pytest.approx(path.seconds)
    assert early.keys[-1][1] == late.keys[0][1]
    assert late.keys[0][0] == 0


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_a_shot_lasts_whole_frames(fps: int) -> None:
    seconds = timing.round_up_to_frames(2.345, VideoFormat(fps=fps))
    assert seconds >= 2.345
    assert seconds * fps == pytest.approx(round(seconds * fps))
