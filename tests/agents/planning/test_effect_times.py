"""The moments of effects stay where they are in the picture, whatever happens to the length of their shot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planning.effect_times import delay_effects, divide_effects, retime_effects, with_effects
from storage.domain import MotionEffect, RenderOptions

RAIN = MotionEffect(kind="rain")


def impact(at: float) -> MotionEffect:
    return MotionEffect(kind="impact", at=at)


def test_an_effect_without_a_moment_stays_and_one_whose_moment_is_gone_is_left_out() -> None:
    assert retime_effects((RAIN, impact(0.5)), lambda _: None) == (RAIN,)
    assert retime_effects((impact(0.5),), lambda at: at * 4) == (impact(1.0),)


def test_a_delayed_effect_comes_as_much_later() -> None:
    assert delay_effects((impact(0.5), RAIN), 4.0, 1.0, 8.0) == (impact(3 / 8), RAIN)


def test_options_without_a_change_are_the_same_object() -> None:
    options = RenderOptions(effects=(RAIN,))
    assert with_effects(options, (RAIN,)) is options
    assert with_effects(options, ()).effects == ()


@given(
    at=st.floats(0, 1),
    parts=st.lists(st.tuples(st.floats(0.2, 9), st.floats(0, 2)), min_size=1, max_size=5),
)
def test_a_moment_is_in_one_part_at_the_same_picture(at: float, parts: list[tuple[float, float]]) -> None:
    shown = [seconds for seconds, _ in parts]
    lengths = [seconds + added for seconds, added in parts]
    divided = divide_effects((RAIN, impact(at)), shown, lengths)
    assert all(effects[0] == RAIN for effects in divided)
    ((number, found),) = [(i, effects[1]) for i, effects in enumerate(divided) if len(effects) > 1]
    assert found.at is not None
    from_end = (1 - found.at) * lengths[number]
    assert sum(shown[number + 1 :]) + from_end == pytest.approx((1 - at) * sum(shown), abs=1e-5)
