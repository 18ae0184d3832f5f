"""Film every shot: render its moving plates through the planned camera into one silent segment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np

from agents import backend_jobs
from agents.executors import Job
from agents.resolved_shot import (
    ResolvedShot,
    current_round,
    failed_shots,
    find_takes,
    make_steps,
    resolve_step,
)
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import animate, outpaint
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Artifact, Box, CameraKey, Ease, Made, Polygon, VideoFormat
from storage.records import TakeDraft
from storage.settings import Options
from tools import png
from tools.composite import Layer, load_compositor
from tools.pixels import polygon_of
from tools.plates import FrameFunction, Image, Mask, Motion, Plate
from tools.video import clips, lossless, pixel_protection
from tools.video.pixel_protection import ProtectedFrames

FADE = 0.35
"""Seconds in which a panel that is revealed dissolves in."""
VERSION = 1
"""Raised when `frame_function` gives other frames than before, as with another FADE: part of the content keys."""


def run(ctx: RunContext, state: State) -> State:
    """Film every shot; each segment becomes a take of its shot."""
    under_way = current_round(ctx, state)
    make_segments(ctx, under_way.shots)
    _add_takes(ctx, under_way.shots)
    return {"broken": failed_shots(state, "composite", under_way.groups, "segment")}


def resolve_segments(ctx: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Find the segments of shots, and what they start from."""
    animate.resolve_motions(ctx, shots)
    resolve_step(ctx, shots, "segment", jobs)


