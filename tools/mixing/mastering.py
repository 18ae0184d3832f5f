"""Add the buses of a film to one mix of a known loudness and true peak, and encode it.

One gain is held over the whole film. A leveller that follows the loudness, such as a dynamic loudnorm, would lift
music again where it was lowered under speech. The gain comes from the foreground (voice, effects, music). The ambience
keeps its distance to the loudness that is aimed at, so that a film of ambience alone stays quiet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.sound import Bus
from tools.audio import amplitude, decibels
from tools.audio.loudness import STEP, block_energies, gated_loudness, is_heard, lufs
from tools.mixing.measurement import LoudnessFacts, measure
from tools.mixing.stem_facts import StemFacts
from tools.mixing.stretches import Levels, Stretch, join_stretches

LOUDNESS, TRUE_PEAK = -14.0, -1.0
"""LUFS and decibels of true peak that a film has by default: what platforms of the web turn films down to."""
MOST_LIFT, MOST_CUT = 12.0, -24.0
"""Decibels by which the foreground is changed at most: a film of a few quiet sounds is meant to be quiet."""
MOST_LIMITED = 8.0
"""Decibels by which the gain may lift the highest peak over the limiter's ceiling: a film of a few sharp sounds stays
quieter, as nothing would be left of their attacks."""
MOST_PAUSES = 3.0
"""LU by which pauses may lower the loudness of the whole below that of the foreground; beyond it they are left out."""
TOLERANCE = 0.4
"""LU between the finished mix and the loudness that is aimed at, at which no other gain is tried."""
GAIN_STEP = 0.5
"""Decibels between two gains of the foreground: a small change of one sound leaves the gain as it is, and with it all
stretches of the mix in which nothing changed."""
_HEADROOM = 1.0
"""Decibels between the limiter's first ceiling and the true peak: AAC adds 0.1 to peaks of speech, 0.9 to those of
effects that were limited. It adds up to 1.3 to loud noise; then the ceiling is lowered by what was measured, and the
mix is made again."""
_AGAIN = 1.6
"""By how much more the gain is changed where a limiter takes a part of it away."""
_GAIN_STEPS, _ENCODINGS = 8, 5


@dataclass(frozen=True)
class MixFacts:
    """What was measured of the finished AAC file, and how it came about."""

    integrated: float
    """Integrated loudness in LUFS; -70 for silence."""
    true_peak: float
    """Decibels of full scale; -inf for digital silence."""
    range: float
    """Loudness range (LRA) in LU."""
    gain: float
    """Decibels by which voice, effects and music were changed."""
    ambience_gain: float
    """Decibels by which the ambience was changed."""
    ceiling: float
    """Decibels of the limiter's ceiling."""
    reduction: float
    """Decibels by which the limiter lowered the loudest moment."""
    encodings: int
    """How often the mix was encoded until its loudness and its true peak were right."""
    has_foreground: bool
    """Whether anything but ambience is heard; without it the loudness is not brought to what is aimed at."""


@dataclass(frozen=True)
class _Aim:
    """The loudness that a mix is to have, and the stems of which it is made."""

    loudness: float
    foreground: NDArray[np.float64]
    """The energies of its blocks of 400 ms."""
    ambience: NDArray[np.float64]
    """The energies of its blocks at the level that it has in the mix."""
    most_lift: float
    """Decibels by which the foreground is lifted at most."""

    @property
    def has_foreground(self) -> bool:
        """Whether anything but ambience is heard."""
        return bool(is_heard(self.foreground).any())

    def bounded(self, gain: float) -> float:
        """Return a gain of the foreground within its bounds."""
        return min(self.most_lift, max(MOST_CUT, gain))

    def stepped(self, gain: float) -> float:
        """Return the nearest gain that is a multiple of `GAIN_STEP`, within the bounds."""
        return self.bounded(round(gain / GAIN_STEP) * GAIN_STEP)

    def missing(self, gain: float, found: float | None = None) -> float:
        """Return by how many decibels a mix is too quiet; 0 without a foreground.

        It is measured as a whole. But where the foreground is rare the gates let pauses in, and the gain would be
        lifted far beyond what a few sounds bear: then those blocks count in which the foreground is heard.

        Args:
            gain: The gain of the foreground.
            found: The integrated loudness of the finished mix; None where the energies of the stems tell it.
        """
        heard = is_heard(self.foreground)
        if not heard.any():
            return 0.0
        blocks = self.foreground * amplitude(gain) ** 2 + self.ambience
        whole, foreground = gated_loudness(blocks), lufs(float(blocks[heard].mean()))
        if whole is None or foreground - whole > MOST_PAUSES:
            return self.loudness - foreground
        return self.loudness - (whole if found is None else found)


