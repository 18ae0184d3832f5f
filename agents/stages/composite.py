"""Film every shot: render its moving plates through the planned camera into one silent segment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any, cast

import numpy as np

from agents import backend_jobs
from agents.balloon_pops import find_popping_balloons
from agents.executors import Job
from agents.face_exposure import FaceArguments, expose_faces, face_arguments
from agents.motion_effects import EffectArguments, bind_effects, effect_arguments
from agents.resolved_shot import (
    ResolvedShot,
    current_round,
    failed_shots,
    find_takes,
    make_step,
    resolve_step,
)
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.sound import schedule
from agents.stages import layers
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Artifact, Box, CameraKey, Ease, Made, Polygon, VideoFormat
from storage.records import TakeDraft
from storage.settings import Options
from tools import png
from tools.balloon_pop import BalloonPop
from tools.composite import Layer, Overlay, PlacedEffect, load_compositor
from tools.cutouts.hidden_letters import cover_letters
from tools.geometry import box_polygon
from tools.pixels import to_mask
from tools.plates import FrameFunction, Image, Mask, Motion, Plate
from tools.video import clips, lossless, pixel_protection
from tools.video.pixel_protection import ProtectedFrames

FADE_SECONDS = 0.35
"""Seconds in which a revealed panel fades in."""
LETTER_FADE_SECONDS = 0.125
"""Seconds in which letters come up: 3 frames of 24."""
LETTERS_LEAD_SECONDS = 0.3
"""Seconds by which letters come up before the line before them is read."""
TimedLetters = tuple[Polygon, float, int]
"""The outline of a balloon, the second at which its letters come up, and the first layer on which they stand."""
VERSION = 1
"""Raised when `frame_function` makes other frames than before, as with another fade: part of the content keys."""


def run(context: RunContext, state: State) -> State:
    """Film every shot; each segment becomes a take of its shot."""
    current = current_round(context, state)
    make_segments(context, current.shots)
    _add_takes(context, current.shots)
    return {"failures": failed_shots(state, "composite", current.groups, "segment")}


def resolve_segments(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the segments of shots and the steps before them. Makes nothing."""
    layers.resolve_planes(context, shots)
    resolve_step(context, shots, "segment", jobs)


