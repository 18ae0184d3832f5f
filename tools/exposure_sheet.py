"""Write the exposure sheet of a face: which drawings of its mouth and its eyes each frame of a shot shows.

As in drawn film each drawing is held for two frames (or what the cadence says). While a line is heard the drawings of
the mouth alternate; at its pauses the mouth is shut; before and after it the artist's drawing is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.motion import Clock, random_numbers

VERSION = 1
"""Raised when the same lines are flapped or blinked differently: part of the content keys."""
DRAWN = ""
"""The artist's own drawing."""
PAUSE_SECONDS = 0.12
"""Gap between two words from which on the mouth shuts."""
BLINK_EVERY = (2.0, 6.0)
"""Seconds from one blink to the next, at least and at most."""
FIRST_BLINK = (0.6, 2.5)
"""Seconds until the first blink of a face."""
BLINK_DRAWINGS = (2, 3)
"""For how many drawings eyes stay shut."""
HELD_SHARE = 0.3
"""How often a drawing of the mouth is held for one more drawing: a mouth that flaps evenly looks like a machine."""
Line = Sequence[tuple[float, float]]
"""The words of a line, or one span of all of it: start and end in seconds of the shot, in order."""


def mouth_drawings(clock: Clock, lines: Sequence[Line], names: Sequence[str], *, seed: int) -> list[str]:
    """Return the name of the drawing of the mouth for each frame; `DRAWN` wherever no line is heard.

    Args:
        clock: The frames of the shot, and how long a drawing is held.
        lines: The lines that the face says.
        names: The drawings that there are besides the artist's: "open", "closed" or both.
        seed: Equal seeds give equal sheets.
    """
    sheet = [DRAWN] * clock.frames
    moving = [name for name in ("open", DRAWN, "closed") if name == DRAWN or name in names]
    if len(moving) < 2:
        return sheet
    shut, luck, last = moving[-1], random_numbers(seed, 0), moving[-1]
    for first in range(0, clock.frames - clock.hold, clock.hold):  # the last drawing of a shot is the artist's
        start, end = first / clock.fps, min(clock.frames, first + clock.hold) / clock.fps
        line = next((line for line in lines if line and line[0][0] <= start and end <= line[-1][1]), None)
        if line is None:
            last = shut
            continue
        others = [name for name in moving if name != last or (last != shut and luck.random() < HELD_SHARE)]
        chosen = others[int(luck.integers(len(others)))]
        last = shut if _is_pause(line, start, end) else chosen
        sheet[first : first + clock.hold] = [last] * clock.hold
    return sheet


def eye_drawings(clock: Clock, *, start: float, seed: int) -> list[bool]:
    """Return for each frame whether the eyes are shut: every few seconds, for two or three drawings.

    Args:
        clock: The frames of the shot, and how long a drawing is held.
        start: The second from which the face is seen.
        seed: Equal seeds give equal sheets.
    """
    sheet, luck = [False] * clock.frames, random_numbers(seed, 1)
    at = start + luck.uniform(*FIRST_BLINK)
    while True:
        held = int(luck.integers(BLINK_DRAWINGS[0], BLINK_DRAWINGS[1] + 1)) * clock.hold
        first = int(at * clock.fps) // clock.hold * clock.hold
        if first + held + clock.hold > clock.frames:
            return sheet
        sheet[first : first + held] = [True] * held
        at += luck.uniform(*BLINK_EVERY)


def _is_pause(line: Line, start: float, end: float) -> bool:
    """Return whether no word is said in a span of time, and the gap in which it lies is long enough to be one."""
    if any(word_start < end and word_end > start for word_start, word_end in line):
        return False
    middle = (start + end) / 2
    before = max((word_end for _, word_end in line if word_end <= middle), default=-np.inf)
    after = min((word_start for word_start, _ in line if word_start >= middle), default=np.inf)
    return bool(after - before >= PAUSE_SECONDS)
