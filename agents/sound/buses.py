"""Render the tracks of a soundtrack to one file a bus, and master the buses to the sound of the film."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from agents.sound.tracks import Level, PlacedAmbience, PlacedLine, PlacedMusic, PlacedSoundEffect
from storage.artifacts import Artifacts
from storage.domain import Artifact, Made
from storage.settings import Options
from storage.sound import Bus
from tools.audio import SAMPLE_RATE, Samples
from tools.audio.files import read_audio
from tools.mixing.bus import PlacedSound, render_bus
from tools.mixing.compressor import compress_voice
from tools.mixing.ducking import GainPoint, duck
from tools.mixing.mastering import master
from tools.music import load_music_backend
from tools.scoring.fitting import fit_music
from tools.sound_effects import make_effect
from tools.sound_effects.ambience import make_ambience
from tools.sound_effects.samples import load_sample

VERSION = 2
"""Raised when the same tracks make another bus or mix than before: part of their content keys."""
AMBIENCE_SECONDS = 24.0
"""The length of the loop of a place: long enough that nobody hears it come again."""
CROSSFADE_SECONDS = 0.5
"""Seconds in which one place gives way to the next."""
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
            start=line.start, end=line.end, gain=line.gain + VOICE_LIFT, pan=line.pan,
        )
        for line in lines
    ]  # fmt: skip
    return _keep_bus(artifacts, sounds, (), length)


def make_effects_bus(artifacts: Artifacts, *, effects: Sequence[PlacedSoundEffect], length: int) -> Made:
    """Render all sound effects of a film; a kind is heard at its place, what it has before that comes earlier."""
    return _keep_bus(artifacts, [_place_effect(artifacts, effect) for effect in effects], (), length)


def make_ambience_bus(
    artifacts: Artifacts,
    *,
    places: Sequence[PlacedAmbience],
    levels: Sequence[Level],
    lines: Sequence[PlacedLine],
    length: int,
) -> Made:
    """Render the places of a film, a little quieter under voices; each crosses into the next."""
    cross = round(CROSSFADE_SECONDS * SAMPLE_RATE / 2)
    sounds = [
        PlacedSound(
            make_ambience(place.kind, AMBIENCE_SECONDS, seed=number),
            start=max(0, place.start - cross), end=min(length, place.end + cross), loop=True, fade=2 * cross,
        )
        for number, place in enumerate(places)
    ]  # fmt: skip
    return _keep_bus(artifacts, sounds, _envelope(levels, lines, AMBIENCE_DUCK), length)


def make_music_bus(
    artifacts: Artifacts,
    *,
    pieces: Sequence[PlacedMusic],
    levels: Sequence[Level],
    lines: Sequence[PlacedLine],
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
    return _keep_bus(artifacts, sounds, _envelope(levels, lines, MUSIC_DUCK), length)


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


def _place_effect(artifacts: Artifacts, effect: PlacedSoundEffect) -> PlacedSound:
    """Return an effect at its place: the moment at which it is heard first is the one that it was placed at."""
    if effect.kind is None:
        recording = artifacts.open(effect.sample)
        return PlacedSound(recording, start=effect.start, end=_end(effect), gain=effect.gain, pan=effect.pan)
    if effect.sample:
        made = load_sample(artifacts.open(effect.sample), effect.kind, effect.seconds)
    else:
        made = make_effect(effect.kind, effect.seconds, effect.seed)
    start = effect.start - round(made.onset_seconds * SAMPLE_RATE)
    return PlacedSound(made.samples, start=start, gain=effect.gain, pan=effect.pan)


def _end(effect: PlacedSoundEffect) -> int | None:
    return None if effect.seconds is None else effect.start + round(effect.seconds * SAMPLE_RATE)


def _envelope(levels: Sequence[Level], lines: Sequence[PlacedLine], depth: float) -> tuple[GainPoint, ...]:
    """Return the levels that shots ask for, together with what makes room for voices."""
    ducking = duck([(line.start, line.end) for line in lines], depth=depth)
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
