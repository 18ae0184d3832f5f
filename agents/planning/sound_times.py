"""Keep the sounds of a shot where they are in the picture, when the shot is cut, joined or delayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from storage.sound import ShotSound, SoundCue


def delay_cues(
    cues: Sequence[SoundCue], seconds: float, delay: float, total: float, *, from_start: bool = False
) -> tuple[SoundCue, ...]:
    """Return the cues of a shot of `seconds` that begins `delay` seconds into one of `total` seconds.

    Cues with lettering stay with it. Cues of the beginning begin with the new shot where `from_start` is set.
    """
    if not delay and seconds == total:
        return tuple(cues)
    return tuple(_delay_cue(cue, seconds, delay, total, from_start=from_start) for cue in cues)


def delay_sound(sound: ShotSound, seconds: float, delay: float, total: float) -> ShotSound:
    """Return what a shot sounds like that gets `delay` seconds more at its beginning and lasts `total` seconds."""
    return with_cues(sound, delay_cues(sound.cues, seconds, delay, total, from_start=True))


def divide_sound(
    sound: ShotSound, parts: Sequence[float], lengths: Sequence[float], part_of: Mapping[str, int]
) -> list[ShotSound]:
    """Return what each part of a shot sounds like: each cue is only in the part in which it comes.

    Levels, place and music are those of the whole shot in all parts.

    Args:
        sound: The sound of the whole shot.
        parts: The seconds of the shot that each part shows, in order.
        lengths: The seconds that each part lasts now; what was added to it lies at its beginning.
        part_of: The number of the part, from 0, in which each lettering comes, by its id.
    """
    ends = list(accumulate(parts))
    cues: list[list[SoundCue]] = [[] for _ in ends]
    for cue in sound.cues:
        if cue.balloon is not None:
            cues[part_of.get(cue.balloon, 0)].append(cue)
        elif cue.at is None:
            cues[0].append(cue)
        else:
            seconds = cue.at * ends[-1]
            part = next((i for i, end in enumerate(ends) if seconds < end - 1e-6), len(ends) - 1)
            at = 1.0 - (ends[part] - seconds) / lengths[part]
            cues[part].append(cue.model_copy(update={"at": _as_share(at)}))
    return [with_cues(sound, tuple(found)) for found in cues]


def with_cues(sound: ShotSound, cues: tuple[SoundCue, ...]) -> ShotSound:
    """Return what a shot sounds like with other cues."""
    return sound if sound.cues == cues else sound.model_copy(update={"cues": cues})


def _delay_cue(cue: SoundCue, seconds: float, delay: float, total: float, *, from_start: bool) -> SoundCue:
    if cue.balloon is not None or (cue.at is None and from_start):
        return cue
    return cue.model_copy(update={"at": _as_share(((cue.at or 0.0) * seconds + delay) / total)})


def _as_share(at: float) -> float:
    return min(1.0, max(0.0, at))
