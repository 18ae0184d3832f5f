"""The chosen takes in, the film out: segments and dissolves joined by stream copy, with subtitles and chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from agents import making
from agents.direction import credits
from agents.directors import rhythm
from agents.directors.subjects import need_of, unit_of
from agents.executors import Job
from agents.resolved_shot import ResolvedShot, current_round, find_takes
from agents.shots import Shot
from agents.stages import composite
from agents.state import State
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.errors import ProjectError
from storage.keys import code_versions, content_key
from storage.shapes import Made, Screen
from tools import backends
from tools.filming import clips, subtitles

DISSOLVE = 0.5  # seconds; both pictures are at rest, so the dissolve stands between the shots, not over them
DISSOLVE_VERSION = 1
"""Raised when `make_dissolve` gives other frames than before, as with another course of `clips.dissolve`."""
VERSION = 1
"""Raised when the same segments and cues are joined to another film: part of the film's content key."""
LANGUAGES = {"ja": "jpn", "en": "eng", "zh": "zho", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "it": "ita"}


@dataclass(frozen=True)
class Piece:
    """One part of the film: its segment, its first frame in the film, its length, and the shot (None: a dissolve)."""

    segment: str
    start: int
    frames: int
    shot: Shot | None = None
    take: int | None = None


def run(shop: Workshop, state: State) -> State:
    """Join the takes that stand into the film of the head revision."""
    pieces = _pieces(shop, state)
    if not pieces:
        raise ProjectError("not one shot could be filmed", "see: main.py show events PROJECT")
    screen = shop.settings.screen
    names = _names(pieces)
    cues = [cue for piece in pieces if piece.shot for cue in cues_of(piece, piece.shot, names, screen)]
    chapters = _chapters(pieces, screen)
    arguments = {
        "segments": [piece.segment for piece in pieces],
        "cues": cues,
        "chapters": chapters,
        "title": shop.library.info().title,
        "comment": f"directed by {credits([piece.shot.plan for piece in pieces if piece.shot])}",
        "language": _language(pieces),
    }
    key = content_key(
        "assemble",
        "clips",
        VERSION,
        **{**arguments, "cues": [*map(asdict, cues)], "chapters": [*map(asdict, chapters)]},
        **code_versions(join=clips.JOIN_VERSION, subtitles=subtitles.VERSION),
    )
    made = shop.make("assemble", [Job(key, "assemble", "film", make, arguments)])
    for reason in made.failed.values():
        raise ProjectError(f"the film could not be joined: {reason}", "the same command tries again")
    film = made.made[key].artifacts["film"]
    head, cut = shop.library.head(), shop.library.cut()
    takes = tuple(piece.take for piece in pieces if piece.take is not None)
    if head and (cut is None or (cut.revision, cut.takes, cut.key) != (head.number, takes, key)):
        shop.library.add_cut(head.number, takes, film, key=key)
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
    clips.join(
        [artifacts.open(sha) for sha in segments],
        path=film,
        subtitles=words if cues else None,
        chapters=chapters,
        title=title,
        comment=comment,
        language=language,
    )
    facts = clips.probe(film)
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
    screen: Screen,
    crf: int,
    preset: str,
) -> Made:
    """Film the dissolve from the last frame of one shot to the first of the next."""
    last = composite.frame_function(artifacts, **before)(1.0)
    first = composite.frame_function(artifacts, **after)(0.0)
    return Made(
        artifacts={"segment": composite.write(artifacts, clips.dissolve(last, first), frames, screen, crf, preset)},
        facts={"frames": frames},
    )


def _pieces(shop: Workshop, state: State) -> list[Piece]:
    shots = [group[0] for group in current_round(shop, state).groups]
    composite.resolve_segments(shop, shots)
    find_takes(shop, [resolved for resolved in shots if resolved.take is None])
    filmed = [resolved for resolved in shots if resolved.take is not None]
    dissolves = _dissolves(shop, filmed)
    pieces: list[Piece] = []
    start = 0
    for shot, take in ((resolved.shot, resolved.take) for resolved in filmed):
        assert take is not None, "it is filmed"
        if (dissolve := dissolves.get(shot.id)) is not None:
            frames = int(str(dissolve.facts["frames"]))
            pieces.append(Piece(dissolve.artifacts["segment"].sha256, start, frames))
            start += frames
        frames = composite.frames_of(shot.plan.seconds, shop.settings.screen)
        pieces.append(Piece(take.artifact, start, frames, shot, take.id))
        start += frames
    return pieces


