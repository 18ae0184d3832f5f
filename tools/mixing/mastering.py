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
from tools.audio import SAMPLE_RATE, amplitude, decibels
from tools.audio.loudness import STEP, block_energies, gated_loudness, is_heard, lufs
from tools.mixing.limiter import RELEASE
from tools.mixing.measurement import LoudnessFacts, measure
from tools.mixing.stem_facts import PEAK_STEP, StemFacts
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
TOLERANCE = 0.45
"""LU between the finished mix, measured to a tenth, and its aim, at which no other gain is tried."""
GAIN_STEP = 0.5
"""Decibels between two gains of the foreground: a small change of one sound leaves the gain as it is, and with it all
stretches of the mix in which nothing changed."""
QUIETER = 0.3
"""LU by which a mix may be quieter than its aim where that spares the limiter a step of gain."""
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
class _Sum:
    """What is known of the sum of some stems, whose sounds are not alike: squares add up, of peaks as of energies."""

    steps: NDArray[np.float64]
    """The energy of each step of 100 ms."""
    peaks: NDArray[np.float64]
    """The peak that each 10 ms may have."""

    def at(self, gain: float) -> _Sum:
        """Return the sum at a gain in decibels."""
        return _Sum(self.steps * amplitude(gain) ** 2, self.peaks * amplitude(gain))

    def __add__(self, other: _Sum) -> _Sum:
        return _Sum(self.steps + other.steps, np.hypot(self.peaks, other.peaks))


@dataclass(frozen=True)
class _Aim:
    """The loudness that a mix is to have, and the stems of which it is made."""

    loudness: float
    ceiling: float
    """Decibels of the limiter's ceiling."""
    foreground: _Sum
    """Voice, effects and music."""
    ambience: _Sum
    """The ambience at the level that it has in the mix."""
    most_lift: float
    """Decibels by which the foreground is lifted at most."""

    @property
    def has_foreground(self) -> bool:
        """Whether anything but ambience is heard."""
        return bool(is_heard(block_energies(self.foreground.steps)).any())

    def is_limited(self, gain: float) -> bool:
        """Return whether the limiter lowers the mix at a gain of the foreground."""
        peaks = (self.foreground.at(gain) + self.ambience).peaks
        return bool((peaks > amplitude(self.ceiling)).any())

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
        heard = is_heard(block_energies(self.foreground.steps))
        if not heard.any():
            return 0.0
        mix = self.foreground.at(gain) + self.ambience
        blocks = block_energies(mix.steps * _limited_shares(mix.peaks, self.ceiling))
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
    foreground, ambience = (_sum(part, length // STEP) for part in (front, behind))
    highest = decibels(max((peak for stem in front for peak in stem.peaks), default=0.0))
    most_lift = min(MOST_LIFT, max(0.0, levels.ceiling + MOST_LIMITED - highest))
    stepped = float(np.floor(most_lift / GAIN_STEP) * GAIN_STEP)
    return _Aim(loudness, levels.ceiling, foreground, ambience.at(levels.ambience), stepped)


def _sum(stems: Sequence[StemFacts], count: int) -> _Sum:
    """Return what is known of stems together over `count` steps; one that is shorter ends in silence."""
    total = _Sum(np.zeros(count), np.zeros(count * (STEP // PEAK_STEP)))
    for stem in stems:
        total += _Sum(_filled(stem.steps, len(total.steps)), _filled(stem.peaks, len(total.peaks)))
    return total


def _filled(values: Sequence[float], count: int) -> NDArray[np.float64]:
    """Return the first `count` values, with zeros after the last one."""
    filled = np.zeros(count)
    filled[: len(values)] = values[:count]
    return filled


def _limited_shares(peaks: NDArray[np.float64], ceiling: float) -> NDArray[np.float64]:
    """Return the share of its energy that the limiter leaves to each step of 100 ms.

    In films of voices, effects and music the loudness that is estimated so was within 0.3 LU of the measured one, up to
    8 dB into the limiter.
    """
    needed = np.maximum(20 * np.log10(np.maximum(peaks, 1e-9)) - ceiling, 0)
    if not needed.any():
        return np.ones(len(peaks) * PEAK_STEP // STEP)
    fall = np.arange(len(needed)) * (RELEASE * PEAK_STEP / SAMPLE_RATE)
    reduction = np.maximum(np.maximum.accumulate(needed + fall) - fall, 0)
    return np.asarray((10 ** (reduction / -10)).reshape(-1, STEP // PEAK_STEP).mean(axis=1))


def _first_gain(aim: _Aim) -> float:
    """Return the gain of the foreground at which the limited sum has the loudness that is aimed at."""
    gain = 0.0
    for _ in range(_GAIN_STEPS):
        gain = aim.bounded(gain + aim.missing(gain))
    stepped = aim.stepped(gain)
    lower = aim.stepped(stepped - GAIN_STEP)
    return lower if aim.is_limited(stepped) and aim.missing(lower) <= QUIETER else stepped


def _next_levels(levels: Levels, aim: _Aim, facts: LoudnessFacts, true_peak: float, *, is_limited: bool) -> Levels:
    """Return the levels at which a mix is made again; the same ones where it has its loudness and its true peak."""
    gain, missing = levels.foreground, aim.missing(levels.foreground, facts.integrated)
    if abs(missing) > TOLERANCE:
        gain = aim.stepped(gain + missing * (_AGAIN if is_limited and missing > 0 else 1))
    excess = facts.true_peak - true_peak
    return replace(levels, foreground=gain, ceiling=levels.ceiling - excess - 0.1 if excess > 0 else levels.ceiling)