def make_segments(ctx: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the segments that are missing where the motions are there."""
    animate.resolve_motions(ctx, shots)
    make_steps(ctx, "composite", ((shot, "segment", jobs(ctx, shot)) for shot in shots))


def resolve_shots(ctx: RunContext, shots: Iterable[ShotToFilm]) -> list[ResolvedShot]:
    """Each shot with all that is made of it, until its segment and its take."""
    resolved = [ResolvedShot(shot) for shot in shots]
    resolve_segments(ctx, resolved)
    find_takes(ctx, resolved)
    return resolved


def jobs(ctx: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """The one job that films the shot; None while a plate is missing."""
    arguments = scene_arguments(ctx, resolved)
    if arguments is None:
        return None
    arguments |= {"crf": ctx.settings.crf, "preset": ctx.settings.preset}
    shot = resolved.shot
    return [backend_jobs.build_job(ctx, "composite", shot.backends.composite, shot.id, make, arguments, **versions())]


def versions() -> dict[str, int]:
    """Return the versions of the code beside the compositor that shapes filmed frames, for content keys."""
    return {"composite": VERSION, "segment": clips.SEGMENT_VERSION, "keeping": pixel_protection.VERSION}


def scene_arguments(ctx: RunContext, resolved: ResolvedShot) -> dict[str, Any] | None:
    """What `frame_function` needs to film the shot; None while a plate is missing."""
    shot, plates, moved = resolved.shot, resolved.plates, resolved.motions
    if plates is None or moved is None:
        return None
    plan = shot.plan
    return {
        "motions": layer_motions(shot, plates, moved),
        "starts": list(plan.reveals) or [0.0],
        "camera": list(plan.camera),
        "ease": plan.ease,
        "seconds": plan.seconds,
        "screen": ctx.settings.screen,
    }


def make(artifacts: Artifacts, *, crf: int, preset: str, seconds: float, screen: VideoFormat, **rest: Any) -> Made:
    """Film one shot and keep the segment."""
    frame = frame_function(artifacts, seconds=seconds, screen=screen, **rest)
    frames = frame_count(seconds, screen)
    return Made(
        artifacts={"segment": encode_segment(artifacts, frame, frames, screen, crf, preset)},
        facts={"frames": frames, "seconds": frames / screen.fps},
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
) -> FrameFunction:
    """The shot as a function of t."""
    layers = [
        Layer(_open(artifacts, motion), start, FADE / seconds) for motion, start in zip(motions, starts, strict=True)
    ]
    compositor = load_compositor(backend, **options)
    return compositor.compose(layers, camera, ease=ease, seconds=seconds, screen=screen)


def encode_segment(
    artifacts: Artifacts, frame: FrameFunction, frames: int, screen: VideoFormat, crf: int, preset: str
) -> Artifact:
    """Encode a frame function and keep the film it makes."""
    path = artifacts.temporary(".mp4")
    clips.write_segment(frame, frames=frames, screen=screen, path=path, crf=crf, preset=preset)
    return artifacts.keep(path, "video/mp4")


def _add_takes(ctx: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make a take of every segment that stands, unless it is one already."""
    filmed = [(resolved, made) for resolved in shots if (made := resolved.segment) is not None]
    added = ctx.library.add_takes([_draft_take(resolved, made) for resolved, made in filmed])
    for (resolved, _), take in zip(filmed, added, strict=True):
        resolved.take = take


def _draft_take(resolved: ResolvedShot, made: Made) -> TakeDraft:
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


def frame_count(seconds: float, screen: VideoFormat) -> int:
    """A shot's length in whole frames."""
    return max(1, round(seconds * screen.fps))


def layer_motions(shot: ShotToFilm, plates: Sequence[Made], moved: Sequence[Made]) -> list[dict[str, Any]]:
    """What moves on every plate, and where; with what must stay as the artist drew it where a model gave frames.

    That stands here and not with the animation, so that a balloon that is corrected makes no clip stale.
    """
    return [
        _motion_of(shot, plate, made, plates[-1] if made == moved[-1] else plate)
        for plate, made in zip(plates, moved, strict=True)
    ]


def _motion_of(shot: ShotToFilm, plate: Made, made: Made, under: Made) -> dict[str, Any]:
    """One of them; `under` is the plate that was moved, where one motion serves several."""
    said = {"motion": made.artifacts["motion"].sha256, "box": made.facts["box"], "rate": made.facts["rate"],
            "still": made.facts["frames"] == 1}  # fmt: skip
    mine = under.artifacts["plate"] == plate.artifacts["plate"]
    if said["still"] and mine:
        return said
    over = {"plate": plate.artifacts["plate"].sha256, "plate_box": plate.facts["box"], "keep": protected_regions(shot),
            "lines": shot.plan.render_options.keep_line_art}  # fmt: skip
    over |= {"stirs": made.artifacts["stirs"].sha256} if "stirs" in made.artifacts else {}
    return {**said, **over} if mine else {**said, **over, "original": plate.artifacts["original"].sha256,
            "under": [under.artifacts[role].sha256 for role in ("plate", "original")]}  # fmt: skip


def protected_regions(shot: ShotToFilm) -> list[Polygon]:
    """The balloons and lettering of the shot, in page pixels; none where the lettering is to go."""
    if "lettering" in shot.plan.render_options.clean:
        return []
    return sorted(balloon.outline or polygon_of(balloon.box) for balloon in shot.balloons)


def plates_of(artifacts: Artifacts, motion: dict[str, Any]) -> tuple[Plate, Plate | None]:
    """The plate that one of `motions` stands on, and the one that was moved where that is another."""
    box = Box(*motion["box"])

    def opened(plate: str, original: str = "") -> Plate:
        pixels = png.read_png(artifacts.open(plate))
        own = (
            outpaint.to_mask(png.read_png(artifacts.open(original)))
            if original
            else np.zeros(pixels.shape[:2], np.uint8)
        )
        return Plate(pixels, box, own)

    under = opened(*motion["under"]) if "under" in motion else None
    return opened(motion["plate"], motion.get("original", "")), under


def stirs_of(artifacts: Artifacts, motion: dict[str, Any]) -> Mask | None:
    """Where something stirs in one of `motions`, as far as it is known."""
    return outpaint.to_mask(png.read_png(artifacts.open(motion["stirs"]))) if "stirs" in motion else None


def _open(artifacts: Artifacts, motion: dict[str, Any]) -> Motion:
    path = artifacts.open(motion["motion"])
    box = Box(*motion["box"])
    frames = png.read_png(path)[np.newaxis] if motion["still"] else lossless.read_lossless(path)
    moving = Motion(frames, box, motion["rate"])
    if motion["box"] != motion.get("plate_box"):
        return moving  # it is a plate, or shows something else than the plate: there is nothing to lay over it
    plate, under = plates_of(artifacts, motion)
    # frames at the plate's size are large: each is made when the camera comes to it
    kept = ProtectedFrames(moving, plate, motion["keep"], motion["lines"], under, stirs_of(artifacts, motion))
    return Motion(cast(Image, kept), box, motion["rate"])
