"""Add the buses of a film to one mix of a known loudness and true peak, and encode it.

One gain is held over the whole film. A leveller that follows the loudness, such as a dynamic loudnorm, would lift
music again where it was lowered under speech. The gain comes from the foreground (voice, effects, music). The ambience
keeps its distance to the loudness that is aimed at, so that a film of ambience alone stays quiet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.sound import Bus
from tools.audio import Samples, amplitude, as_stereo, decibels, peak
from tools.audio.files import open_writer
from tools.audio.loudness import SILENCE, LoudnessMeter, gated_loudness, is_heard, lufs
from tools.mixing.bus import BLOCK, limited_blocks
from tools.mixing.limiter import Limiter
from tools.mixing.measurement import LoudnessFacts, measure
from tools.mixing.sources import OpenSounds, SoundReader
from tools.video.ffmpeg import file_argument, run_ffmpeg

LOUDNESS, TRUE_PEAK = -14.0, -1.0
"""LUFS and decibels of true peak that a film has by default: what platforms of the web turn films down to."""
MOST_LIFT, MOST_CUT = 12.0, -24.0
"""Decibels by which the foreground is changed at most: a film of a few quiet sounds is meant to be quiet."""
MOST_LIMITED = 8.0
"""Decibels by which the gain may lift the highest peak over the limiter's ceiling: a film of a few sharp sounds stays
quieter, as nothing would be left of their attacks."""
MOST_PAUSES = 3.0
"""LU by which pauses may lower the loudness of the whole below that of the foreground; beyond it they are left out."""
TOLERANCE = 0.2
"""LU between the mix and the loudness that is aimed at, at which no other gain is tried."""
MOST_LOSS = 0.4
"""LU that the encoder may take away, or add, before the mix is made louder for it."""
_HEADROOM = 1.0
"""Decibels between the limiter's first ceiling and the true peak: AAC adds 0.1 to peaks of speech, 0.9 to those of
effects that were limited. It adds up to 1.3 to loud noise; then the ceiling is lowered by what was measured, and the
mix is made again."""
_AGAIN = 1.6
"""By how much more the gain is changed where a limiter takes a part of it away."""
_GAIN_STEPS, _GAIN_TRIES, _ENCODINGS = 8, 3, 5
BIT_RATE = "192k"
_CODER = ("-aac_coder", "fast", "-aac_is", "0")
"""ffmpeg's documentation calls this coder better and faster at such a bit rate: it takes half the time. Without
intensity stereo, sounds stay where they were panned, and peaks of noise rise by 0.2 dB in place of 1.1."""


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
class _Levels:
    """The decibels of foreground and ambience, and of the limiter's ceiling."""

    foreground: float
    ambience: float
    ceiling: float


@dataclass(frozen=True)
class _Aim:
    """The loudness that a mix is to have."""

    loudness: float
    heard: NDArray[np.bool_]
    """In which blocks the foreground is heard."""
    lost: float
    """LU that the encoder takes away: ffmpeg's AAC makes noise quieter."""
    most_lift: float
    """Decibels by which the foreground is lifted at most."""

    def bounded(self, gain: float) -> float:
        """Return a gain of the foreground within its bounds."""
        return min(self.most_lift, max(MOST_CUT, gain))

    def error(self, blocks: NDArray[np.float64]) -> float:
        """Return by how many decibels a mix is too quiet, by the energies of its blocks; 0 without a foreground.

        It is measured as a whole. But where the foreground is rare the gates let pauses in, and the gain would be
        lifted far beyond what a few sounds bear: then those blocks count in which the foreground is heard.
        """
        if not self.heard.any():
            return 0.0
        whole, foreground = gated_loudness(blocks), lufs(float(blocks[self.heard].mean()))
        measured = whole if whole is not None and foreground - whole <= MOST_PAUSES else foreground
        return self.loudness + self.lost - measured


