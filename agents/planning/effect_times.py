"""Keep the moments of effects where they are in the picture, when a shot is cut, joined or delayed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate

from storage.domain import MotionEffect, RenderOptions

Effects = tuple[MotionEffect, ...]


def with_effects(options: RenderOptions, effects: Effects) -> RenderOptions:
    """Return the render options with other effects."""
    return options if options.effects == effects else options.model_copy(update={"effects": effects})


def retime_effects(effects: Sequence[MotionEffect], moment: Callable[[float], float | None]) -> Effects:
    """Return the effects of a shot with another length; those without a moment last all of it and stay as they are.

    Args:
        effects: The effects of the shot as it was.
        moment: Returns where a moment, a share of the shot as it was, lies in the new one (0..1); None where it does
            not, and its effect is left out.
    """
    found: list[MotionEffect] = []
    for effect in effects:
        if effect.at is None:
            found.append(effect)
        elif (at := moment(effect.at)) is not None:
            found.append(effect.model_copy(update={"at": min(1.0, max(0.0, at))}))
    return tuple(found)


def delay_effects(effects: Sequence[MotionEffect], seconds: float, delay: float, total: float) -> Effects:
    """Return the effects of a shot of `seconds` that begins `delay` seconds into one of `total` seconds."""
    return retime_effects(effects, lambda at: (at * seconds + delay) / total)


def divide_effects(effects: Sequence[MotionEffect], parts: Sequence[float], lengths: Sequence[float]) -> list[Effects]:
    """Return the effects of each part of a shot: a moment is only in the part in which it comes.

    Args:
        effects: The effects of the whole shot.
        parts: The seconds of the shot that each part shows, in order.
        lengths: The seconds that each part lasts now; what was added to it lies at its beginning.
    """
    ends = list(accumulate(parts))

    def moment_in(number: int, at: float) -> float | None:
        seconds = at * ends[-1]
        part = next((i for i, end in enumerate(ends) if seconds < end - 1e-6), len(ends) - 1)
        return 1.0 - (ends[part] - seconds) / lengths[part] if part == number else None

    return [retime_effects(effects, partial(moment_in, number)) for number in range(len(ends))]
