"""Join the chosen takes and their dissolves into the film by stream copy, with subtitles and chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from agents import backend_jobs
from agents.executors import Job
from agents.planning import timing
from agents.planning.llm_planning import director_credits
from agents.planning.panels import need_of, page_unit
from agents.resolved_shot import ResolvedShot, current_round, find_takes
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import composite
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Made, VideoFormat
from storage.errors import ProjectError
from storage.keys import code_versions, content_key
from tools import backends
from tools.video import clips, subtitles

DISSOLVE = 0.5  # seconds; both pictures are at rest, so the dissolve stands between the shots, not over them
DISSOLVE_VERSION = 1
"""Raised when `make_dissolve` gives other frames than before, as with another course of `clips.dissolve`."""
VERSION = 1
"""Raised when the same segments and cues are joined to another film: part of the film's content key."""
LANGUAGES = {"ja": "jpn", "en": "eng", "zh": "zho", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "it": "ita"}


@dataclass(frozen=True)
class FilmPiece:
    """One part of the film: its segment, its first frame in the film, its length, and the shot (None: a dissolve)."""

    segment: str
    start: int
    frames: int
    shot: ShotToFilm | None = None
    take: int | None = None


def run(ctx: RunContext, state: State) -> State:
    """Join the takes that stand into the film of the head revision."""
    pieces = _pieces(ctx, state)
    if not pieces:
        raise ProjectError("not one shot could be filmed", "see: main.py show events PROJECT")
    screen = ctx.settings.screen
    names = _names(pieces)
    cues = [cue for piece in pieces if piece.shot for cue in cues_of(piece, piece.shot, names, screen)]
    chapters = _chapters(pieces, screen)
    arguments = {
        "segments": [piece.segment for piece in pieces],
        "cues": cues,
        "chapters": chapters,
        "title": ctx.library.info().title,
        "comment": f"directed by {director_credits([piece.shot.plan for piece in pieces if piece.shot])}",
        "language": _language(pieces),
    }
    key = content_key(
        "assemble",
        "clips",
        VERSION,
        **{**arguments, "cues": [*map(asdict, cues)], "chapters": [*map(asdict, chapters)]},
        **code_versions(join=clips.JOIN_VERSION, subtitles=subtitles.VERSION),
    )
    made = ctx.make("assemble", [Job(key, "assemble", "film", make, arguments)])
    for reason in made.failed.values():
        raise ProjectError(f"the film could not be joined: {reason}", "the same command tries again")
    film = made.made[key].artifacts["film"]
    head, cut = ctx.library.head(), ctx.library.cut()
    takes = tuple(piece.take for piece in pieces if piece.take is not None)
    if head and (cut is None or (cut.revision, cut.takes, cut.key) != (head.number, takes, key)):
        ctx.library.add_cut(head.number, takes, film, key=key)
    return {"film": key}


def make(
    artifacts: Artifacts,
    *,
    segments: list[str],
    cues: list[subtitles.Cue],
    chapters: list[clips.Chapter],
    title: str,
    comment: str,
    language: str,
) -> Made:
    """Join segments by stream copy; keep the film and its subtitles."""
    words = artifacts.temporary(".srt")
    subtitles.write_srt(words, cues)
    film = artifacts.temporary(".mp4")
    clips.join_segments(
        [artifacts.open(sha) for sha in segments],
        path=film,
        subtitles=words if cues else None,
        chapters=chapters,
        title=title,
        comment=comment,
        language=language,
    )
    facts = clips.probe_clip(film)
    return Made(
        artifacts={
            "film": artifacts.keep(film, "video/mp4"),
            "subtitles": artifacts.keep(words, "application/x-subrip"),
        },
        facts={"frames": facts.frames, "seconds": facts.seconds},
    )


def make_dissolve(
    artifacts: Artifacts,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    frames: int,
    screen: VideoFormat,
    crf: int,
    preset: str,
) -> Made:
    """Film the dissolve from the last frame of one shot to the first of the next."""
    last = composite.frame_function(artifacts, **before)(1.0)
    first = composite.frame_function(artifacts, **after)(0.0)
    return Made(
        artifacts={
            "segment": composite.encode_segment(
                artifacts, clips.dissolve_function(last, first), frames, screen, crf, preset
            )
        },
        facts={"frames": frames},
    )


