"""Lay out the soundtrack of a film along its pieces: lines, effects, places and music, each from sample to sample."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from agents.film_pieces import FilmPiece
from agents.shots import ShotToFilm
from agents.sound import schedule
from agents.sound.tracks import Level, PlacedAmbience, PlacedLine, PlacedMusic, PlacedSoundEffect, Soundtrack
from storage.domain import Balloon, VideoFormat
from storage.sound import AmbienceKind, Bus, MusicCue, SoundCue, SoundKind
from tools.audio import SAMPLE_RATE
from tools.sound_effects import RECIPES

VOICE_GAP = 0.12
"""Least seconds between two voices, also over a cut."""
LONGEST_WAIT = 1.0
"""Seconds by which a line comes after its moment at most where the one before it is longer than its shot; more where it
ends within its own shot all the same."""
SILENT = -60.0
"""Decibels of a bus that a shot mutes."""
LEVEL_RAMP = 0.05
"""Seconds in which the level of a bus changes at a cut."""
HIT_LEAD_SECONDS = 0.3
"""An impact of the view that comes this close to a sound effect has its sound already."""
LOUDEST_UNDER_SPEECH = -20.0
"""LUFS of the loudest moment of an effect that begins under a line, or just before it: 6 LU under the voice. A louder
one would make the limiter lower the voice with it."""
SPEECH_LEAD_SECONDS = 0.25
"""Seconds before a line in which the loudest moment of an effect still falls on its beginning."""
SILENCE_GAIN = -14.0
"""Decibels of the ambience in a shot whose lettering says that it is silent."""


@dataclass(frozen=True)
class Recording:
    """A line as it was recorded.

    Attributes:
        artifact: The hash of its file.
        seconds: How long it lasts.
        gain: The decibels that bring it to the loudness of all voices.
    """

    artifact: str
    seconds: float
    gain: float


@dataclass(frozen=True)
class SoundSources:
    """What the cues of a plan stand for in this film.

    Attributes:
        lines: The recordings of lines, by the id of the balloon.
        reactions: Sounds that are heard in place of a line that is no words, such as a gasp, by the id of the balloon.
        sample: Returns the hash of a person's recording for a kind, a lettering and a seed; "" for none.
        music: What plays from the first shot on; None for nothing.
    """

    lines: Mapping[str, Recording] = field(default_factory=dict)
    reactions: Mapping[str, SoundCue] = field(default_factory=dict)
    sample: Callable[[SoundKind | None, str, int], str] = lambda kind, lettering, seed: ""
    music: MusicCue | None = None


def lay_out(pieces: Sequence[FilmPiece], sources: SoundSources, screen: VideoFormat) -> Soundtrack:
    """Lay out what is heard in a film.

    Args:
        pieces: The pieces of the film, in order.
        sources: Its recordings, samples and music.
        screen: The video format, whose frame rate places the pieces.
    """
    rate = Fraction(SAMPLE_RATE) / Fraction(screen.fps)
    starts = [round(piece.start * rate) for piece in pieces]
    length = round((pieces[-1].start + pieces[-1].frames) * rate)
    placed = [(piece.shot, start) for piece, start in zip(pieces, starts, strict=True)]
    shots = [(shot, start) for shot, start in placed if shot is not None]
    lines = tuple(_lines(shots, sources.lines, screen, length))
    effects = [one for shot, start in shots for one in _effects(shot, start, sources, screen)]
    return Soundtrack(
        length=length,
        lines=lines,
        effects=tuple(_under_speech(effect, lines) for effect in effects),
        ambience=tuple(_ambience(placed, length)),
        music=tuple(_music(shots, sources.music, length)),
        ambience_levels=tuple(_levels(placed, "ambience", length)),
        music_levels=tuple(_levels(placed, "music", length)),
    )


def _lines(
    shots: Sequence[tuple[ShotToFilm, int]], recordings: Mapping[str, Recording], screen: VideoFormat, length: int
) -> Iterator[PlacedLine]:
    """Yield the spoken lines in order; no two are heard at once.

    A line that is longer than its shot, as in a locked one, goes on over the cut. The next one waits for its end, but
    not so long that voices fall ever further behind their balloons: then the line before is faded out. A shot that
    mutes its voices ends the line before, too.
    """
    last: PlacedLine | None = None
    for shot, start in shots:
        sound = shot.plan.sound
        if "voice" in sound.muted:
            last = _ended(last, start)
            continue
        shot_end = start + round(Fraction(screen.frame_count(shot.plan.seconds)) * SAMPLE_RATE / Fraction(screen.fps))
        for line, second in schedule.speech_times(shot, screen):
            recording = recordings.get(line.id)
            if recording is None:
                continue
            planned, count = start + round(second * SAMPLE_RATE), round(recording.seconds * SAMPLE_RATE)
            latest = max(planned + round(LONGEST_WAIT * SAMPLE_RATE), shot_end - count)
            begin = max(planned, min(latest, last.end + round(VOICE_GAP * SAMPLE_RATE))) if last else planned
            if begin >= length:
                continue
            if last is not None:
                yield from filter(None, [_ended(last, begin)])
            pan = schedule.pan_of(shot, schedule.speaker_place(shot, line), second, screen)
            gain = round(recording.gain + sound.gain("voice"), 2)
            last = PlacedLine(
                balloon=line.id, voice=recording.artifact, start=begin, end=begin + count, gain=gain, pan=pan
            )
    yield from filter(None, [_ended(last, length)])


def _ended(line: PlacedLine | None, at: int) -> PlacedLine | None:
    """Return a line that is faded out where it is still heard at a sample; None where it would begin after it."""
    if line is None or line.end <= at:
        return line
    return line.model_copy(update={"end": at, "is_cut": True}) if line.start < at else None


def _effects(shot: ShotToFilm, start: int, sources: SoundSources, screen: VideoFormat) -> Iterator[PlacedSoundEffect]:
    """Yield the sound effects of a shot: those of its plan, those of lines without words, and those of impacts."""
    sound = shot.plan.sound
    if "effects" in sound.muted:
        return
    reactions = [sources.reactions[line.id] for line in schedule.read_lines_of(shot) if line.id in sources.reactions]
    cues = [(cue, schedule.effect_second(shot, cue, screen)) for cue in (*sound.cues, *reactions)]
    cues += [(cue, second) for cue, second in _impacts(shot, screen) if not _is_near(second, [at for _, at in cues])]
    balloons = {balloon.id: balloon for balloon in shot.balloons}
    for cue, second in sorted(cues, key=lambda found: found[1]):
        balloon, seed = balloons.get(cue.balloon or ""), _seed(shot, cue)
        yield PlacedSoundEffect(
            start=start + round(second * SAMPLE_RATE),
            kind=cue.kind,
            sample=cue.sample or sources.sample(cue.kind, balloon.text if balloon else "", seed),
            seconds=cue.seconds,
            seed=seed,
            gain=round(cue.gain + sound.gain("effects"), 2),
            pan=schedule.pan_of(shot, balloon.box, second, screen) if balloon else 0.0,
        )


def _under_speech(effect: PlacedSoundEffect, lines: Sequence[PlacedLine]) -> PlacedSoundEffect:
    """Return an effect that begins under a line quieter, where its kind is louder than `LOUDEST_UNDER_SPEECH`.

    What a person or a lettering adds to its loudness stays added.
    """
    lead = round(SPEECH_LEAD_SECONDS * SAMPLE_RATE)
    if effect.kind is None or not any(line.start - lead <= effect.start < line.end for line in lines):
        return effect
    excess = RECIPES[effect.kind].loudness - LOUDEST_UNDER_SPEECH
    return effect.model_copy(update={"gain": round(effect.gain - excess, 2)}) if excess > 0 else effect


def _impacts(shot: ShotToFilm, screen: VideoFormat) -> Iterator[tuple[SoundCue, float]]:
    """Yield a sound for each impact that shakes the view of a shot, with its second."""
    for effect in shot.plan.render_options.effects:
        if effect.kind == "impact":
            cue = SoundCue(kind="impact", at=effect.at or 0.0, gain=round(12 * (effect.strength - 0.5), 2))
            yield cue, schedule.effect_second(shot, cue, screen)


def _is_near(second: float, others: Sequence[float]) -> bool:
    return any(abs(second - other) < HIT_LEAD_SECONDS for other in others)


def _seed(shot: ShotToFilm, cue: SoundCue) -> int:
    """Return the seed of a cue: two hits are not the same hit, and a shot that moves keeps its sounds."""
    return zlib.crc32(f"{shot.id} {cue.kind} {cue.balloon} {cue.at}".encode())


def _ambience(placed: Sequence[tuple[ShotToFilm | None, int]], length: int) -> Iterator[PlacedAmbience]:
    """Yield the places in order, without a gap: rain that falls in a shot is heard in it; cards are quiet."""
    place: AmbienceKind = "room"
    marks: list[tuple[AmbienceKind, int]] = []
    for shot, start in placed:
        if shot is not None and shot.plan.sound.ambience is not None:
            place = shot.plan.sound.ambience
        marks.append((_heard_place(shot, place), start))
    begun: tuple[AmbienceKind, int] | None = None
    for kind, start in marks:
        if begun is not None and kind != begun[0]:
            yield PlacedAmbience(kind=begun[0], start=begun[1], end=start)
            begun = None
        begun = begun or (kind, start)
    if begun is not None:
        yield PlacedAmbience(kind=begun[0], start=begun[1], end=length)


def _heard_place(shot: ShotToFilm | None, place: AmbienceKind) -> AmbienceKind:
    """Return what is heard behind a shot in a place."""
    if shot is None:
        return "room"
    rains = any(effect.kind == "rain" for effect in shot.plan.render_options.effects)
    return "rain" if rains and shot.plan.sound.ambience is None else place


def _music(shots: Sequence[tuple[ShotToFilm, int]], first: MusicCue | None, length: int) -> Iterator[PlacedMusic]:
    """Yield the pieces of music in order; one lasts until another is asked for, and goes on where it is asked for."""
    marks: list[tuple[MusicCue | None, int]] = [(first, 0)]
    for shot, start in shots:
        if shot.plan.sound.music not in (None, marks[-1][0]):
            marks.append((shot.plan.sound.music, start))
    for (cue, start), (_, end) in pairwise([*marks, (None, length)]):
        if cue is not None and (cue.mood or cue.file) and end > start:
            yield PlacedMusic(start=start, end=end, mood=None if cue.file else cue.mood, file=cue.file)


def _levels(placed: Sequence[tuple[ShotToFilm | None, int]], bus: Bus, length: int) -> Iterator[Level]:
    """Yield the levels that shots ask for on a bus, with a short ramp at each cut."""
    ramp = round(LEVEL_RAMP * SAMPLE_RATE)
    gains = [(_gain(shot, bus), start) for shot, start in placed]
    if not any(gain for gain, _ in gains):
        return
    for (gain, start), (_, end) in pairwise([*gains, (0.0, length)]):
        middle = (start + end) // 2
        yield Level(at=min(start + ramp, middle), gain=gain)
        yield Level(at=max(end - ramp, middle), gain=gain)


def _gain(shot: ShotToFilm | None, bus: Bus) -> float:
    """Return the change of a bus's level that a shot asks for, in decibels."""
    if shot is None:
        return 0.0
    sound = shot.plan.sound
    is_hushed = bus == "ambience" and any(cue.kind == "silence" for cue in sound.cues)
    return SILENT if bus in sound.muted else sound.gain(bus) + (SILENCE_GAIN if is_hushed else 0.0)


def spoken_balloons(pieces: Sequence[FilmPiece]) -> list[Balloon]:
    """Return the balloons that are read in a film, in order."""
    return [line for piece in pieces if piece.shot for line in schedule.read_lines_of(piece.shot)]