def make_segments(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing segments of the shots whose animations exist."""
    layers.resolve_planes(context, shots)
    make_step(context, "composite", shots, "segment", jobs)


def resolve_shots(context: RunContext, shots: Iterable[ShotToFilm]) -> list[ResolvedShot]:
    """Return each shot with its results up to its segment and its take. Makes nothing."""
    resolved = [ResolvedShot(shot) for shot in shots]
    resolve_segments(context, resolved)
    find_takes(context, resolved)
    return resolved


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the one job that films the shot; None while a plate is missing."""
    arguments = scene_arguments(context, resolved)
    if arguments is None:
        return None
    arguments |= {"crf": context.settings.crf, "preset": context.settings.preset}
    shot = resolved.shot
    return [
        backend_jobs.build_job(context, "composite", shot.backends.composite, shot.id, make, arguments, **versions())
    ]


def versions() -> dict[str, int]:
    """Return the versions of the code beside the compositor that shapes filmed frames, for content keys."""
    return {"composite": VERSION, "segment": clips.SEGMENT_VERSION, "keeping": pixel_protection.VERSION}


def scene_arguments(context: RunContext, resolved: ResolvedShot) -> dict[str, Any] | None:
    """Return the arguments of `frame_function` for the shot, without its backend; None while a plate is missing."""
    shot, plates, moved, drawn = resolved.shot, resolved.plates, resolved.motions, resolved.complete("faces")
    if plates is None or moved is None or drawn is None or layers.is_missing_planes(resolved):
        return None
    plan = shot.plan
    arguments = {
        "motions": layer_motions(shot, plates, moved),
        "starts": list(plan.reveals) or [0.0],
        "camera": list(plan.camera),
        "ease": plan.ease,
        "seconds": plan.seconds,
        "screen": context.settings.screen,
    }
    arguments |= {"letters": letters} if (letters := _letter_moments(shot)) else {}
    arguments |= {"pops": pops} if letters and (pops := find_popping_balloons(shot)) else {}
    faces = face_arguments(context, shot, drawn, FADE_SECONDS)
    arguments |= {"faces": faces} if faces else {}
    effects = effect_arguments(context, shot, FADE_SECONDS, layers.planes_of(resolved))
    return arguments | ({"effects": effects} if effects else {})


def _letter_moments(shot: ShotToFilm) -> list[TimedLetters]:
    """Return the balloons whose letters come up during the shot, in order.

    Letters that stay because their balloon has no outline may not be read too early: those before them stay too.
    """
    plan = shot.plan
    if plan.render_options.lettering == "drawn" or shot.fallback or not shot.has_lettering:
        return []
    earliest = schedule.first_letters(shot)
    layers = {panel: number for number, panel in enumerate(plan.panels)} if plan.reveals else {}
    moments = [
        (line.outline, max(earliest, start - LETTERS_LEAD_SECONDS), layers.get(line.panel or "", 0))
        for line, start, _ in schedule.lettering_times(shot, plan.seconds)
        if line.kind != "sound"
    ]
    return list(takewhile(lambda moment: len(moment[0]) >= 3, reversed(moments)))[::-1]


def make(artifacts: Artifacts, *, crf: int, preset: str, seconds: float, screen: VideoFormat, **rest: Any) -> Made:
    """Film one shot and keep the segment."""
    frame = frame_function(artifacts, seconds=seconds, screen=screen, **rest)
    frames = screen.frame_count(seconds)
    return Made(
        artifacts={"segment": encode_segment(artifacts, frame, frames, screen, crf, preset)},
        facts={"frames": frames, "seconds": float(frames / screen.fps)},
    )


def frame_function(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    motions: list[dict[str, Any]],
    starts: list[float],
    camera: list[CameraKey],
    ease: Ease,
    seconds: float,
    screen: VideoFormat,
    letters: Sequence[TimedLetters] = (),
    pops: Sequence[Polygon] = (),
    effects: EffectArguments | None = None,
    faces: FaceArguments | None = None,
) -> FrameFunction:
    """Return the function that renders the shot at time t, 0..1."""
    opened = [_open_motion(artifacts, motion) for motion in motions]
    covers, moving = _time_letters(opened[-1], letters, pops, seconds, screen)
    exposed = expose_faces(artifacts, opened, faces, seconds, screen)
    stacked = [
        Layer(motion, start, FADE_SECONDS / seconds, tuple(cover for first, cover in covers if first <= number), sheet)
        for number, ((motion, sheet), start) in enumerate(zip(exposed, starts, strict=True))
    ]
    compositor = load_compositor(backend, **options)
    if effects is not None:
        bound = bind_effects(opened[-1], camera, seconds, screen, effects, ease=ease, artifacts=artifacts)
        moving = [*bound, *moving]
    more = {"effects": moving} if moving else {}
    return compositor.compose(stacked, camera, ease=ease, seconds=seconds, screen=screen, **more)


def _time_letters(
    motion: Motion, letters: Sequence[TimedLetters], pops: Sequence[Polygon], seconds: float, screen: VideoFormat
) -> tuple[list[tuple[int, Overlay]], list[PlacedEffect]]:
    """Return what covers letters until they are read, each with its first layer, and the pops of their balloons.

    Letters are covered where their paper is plain. Those of a balloon that pops come at once, and not in a fade.
    """
    covers, popping = list[tuple[int, Overlay]](), list[PlacedEffect]()
    if not letters:
        return covers, popping
    picture = motion.frames[0]  # a protected frame is made when it is read
    for outline, at, layer in reversed(letters):
        cover = cover_letters(picture, motion.box, outline)
        if cover is None:
            break  # these letters stay, and so do those before them
        moment, fade = at / seconds, LETTER_FADE_SECONDS / seconds
        covers.append((layer, Overlay(*cover, moment, 0.0 if outline in pops else fade)))
        if outline in pops:
            pop = BalloonPop(outline, moment, frames=screen.frame_count(seconds), fps=float(screen.fps))
            popping.append(PlacedEffect(pop))
    return covers, popping


def encode_segment(
    artifacts: Artifacts, frame: FrameFunction, frames: int, screen: VideoFormat, crf: int, preset: str
) -> Artifact:
    """Encode the frames of a frame function and keep the clip."""
    path = artifacts.temporary(".mp4")
    clips.write_segment(frame, frames=frames, screen=screen, path=path, crf=crf, preset=preset)
    return artifacts.keep(path, "video/mp4")


def _add_takes(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Add a take for every segment that is not one yet."""
    filmed = [(resolved, made) for resolved in shots if (made := resolved.segment) is not None]
    added = context.library.add_takes([_draft_take(resolved, made) for resolved, made in filmed])
    for (resolved, _), take in zip(filmed, added, strict=True):
        resolved.take = take


def _draft_take(resolved: ResolvedShot, made: Made) -> TakeDraft:
    """Return the take of a segment."""
    shot = resolved.shot
    return TakeDraft(
        shot=shot.id,
        key=resolved.key,
        artifact=made.artifacts["segment"].sha256,
        backend=shot.backends.animate,
        seed=shot.plan.seed + shot.plan.render_options.animate.seed_offset,
        attempt=shot.attempt,
        facts={**made.facts, "fallback": shot.fallback, "still": shot.still},
    )


def layer_motions(shot: ShotToFilm, plates: Sequence[Made], moved: Sequence[Made]) -> list[dict[str, Any]]:
    """Return the animation of every plate and its place, with the regions that must stay as the artist drew them.

    The regions belong here and not to the animation, so that a corrected balloon makes no clip stale.
    """
    return [
        _motion_of(shot, plate, made, plates[-1] if made == moved[-1] else plate)
        for plate, made in zip(plates, moved, strict=True)
    ]


def _motion_of(shot: ShotToFilm, plate: Made, made: Made, under: Made) -> dict[str, Any]:
    """Return one of them; `under` is the plate that was animated, where one animation serves several plates."""
    motion = {
        "motion": made.artifacts["motion"].sha256,
        "box": made.facts["box"],
        "rate": made.facts["rate"],
        "still": made.facts["frames"] == 1,
        **({"keys": keys} if (keys := made.facts.get("keys")) else {}),
    }
    is_own_plate = under.artifacts["plate"] == plate.artifacts["plate"]
    if motion["still"] and is_own_plate:
        return motion
    protection = {
        "plate": plate.artifacts["plate"].sha256,
        "plate_box": plate.facts["box"],
        "keep": protected_regions(shot),
        "lines": shot.plan.render_options.keep_line_art,
    }
    protection |= {"stirs": made.artifacts["stirs"].sha256} if "stirs" in made.artifacts else {}
    return (
        {**motion, **protection}
        if is_own_plate
        else {
            **motion,
            **protection,
            "original": plate.artifacts["original"].sha256,
            "under": [under.artifacts[role].sha256 for role in ("plate", "original")],
        }
    )


def protected_regions(shot: ShotToFilm) -> list[Polygon]:
    """Return the outlines of the shot's balloons and lettering, in page pixels; none where the lettering is removed."""
    if not shot.has_lettering:
        return []
    return sorted(balloon.outline or box_polygon(balloon.box) for balloon in shot.balloons)


def plates_of(artifacts: Artifacts, motion: dict[str, Any]) -> tuple[Plate, Plate | None]:
    """Return the plate of one of `motions`, and the plate that was animated where that is another one."""
    box = Box(*motion["box"])

    def open_plate(plate: str, original: str = "") -> Plate:
        """Open a plate; without `original` nothing in it counts as the artist's own pixels."""
        pixels = png.read_png(artifacts.open(plate))
        own = to_mask(png.read_png(artifacts.open(original))) if original else np.zeros(pixels.shape[:2], np.uint8)
        return Plate(pixels, box, own)

    under = open_plate(*motion["under"]) if "under" in motion else None
    return open_plate(motion["plate"], motion.get("original", "")), under


def stirs_of(artifacts: Artifacts, motion: dict[str, Any]) -> Mask | None:
    """Return the mask of what moves in one of `motions`; None where it is not known."""
    return to_mask(png.read_png(artifacts.open(motion["stirs"]))) if "stirs" in motion else None


def _open_motion(artifacts: Artifacts, motion: dict[str, Any]) -> Motion:
    """Open an animation, with the protected pixels of its plate laid over generated frames."""
    path = artifacts.open(motion["motion"])
    box = Box(*motion["box"])
    frames = png.read_png(path)[np.newaxis] if motion["still"] else lossless.read_lossless(path)
    moving = Motion(frames, box, motion["rate"], tuple(round(number) for number in motion.get("keys", ())))
    if motion["box"] != motion.get("plate_box"):
        return moving  # it is the plate itself, or shows something else: there is nothing to lay over it
    plate, under = plates_of(artifacts, motion)
    # frames at the plate's size are large: each is made when the camera comes to it
    protected = ProtectedFrames(moving, plate, motion["keep"], motion["lines"], under, stirs_of(artifacts, motion))
    return Motion(cast(Image, protected), box, motion["rate"])
