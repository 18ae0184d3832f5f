"""Test the levels under speech: when they fall, how deep, and where they swell back."""

from __future__ import annotations

import numpy as np
import pytest

from tools.audio import SAMPLE_RATE as RATE
from tools.mixing.ducking import GainCurve, GainPoint, duck


def test_no_lines_are_no_points_and_leave_the_level() -> None:
    assert duck([]) == ()
    assert GainCurve(()).factors(0, 10) == pytest.approx(1)


def test_it_is_low_from_the_first_to_the_last_sample_of_a_line() -> None:
    curve = GainCurve(duck([(2 * RATE, 4 * RATE)]))
    factors = np.broadcast_to(curve.factors(0, 6 * RATE), (6 * RATE, 1))[:, 0]
    gain = 20 * np.log10(factors)
    assert gain[2 * RATE : 4 * RATE + 1] == pytest.approx(-12, abs=1e-4)
    assert gain[round(1.7 * RATE)] == pytest.approx(0, abs=1e-3)
    assert gain[round(1.85 * RATE)] == pytest.approx(-6, abs=1e-2)
    assert gain[round(4.15 * RATE)] == pytest.approx(-6, abs=1e-2)
    assert gain[round(4.3 * RATE) :] == pytest.approx(0, abs=1e-3)


def test_it_stays_low_in_a_short_gap_and_swells_back_in_a_long_one() -> None:
    lines = [(5 * RATE, 6 * RATE), (0, RATE), (2 * RATE, 3 * RATE), (10 * RATE, 11 * RATE), (10 * RATE, 10 * RATE + 9)]
    points = duck(lines)
    low = [(points[i + 1].at, points[i + 2].at) for i in range(0, len(points), 4)]
    assert low == [(0, 3 * RATE), (5 * RATE, 6 * RATE), (10 * RATE, 11 * RATE)]
    assert [point.at for point in points] == sorted(point.at for point in points)


def test_ramps_of_neighbours_never_cross() -> None:
    points = duck([(0, RATE), (2 * RATE, 3 * RATE)], ramp=0.6, swell=0.1)
    assert [point.at for point in points] == sorted(point.at for point in points)


def test_a_level_of_silence_is_silence() -> None:
    curve = GainCurve([GainPoint(0, -200.0), GainPoint(10, -200.0), GainPoint(10, 0.0)])
    found = curve.factors(0, 20)[:, 0]
    assert (found[:10] == 0).all()
    assert (found[11:] == 1).all()


def test_a_block_that_lies_between_two_equal_points_has_one_factor() -> None:
    curve = GainCurve([GainPoint(0, -6.0), GainPoint(100_000, -6.0), GainPoint(120_000, 0.0)])
    assert curve.factors(10, 5000).shape == (1, 1)
    assert curve.factors(99_000, 5000).shape == (5000, 1)
