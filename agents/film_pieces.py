"""Put the chosen takes, their dissolves and the cards of a film in order, each at its place in time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from agents import backend_jobs
from agents.executors import Job
from agents.resolved_shot import ResolvedShot, current_round, find_takes
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import cards, composite
from agents.state import State
from storage.artifacts import Artifacts
from storage.book_info import BookInfo
from storage.domain import Made, VideoFormat
from storage.errors import ProjectError
from storage.keys import code_versions, content_key
from tools import backends
from tools.video.dissolve import dissolve_function, part_of_time

DISSOLVE_SECONDS = 0.5
"""Length of a dissolve. It stands between two shots and not over them, because both cameras are at rest."""
DISSOLVE_VERSION = 1
"""Raised when `make_dissolve` makes other frames than before, as with another curve of `dissolve_function`."""


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


def film_pieces(context: RunContext, state: State, info: BookInfo) -> list[FilmPiece]:
    """Return the shots, dissolves and cards of the film, in order; dissolves and cards are made where they are missing.

    Raises:
        ProjectError: There is no take at all.
    """
    shots = [group[0] for group in current_round(context, state).groups]
    composite.resolve_segments(context, shots)
    find_takes(context, [resolved for resolved in shots if resolved.take is None])
    filmed = [resolved for resolved in shots if resolved.take is not None]
    if not filmed:
        raise ProjectError("not one shot could be filmed", "see: main.py show events PROJECT")
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
