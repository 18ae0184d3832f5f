"""Divide a shot into spans that end on its key pictures, and fit what a model draws to their lengths.

A model that takes a last frame draws one clip from each key picture to the next. A model that takes known frames
anywhere draws all of them in one clip, where the shot fits into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.plates import Image, KeyFrame
from tools.video import retiming


@dataclass(frozen=True)
class KeyedFrame:
    """A key picture with its places among frames."""

    drawing: int
    """Its number among the drawings that are shown."""
    frame: int
    """Its number among the model's frames, from 0 for the first frame of the shot."""
    pixels: Image


@dataclass(frozen=True)
class Span:
    """A part of a shot from one given picture to the next, or to the end of the shot."""

    start: int
    """The number of its first frame in the shot."""
    length: int
    """Its number of frames, the first and the last included."""
    first: Image
    keys: tuple[KeyedFrame, ...] = ()
    """The key pictures in it; the last one is its last frame. None where it goes on to the end of the shot."""

    def known_frames(self, count: int) -> dict[int, Image]:
        """Return the key pictures by their numbers among `count` frames that the model draws for the span."""
        scale = (count - 1) / max(1, self.length - 1)
        return {max(1, round((key.frame - self.start) * scale)): key.pixels for key in self.keys}


def place_keys(keys: Sequence[KeyFrame], *, seconds: float, rate: float, shown_rate: float) -> list[KeyedFrame]:
    """Return where key pictures stand, in order; of two on one drawing the later one.

    The end of a shot is its last whole drawing, so that an end pose is seen for at least as long as any other.

    Args:
        keys: The key pictures.
        seconds: The length of the shot in seconds.
        rate: The frames per second of the model.
        shown_rate: The drawings per second that are shown.
    """
    end = max(1, drawing_count(seconds, shown_rate) - 2)
    drawings = {max(1, round(key.at * end)): key.pixels for key in sorted(keys, key=lambda key: key.at)}
    frames = {max(1, round(drawing / shown_rate * rate)): (drawing, pixels) for drawing, pixels in drawings.items()}
    return [KeyedFrame(drawing, frame, pixels) for frame, (drawing, pixels) in frames.items()]


def drawing_count(seconds: float, shown_rate: float) -> int:
    """Return how many drawings a shot shows, as `retiming.fit_length` counts them."""
    return max(1, round(seconds * shown_rate) + 1)


def plan_spans(first: Image, keys: Sequence[KeyedFrame], count: int, *, is_whole: bool) -> list[Span]:
    """Return the spans of a shot with key pictures.

    Args:
        first: The first frame.
        keys: The key pictures, in order; at least one.
        count: The number of frames of the shot.
        is_whole: Whether all key pictures are drawn in one clip.
    """
    groups = [tuple(keys)] if is_whole else [(key,) for key in keys]
    spans, start = list[Span](), 0
    for group in groups:
        spans.append(Span(start, group[-1].frame - start + 1, first, group))
        start, first = group[-1].frame, group[-1].pixels
    return [*spans, Span(start, count - start, first)] if count - 1 > start + 1 else spans


def spread_frames(made: Image, length: int, most: int) -> Image:
    """Return the frames of a clip as `length` frames, from its first to its last; no frame is mixed from two.

    Args:
        made: (n, h, w, 3) RGB uint8, n at least 1.
        length: The number of frames.
        most: The most frames that the model draws in one clip. A clip that is shorter than the span keeps its speed,
            and its last frame stays.
    """
    moving = min(length, max(most, len(made)))
    numbers = np.round(np.linspace(0, len(made) - 1, moving)).astype(int)
    return np.asarray(made[np.concatenate([numbers, np.repeat(numbers[-1:], length - moving)])])


def show_keys(frames: Image, keys: Sequence[KeyedFrame], first: Image, count: int) -> tuple[Image, tuple[int, ...]]:
    """Return `count` drawings in which each key picture stands as it was given, and the numbers of these drawings.

    Args:
        frames: The drawings so far, at least one.
        keys: The key pictures.
        first: The picture from which the shot begins.
        count: How many drawings the shot shows.
    """
    shown = frames[np.minimum(np.arange(count), len(frames) - 1)].copy()
    shown[0] = first
    for key in keys:
        shown[key.drawing] = key.pixels
    numbers = [0, *(key.drawing for key in keys)]
    if count - numbers[-1] == 2:  # the end pose stays until the shot has ended
        shown[-1] = shown[-2]
        numbers.append(count - 1)
    return shown, tuple(numbers)


def shown_rate(rate: float, cadence: retiming.Cadence) -> float:
    """Return the drawings per second that a cadence shows of a model's `rate`."""
    return rate if cadence == "model" else retiming.RATES[cadence]
