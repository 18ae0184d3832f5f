"""Mix the sound of the film: voices, effects, places and music along its pieces, and one master of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from agents import backend_jobs
from agents.executors import Job
from agents.film_pieces import FilmPiece, film_pieces
from agents.run_context import RunContext
from agents.sound import buses, soundtrack, sources
from agents.sound.tracks import PlacedMusic, PlacedSoundEffect, Soundtrack
from agents.state import State
from storage.domain import Made
from storage.errors import AudioError, BackendError, KomadoriError
from storage.keys import code_versions, content_key
from storage.sound import AmbienceKind, Bus
from tools import sound_effects
from tools.audio import SAMPLE_RATE
from tools.mixing.stem_facts import StemFacts
from tools.mixing.stretches import Levels, hashes_around, stretch_spans
from tools.sound_effects import ambience

MUSIC_BACKEND = "soundfont"
"""The backend that plays music by its mood."""
FEW = 3
"""Sounds or buses that are made in this process: the start of another one takes as long as one or two of them."""


@dataclass(frozen=True)
class MixedFilm:
    """The pieces of a film and their sound.

    Attributes:
        title: The title of the book.
        pieces: The shots, dissolves and cards, in order.
        sound: The mix; None where the film is silent.
    """

    title: str
    pieces: list[FilmPiece]
    sound: Made | None


def run(context: RunContext, state: State) -> State:
    """Render the buses and master them; a film whose sound could not be made is silent, and says why.

    Raises:
        ProjectError: There is no take at all.
    """
    info = context.library.info()
    pieces = film_pieces(context, state, info)
    key, sound = _mix(context, pieces) if context.settings.sound else ("", None)
    context.mixed = MixedFilm(info.title, pieces, sound)
    return {"mix": key}


def mixed_film(context: RunContext, state: State) -> MixedFilm:
    """Return the film that was just mixed, once; else its pieces and the mix that the state names.

    Raises:
        ProjectError: There is no take at all.
    """
    mixed, context.mixed = context.mixed, None
    if isinstance(mixed, MixedFilm):
        return mixed
    key = state.get("mix", "")
    info = context.library.info()
    sound = context.library.find_made(key) if key else None
    return MixedFilm(info.title, film_pieces(context, state, info), sound)


def _mix(context: RunContext, pieces: list[FilmPiece]) -> tuple[str, Made | None]:
    """Return the content key of the mix, and the mix; "" and None where it could not be made."""
    track = soundtrack.lay_out(pieces, sources.sound_sources(context), context.settings.screen)
    jobs, music = dict(bus_jobs(track)), _music_jobs(context, track)
    jobs |= {"music": _music_bus_job(track, music)} if music else {}
    whole = mix_key(context, track, jobs)
    known = context.library.find_many([whole, *(job.key for job in jobs.values())])
    if whole in known:
        return whole, known[whole]
    jobs = _with_sounds(context, track, jobs, music, known)
    made = context.make("mix", _few_in_threads(jobs.values(), known), known)
    for bus, job in jobs.items():
        if job.key in made.failed:
            context.note("mix", f"no {bus}: {made.failed[job.key]}")
    heard = {bus: job for bus, job in jobs.items() if job.key in made.made}
    key = mix_key(context, track, heard)
    if (again := context.library.find_made(key)) is not None:
        return key, again
    try:
        mixed = _master(context, track, {bus: made.made[job.key] for bus, job in heard.items()})
    except (AudioError, BackendError) as error:
        context.note("mix", f"the film is silent: {error.what}")
        return "", None
    context.library.add_made(key, "mix", mixed)
    _report(context, track, mixed)
    return key, mixed


def _master(context: RunContext, track: Soundtrack, stems: Mapping[Bus, Made]) -> Made:
    """Master the buses. A stretch of the film of which nothing changed was encoded already.

    Raises:
        AudioError: A stem is damaged.
        BackendError: A stretch could not be encoded.
    """
    artifacts = context.library.artifacts
    facts = {bus: buses.stem_facts(artifacts, made) for bus, made in stems.items()}

    def encode(levels: Levels) -> list[Made]:
        """Return the stretches of the film at given levels."""
        jobs = [_stretch_job(stems, facts, span, track.length, levels) for span in stretch_spans(track.length)]
        results = context.make("mix", jobs)
        for reason in results.failed.values():
            raise BackendError(reason, "the same command tries again")
        return [results.made[job.key] for job in jobs]

    return buses.make_mix(
        artifacts, encode, buses=stems, soundtrack=track.model_dump_json(), length=track.length,
        loudness=context.settings.loudness,
    )  # fmt: skip


def _stretch_job(
    stems: Mapping[Bus, Made], facts: Mapping[Bus, StemFacts], span: buses.Span, length: int, levels: Levels
) -> Job:
    """Return the job of a stretch. Its key holds what is heard in and around it, and not when in the film that is."""
    start, end = span
    heard = {bus: hashes_around(stem, start, end) for bus, stem in facts.items()}
    place = {"samples": end - start, "is_first": start == 0, "is_last": end == length}
    key = content_key("mix", "stretch", buses.VERSION, heard=heard, levels=asdict(levels), **place)
    arguments: dict[str, object] = {
        "stems": {bus: made.artifacts["bus"].sha256 for bus, made in stems.items()},
        "start": start, "end": end, "length": length, "levels": levels,
    }  # fmt: skip
    return Job(key, "mix", f"{start / SAMPLE_RATE:.1f} s", buses.make_stretch, arguments, waits=True)


def bus_jobs(track: Soundtrack) -> Iterator[tuple[Bus, Job]]:
    """Yield the job of each bus on which anything is heard, without the music."""
    length = track.length
    if track.lines:
        yield "voice", _bus_job("voice", buses.make_voice_bus, lines=track.lines, length=length)
    if track.effects:
        versions = {"effects": sound_effects.VERSION}
        yield "effects", _bus_job("effects", buses.make_effects_bus, versions, effects=track.effects, length=length)
    yield (
        "ambience",
        _bus_job(
            "ambience", buses.make_ambience_bus, {"ambience": ambience.VERSION},
            places=track.ambience, levels=track.ambience_levels, spoken=_spans(track), length=length,
        ),
    )  # fmt: skip


def _spans(track: Soundtrack) -> tuple[buses.Span, ...]:
    """Return when lines are said: what else they are does not change the other buses."""
    return tuple((line.start, line.end) for line in track.lines)


def _with_sounds(
    context: RunContext,
    track: Soundtrack,
    jobs: dict[Bus, Job],
    music: Mapping[PlacedMusic, Job],
    known: Mapping[str, Made],
) -> dict[Bus, Job]:
    """Return the jobs of the buses with the sounds that they are made of; a bus that lacks one is left out, and named.

    Loops of places, effects and pieces of music are results of their own: each is made once in a project, whatever film
    plays it.
    """
    missing = {bus for bus, job in jobs.items() if job.key not in known}
    beds = {place.kind: _bed_job(place.kind) for place in track.ambience} if "ambience" in missing else {}
    played = [effect for effect in track.effects if effect.kind is not None] if "effects" in missing else []
    effects = {effect: _effect_job(effect) for effect in played}
    pieces = music if "music" in missing else {}
    own = [*beds.values(), *effects.values()]
    found = context.library.find_many([job.key for job in (*own, *pieces.values())])
    results = context.make("mix", [*_few_in_threads(own, found), *pieces.values()], found)
    parts_of: dict[Bus, Collection[Job]] = {
        "ambience": beds.values(), "effects": effects.values(), "music": pieces.values(),
    }  # fmt: skip
    for bus, parts in parts_of.items():
        failed = [f"{job.label}: {results.failed[job.key]}" for job in parts if job.key in results.failed]
        if failed:
            context.note("mix", f"no {bus}: {failed[0]}")
            missing.discard(bus)
            jobs = {other: job for other, job in jobs.items() if other != bus}
    added: dict[Bus, dict[str, object]] = {}
    if "ambience" in missing:
        made = {kind: results.made[job.key] for kind, job in beds.items()}
        added["ambience"] = {"beds": {kind: bed.artifacts["bed"].sha256 for kind, bed in made.items()}}
    if "effects" in missing:
        added["effects"] = {"sounds": [_sound_of(effect, effects, results.made) for effect in track.effects]}
    if "music" in missing:
        added["music"] = {"played": [results.made[job.key].artifacts["music"].sha256 for job in pieces.values()]}
    return {bus: replace(job, arguments={**job.arguments, **added.get(bus, {})}) for bus, job in jobs.items()}


def _few_in_threads(jobs: Collection[Job], known: Mapping[str, Made]) -> list[Job]:
    """Return jobs that run in threads where no more than `FEW` are missing, as after a change of one sound."""
    is_few = len({job.key for job in jobs} - known.keys()) <= FEW
    return [replace(job, waits=is_few) for job in jobs]


def _sound_of(
    effect: PlacedSoundEffect, jobs: Mapping[PlacedSoundEffect, Job], made: Mapping[str, Made]
) -> tuple[str, float]:
    """Return the hash of the sound of an effect, and the seconds after which its moment comes."""
    if effect not in jobs:
        return effect.sample, 0.0
    result = made[jobs[effect].key]
    return result.artifacts["effect"].sha256, float(str(result.facts["onset"]))


def _bed_job(kind: AmbienceKind) -> Job:
    arguments: dict[str, Any] = {"kind": kind, "seconds": buses.AMBIENCE_SECONDS}
    return Job(content_key("mix", "bed", ambience.VERSION, **arguments), "mix", kind, buses.make_bed, arguments)


def _effect_job(effect: PlacedSoundEffect) -> Job:
    """Return the job of the sound of an effect; for a person's recording its seed makes no difference."""
    seed = 0 if effect.sample else effect.seed
    arguments = {"kind": effect.kind, "sample": effect.sample, "seconds": effect.seconds, "seed": seed}
    key = content_key("mix", "effect", sound_effects.VERSION, **arguments)
    return Job(key, "mix", str(effect.kind), buses.make_effect_sound, arguments)


