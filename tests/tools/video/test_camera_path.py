"""Test the arithmetic of the camera path: easing, zooms and holds."""

from __future__ import annotations

from itertools import pairwise

import pytest

from storage.domain import Box, CameraKey
from tools.video.camera_path import camera_at, camera_path, ease_progress, interpolate_box, visited_box

WIDE, TIGHT = Box(0, 0, 1600, 900), Box(400, 225, 1200, 675)


def keys(*stops: tuple[float, Box]) -> list[CameraKey]:
    return [CameraKey(t=t, box=box) for t, box in stops]


@pytest.mark.parametrize("ease", ["in-out", "in", "out", "linear"])
def test_every_ease_runs_from_one_end_to_the_other_and_never_back(ease: str) -> None:
    values = [ease_progress(i / 50, ease) for i in range(51)]  # type: ignore[arg-type]
    assert values[0] == 0.0
    assert values[-1] == pytest.approx(1.0)
    assert all(a <= b for a, b in pairwise(values))


def test_an_eased_move_rests_at_both_ends() -> None:
    path = camera_path(keys((0, Box(0, 0, 160, 90)), (1, Box(100, 0, 260, 90))), 101, "in-out")
    steps = [b.x0 - a.x0 for a, b in pairwise(path)]
    assert steps[0] < 0.05 > steps[-1]
    assert max(steps) == pytest.approx(1.5, abs=0.01)


def test_a_zoom_grows_by_equal_factors_and_keeps_what_it_aims_at_in_place() -> None:
    boxes = [interpolate_box(WIDE, TIGHT, e) for e in (0.0, 0.25, 0.5, 0.75, 1.0)]
    factors = [b.width / a.width for a, b in pairwise(boxes)]
    assert max(factors) == pytest.approx(min(factors))
    assert all(box.center == pytest.approx(WIDE.center) for box in boxes)
    assert all(box.aspect == pytest.approx(WIDE.aspect) for box in boxes)


def test_two_keys_with_one_box_are_a_hold_that_does_not_move_at_all() -> None:
    held = keys((0, WIDE), (0.5, WIDE), (1, TIGHT))
    assert {camera_at(held, t / 100, "in-out") for t in range(51)} == {WIDE}
    assert camera_at(held, 1.0, "in-out") == TIGHT


def test_the_camera_stands_at_its_first_and_last_key_outside_their_times() -> None:
    late = keys((0.2, WIDE), (0.8, TIGHT))
    assert camera_at(late, 0.0, "linear") == WIDE
    assert camera_at(late, 1.0, "linear") == TIGHT


def test_what_the_camera_visits_holds_every_box_of_its_path() -> None:
    camera = keys((0, Box(0, 0, 320, 180)), (0.5, Box(500, 90, 660, 180)), (1, Box(-50, 300, 270, 480)))
    around = visited_box(camera)
    for box in camera_path(camera, 60, "in-out"):
        assert around.x0 <= box.x0 + 1e-9
        assert box.x1 <= around.x1 + 1e-9
        assert around.y0 <= box.y0 + 1e-9
        assert box.y1 <= around.y1 + 1e-9
