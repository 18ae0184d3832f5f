"""Bind the effects of a shot's plan to its panels: where each acts, what stays still, and from when on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NotRequired, TypedDict

import numpy as np

from agents.planning.panels import page_unit
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.artifacts import Artifacts
from storage.domain import Balloon, Box, CameraKey, Ease, MotionEffect, PageImage, Polygon, VideoFormat
from storage.effects import Cadence
from tools import geometry, ground_planes, png
from tools.composite import PlacedEffect
from tools.ground_planes import GroundPlane
from tools.layers import PanelPlanes
from tools.motion import (
    BoundEffect,
    Clock,
    EffectMaker,
    EffectScene,
    fills_panel,
    load_effect,
    moves_camera,
    moves_ground,
)
from tools.motion_regions import EffectRegion, draw_region
from tools.pixels import intersect_box, is_grey, to_grey, whole_pixels
from tools.plates import Image, Motion
from tools.video.camera_path import camera_at

LETTERING_MARGIN = 0.006
"""Space around lettering without an outline that nothing moves in, as a share of the page's width."""
FADE_SECONDS = 0.25
"""Seconds in which the effects of a panel come up that appears during the shot, once it is there."""
VERSION = 5
"""Raised when effects are bound differently: part of the content keys of shots with effects."""


class PlanesRef(TypedDict):
    """The planes of a panel: the hashes of a picture of its masks and of the artist's ground, "" if nobody has it."""

    masks: str
    ground: str
    box: list[float]


class EffectArguments(TypedDict):
    """All that shapes the effects of one shot."""

    wanted: list[MotionEffect]
    versions: dict[str, int]
    """The version of the backend of each kind, and of this module."""
    panels: list[tuple[Polygon, float]]
    """The corners of each panel, and the moment (0..1) at which it appears."""
    held: list[Polygon]
    """Balloons and lettering, which are never displaced."""
    kept_clear: list[Polygon]
    """Those of them that nothing is drawn on."""
    lettering: list[Box]
    cadence: Cadence
    seed: int
    planes: NotRequired[dict[str, PlanesRef]]
    """The planes of panels whose ground is moved, by the numbers of effect and panel ("0-1"); none was refused."""
    loose: NotRequired[list[Polygon]]
    """Those of `held` that are boxes around lettering without an outline, where a ground is moved."""


def effect_arguments(
    context: RunContext, shot: ShotToFilm, fade_seconds: float, planes: Mapping[str, PlanesRef] | None = None
) -> EffectArguments | None:
    """Return what shapes the effects of a shot; None where its plan has none.

    `planes` are those of the panels whose ground is moved, by the numbers of effect and panel.
    """
    plan = shot.plan
    effects = plan.render_options.effects
    if not effects:
        return None
    balloons = shot.balloons if shot.has_lettering else ()
    fade = fade_seconds / plan.seconds
    starts = [at + fade if at > 0 else 0.0 for at in plan.reveals] or [0.0] * len(shot.panels)
    versions: dict[str, int] = {
        "binding": VERSION,
        **{effect.kind: load_effect(effect.kind).version for effect in effects},
    }
    arguments: EffectArguments = {
        "wanted": list(effects),
        "versions": versions | ({"ground": ground_planes.VERSION} if planes else {}),
        "panels": [
            (panel.polygon or geometry.box_polygon(panel.box), start)
            for panel, start in zip(shot.panels, starts, strict=True)
        ],
        "held": held_outlines(shot),
        "kept_clear": sorted(_outline(balloon, shot.page) for balloon in balloons if balloon.kind != "sound"),
        "lettering": sorted(balloon.box for balloon in balloons if balloon.kind != "sound"),
        "cadence": context.settings.style.cadence,
        "seed": plan.seed,
    }
    if planes:
        arguments["planes"] = dict(planes)
        arguments["loose"] = sorted(_outline(balloon, shot.page) for balloon in balloons if not balloon.outline)
    return arguments


def held_outlines(shot: ShotToFilm) -> list[Polygon]:
    """Return the outlines of balloons and lettering, which are never displaced; none where they are removed."""
    return sorted(_outline(balloon, shot.page) for balloon in (shot.balloons if shot.has_lettering else ()))


def bind_effects(
    motion: Motion,
    camera: Sequence[CameraKey],
    seconds: float,
    screen: VideoFormat,
    arguments: EffectArguments,
    *,
    ease: Ease = "in-out",
    artifacts: Artifacts | None = None,
) -> list[PlacedEffect]:
    """Return the effects of a shot, bound to its panels.

    Args:
        motion: The last plate of the shot, which shows all panels.
        camera: The camera keys.
        seconds: The length of the shot.
        screen: The video format.
        arguments: All that shapes the effects.
        ease: How the camera moves between two keys.
        artifacts: Where the planes of panels are kept; None where no ground is moved.
    """
    clock = Clock(float(screen.fps), screen.frame_count(seconds), arguments["cadence"])
    tightest = min((key.box for key in camera), key=lambda box: box.area)
    view_at = partial(camera_at, list(camera), ease=ease)
    shot = _ShotScenes(motion.frames[0], motion.box, tightest, view_at, seconds, clock, arguments, artifacts)
    return [placed for number, effect in enumerate(arguments["wanted"]) for placed in _bind(effect, number, shot)]