def _music_jobs(context: RunContext, track: Soundtrack) -> dict[PlacedMusic, Job]:
    """Return the job of each piece; those of a mood are left out, and named, where nothing here can play them."""
    jobs, fault = dict[PlacedMusic, Job](), ""
    for number, piece in enumerate(track.music):
        arguments = {"mood": piece.mood, "file": piece.file, "samples": piece.end - piece.start, "seed": number}
        if piece.mood is None:
            key = content_key("mix", "piece", buses.VERSION, **arguments | {"seed": 0})
            jobs[piece] = Job(key, "mix", "music", buses.make_music, arguments)
            continue
        try:
            jobs[piece] = backend_jobs.build_job(
                context, "music", MUSIC_BACKEND, "music", buses.make_music, arguments, buses=buses.VERSION
            )
        except KomadoriError as error:
            fault = f"{error.what} ({error.hint})"
    if fault:
        context.note("mix", f"no music of a mood: {fault}")
    return jobs


def _music_bus_job(track: Soundtrack, pieces: Mapping[PlacedMusic, Job]) -> Job:
    """Return the job of the music bus; its key holds those of its pieces."""
    arguments: dict[str, Any] = {
        "pieces": tuple(pieces), "levels": track.music_levels, "spoken": _spans(track), "length": track.length,
    }  # fmt: skip
    key = content_key("mix", "music", buses.VERSION, made=[job.key for job in pieces.values()], **arguments)
    return Job(key, "mix", "music", buses.make_music_bus, arguments)


