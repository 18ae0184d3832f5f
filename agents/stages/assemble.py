"""Join the chosen takes, their dissolves and the cards into the film by stream copy, with subtitles and chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from agents import backend_jobs
from agents.executors import Job
from agents.planning import timing
from agents.planning.llm_planning import director_credits
from agents.planning.panels import page_unit
from agents.resolved_shot import ResolvedShot, current_round, find_takes
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import cards, composite
from agents.state import State
from storage.artifacts import Artifacts
from storage.book_info import BookInfo
from storage.domain import Made, VideoFormat
from storage.errors import ProjectError
from storage.frame_rate import FrameRate
from storage.keys import code_versions, content_key
from tools import backends
from tools.video import clips, subtitles
from tools.video.dissolve import dissolve_function, part_of_time

DISSOLVE_SECONDS = 0.5
"""Length of a dissolve. It stands between two shots and not over them, because both cameras are at rest."""
DISSOLVE_VERSION = 1
"""Raised when `make_dissolve` makes other frames than before, as with another curve of `dissolve_function`."""
VERSION = 1
"""Raised when the same segments and cues make another film than before: part of the film's content key."""
LANGUAGES = {"ja": "jpn", "en": "eng", "zh": "zho", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "it": "ita"}
"""ISO 639-1 codes -> ISO 639-2 codes."""


@dataclass(frozen=True)
class FilmPiece:
    """A shot, a dissolve or a card at its place in the film."""

    segment: str
    """The hash of its clip."""
    start: int
    """The number of its first frame in the film."""
    frames: int
    """Its length in frames."""
    shot: ShotToFilm | None = None
    """None for a dissolve or a card."""
    take: int | None = None
    """The id of the take; None for a dissolve or a card."""
    card: cards.PlacedCard | None = None
    poster: str = ""
    """The hash of the film's poster, which comes with its title card."""