def _pieces(ctx: RunContext, state: State) -> list[FilmPiece]:
    shots = [group[0] for group in current_round(ctx, state).groups]
    composite.resolve_segments(ctx, shots)
    find_takes(ctx, [resolved for resolved in shots if resolved.take is None])
    filmed = [resolved for resolved in shots if resolved.take is not None]
    dissolves = _dissolves(ctx, filmed)
    pieces: list[FilmPiece] = []
    start = 0
    for shot, take in ((resolved.shot, resolved.take) for resolved in filmed):
        assert take is not None, "it is filmed"
        if (dissolve := dissolves.get(shot.id)) is not None:
            frames = int(str(dissolve.facts["frames"]))
            pieces.append(FilmPiece(dissolve.artifacts["segment"].sha256, start, frames))
            start += frames
        frames = composite.frame_count(shot.plan.seconds, ctx.settings.screen)
        pieces.append(FilmPiece(take.artifact, start, frames, shot, take.id))
        start += frames
    return pieces


def _dissolves(ctx: RunContext, shots: Sequence[ResolvedShot]) -> dict[str, Made]:
    """The dissolve that leads into a shot, by the shot's id; one that fails becomes a cut."""
    jobs = {after.shot.id: _dissolve(ctx, before, after) for before, after in pairwise(shots)
            if after.shot.plan.transition == "dissolve"}  # fmt: skip
    results = ctx.make("dissolve", jobs.values())
    return {shot: results.made[job.key] for shot, job in jobs.items() if job.key in results.made}


def _dissolve(ctx: RunContext, before: ResolvedShot, after: ResolvedShot) -> Job:
    """Build the job that films a dissolve: each side by the compositor of its own shot, which shapes the key too."""
    screen = ctx.settings.screen
    sides = {"before": before, "after": after}
    scenes = {side: composite.scene_arguments(ctx, resolved) or {} for side, resolved in sides.items()}
    names = {side: resolved.shot.backends.composite for side, resolved in sides.items()}
    how: dict[str, object] = {
        "frames": composite.frame_count(DISSOLVE, screen),
        "screen": screen,
        "crf": ctx.settings.crf,
        "preset": ctx.settings.preset,
    }
    keyed = {side: {**scenes[side], **backend_jobs.backend_parts(ctx, "composite", names[side])} for side in sides}
    key = content_key("dissolve", "clips", DISSOLVE_VERSION, **keyed, **how, **code_versions(**composite.versions()))
    given = {
        side: {**scenes[side], "backend": name, "options": ctx.settings.options_of("composite", name)}
        for side, name in names.items()
    }
    model = backends.device_model(ctx.backend("composite", names["after"]))
    return Job(key, "dissolve", f"into {after.shot.id}", make_dissolve, {**given, **how}, model=model)


def cues_of(piece: FilmPiece, shot: ShotToFilm, names: dict[str, str], screen: VideoFormat) -> list[subtitles.Cue]:
    """Give each line of the shot, in its order, the time at which it is in view and read."""
    spoken = {b.id: b for b in shot.balloons if b.text.strip() and b.kind != "sound"}
    lines = [spoken[name] for name in shot.plan.balloons if name in spoken]
    begin, length = piece.start / screen.fps, piece.frames / screen.fps
    needs = [need_of(line, page_unit(shot.page)) for line in lines]
    times = timing.cue_times(timing.path_of(shot.plan, length), needs, timing.opens_of(shot.plan, lines, length))
    return [
        subtitles.Cue(round(begin + start, 3), round(begin + end, 3), line.text, names.get(line.speaker or "", ""))
        for line, (start, end) in zip(lines, times, strict=True)
    ]


def _chapters(pieces: list[FilmPiece], screen: VideoFormat) -> list[clips.Chapter]:
    starts: dict[int, int] = {}
    for piece in pieces:
        if piece.shot:
            starts.setdefault(piece.shot.plan.page, piece.start)
    ends = [*list(starts.values())[1:], pieces[-1].start + pieces[-1].frames]
    return [
        clips.Chapter(start / screen.fps, end / screen.fps, f"Page {page + 1}")
        for (page, start), end in zip(starts.items(), ends, strict=True)
    ]


def _language(pieces: list[FilmPiece]) -> str:
    """What most lines are lettered in, as ISO 639-2 says it."""
    lettered = Counter(balloon.language for piece in pieces if piece.shot for balloon in piece.shot.balloons)
    return LANGUAGES.get(max(lettered, key=lambda name: (lettered[name], name), default=""), "und")


def _names(pieces: list[FilmPiece]) -> dict[str, str]:
    book = next((piece.shot.transcript for piece in pieces if piece.shot), None)
    return {character.id: character.name for character in book.cast} if book else {}