def mix_key(context: RunContext, track: Soundtrack, jobs: Mapping[Bus, Job]) -> str:
    """Return the content key of the mix of some buses."""
    parts = {bus: job.key for bus, job in jobs.items()}
    loudness = context.settings.loudness
    return content_key("mix", "master", buses.VERSION, buses=parts, soundtrack=track, loudness=loudness)


def soundtrack_of(context: RunContext, made: Made) -> Soundtrack:
    """Open the soundtrack of a mix."""
    text = context.library.artifacts.open(made.artifacts["soundtrack"]).read_text(encoding="utf-8")
    return Soundtrack.model_validate_json(text)


def _bus_job(
    bus: Bus, make: Callable[..., Made], versions: Mapping[str, int] | None = None, **arguments: object
) -> Job:
    """Return the job of a bus that needs no backend."""
    code = code_versions(**(versions or {}))
    key = content_key("mix", bus, buses.VERSION, **arguments, **code)
    return Job(key, "mix", bus, make, arguments)


def _report(context: RunContext, track: Soundtrack, made: Made) -> None:
    """Say what is heard, and how loud."""
    counts = (
        (len(track.lines), "line", "lines"), (len(track.effects), "effect", "effects"),
        (len(track.music) if "music" in made.artifacts else 0, "piece of music", "pieces of music"),
    )  # fmt: skip
    heard = [f"{count} {one if count == 1 else several}" for count, one, several in counts if count]
    facts = made.facts
    context.note(
        "mix",
        f"{', '.join(heard) or 'room tone'}; {facts['integrated']} LUFS, true peak {facts['true_peak']} dBTP",
    )