def master(
    stems: Mapping[Bus, StemFacts],
    length: int,
    encode: Callable[[Levels], Sequence[Stretch]],
    path: Path,
    *,
    loudness: float = LOUDNESS,
    true_peak: float = TRUE_PEAK,
) -> MixFacts:
    """Write the mix of a film as AAC at 48 kHz in stereo with 192 kbit/s.

    Args:
        stems: What was measured of the stem of each bus; those that are missing are silent.
        length: The samples of the film.
        encode: Encodes all stretches of the film at given levels, in order, as `encode_stretch` does.
        path: The .m4a file that is written.
        loudness: LUFS that the film has as a whole, within 0.5 LU, where sounds of the foreground fill it. Where they
            are rare or need more than `MOST_LIFT` it is quieter.
        true_peak: Decibels that no peak of the AAC exceeds.

    Returns:
        The facts of the AAC file. Equal stems give equal bytes of it.

    Raises:
        AudioError: A stem cannot be read.
        StorageError: A file cannot be written.
        BackendError: ffmpeg failed, or is not installed.
    """
    levels = Levels(0.0, loudness - LOUDNESS, true_peak - _HEADROOM)
    aim = _aim(stems, length, levels, loudness)
    levels = replace(levels, foreground=_first_gain(aim))
    for encodings in range(1, _ENCODINGS + 1):
        stretches = encode(levels)
        join_stretches(stretches, length, path)
        facts, reduction = measure(path), max((stretch.reduction for stretch in stretches), default=0.0)
        wanted = _next_levels(levels, aim, facts, true_peak, is_limited=reduction > 0)
        if wanted == levels or encodings == _ENCODINGS:
            break
        levels = wanted
    return MixFacts(
        facts.integrated, facts.true_peak, facts.range, levels.foreground, levels.ambience, levels.ceiling, reduction,
        encodings, aim.has_foreground,
    )  # fmt: skip


def _aim(stems: Mapping[Bus, StemFacts], length: int, levels: Levels, loudness: float) -> _Aim:
    """Return what a film's mix aims at. Energies of buses add up, as their sounds are not alike."""
    front = [stem for bus, stem in stems.items() if bus != "ambience"]
    behind = [stem for bus, stem in stems.items() if bus == "ambience"]
    foreground, ambience = (block_energies(_total_steps(part, length // STEP)) for part in (front, behind))
    highest = decibels(max((peak for stem in front for peak in stem.peaks), default=0.0))
    most_lift = min(MOST_LIFT, max(0.0, levels.ceiling + MOST_LIMITED - highest))
    stepped = float(np.floor(most_lift / GAIN_STEP) * GAIN_STEP)
    return _Aim(loudness, foreground, ambience * amplitude(levels.ambience) ** 2, stepped)


def _total_steps(stems: Sequence[StemFacts], count: int) -> NDArray[np.float64]:
    """Return the energy of each step of all stems together; one that is shorter ends in silence."""
    total = np.zeros(count)
    for stem in stems:
        total[: len(stem.steps)] += stem.steps
    return total


def _first_gain(aim: _Aim) -> float:
    """Return the gain of the foreground at which the sum has the loudness that is aimed at, without a limiter."""
    gain = 0.0
    for _ in range(_GAIN_STEPS):
        gain = aim.bounded(gain + aim.missing(gain))
    return aim.stepped(gain)


def _next_levels(levels: Levels, aim: _Aim, facts: LoudnessFacts, true_peak: float, *, is_limited: bool) -> Levels:
    """Return the levels at which a mix is made again; the same ones where it has its loudness and its true peak."""
    gain, missing = levels.foreground, aim.missing(levels.foreground, facts.integrated)
    if abs(missing) > TOLERANCE:
        gain = aim.stepped(gain + missing * (_AGAIN if is_limited and missing > 0 else 1))
    excess = facts.true_peak - true_peak
    return replace(levels, foreground=gain, ceiling=levels.ceiling - excess - 0.1 if excess > 0 else levels.ceiling)