class _ShotScenes:
    """The panels of a shot as effects see them: what equal places have in common is found once."""

    def __init__(
        self,
        picture: Image,
        box: Box,
        view: Box,
        camera: Callable[[float], Box],
        seconds: float,
        clock: Clock,
        arguments: EffectArguments,
        artifacts: Artifacts | None,
    ) -> None:
        self.picture = picture
        self.seconds = seconds
        self.box = box
        self.view = view
        self.camera = camera
        self.clock = clock
        self.arguments = arguments
        self._artifacts = artifacts
        self._is_grey = is_grey(picture)
        self._bounds = [geometry.bounding_box(polygon) for polygon, _ in arguments["panels"]]
        self._regions: dict[tuple[Box | None, int], tuple[EffectRegion, float] | None] = {}

    def scene(self, place: Box | None, panel: int, focus: Box | None) -> EffectScene | None:
        """Return what an effect on a place of a panel, by number, is bound to; None where they do not meet.

        A place that is all of one panel is in no other one, such as where slanted panels overlap.
        """
        if place in self._bounds and place != self._bounds[panel]:
            return None
        key = place, panel
        if key not in self._regions:
            given = self.arguments
            corners = given["panels"][panel][0]
            region = draw_region(place, corners, given["held"], given["kept_clear"], self.view, self.box)
            self._regions[key] = None if region is None else (region, _mean_tone(self.picture, self.box, region))
        found = self._regions[key]
        if found is None or (focus and not geometry.overlap_box(focus, found[0].box)):
            return None
        lettering = tuple(self.arguments["lettering"])
        return EffectScene(
            found[0], self.view, self.clock, found[1], self._is_grey, focus, lettering,
            start=self.arguments["panels"][panel][1], camera=self.camera,
        )  # fmt: skip

    def planes(self, effect: int, panel: int) -> PanelPlanes | None:
        """Return the planes of a panel whose ground an effect moves, both by number; None where there are none."""
        found = self.arguments.get("planes", {}).get(f"{effect}-{panel}")
        if found is None or self._artifacts is None:
            return None
        masks = png.read_png(self._artifacts.open(found["masks"]))
        ground = png.read_png(self._artifacts.open(found["ground"])) if found["ground"] else None
        return PanelPlanes(Box(*found["box"]), masks[..., 0], masks[..., 1], ground)

    def ground(self, panel: int, planes: PanelPlanes, effect: BoundEffect) -> GroundPlane | None:
        """Return the ground of a panel, which an effect will move."""
        outline, loose = self.arguments["panels"][panel][0], self.arguments.get("loose", [])
        held = [polygon for polygon in self.arguments["held"] if polygon not in loose]
        return ground_planes.build_ground(
            self.picture, self.box, outline, planes, held=held, loose=loose,
            reach=effect.ground_reach, fade=effect.ground_fade,
        )  # fmt: skip


def _bind(effect: MotionEffect, number: int, shot: _ShotScenes) -> Iterator[PlacedEffect]:
    """Yield an effect for each panel that it is in; one that moves the camera once, from the shot's beginning on."""
    maker = load_effect(effect.kind)
    is_jolt = moves_camera(maker)
    focus = None if is_jolt else effect.box
    place = None if fills_panel(maker) else focus
    for at, (_, start) in enumerate(shot.arguments["panels"]):
        scene = shot.scene(place, at, focus)
        if scene is None:
            continue
        # another number for each effect and panel, so that no two panels have the same rain
        seed = (shot.arguments["seed"] * 64 + number) * 64 + at
        if moves_ground(maker):
            yield from _bind_ground(maker, effect, scene, shot, number, at)
            continue
        bound = maker.bind(scene, strength=effect.strength, at=effect.at, seed=seed)
        yield PlacedEffect(bound, 0.0 if is_jolt else start, 0.0 if is_jolt else FADE_SECONDS / shot.seconds)
        if is_jolt:
            return


def _bind_ground(
    maker: EffectMaker, effect: MotionEffect, scene: EffectScene, shot: _ShotScenes, number: int, panel: int
) -> Iterator[PlacedEffect]:
    """Yield an effect that moves the ground of a panel, where its figures were told from it."""
    planes = shot.planes(number, panel)
    if planes is None:
        return
    scene = replace(scene, figures=_box_of(planes))
    bound = maker.bind(scene, strength=effect.strength, at=effect.at, seed=0)
    ground = shot.ground(panel, planes, bound)
    if ground is not None:
        yield PlacedEffect(bound, scene.start, ground=ground)


def _box_of(planes: PanelPlanes) -> Box | None:
    """Return the box around the figures of a panel in page pixels; None where it has none."""
    rows, columns = (np.flatnonzero(planes.figures.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    x, y = planes.box.x0, planes.box.y0
    return Box(x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1)


def _outline(balloon: Balloon, page: PageImage) -> Polygon:
    """Return the outline of a balloon, or a box around its lettering where none was found."""
    margin = LETTERING_MARGIN * page_unit(page)
    return balloon.outline or geometry.box_polygon(geometry.grow(balloon.box, margin, margin))


def _mean_tone(picture: Image, box: Box, region: EffectRegion) -> float:
    """Return the mean tone of a plate where a region may be drawn on, 0..1: balloons make no dark panel light."""
    height, width = picture.shape[:2]
    sx, sy = width / box.width, height / box.height
    place = region.box
    part = Box((place.x0 - box.x0) * sx, (place.y0 - box.y0) * sy, (place.x1 - box.x0) * sx, (place.y1 - box.y0) * sy)
    x0, y0, x1, y1 = (int(side) for side in intersect_box(whole_pixels(part), Box(0, 0, width, height)))
    pixels = picture[y0:y1:2, x0:x1:2]
    if not pixels.size:
        return 1.0
    size = pixels.shape[1], pixels.shape[0]
    seen = Box(box.x0 + x0 / sx, box.y0 + y0 / sy, box.x0 + x1 / sx, box.y0 + y1 / sy)
    tones = to_grey(np.ascontiguousarray(pixels))
    drawn_on = tones[region.drawable_over(seen, size, (0, 0, *size)) > 127]
    return float(np.mean(drawn_on if drawn_on.size else tones)) / 255