def master(
    buses: Mapping[Bus, Path],
    length: int,
    path_mix: Path,
    path_aac: Path,
    *,
    loudness: float = LOUDNESS,
    true_peak: float = TRUE_PEAK,
) -> MixFacts:
    """Write the mix of a film as 24-bit FLAC, and as AAC at 48 kHz in stereo with 192 kbit/s.

    Args:
        buses: The stem of each bus, as `render_bus` writes it; those that are missing are silent.
        length: The samples of the film.
        path_mix: The FLAC file that is written.
        path_aac: The .m4a file that is written.
        loudness: LUFS that the film has as a whole, within 0.5 LU, where sounds of the foreground fill it. Where they
            are rare or need more than `MOST_LIFT` it is quieter.
        true_peak: Decibels that no peak of the AAC exceeds.

    Returns:
        The facts of the AAC file. Equal stems give equal bytes of both files.

    Raises:
        AudioError: A stem cannot be read.
        StorageError: A file cannot be written.
        BackendError: ffmpeg failed, or is not installed.
    """
    with ExitStack() as stack:
        opened = OpenSounds(stack)
        stems = {bus: opened.reader(path) for bus, path in sorted(buses.items())}
        foreground, ambience, highest = _energies(stems, length)
        most_lift = min(MOST_LIFT, max(0.0, true_peak - _HEADROOM + MOST_LIMITED - decibels(highest)))
        aim = _Aim(loudness, is_heard(foreground), 0.0, most_lift)
        levels = _Levels(0.0, loudness - LOUDNESS, true_peak - _HEADROOM)
        levels = replace(levels, foreground=_first_gain(foreground, ambience, levels, aim))
        tries = _GAIN_TRIES
        for encodings in range(1, _ENCODINGS + 1):
            levels, whole, reduction, error = _write_mix(stems, length, path_mix, levels, aim, tries)
            facts = _encode(path_mix, path_aac)
            lost = whole - facts.integrated if aim.heard.any() else 0.0
            quiet = error + lost - aim.lost
            if facts.true_peak <= true_peak and abs(quiet) <= MOST_LOSS:
                break
            gain = aim.bounded(levels.foreground + quiet * (_AGAIN if reduction else 1))
            excess = facts.true_peak - true_peak
            ceiling = levels.ceiling - excess - 0.1 if excess > 0 else levels.ceiling
            wanted = replace(levels, foreground=gain, ceiling=ceiling)
            if wanted == levels or encodings == _ENCODINGS:
                break
            levels, aim, tries = wanted, replace(aim, lost=lost), 1
    return MixFacts(
        facts.integrated, facts.true_peak, facts.range, levels.foreground, levels.ambience, levels.ceiling, reduction,
        encodings, bool(aim.heard.any()),
    )  # fmt: skip


def _energies(stems: Mapping[Bus, SoundReader], length: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the energy of foreground and ambience in each block of 400 ms, and the foreground's highest sample."""
    meters, highest = (LoudnessMeter(), LoudnessMeter()), 0.0
    for meter, is_ambience in zip(meters, (False, True), strict=True):
        part = [(stem, 1.0) for bus, stem in stems.items() if (bus == "ambience") == is_ambience]
        for block in _summed(part, length):
            meter.feed(block)
            highest = highest if is_ambience else max(highest, peak(block))
    return meters[0].blocks(), meters[1].blocks(), highest


def _first_gain(foreground: NDArray[np.float64], ambience: NDArray[np.float64], levels: _Levels, aim: _Aim) -> float:
    """Return the gain of the foreground at which the sum has the loudness that is aimed at, without a limiter."""
    gain, behind = 0.0, ambience * amplitude(levels.ambience) ** 2
    for _ in range(_GAIN_STEPS):
        gain = aim.bounded(gain + aim.error(foreground * amplitude(gain) ** 2 + behind))
    return gain


def _write_mix(
    stems: Mapping[Bus, SoundReader], length: int, path: Path, levels: _Levels, aim: _Aim, tries: int
) -> tuple[_Levels, float, float, float]:
    """Write the mix; where it has another loudness than is aimed at, as the limiter took some away, at another gain.

    Returns:
        The levels of the mix that was written, its integrated loudness, the limiter's largest reduction in decibels,
        and by how many LU it is still too quiet.
    """
    for attempt in range(tries):
        blocks, reduction = _write_once(stems, length, path, levels)
        error = aim.error(blocks)
        wanted = aim.bounded(levels.foreground + error * (_AGAIN if reduction and error > 0 else 1))
        if attempt == tries - 1 or abs(error) <= TOLERANCE or wanted == levels.foreground:
            break
        levels = replace(levels, foreground=wanted)
    whole = gated_loudness(blocks)
    return levels, whole if whole is not None else SILENCE, reduction, error


def _write_once(
    stems: Mapping[Bus, SoundReader], length: int, path: Path, levels: _Levels
) -> tuple[NDArray[np.float64], float]:
    """Write the mix at given levels, and return the energy of its blocks and the limiter's largest reduction."""
    limiter, meter = Limiter(levels.ceiling), LoudnessMeter()
    gains = [
        (stem, amplitude(levels.ambience if bus == "ambience" else levels.foreground)) for bus, stem in stems.items()
    ]
    with open_writer(path, 2) as file:
        for block in limited_blocks(_summed(gains, length), limiter):
            meter.feed(block)
            file.write(block)
    return meter.blocks(), limiter.reduction


def _summed(stems: Sequence[tuple[SoundReader, float]], length: int) -> Iterator[Samples]:
    """Yield the sum of stems at their factors, (n, 2), block by block; a stem that is shorter ends in silence."""
    for start in range(0, length, BLOCK):
        mixed = np.zeros((min(BLOCK, length - start), 2), np.float32)
        for stem, factor in stems:
            count = min(len(mixed), stem.count - start)
            if count > 0:
                mixed[:count] += as_stereo(stem.read(start, count)) * np.float32(factor)
        yield mixed


def _encode(path_mix: Path, path_aac: Path) -> LoudnessFacts:
    """Encode the mix and return what is measured of the result."""
    run_ffmpeg(
        ["-i", f"file:{file_argument(path_mix)}", "-map", "a:0", "-c:a", "aac", *_CODER, "-b:a", BIT_RATE,
         "-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-f", "ipod",
         file_argument(path_aac)],
        path_aac,
    )  # fmt: skip
    return measure(path_aac)
