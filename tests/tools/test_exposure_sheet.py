"""Test the exposure sheets of faces: when mouths move, how long drawings are held, and when eyes shut."""

from __future__ import annotations

from itertools import groupby

import pytest

from tools.exposure_sheet import DRAWN, eye_drawings, mouth_drawings
from tools.motion import Clock

CLOCK = Clock(24.0, 120, 2)
LINE = [(1.0, 1.9), (2.5, 3.0)]
"""Two words with a pause between them."""


@pytest.mark.parametrize("names", [["open"], ["closed"], ["open", "closed"]])
def test_a_mouth_moves_on_twos_only_while_its_line_is_heard_and_is_shut_in_its_pause(names: list[str]) -> None:
    sheet = mouth_drawings(CLOCK, [LINE], names, seed=3)
    moving = [number for number, name in enumerate(sheet) if name != DRAWN]
    assert len(sheet) == 120
    assert min(moving) >= 24
    assert max(moving) < 72
    assert all(first == second for first, second in zip(sheet[::2], sheet[1::2], strict=True))
    assert {*sheet[24:45]} == {DRAWN, *names}, "every drawing is used"
    assert set(sheet[48:58]) == {"closed" if "closed" in names else DRAWN}
    assert max(len(list(held)) for _, held in groupby(sheet[24:46])) <= 8
    assert sheet == mouth_drawings(CLOCK, [LINE], names, seed=3) != mouth_drawings(CLOCK, [LINE], names, seed=4)


def test_a_short_gap_is_no_pause_and_a_line_to_the_end_leaves_the_last_drawing_the_artists() -> None:
    words = [(at / 10, at / 10 + 0.05) for at in range(50)]
    sheet = mouth_drawings(CLOCK, [words], ["closed"], seed=1)
    assert {*sheet[:-2]} == {DRAWN, "closed"}
    assert sheet[-2:] == [DRAWN, DRAWN]
    assert set(mouth_drawings(CLOCK, [words], [], seed=1)) == {DRAWN}
    assert set(mouth_drawings(CLOCK, [], ["open"], seed=1)) == {DRAWN}


@pytest.mark.parametrize(("fps", "cadence", "hold"), [(24.0, 2, 2), (12.0, 2, 1), (24.0, 3, 3), (60.0, 2, 5)])
def test_eyes_shut_every_few_seconds_for_two_or_three_drawings(fps: float, cadence: int, hold: int) -> None:
    clock = Clock(fps, round(60 * fps), cadence)  # type: ignore[arg-type]
    runs = [(shut, len(list(held))) for shut, held in groupby(eye_drawings(clock, start=10.0, seed=5))]
    assert {length // hold for shut, length in runs if shut} <= {2, 3}
    assert runs[0] == (False, runs[0][1])
    assert 10.0 * fps <= runs[0][1] <= 13.0 * fps
    assert 8 <= sum(shut for shut, _ in runs) <= 25
    assert not any(eye_drawings(Clock(fps, round(fps / 2), 2), start=0.0, seed=5))
