"""Bring every line to one loudness, so that voices of different actors and engines sound equally near."""

from __future__ import annotations

from tools.audio import Samples
from tools.audio.loudness import integrated_loudness

VOICE_LOUDNESS = -16.0
"""LUFS of each line on the voice bus: with pauses, music and effects around it, a film of -14 LUFS needs about that."""
MOST_LIFT, MOST_CUT = 30.0, -40.0
"""Decibels: what is quieter than a whisper is noise, and is not brought to the loudness of speech."""


def level_voice(samples: Samples) -> float:
    """Return the gain in decibels that brings a line to `VOICE_LOUDNESS`; 0 for silence.

    Args:
        samples: The line alone, (n,) mono or (n, 2) stereo at 48 kHz. Pauses in it do not count (the gates of EBU R 128
            leave them out), and a line shorter than 400 ms is measured over its own length.
    """
    loudness = integrated_loudness(samples)
    if loudness is None:
        return 0.0
    return min(MOST_LIFT, max(MOST_CUT, VOICE_LOUDNESS - loudness))
