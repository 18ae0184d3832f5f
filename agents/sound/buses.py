"""Render the tracks of a soundtrack to one file a bus, and master the buses to the sound of the film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from agents.sound.tracks import Level, PlacedAmbience, PlacedLine, PlacedMusic, PlacedSoundEffect
from storage.artifacts import Artifacts
from storage.domain import Artifact, Made
from storage.settings import Options
from storage.sound import AmbienceKind, Bus, SoundKind
from tools.audio import SAMPLE_RATE, Samples
from tools.audio.files import read_audio, write_flac
from tools.mixing.bus import PlacedSound, render_bus
from tools.mixing.compressor import compress_voice
from tools.mixing.ducking import GainPoint, duck
from tools.mixing.mastering import master
from tools.music import load_music_backend
from tools.scoring.fitting import fit_music
from tools.sound_effects import make_effect
from tools.sound_effects.ambience import make_ambience
from tools.sound_effects.samples import load_sample

VERSION = 4
"""Raised when the same tracks make another bus or mix than before: part of their content keys."""
Span = tuple[int, int]
"""The first sample of a line, and the one after its last."""
AMBIENCE_SECONDS = 24.0
"""The length of the loop of a place: long enough that nobody hears it come again."""
CROSSFADE_SECONDS = 0.5
"""Seconds in which one place gives way to the next."""
VOICE_FADE = SAMPLE_RATE * 3 // 20
"""Samples in which a line that is cut short fades out: 150 ms, about a syllable."""
VOICE_LIFT = 2.0
"""Decibels by which lines are louder in the mix than `VOICE_LOUDNESS`: they are as loud as a film of -14 LUFS, so that
it needs hardly any gain. Once compressed, their peaks bear it."""
AMBIENCE_DUCK, MUSIC_DUCK = -4.0, -12.0
"""Decibels by which places and music make room for a voice."""


def make_voice_bus(artifacts: Artifacts, *, lines: Sequence[PlacedLine], length: int) -> Made:
    """Render all voices of a film, each compressed."""
    sounds = [
        PlacedSound(
            partial(_compressed_line, artifacts.open(line.voice)),
            start=line.start, gain=line.gain + VOICE_LIFT, pan=line.pan,
            end=line.end if line.is_cut else None, fade=VOICE_FADE,
        )
        for line in lines
    ]  # fmt: skip
    return _keep_bus(artifacts, sounds, (), length)


def make_effect_sound(artifacts: Artifacts, *, kind: SoundKind, sample: str, seconds: float | None, seed: int) -> Made:
    """Make the sound of an effect, which films of other aspects and later mixes play again."""
    effect = load_sample(artifacts.open(sample), kind, seconds) if sample else make_effect(kind, seconds, seed)
    path = artifacts.temporary(".flac")
    write_flac(path, effect.samples)
    return Made(artifacts={"effect": artifacts.keep(path, "audio/flac")}, facts={"onset": effect.onset_seconds})


def make_effects_bus(
    artifacts: Artifacts,
    *,
    effects: Sequence[PlacedSoundEffect],
    sounds: Sequence[tuple[str, float]],
    length: int,
) -> Made:
    """Render all sound effects of a film; a kind is heard at its place, what it has before that comes earlier.

    Args:
        artifacts: Where the sounds are, and where the bus is kept.
        effects: The effects.
        sounds: The hash of the sound of each effect, and the seconds after which its moment comes.
        length: The samples of the film.
    """
    placed = [
        PlacedSound(
            artifacts.open(sound), start=effect.start - round(onset * SAMPLE_RATE),
            end=_end(effect) if effect.kind is None else None, gain=effect.gain, pan=effect.pan,
        )
        for effect, (sound, onset) in zip(effects, sounds, strict=True)
    ]  # fmt: skip
    return _keep_bus(artifacts, placed, (), length)


def make_bed(artifacts: Artifacts, *, kind: AmbienceKind, seconds: float) -> Made:
    """Make the loop of a place, which is played wherever a film is there."""
    path = artifacts.temporary(".flac")
    write_flac(path, make_ambience(kind, seconds, seed=0))
    return Made(artifacts={"bed": artifacts.keep(path, "audio/flac")}, facts={"seconds": seconds})


def make_ambience_bus(
    artifacts: Artifacts,
    *,
    beds: Mapping[AmbienceKind, str],
    places: Sequence[PlacedAmbience],
    levels: Sequence[Level],
    spoken: Sequence[Span],
    length: int,
) -> Made:
    """Render the places of a film, a little quieter under voices; each crosses into the next.

    Their loops run on while they are not heard, so that one that comes again does not begin as it did before.

    Args:
        artifacts: Where the beds are, and where the bus is kept.
        beds: The hash of the loop of each place.
        places: The places.
        levels: What shots ask of them.
        spoken: When lines are said.
        length: The samples of the film.
    """
    cross = round(CROSSFADE_SECONDS * SAMPLE_RATE / 2)
    paths = {kind: artifacts.open(bed) for kind, bed in beds.items()}
    sounds = []
    for place in places:
        start, end = max(0, place.start - cross), min(length, place.end + cross)
        sounds.append(PlacedSound(paths[place.kind], start=start, end=end, loop=True, fade=2 * cross, offset=start))
    return _keep_bus(artifacts, sounds, _envelope(levels, spoken, AMBIENCE_DUCK), length)


def make_music_bus(
    artifacts: Artifacts,
    *,
    pieces: Sequence[PlacedMusic],
    levels: Sequence[Level],
    spoken: Sequence[Span],
    length: int,
    backend: str = "",
    options: Options | None = None,
) -> Made:
    """Render the music of a film, lowered under voices; a piece is repeated or ended early to fit its part of the film.

    A damaged file fails the whole bus, so that the film's summary names it.
    """
    sounds: list[PlacedSound] = []
    for number, piece in enumerate(pieces):
        seconds = (piece.end - piece.start) / SAMPLE_RATE
        if piece.mood is None:
            samples = fit_music(read_audio(artifacts.open(piece.file)), seconds)
        else:
            samples = load_music_backend(backend, **(options or {})).render(piece.mood, seconds, seed=number)
        sounds.append(PlacedSound(samples, start=piece.start, end=piece.end))
    return _keep_bus(artifacts, sounds, _envelope(levels, spoken, MUSIC_DUCK), length)


def make_mix(
    artifacts: Artifacts, *, buses: dict[Bus, Artifact], soundtrack: str, length: int, loudness: float
) -> Made:
    """Master the buses to one track; the result holds the buses too, as stems."""
    mix, audio = artifacts.temporary(".flac"), artifacts.temporary(".m4a")
    paths = {bus: artifacts.open(kept.sha256) for bus, kept in buses.items()}
    facts = master(paths, length, mix, audio, loudness=loudness)
    mix.unlink(missing_ok=True)
    return Made(
        artifacts={
            "audio": artifacts.keep(audio, "audio/mp4"),
            "soundtrack": artifacts.keep(soundtrack.encode(), "application/json"),
            **{str(bus): kept for bus, kept in buses.items()},
        },
        facts={
            "integrated": facts.integrated,
            "true_peak": facts.true_peak,
            "range": facts.range,
            "gain": facts.gain,
        },
    )


def _compressed_line(path: Path) -> Samples:
    return compress_voice(read_audio(path))


def _end(effect: PlacedSoundEffect) -> int | None:
    return None if effect.seconds is None else effect.start + round(effect.seconds * SAMPLE_RATE)


def _envelope(levels: Sequence[Level], spoken: Sequence[Span], depth: float) -> tuple[GainPoint, ...]:
    """Return the levels that shots ask for, together with what makes room for voices."""
    ducking = duck(spoken, depth=depth)
    curves = [[(point.at, point.gain) for point in ducking], [(level.at, level.gain) for level in levels]]
    moments = sorted({at for curve in curves for at, _ in curve})
    totals = np.zeros(len(moments))
    for curve in filter(None, curves):
        at, gain = np.array(curve, np.float64).T
        totals += np.interp(np.array(moments, np.float64), at, gain)
    return tuple(GainPoint(moment, float(total)) for moment, total in zip(moments, totals, strict=True))


def _keep_bus(artifacts: Artifacts, sounds: Sequence[PlacedSound], envelope: Sequence[GainPoint], length: int) -> Made:
    path = artifacts.temporary(".flac")
    render_bus(sounds, envelope, length, path)
    return Made(artifacts={"bus": artifacts.keep(path, "audio/flac")}, facts={"seconds": length / SAMPLE_RATE})
