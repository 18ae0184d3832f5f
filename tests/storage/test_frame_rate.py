"""Test which frame rates are understood, exactly, and which are refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from storage.domain import VideoFormat
from storage.frame_rate import FrameRate, check_film_rate, dump_frame_rate, frame_rate_name, parse_frame_rate

FILM, VIDEO, FAST = (Fraction(whole * 1000, 1001) for whole in (24, 30, 60))


@pytest.mark.parametrize(
    ("said", "rate", "name"),
    [
        (24, 24, "24"), (25.0, 25, "25"), ("30", 30, "30"), ("24/1", 24, "24"), ("23.976", FILM, "23.976"),
        (23.976, FILM, "23.976"), ("23.98", FILM, "23.976"), ("24000/1001", FILM, "23.976"), (FILM, FILM, "23.976"),
        (24 / 1.001, FILM, "23.976"), ("29.97", VIDEO, "29.97"), (59.94, FAST, "59.94"),
        (12.5, Fraction(25, 2), "12.5"),
    ],
)  # fmt: skip
def test_a_rate_is_exact_and_whole_where_it_can_be(said: object, rate: FrameRate, name: str) -> None:
    found = check_film_rate(said)
    assert found == rate
    assert isinstance(found, int) == (Fraction(rate).denominator == 1)
    assert frame_rate_name(found) == name
    assert parse_frame_rate(dump_frame_rate(found)) == found
    assert VideoFormat.model_validate_json(VideoFormat(fps=found).model_dump_json()).fps == found


@pytest.mark.parametrize(
    "said", [0, "0", -24, "nan", float("nan"), float("inf"), "1/0", "1e2", "24,5", "", None, True, "24.123456789",
             11, 61,
             11.988, 10**400, "٢٤", [24]],
)  # fmt: skip
def test_what_is_no_rate_of_a_film_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match=r"frame"):
        check_film_rate(said)
