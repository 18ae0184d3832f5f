"""Join takes, dissolves, cards and the mix into the film by stream copy, with subtitles and chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from agents import film_file
from agents.executors import Job
from agents.film_pieces import FilmPiece
from agents.planning.llm_planning import director_credits
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.sound import schedule
from agents.sound.tracks import Soundtrack
from agents.stages import mix
from agents.state import State
from storage.domain import VideoFormat
from storage.errors import ProjectError
from storage.keys import code_versions, content_key
from tools.audio import SAMPLE_RATE
from tools.video import clips, subtitles

VERSION = 1
"""Raised when the same segments and cues make another film than before: part of the film's content key."""
LANGUAGES = {"ja": "jpn", "en": "eng", "zh": "zho", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "it": "ita"}
"""ISO 639-1 codes -> ISO 639-2 codes."""


def run(context: RunContext, state: State) -> State:
    """Join the chosen takes into the film of the head revision.

    Raises:
        ProjectError: There is no take at all, or the film could not be joined.
        ArtifactDamaged: A segment is damaged; it is set aside, so that the next attempt films it again.
    """
    mixed = mix.mixed_film(context, state)
    pieces, sound = mixed.pieces, mixed.sound
    for piece in pieces:  # what goes into the film is verified as a whole, also where the film exists
        context.library.artifacts.open(piece.segment)
    if sound is not None:
        context.library.artifacts.open(sound.artifacts["audio"])
    screen = context.settings.screen
    names = _character_names(pieces)
    spoken_until = {} if sound is None else _spoken_until(mix.soundtrack_of(context, sound))
    cues = [cue for piece in pieces if piece.shot for cue in cues_of(piece, piece.shot, names, screen, spoken_until)]
    chapters = _film_chapters(pieces, screen)
    poster = next((piece.poster for piece in pieces if piece.poster), "")
    arguments = {
        "segments": [piece.segment for piece in pieces],
        "cues": cues,
        "chapters": chapters,
        "title": mixed.title,
        "comment": f"directed by {director_credits([piece.shot.plan for piece in pieces if piece.shot])}",
        "language": _main_language(pieces),
        **({} if isinstance(screen.fps, int) else {"rate": screen.fps}),
        **({"poster": poster} if poster else {}),
        **({"audio": sound.artifacts["audio"].sha256, "mix_key": state["mix"]} if sound else {}),
    }
    key = content_key(
        "assemble",
        "clips",
        VERSION,
        **{**arguments, "cues": [*map(asdict, cues)], "chapters": [*map(asdict, chapters)]},
        **code_versions(join=clips.JOIN_VERSION, subtitles=subtitles.VERSION),
    )
    made = context.make("assemble", [Job(key, "assemble", "film", film_file.make, arguments, waits=True)])
    for reason in made.failed.values():
        raise ProjectError(f"the film could not be joined: {reason}", "the same command tries again")
    film = made.made[key].artifacts["film"]
    head, cut = context.library.head(), context.library.cut()
    takes = tuple(piece.take for piece in pieces if piece.take is not None)
    if head and (cut is None or (cut.revision, cut.takes, cut.key) != (head.number, takes, key)):
        context.library.add_cut(head.number, takes, film, key=key)
    return {"film": key}


def _spoken_until(track: Soundtrack) -> dict[str, float]:
    """Return the second of the film at which each voice ends, by the id of its balloon."""
    return {line.balloon: line.end / SAMPLE_RATE for line in track.lines}


def cues_of(
    piece: FilmPiece, shot: ShotToFilm, names: dict[str, str], screen: VideoFormat, spoken_until: Mapping[str, float]
) -> list[subtitles.Cue]:
    """Return a subtitle for each line of the shot, in order, for the time in which it is in view, read and said.

    Args:
        piece: The shot's place in the film.
        shot: The shot.
        names: The names of characters by their ids.
        screen: The video format.
        spoken_until: The second of the film at which a voice ends, by the id of its balloon.
    """
    begin = float(piece.start / screen.fps)
    times = schedule.reading_times(shot, screen)
    latest = [begin + start for _, start, _ in times[1:]] + [float("inf")]
    return [
        subtitles.Cue(
            round(begin + start, 3),
            round(max(begin + end, min(spoken_until.get(line.id, 0.0), following)), 3),
            line.text,
            names.get(line.speaker or "", ""),
        )
        for (line, start, end), following in zip(times, latest, strict=False)
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
