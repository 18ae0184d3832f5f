"""Dissolve from one moving picture to another, and show a part of the time of a moving picture."""

from __future__ import annotations

import math

from tools.pixels import blend
from tools.plates import FrameFunction, GreyFrames, Image


def dissolve_function(before: FrameFunction, after: FrameFunction) -> FrameFunction:
    """Return a function that dissolves from one moving picture to another, slowly at both ends (a cosine).

    Args:
        before: The function from t (0..1) to the first picture, (h, w, 3) RGB uint8.
        after: The one to the last picture, of the same size.

    Returns:
        A function from t (0..1) to a frame, (h, w, 3) RGB uint8; `GreyFrames` where both pictures are.
    """
    in_tones = isinstance(before, GreyFrames) and isinstance(after, GreyFrames)
    first, last = (side.tones if in_tones and isinstance(side, GreyFrames) else side for side in (before, after))

    def frame(t: float) -> Image:
        share = 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, t)))
        return blend(first(t), last(t), share)

    return GreyFrames(frame) if in_tones else frame


def part_of_time(frame: FrameFunction, start: float, end: float) -> FrameFunction:
    """Return the function from t (0..1) to the frames between two moments, 0..1, which may lie before or after a shot.

    Args:
        frame: The function of all frames.
        start: The moment that is shown at 0.
        end: The moment that is shown at 1; the same one for a picture at rest.
    """

    def moment(t: float) -> float:
        return start + (end - start) * t

    if isinstance(frame, GreyFrames):
        tones = frame.tones
        return GreyFrames(lambda t: tones(moment(t)))
    return lambda t: frame(moment(t))
