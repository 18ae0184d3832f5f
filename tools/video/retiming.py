"""Change the frame rate and the length of generated frames.

A model gives as many frames as it likes at a rate of its own. Drawn film has a cadence: on ones (a new drawing for each
of 24 frames a second), on twos, on threes; anime mostly moves on twos and threes (Williams, The Animator's Survival
Kit, 2001). So the cadence is a choice, not an accident of the model's rate.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tools.plates import Image

Cadence = Literal["model", "ones", "twos", "threes"]
Longer = Literal["hold", "back and forth", "chain", "windows"]
FILM = 24.0
"""Frames per second of film."""
RATES = {"ones": FILM, "twos": FILM / 2, "threes": FILM / 3}
"""New drawings per second in each cadence."""


def retime(frames: Image, rate: float, cadence: Cadence) -> tuple[Image, float]:
    """Change frames to the rate of a cadence.

    Every frame is one that the model drew, the nearest in time: two drawings are never mixed, which would show the
    lines of both.

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
    return frames[np.round(places).astype(int)], target_rate


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
