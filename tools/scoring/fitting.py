"""Fit a recording of music to the length of a cue: looped without a click, ended on a bar, at the usual loudness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, Samples, amplitude, as_samples, as_stereo, peak
from tools.audio.envelopes import frames
from tools.audio.loudness import LoudnessMeter
from tools.music import LOUDNESS
from tools.scoring.tempo import BEATS_OF_A_BAR, LISTENED_SECONDS, Beat, find_beat

BLOCK = 1 << 18
"""Samples that are made at a time: 5 seconds."""
FADE_IN = 0.02
LONG_CROSSFADE = 4.0
"""Seconds of the crossfade of a loop where no beat is found."""
LAST_FADE = 2.5
"""Seconds in which a piece without a beat fades out at the end of its cue."""
_TRIMMED = 0.004
"""The sample below which the ends of a recording count as silence: -48 dB against its peak."""


@dataclass(frozen=True)
class _Loop:
    """The part of a piece that comes again, faded into from what follows its end."""

    start: int
    end: int
    crossfade: int
    """Samples, no more than the loop has."""


def fit_music(samples: Samples, seconds: float, *, loudness: float = LOUDNESS) -> Iterator[Samples]:
    """Make a recording last as long as a cue, block by block, so that an hour needs no more memory than a minute.

    A longer one is ended early, a shorter one goes on from its beginning. Where it has a clear beat both are done on
    it, in bars of four beats counted from its first one; otherwise the ends fade into each other.

    Args:
        samples: The recording at 48 kHz, mono or stereo.
        seconds: The length of the cue.
        loudness: LUFS of the result.

    Yields:
        Blocks, (n, 2), exactly so long together, that begin and end without a click.
    """
    count, piece = frames(seconds), _without_silence(samples)
    beat = find_beat(as_stereo(piece[: frames(LISTENED_SECONDS)]))
    loop = _find_loop(piece, beat) if len(piece) < count else None
    end = _last_bar(beat, count) if beat else count
    fade = min(round(beat.period * 2) if beat else frames(min(LAST_FADE, seconds / 3)), end)

    def blocks() -> Iterator[NDArray[np.float64]]:
        """Yield the piece as long as the cue, at its own loudness."""
        for start in range(0, count, BLOCK):
            at = np.arange(start, min(start + BLOCK, count))
            yield _played(piece, at, loop).astype(np.float64) * _ends(at, end, fade)[:, None]

    meter = LoudnessMeter()
    for block in blocks():
        meter.feed(as_samples(block))
    found = meter.integrated()
    for block in blocks():
        yield as_samples(block if found is None else np.clip(block * amplitude(loudness - found), -1, 1))


def _played(piece: Samples, at: NDArray[np.intp], loop: _Loop | None) -> Samples:
    """Return what is heard of a piece at some moments, as stereo."""
    if loop is None or at[-1] < loop.end:
        return as_stereo(piece[at[0] : at[-1] + 1])
    into = np.where(at < loop.end, at - loop.start, (at - loop.end) % (loop.end - loop.start))
    heard = as_stereo(piece[loop.start + into]).astype(np.float64)
    fading = (at >= loop.end) & (into < loop.crossfade)
    place = into[fading]
    before = as_stereo(piece[np.minimum(loop.end + place, len(piece) - 1)])
    angle = (place[:, None] + 0.5) / loop.crossfade * np.pi / 2
    heard[fading] = before * np.cos(angle) + heard[fading] * np.sin(angle)
    return as_samples(heard)


def _ends(at: NDArray[np.intp], end: int, fade: int) -> NDArray[np.float64]:
    """Return the factors of some moments of a piece that begins at once and fades out over its last samples."""
    begin = min(end, frames(FADE_IN))
    factors = np.where(at < begin, np.sin((at + 0.5) / max(begin, 1) * np.pi / 2) ** 2, 1.0)
    place = (at - (end - fade) + 0.5) / max(fade, 1)
    factors *= np.where(place > 0, np.cos(np.minimum(place, 1) * np.pi / 2) ** 2, 1.0)
    return np.where(at < end, factors, 0.0)


def _last_bar(beat: Beat, count: int) -> int:
    """Return the last beginning of a bar within a length at which a piece can end; the length if it is too short."""
    bar = beat.period * BEATS_OF_A_BAR
    end = round(beat.first + np.floor((count - beat.first) / bar) * bar)
    return end if end >= 0.6 * count and end > 2 * beat.period else count


def _find_loop(piece: Samples, beat: Beat | None) -> _Loop:
    """Return the part of a piece that comes again until it is long enough."""
    if beat is not None and (spans := _loop_on_beats(piece, beat)):
        start, end = spans
        crossfade = min(round(beat.period / 2), start + 1, len(piece) - end) if start else 0
        crossfade = max(crossfade, min(frames(0.03), len(piece) - end))
    else:
        crossfade = min(frames(LONG_CROSSFADE), len(piece) // 3)
        start, end = 0, len(piece) - crossfade
    return _Loop(start, end, max(1, crossfade))


def _loop_on_beats(piece: Samples, beat: Beat) -> tuple[int, int] | None:
    """Return the first bar and the last one that a loop can jump back from; None for less than three bars."""
    bar = beat.period * BEATS_OF_A_BAR
    bars = int((len(piece) - beat.first - beat.period / 8) // bar)
    if bars < 3:
        return None
    start = round(beat.first) if beat.first >= 0 else round(beat.first + bar)
    return start, round(start + (bars if beat.first >= 0 else bars - 1) * bar)


def _without_silence(sound: Samples) -> Samples:
    """Return a sound without the silence at its ends; one of less than half a second stays as it is."""
    floor = _TRIMMED * max(peak(sound), 1e-9)
    first, last, heard = len(sound), 0, 0
    for start in range(0, len(sound), BLOCK):
        block = np.abs(sound[start : start + BLOCK])
        loud = np.flatnonzero((block if block.ndim == 1 else block.max(axis=1)) > floor)
        if len(loud):
            first, last, heard = min(first, start + int(loud[0])), start + int(loud[-1]) + 1, heard + len(loud)
    return sound[first:last] if heard > SAMPLE_RATE // 2 else sound
