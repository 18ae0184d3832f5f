"""Render the tracks of a soundtrack to one file a bus, and master the buses to the sound of the film."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from agents.sound.tracks import Level, PlacedAmbience, PlacedLine, PlacedMusic, PlacedSoundEffect
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.settings import Options
from storage.sound import AmbienceKind, Bus, Mood, SoundKind
from tools.audio import SAMPLE_RATE, Samples
from tools.audio.files import open_writer, read_audio, write_flac
from tools.mixing.bus import PlacedSound, render_bus
from tools.mixing.compressor import compress_voice
from tools.mixing.ducking import GainPoint, duck
from tools.mixing.mastering import master
from tools.mixing.stem_facts import StemFacts
from tools.mixing.stretches import Levels, Stretch, encode_stretch
from tools.music import load_music_backend
from tools.scoring.fitting import fit_music
from tools.sound_effects import make_effect
from tools.sound_effects.ambience import make_ambience
from tools.sound_effects.samples import load_sample

VERSION = 6
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


def make_music(
    artifacts: Artifacts,
    *,
    mood: Mood | None,
    file: str,
    samples: int,
    seed: int,
    backend: str = "",
    options: Options | None = None,
) -> Made:
    """Make a piece of music as long as its part of the film, by its mood or of a file, whatever is said over it."""
    seconds, path = samples / SAMPLE_RATE, artifacts.temporary(".flac")
    if mood is None:
        with open_writer(path, 2) as writer:
            for block in fit_music(read_audio(artifacts.open(file)), seconds):
                writer.write(block)
    else:
        write_flac(path, load_music_backend(backend, **(options or {})).render(mood, seconds, seed=seed))
    return Made(artifacts={"music": artifacts.keep(path, "audio/flac")})


def make_music_bus(
    artifacts: Artifacts,
    *,
    pieces: Sequence[PlacedMusic],
    played: Sequence[str],
    levels: Sequence[Level],
    spoken: Sequence[Span],
    length: int,
) -> Made:
    """Render the music of a film, lowered under voices; `played` are the hashes of its pieces as they are heard."""
    sounds = [
        PlacedSound(artifacts.open(music), start=piece.start, end=piece.end)
        for piece, music in zip(pieces, played, strict=True)
    ]
    return _keep_bus(artifacts, sounds, _envelope(levels, spoken, MUSIC_DUCK), length)


def make_stretch(
    artifacts: Artifacts, *, stems: Mapping[Bus, str], start: int, end: int, length: int, levels: Levels
) -> Made:
    """Sum, limit and encode the film's sound from sample `start` to `end`."""
    paths = {bus: artifacts.open(stem) for bus, stem in stems.items()}
    stretch = encode_stretch(paths, start, end, length, levels, artifacts.temporary(".aac"))
    return Made(
        artifacts={"aac": artifacts.keep(stretch.aac, "audio/aac")},
        facts={"reduction": stretch.reduction},
    )


def make_mix(
    artifacts: Artifacts,
    encode: Callable[[Levels], Sequence[Made]],
    *,
    buses: Mapping[Bus, Made],
    soundtrack: str,
    length: int,
    loudness: float,
) -> Made:
    """Master the buses to one track, of stretches that `encode` makes; the result holds the buses too, as stems."""
    audio = artifacts.temporary(".m4a")
    stems = {bus: stem_facts(artifacts, made) for bus, made in buses.items()}
    facts = master(
        stems, length, lambda levels: [_stretch(artifacts, made) for made in encode(levels)], audio, loudness=loudness
    )
    return Made(
        artifacts={
            "audio": artifacts.keep(audio, "audio/mp4"),
            "soundtrack": artifacts.keep(soundtrack.encode(), "application/json"),
            **{str(bus): made.artifacts["bus"] for bus, made in buses.items()},
        },
        facts={
            "integrated": facts.integrated,
            "true_peak": facts.true_peak,
            "range": facts.range,
            "gain": facts.gain,
        },
    )


def stem_facts(artifacts: Artifacts, made: Made) -> StemFacts:
    """Return what was measured of a bus."""
    return StemFacts.from_json(artifacts.open(made.artifacts["measures"]).read_bytes())


def _stretch(artifacts: Artifacts, made: Made) -> Stretch:
    return Stretch(artifacts.open(made.artifacts["aac"]), float(str(made.facts["reduction"])))


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
    facts = render_bus(sounds, envelope, length, path)
    return Made(
        artifacts={
            "bus": artifacts.keep(path, "audio/flac"),
            "measures": artifacts.keep(facts.stem.to_json(), "application/json"),
        },
        facts={"seconds": length / SAMPLE_RATE},
    )
