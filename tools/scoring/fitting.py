"""Fit a recording of music to the length of a cue: looped without a click, ended on a bar, at the usual loudness."""

from __future__ import annotations

import numpy as np

from tools.audio import SAMPLE_RATE, Samples, amplitude, as_samples, as_stereo
from tools.audio.envelopes import frames
from tools.audio.loudness import integrated_loudness
from tools.music import LOUDNESS
from tools.scoring.tempo import BEATS_OF_A_BAR, Beat, find_beat

FADE_IN = 0.02
LONG_CROSSFADE = 4.0
"""Seconds of the crossfade of a loop where no beat is found."""
LAST_FADE = 2.5
"""Seconds in which a piece without a beat fades out at the end of its cue."""
_TRIMMED = 0.004
"""The sample below which the ends of a recording count as silence: -48 dB against its peak."""


def fit_music(samples: Samples, seconds: float, *, loudness: float = LOUDNESS) -> Samples:
    """Make a recording last as long as a cue.

    A longer one is ended early, a shorter one goes on from its beginning. Where it has a clear beat both are done on
    it, in bars of four beats counted from its first one; otherwise the ends fade into each other.

    Args:
        samples: The recording at 48 kHz, mono or stereo.
        seconds: The length of the cue.
        loudness: LUFS of the result.

    Returns:
        (n, 2), exactly so long, that begins and ends without a click.
    """
    count, piece = frames(seconds), _without_silence(as_stereo(samples))
    beat = find_beat(piece)
    played = _looped(piece, count, beat) if len(piece) < count else piece[:count]
    end = _last_bar(beat, len(played)) if beat else len(played)
    fade = round(beat.period * 2) if beat else frames(min(LAST_FADE, seconds / 3))
    fitted = np.zeros((count, 2))
    fitted[:end] = played[:end] * _ends(end, min(fade, end))[:, None]
    found = integrated_loudness(as_samples(fitted))
    return as_samples(fitted if found is None else np.clip(fitted * amplitude(loudness - found), -1, 1))


def _ends(count: int, fade: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the factors of a piece that begins at once and fades out over its last samples."""
    factors = np.ones(count)
    begin = min(count, frames(FADE_IN))
    factors[:begin] = np.sin((np.arange(begin) + 0.5) / begin * np.pi / 2) ** 2
    factors[count - fade :] *= np.cos((np.arange(fade) + 0.5) / fade * np.pi / 2) ** 2
    return factors


def _last_bar(beat: Beat, count: int) -> int:
    """Return the last beginning of a bar within a length at which a piece can end; the length if it is too short."""
    bar = beat.period * BEATS_OF_A_BAR
    end = round(beat.first + np.floor((count - beat.first) / bar) * bar)
    return end if end >= 0.6 * count and end > 2 * beat.period else count


def _looped(piece: Samples, count: int, beat: Beat | None) -> Samples:
    """Return a piece that goes on from its beginning until it is long enough."""
    if beat is not None and (spans := _loop_on_beats(piece, beat)):
        start, end = spans
        crossfade = min(round(beat.period / 2), start + 1, len(piece) - end) if start else 0
        crossfade = max(crossfade, min(frames(0.03), len(piece) - end))
    else:
        crossfade = min(frames(LONG_CROSSFADE), len(piece) // 3)
        start, end = 0, len(piece) - crossfade
    return _repeated(piece, count, start, end, max(1, crossfade))


def _loop_on_beats(piece: Samples, beat: Beat) -> tuple[int, int] | None:
    """Return the first bar and the last one that a loop can jump back from; None for less than three bars."""
    bar = beat.period * BEATS_OF_A_BAR
    bars = int((len(piece) - beat.first - beat.period / 8) // bar)
    if bars < 3:
        return None
    start = round(beat.first) if beat.first >= 0 else round(beat.first + bar)
    return start, round(start + (bars if beat.first >= 0 else bars - 1) * bar)


def _repeated(piece: Samples, count: int, start: int, end: int, crossfade: int) -> Samples:
    """Return a piece whose part from `start` to `end` comes again, each time faded into from what follows the end."""
    rise = np.sin((np.arange(crossfade) + 0.5) / crossfade * np.pi / 2)[:, None]
    fall = rise[::-1]
    result = np.zeros((count + len(piece), 2))
    result[: end + crossfade] = piece[: end + crossfade]
    at = end
    while at < count:
        result[at : at + crossfade] *= fall
        result[at : at + crossfade] += piece[start : start + crossfade] * rise
        rest = piece[start + crossfade : end + crossfade]
        result[at + crossfade : at + crossfade + len(rest)] = rest
        at += end - start
    return as_samples(result[:count])


def _without_silence(sound: Samples) -> Samples:
    loud = np.abs(sound).max(axis=1)
    heard = np.flatnonzero(loud > _TRIMMED * max(float(loud.max()), 1e-9))
    return sound[heard[0] : heard[-1] + 1] if len(heard) > SAMPLE_RATE // 2 else sound