def _dissolves(shop: Workshop, shots: Sequence[ResolvedShot]) -> dict[str, Made]:
    """The dissolve that leads into a shot, by the shot's id; one that fails becomes a cut."""
    jobs = {after.shot.id: _dissolve(shop, before, after) for before, after in pairwise(shots)
            if after.shot.plan.transition == "dissolve"}  # fmt: skip
    results = shop.make("dissolve", jobs.values())
    return {shot: results.made[job.key] for shot, job in jobs.items() if job.key in results.made}


def _dissolve(shop: Workshop, before: ResolvedShot, after: ResolvedShot) -> Job:
    """Build the job that films a dissolve: each side by the compositor of its own shot, which shapes the key too."""
    screen = shop.settings.screen
    sides = {"before": before, "after": after}
    scenes = {side: composite.scene(shop, resolved) or {} for side, resolved in sides.items()}
    names = {side: resolved.shot.backends.composite for side, resolved in sides.items()}
    how: dict[str, object] = {
        "frames": composite.frames_of(DISSOLVE, screen),
        "screen": screen,
        "crf": shop.settings.crf,
        "preset": shop.settings.preset,
    }
    keyed = {side: {**scenes[side], **making.backend_parts(shop, "composite", names[side])} for side in sides}
    key = content_key("dissolve", "clips", DISSOLVE_VERSION, **keyed, **how, **code_versions(**composite.versions()))
    given = {
        side: {**scenes[side], "backend": name, "options": shop.settings.options_of("composite", name)}
        for side, name in names.items()
    }
    model = backends.device_model(shop.backend("composite", names["after"]))
    return Job(key, "dissolve", f"into {after.shot.id}", make_dissolve, {**given, **how}, model=model)


def cues_of(piece: Piece, shot: Shot, names: dict[str, str], screen: Screen) -> list[subtitles.Cue]:
    """Give each line of the shot, in its order, the time at which it is in view and read."""
    spoken = {b.id: b for b in shot.balloons if b.text.strip() and b.kind != "sound"}
    lines = [spoken[name] for name in shot.plan.lines if name in spoken]
    begin, length = piece.start / screen.fps, piece.frames / screen.fps
    needs = [need_of(line, unit_of(shot.page)) for line in lines]
    times = rhythm.cue_times(rhythm.path_of(shot.plan, length), needs, rhythm.opens_of(shot.plan, lines, length))
    return [
        subtitles.Cue(round(begin + start, 3), round(begin + end, 3), line.text, names.get(line.speaker or "", ""))
        for line, (start, end) in zip(lines, times, strict=True)
    ]


def _chapters(pieces: list[Piece], screen: Screen) -> list[clips.Chapter]:
    starts: dict[int, int] = {}
    for piece in pieces:
        if piece.shot:
            starts.setdefault(piece.shot.plan.page, piece.start)
    ends = [*list(starts.values())[1:], pieces[-1].start + pieces[-1].frames]
    return [
        clips.Chapter(start / screen.fps, end / screen.fps, f"Page {page + 1}")
        for (page, start), end in zip(starts.items(), ends, strict=True)
    ]


def _language(pieces: list[Piece]) -> str:
    """What most lines are lettered in, as ISO 639-2 says it."""
    lettered = Counter(balloon.language for piece in pieces if piece.shot for balloon in piece.shot.balloons)
    return LANGUAGES.get(max(lettered, key=lambda name: (lettered[name], name), default=""), "und")


def _names(pieces: list[Piece]) -> dict[str, str]:
    book = next((piece.shot.transcript for piece in pieces if piece.shot), None)
    return {character.id: character.name for character in book.cast} if book else {}
