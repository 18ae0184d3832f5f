"""Change the frame rate and the length of generated frames.

A model gives as many frames as it likes at a rate of its own. Drawn film has a cadence: on ones (a new drawing for each
of 24 frames a second), on twos, on threes; anime mostly moves on twos and threes (Williams, The Animator's Survival
Kit, 2001). So the cadence is a choice, not an accident of the model's rate.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.pixels import as_image, to_grey
from tools.plates import Image

Cadence = Literal["model", "ones", "twos", "threes"]
Longer = Literal["hold", "back and forth", "chain", "windows"]
FILM = 24.0
"""Frames per second of film."""
RATES = {"ones": FILM, "twos": FILM / 2, "threes": FILM / 3}
"""New drawings per second in each cadence."""


def retime(frames: Image, rate: float, cadence: Cadence) -> tuple[Image, float]:
    """Change frames to the rate of a cadence.

    A faster cadence is interpolated by optical flow, a slower one takes the nearest frames.

    Args:
        frames: (n, h, w, 3) RGB uint8.
        rate: Their frames per second.
        cadence: The cadence; "model" changes nothing.

    Returns:
        The frames and their frames per second.
    """
    if cadence == "model" or len(frames) < 2:
        return frames, rate
    target_rate = RATES[cadence]
    count = max(1, round((len(frames) - 1) / rate * target_rate) + 1)
    places = np.minimum(np.arange(count) * rate / target_rate, len(frames) - 1)
    if target_rate <= rate:
        return frames[np.round(places).astype(int)], target_rate
    return np.stack([_interpolate_frame(frames, float(place)) for place in places]), target_rate


def fit_length(frames: Image, rate: float, seconds: float, longer: Longer) -> Image:
    """Cut or extend frames to a length.

    Args:
        frames: (n, h, w, 3) RGB uint8.
        rate: Their frames per second.
        seconds: The length in seconds.
        longer: How a short motion is extended: "back and forth" plays it backwards and forwards again. "hold" adds
            nothing: the last frame stands until the shot ends. "chain" and "windows" add nothing either, because the
            model generated the whole length.
    """
    needed = max(1, round(seconds * rate) + 1)
    if len(frames) >= needed:
        return frames[:needed]
    if longer != "back and forth" or len(frames) < 3:
        return frames
    forward_and_back = np.concatenate([np.arange(len(frames)), np.arange(len(frames) - 2, 0, -1)])
    return frames[np.resize(forward_and_back, needed)]


def _interpolate_frame(frames: Image, place: float) -> Image:
    """Return the frame at a place between two: both are warped towards it along the flow (DIS), and mixed."""
    first = int(place)
    share = place - first
    if share < 1e-3 or first + 1 >= len(frames):
        return np.asarray(frames[first])
    before, after = frames[first], frames[first + 1]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    forward_flow = np.asarray(flow.calc(to_grey(before), to_grey(after), None), np.float32)  # type: ignore[call-overload]
    backward_flow = np.asarray(flow.calc(to_grey(after), to_grey(before), None), np.float32)  # type: ignore[call-overload]
    mixed = (
        _warp_along_flow(before, forward_flow, -share) * (1 - share)
        + _warp_along_flow(after, backward_flow, share - 1) * share
    )
    return as_image(mixed)


def _warp_along_flow(frame: Image, flow: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    height, width = frame.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    moved = cv2.remap(frame, xs + share * flow[..., 0], ys + share * flow[..., 1], cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return np.asarray(moved, np.float32)