def run(context: RunContext, state: State) -> State:
    """Join the chosen takes into the film of the head revision.

    Raises:
        ProjectError: There is no take at all, or the film could not be joined.
        ArtifactDamaged: A segment is damaged; it is set aside, so that the next attempt films it again.
    """
    info = context.library.info()
    pieces = _film_pieces(context, state, info)
    if not pieces:
        raise ProjectError("not one shot could be filmed", "see: main.py show events PROJECT")
    for piece in pieces:  # what goes into the film is verified as a whole, also where the film exists
        context.library.artifacts.open(piece.segment)
    screen = context.settings.screen
    names = _character_names(pieces)
    cues = [cue for piece in pieces if piece.shot for cue in cues_of(piece, piece.shot, names, screen)]
    chapters = _film_chapters(pieces, screen)
    poster = next((piece.poster for piece in pieces if piece.poster), "")
    arguments = {
        "segments": [piece.segment for piece in pieces],
        "cues": cues,
        "chapters": chapters,
        "title": info.title,
        "comment": f"directed by {director_credits([piece.shot.plan for piece in pieces if piece.shot])}",
        "language": _main_language(pieces),
        **({} if isinstance(screen.fps, int) else {"rate": screen.fps}),
        **({"poster": poster} if poster else {}),
    }
    key = content_key(
        "assemble",
        "clips",
        VERSION,
        **{**arguments, "cues": [*map(asdict, cues)], "chapters": [*map(asdict, chapters)]},
        **code_versions(join=clips.JOIN_VERSION, subtitles=subtitles.VERSION),
    )
    made = context.make("assemble", [Job(key, "assemble", "film", make, arguments)])
    for reason in made.failed.values():
        raise ProjectError(f"the film could not be joined: {reason}", "the same command tries again")
    film = made.made[key].artifacts["film"]
    head, cut = context.library.head(), context.library.cut()
    takes = tuple(piece.take for piece in pieces if piece.take is not None)
    if head and (cut is None or (cut.revision, cut.takes, cut.key) != (head.number, takes, key)):
        context.library.add_cut(head.number, takes, film, key=key)
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
    rate: FrameRate = 24,
    poster: str = "",
) -> Made:
    """Join segments by stream copy; keep the film and its subtitles, and its poster where it has one."""
    subtitle_path = artifacts.temporary(".srt")
    subtitles.write_srt(subtitle_path, cues)
    film = artifacts.temporary(".mp4")
    clips.join_segments(
        [artifacts.open(sha) for sha in segments],
        path=film,
        subtitles=subtitle_path if cues else None,
        chapters=chapters,
        title=title,
        comment=comment,
        language=language,
        rate=rate,
        poster=artifacts.open(poster) if poster else None,
    )
    facts = clips.probe_clip(film)
    return Made(
        artifacts={
            "film": artifacts.keep(film, "video/mp4"),
            "subtitles": artifacts.keep(subtitle_path, "application/x-subrip"),
            **({"poster": artifacts.keep(artifacts.open(poster).read_bytes(), "image/jpeg")} if poster else {}),
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
    """Film the dissolve from the end of one shot to the beginning of the next: only effects go on meanwhile."""
    last = composite.frame_function(artifacts, **before)
    first = composite.frame_function(artifacts, **after)
    step = 1.0 / max(1, screen.frame_count(before["seconds"]) - 1)
    lead = frames / max(1, screen.frame_count(after["seconds"]) - 1)
    ends = (1.0 + step, 1.0 + frames * step) if "effects" in before else (1.0, 1.0)
    begins = (-lead, -lead / frames) if "effects" in after else (0.0, 0.0)
    dissolve = dissolve_function(part_of_time(last, *ends), part_of_time(first, *begins))
    return Made(
        artifacts={"segment": composite.encode_segment(artifacts, dissolve, frames, screen, crf, preset)},
        facts={"frames": frames},
    )


def _film_pieces(context: RunContext, state: State, info: BookInfo) -> list[FilmPiece]:
    """Return the shots, dissolves and cards of the film, in order."""
    shots = [group[0] for group in current_round(context, state).groups]
    composite.resolve_segments(context, shots)
    find_takes(context, [resolved for resolved in shots if resolved.take is None])
    filmed = [resolved for resolved in shots if resolved.take is not None]
    film_cards = cards.make_cards(context, info, filmed)
    dissolves = _make_dissolves(context, filmed, {card.shot for card, _ in film_cards})
    pieces: list[FilmPiece] = []
    for shot, take in ((resolved.shot, resolved.take) for resolved in filmed):
        assert take is not None, "it is filmed"
        pieces += _card_pieces(film_cards, shot.id)
        if (dissolve := dissolves.get(shot.id)) is not None:
            pieces.append(FilmPiece(dissolve.artifacts["segment"].sha256, 0, int(str(dissolve.facts["frames"]))))
        frames = context.settings.screen.frame_count(shot.plan.seconds)
        pieces.append(FilmPiece(take.artifact, 0, frames, shot, take.id))
    pieces += _card_pieces(film_cards, "")
    starts = accumulate((piece.frames for piece in pieces), initial=0)
    return [replace(piece, start=start) for piece, start in zip(pieces, starts, strict=False)]


def _card_pieces(film_cards: Sequence[tuple[cards.PlacedCard, Made]], shot: str) -> list[FilmPiece]:
    """Return the cards before a shot, or those at the end for ""; where they start is not known yet."""
    return [
        FilmPiece(
            made.artifacts["segment"].sha256,
            0,
            int(str(made.facts["frames"])),
            card=card,
            poster=made.artifacts["poster"].sha256 if "poster" in made.artifacts else "",
        )
        for card, made in film_cards
        if card.shot == shot
    ]


def _make_dissolves(context: RunContext, shots: Sequence[ResolvedShot], carded: Collection[str]) -> dict[str, Made]:
    """Return the dissolve that leads into a shot, by the shot's id; one that fails becomes a cut.

    A shot after a card comes out of black and gets none; `carded` are the ids of these shots.
    """
    jobs = {shot: job for shot, job in dissolve_jobs(context, shots).items() if shot not in carded}
    results = context.make("dissolve", jobs.values())
    return {shot: results.made[job.key] for shot, job in jobs.items() if job.key in results.made}


def dissolve_jobs(context: RunContext, shots: Sequence[ResolvedShot]) -> dict[str, Job]:
    """Return the job of the dissolve that leads into a shot, by the shot's id, for shots in film order."""
    return {
        after.shot.id: _dissolve_job(context, before, after)
        for before, after in pairwise(shots)
        if after.shot.plan.transition == "dissolve"
    }


def _dissolve_job(context: RunContext, before: ResolvedShot, after: ResolvedShot) -> Job:
    """Build the job that films a dissolve: each side by the compositor of its own shot, which is part of the key."""
    screen = context.settings.screen
    sides = {"before": before, "after": after}
    scenes = {side: composite.scene_arguments(context, resolved) or {} for side, resolved in sides.items()}
    compositors = {side: resolved.shot.backends.composite for side, resolved in sides.items()}
    encoding: dict[str, object] = {
        "frames": screen.frame_count(DISSOLVE_SECONDS),
        "screen": screen,
        "crf": context.settings.crf,
        "preset": context.settings.preset,
    }
    key_parts = {
        side: {**scenes[side], **backend_jobs.backend_parts(context, "composite", compositors[side])} for side in sides
    }
    key = content_key(
        "dissolve", "clips", DISSOLVE_VERSION, **key_parts, **encoding, **code_versions(**composite.versions())
    )
    side_arguments = {
        side: {**scenes[side], "backend": name, "options": context.settings.options_of("composite", name)}
        for side, name in compositors.items()
    }
    model = backends.device_model(context.backend("composite", compositors["after"]))
    return Job(key, "dissolve", f"into {after.shot.id}", make_dissolve, {**side_arguments, **encoding}, model=model)


def cues_of(piece: FilmPiece, shot: ShotToFilm, names: dict[str, str], screen: VideoFormat) -> list[subtitles.Cue]:
    """Return a subtitle for each line of the shot, in order, for the time in which it is in view and read."""
    spoken = {b.id: b for b in shot.balloons if b.text.strip() and b.kind != "sound"}
    lines = [spoken[name] for name in shot.plan.balloons if name in spoken]
    begin, length = float(piece.start / screen.fps), float(piece.frames / screen.fps)
    times = timing.line_times(shot.plan, lines, page_unit(shot.page), length)
    return [
        subtitles.Cue(round(begin + start, 3), round(begin + end, 3), line.text, names.get(line.speaker or "", ""))
        for line, (start, end) in zip(lines, times, strict=True)
    ]


def _film_chapters(pieces: list[FilmPiece], screen: VideoFormat) -> list[clips.Chapter]:
    """Return one chapter for each page that the film shows, and for the title and the credits.

    A page before which a card stands begins with that card.
    """
    marks: list[tuple[str, int]] = []
    shown, begin = set[int](), None
    for piece in pieces:
        if piece.card is not None and piece.card.mark:
            marks.append((piece.card.mark, piece.start))
        elif piece.card is not None:
            begin = piece.start
        elif piece.shot and piece.shot.plan.page not in shown:
            shown.add(piece.shot.plan.page)
            marks.append((f"Page {piece.shot.plan.page + 1}", piece.start if begin is None else begin))
        begin = None if piece.shot else begin
    ends = [*[start for _, start in marks[1:]], pieces[-1].start + pieces[-1].frames]
    return [
        clips.Chapter(float(start / screen.fps), float(end / screen.fps), title)
        for (title, start), end in zip(marks, ends, strict=True)
    ]


def _main_language(pieces: list[FilmPiece]) -> str:
    """Return the language of most lines as an ISO 639-2 code, "und" where it is not known."""
    counts = Counter(balloon.language for piece in pieces if piece.shot for balloon in piece.shot.balloons)
    return LANGUAGES.get(max(counts, key=lambda name: (counts[name], name), default=""), "und")


def _character_names(pieces: list[FilmPiece]) -> dict[str, str]:
    """Return the names of the characters by their ids."""
    book = next((piece.shot.transcript for piece in pieces if piece.shot), None)
    return {character.id: character.name for character in book.cast} if book else {}
