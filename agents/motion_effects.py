"""Bind the effects of a shot's plan to its panels: where each acts, what stays still, and from when on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

import numpy as np

from agents.planning.panels import page_unit
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.domain import Balloon, Box, CameraKey, MotionEffect, PageImage, Polygon, VideoFormat
from storage.effects import Cadence
from tools import geometry
from tools.composite import PlacedEffect
from tools.motion import Clock, EffectScene, fills_panel, load_effect, moves_camera
from tools.motion_regions import EffectRegion, draw_region
from tools.pixels import intersect_box, is_grey, to_grey, whole_pixels
from tools.plates import Image, Motion

LETTERING_MARGIN = 0.006
"""Space around lettering without an outline that nothing moves in, as a share of the page's width."""
FADE_SECONDS = 0.25
"""Seconds in which the effects of a panel come up that appears during the shot, once it is there."""
VERSION = 5
"""Raised when effects are bound differently: part of the content keys of shots with effects."""


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


def effect_arguments(context: RunContext, shot: ShotToFilm, fade_seconds: float) -> EffectArguments | None:
    """Return what shapes the effects of a shot; None where its plan has none."""
    plan = shot.plan
    effects = plan.render_options.effects
    if not effects:
        return None
    balloons = shot.balloons if shot.has_lettering else ()
    fade = fade_seconds / plan.seconds
    starts = [at + fade if at > 0 else 0.0 for at in plan.reveals] or [0.0] * len(shot.panels)
    return {
        "wanted": list(effects),
        "versions": {"binding": VERSION, **{effect.kind: load_effect(effect.kind).version for effect in effects}},
        "panels": [
            (panel.polygon or geometry.box_polygon(panel.box), start)
            for panel, start in zip(shot.panels, starts, strict=True)
        ],
        "held": sorted(_outline(balloon, shot.page) for balloon in balloons),
        "kept_clear": sorted(_outline(balloon, shot.page) for balloon in balloons if balloon.kind != "sound"),
        "lettering": sorted(balloon.box for balloon in balloons if balloon.kind != "sound"),
        "cadence": context.settings.style.cadence,
        "seed": plan.seed,
    }


def bind_effects(
    motion: Motion, camera: Sequence[CameraKey], seconds: float, screen: VideoFormat, arguments: EffectArguments
) -> list[PlacedEffect]:
    """Return the effects of a shot, bound to its panels.

    Args:
        motion: The last plate of the shot, which shows all panels.
        camera: The camera keys.
        seconds: The length of the shot.
        screen: The video format.
        arguments: All that shapes the effects.
    """
    clock = Clock(float(screen.fps), screen.frame_count(seconds), arguments["cadence"])
    tightest = min((key.box for key in camera), key=lambda box: box.area)
    shot = _ShotScenes(motion.frames[0], motion.box, tightest, seconds, clock, arguments)
    return [placed for number, effect in enumerate(arguments["wanted"]) for placed in _bind(effect, number, shot)]


class _ShotScenes:
    """The panels of a shot as effects see them: what equal places have in common is found once."""

    def __init__(
        self, picture: Image, box: Box, view: Box, seconds: float, clock: Clock, arguments: EffectArguments
    ) -> None:
        self.picture = picture
        self.seconds = seconds
        self.box = box
        self.view = view
        self.clock = clock
        self.arguments = arguments
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
        return EffectScene(found[0], self.view, self.clock, found[1], self._is_grey, focus, lettering)


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
        bound = maker.bind(scene, strength=effect.strength, at=effect.at, seed=seed)
        yield PlacedEffect(bound, 0.0 if is_jolt else start, 0.0 if is_jolt else FADE_SECONDS / shot.seconds)
        if is_jolt:
            return


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
