"""Place sounds on one bus of a film and write it as a stereo stem, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, SILENT, Samples, amplitude, as_samples, decibels
from tools.audio.files import open_writer
from tools.mixing.ducking import GainCurve, GainPoint
from tools.mixing.limiter import Limiter
from tools.mixing.sources import OpenSounds, Source
from tools.mixing.stem_facts import StemFacts, StemMeter

BLOCK = 1 << 16
"""Samples that are mixed at a time: 1.4 seconds."""
FADE = SAMPLE_RATE // 50
"""Samples of the fade where a sound is cut: 20 ms."""
STEM_CEILING = -0.1
"""True peak of a stem in decibels; a limiter holds sums of loud sounds under it, as a file can hold no more."""


@dataclass(frozen=True)
class PlacedSound:
    """A sound at its place in the film."""

    source: Source
    start: int
    """The sample of the film at which it begins; negative where it began before the film."""
    gain: float = 0.0
    """Decibels."""
    pan: float = 0.0
    """From -1, left, to 1, right, at constant power; a stereo sound is balanced so."""
    end: int | None = None
    """The sample of the film before which it is cut, with a fade; None plays it whole, or to the film's end."""
    loop: bool = False
    """Whether it begins again at its end, until `end` or the end of the film; it then fades in too."""
    offset: int = 0
    """The sample of the source that is heard first; of one that loops it may lie beyond its end."""
    fade: int = FADE
    """Samples of the fades at its cuts."""


@dataclass(frozen=True)
class BusFacts:
    """What was measured of a stem while it was written."""

    peak: float
    """The largest sample in decibels of full scale; `SILENT` for a silent stem."""
    reduction: float
    """Decibels by which the limiter lowered its loudest moment; 0 where nothing was too loud."""
    stem: StemFacts
    """What mastering has to know of it."""


def render_bus(sounds: Sequence[PlacedSound], envelope: Sequence[GainPoint], length: int, path: Path) -> BusFacts:
    """Write a bus as a 24-bit stereo FLAC.

    Args:
        sounds: The sounds of the bus, in any order. Those outside the film are left out.
        envelope: Levels of the whole bus; none leaves it as it is.
        length: The samples of the film.
        path: The file that is written; equal arguments give equal bytes.

    Returns:
        What was measured of it.

    Raises:
        AudioError: A sound cannot be read.
        StorageError: The file cannot be written.
    """
    limiter, meter = Limiter(STEM_CEILING), StemMeter()
    with open_writer(path, 2) as file:
        for block in limited_blocks(_mixed_blocks(sounds, envelope, length), limiter):
            meter.feed(block)
            file.write(block)
    stem = meter.facts()
    return BusFacts(decibels(max(stem.peaks, default=0.0)), limiter.reduction, stem)


def limited_blocks(blocks: Iterator[Samples], limiter: Limiter) -> Iterator[Samples]:
    """Yield the samples of all blocks under the ceiling of a limiter."""
    for block in blocks:
        yield limiter.feed(block)
    yield limiter.finish()


def _mixed_blocks(sounds: Sequence[PlacedSound], envelope: Sequence[GainPoint], length: int) -> Iterator[Samples]:
    """Yield the sum of the sounds at the levels of the bus, (n, 2), block by block."""
    curve = GainCurve(envelope)
    with ExitStack() as stack:
        opened = OpenSounds(stack)
        waiting = sorted(sounds, key=lambda sound: sound.start, reverse=True)
        playing = list[PlacedSound]()
        for start in range(0, length, BLOCK):
            count = min(BLOCK, length - start)
            while waiting and waiting[-1].start < start + count:
                playing.append(waiting.pop())
            mixed = np.zeros((count, 2), np.float32)
            ended = [sound for sound in playing if not _add(sound, opened, mixed, start, length)]
            playing = [sound for sound in playing if not any(sound is other for other in ended)]
            _close_unused(opened, ended, playing)
            yield as_samples(mixed * curve.factors(start, count))


def _close_unused(opened: OpenSounds, ended: Sequence[PlacedSound], playing: Sequence[PlacedSound]) -> None:
    """Close the sources of ended sounds that no other sound plays now; one that comes later opens its source again."""
    still = {sound.source for sound in playing if not isinstance(sound.source, np.ndarray)}
    for sound in ended:
        if not isinstance(sound.source, np.ndarray) and sound.source not in still:
            opened.close(sound.source)


def _add(sound: PlacedSound, opened: OpenSounds, mixed: Samples, start: int, length: int) -> bool:
    """Add what a sound plays during a block, and return whether it goes on after the block."""
    reader = opened.reader(sound.source)
    whole = None if sound.loop else sound.start + reader.count - sound.offset
    cut = min(length, sound.end if sound.end is not None else length)
    stop = cut if whole is None else min(cut, whole)
    first, last = max(start, sound.start), min(start + len(mixed), stop)
    if first < last and sound.gain > SILENT:
        played = _played(reader.count, sound, first, last)
        samples = np.concatenate([reader.read(begin, count) for begin, count in played])
        fade = _fade(sound, first, last, cut=cut if whole is None or whole > cut else None)
        factors = fade[:, None] * np.float32(amplitude(sound.gain))
        mixed[first - start : last - start] += factors * _panned(samples, sound.pan)
    return stop > start + len(mixed)


def _played(count: int, sound: PlacedSound, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the start and the length of each piece of a sound that is played from film sample `first` to `last`."""
    at, left = first - sound.start + sound.offset, last - first
    while left:
        begin = at % count
        taken = min(left, count - begin)
        yield begin, taken
        at, left = at + taken, left - taken


def _fade(sound: PlacedSound, first: int, last: int, *, cut: int | None) -> NDArray[np.float32]:
    """Return the factors of the film samples `first` to `last` near the cuts of a sound; a single 1 far from them.

    Args:
        sound: The sound. Where it began before the film it is cut at sample 0; one that loops is cut at its start.
        first: The first sample.
        last: The one after the last.
        cut: Where its end is cut; None where it ends by itself.
    """
    begin = max(sound.start, 0)
    fades_in = (sound.loop or sound.start < 0) and first < begin + sound.fade
    if not fades_in and (cut is None or last <= cut - sound.fade):
        return np.ones(1, np.float32)
    at = np.arange(first, last)
    factors = np.ones(len(at))
    if fades_in:
        factors = np.minimum(factors, (at - begin + 0.5) / max(sound.fade, 1))
    if cut is not None and last > cut - sound.fade:
        factors = np.minimum(factors, (cut - at - 0.5) / max(sound.fade, 1))
    return np.asarray(np.sin(np.clip(factors, 0, 1) * (np.pi / 2)) ** 2, np.float32)


def _panned(samples: Samples, pan: float) -> Samples:
    """Return a sound as stereo at its place, at constant power."""
    if samples.ndim == 2 and not pan:
        return samples
    angle = (np.clip(pan, -1, 1) + 1) * (np.pi / 4)
    sides = np.array([np.cos(angle), np.sin(angle)], np.float32)
    if samples.ndim == 1:
        return as_samples(samples[:, None] * sides)
    return as_samples(samples * (sides * np.float32(np.sqrt(2))))
