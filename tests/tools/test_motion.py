"""Test that effects move only what may move, by no more than they may, in loops, and alike on every run."""

from __future__ import annotations

import weakref
from itertools import pairwise
from typing import get_args

import cv2
import numpy as np
import pytest

from storage.domain import Box, CameraKey, VideoFormat
from storage.effects import Cadence, EffectKind
from tests.tools.drawings import lines
from tools.composite import Layer, PlacedEffect
from tools.composite.camera import Backend as Camera
from tools.geometry import box_polygon, union_box
from tools.motion import BoundEffect, Clock, EffectScene, fills_panel, load_effect
from tools.motion.breathe import breath_at
from tools.motion.petals import petal_outline
from tools.motion_regions import draw_region
from tools.particles import FilmPlane
from tools.plates import FrameFunction, Image, Motion

SCREEN = VideoFormat(width=480, height=270, fps=24)
PAGE, PANEL, BALLOON = Box(0, 0, 640, 360), Box(20, 20, 620, 340), Box(400, 60, 520, 140)
VIEW = Box(0, 0, 640, 360)
SECONDS = 4.0
FRAMES = 96
GROUND: tuple[EffectKind, ...] = ("parallax", "background-pan")
KINDS: tuple[EffectKind, ...] = tuple(kind for kind in get_args(EffectKind) if kind not in GROUND)
"""Kinds that need no planes; the others are tested with their planes in test_ground_planes.py."""
WARPS: tuple[EffectKind, ...] = ("boil", "sway", "breathe", "water", "smoke")
LOOPS = {
    "boil": 4,
    "sway": 38,
    "breathe": 43,
    "water": 36,
    "smoke": 48,
    "rain": 24,
    "snow": 96,
    "petals": 84,
    "speed-lines": 4,
    "flicker": 30,
}
"""Drawings of each loop on twos, at 24 frames a second."""


def picture(paper: int = 255) -> Image:
    """A page of lines with a white balloon that has letters."""
    page = lines(640, 360, 4)
    if paper < 128:
        page = 255 - page
    x0, y0, x1, y1 = (int(side) for side in BALLOON)
    page[y0:y1, x0:x1] = 255
    page[90:110, 420:500:9] = 0
    return page


def bound(
    kind: EffectKind, *, box: Box | None = None, strength: float = 1.0, cadence: Cadence = 2, seed: int = 5,
    view: Box = VIEW, tone: float = 0.8, lettering: tuple[Box, ...] = (), at: float = 0.25,
) -> BoundEffect:  # fmt: skip
    maker = load_effect(kind)
    place = None if fills_panel(maker) else box
    region = draw_region(place, box_polygon(PANEL), [box_polygon(BALLOON)], [box_polygon(BALLOON)], view)
    assert region is not None
    scene = EffectScene(region, view, Clock(24.0, FRAMES, cadence), tone, True, box, lettering)
    return maker.bind(scene, strength=strength, at=at, seed=seed)


def filmed(*effects: BoundEffect, camera: tuple[Box, ...] = (VIEW,), page: Image | None = None) -> FrameFunction:
    keys = [CameraKey(t=number / max(1, len(camera) - 1), box=box) for number, box in enumerate(camera)]
    layer = Layer(Motion((picture() if page is None else page)[None], PAGE, 1.0))
    placed = [PlacedEffect(effect) for effect in effects]
    return Camera().compose([layer], keys, ease="linear", seconds=SECONDS, screen=SCREEN, effects=placed)


def at(frame: FrameFunction, number: int) -> Image:
    return frame(number / (FRAMES - 1))


def film_part(box: Box, shrink: float = 0.0) -> tuple[slice, slice]:
    """Return the film pixels of a part of the page seen as a whole, without an edge of `shrink` pixels."""
    scale = SCREEN.width / VIEW.width
    x0, y0, x1, y1 = (side * scale for side in box)
    return (
        slice(int(np.ceil(y0 + shrink)), int(y1 - shrink)), slice(int(np.ceil(x0 + shrink)), int(x1 - shrink))
    )  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "impact"])
def test_balloons_and_all_beyond_the_panel_stay_as_they_are_in_every_frame(kind: EffectKind) -> None:
    plain, frame = filmed(), filmed(bound(kind))
    outside = np.ones((SCREEN.height, SCREEN.width), bool)
    outside[film_part(PANEL, -1.5)] = False
    changed = np.zeros(outside.shape, bool)
    for number in range(0, FRAMES, 5):
        difference = (at(frame, number) != at(plain, number)).any(axis=2)
        assert not difference[film_part(BALLOON)].any()
        assert not difference[outside].any()
        changed |= difference
    assert changed.any()


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_the_same_on_every_run_and_others_with_another_seed(kind: EffectKind) -> None:
    one, two, other = (filmed(bound(kind, seed=seed)) for seed in (5, 5, 6))
    numbers = (30, 24, 25, 60, 7)
    assert all((at(one, number) == at(two, number)).all() for number in sorted(numbers))
    assert all((at(one, number) == at(two, number)).all() for number in numbers), "the order does not matter"
    if kind != "breathe":  # all breathe alike
        assert any((at(one, number) != at(other, number)).any() for number in numbers)


@pytest.mark.parametrize("cadence", [1, 2, 3])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "impact"])
def test_a_drawing_is_held_for_its_frames(kind: EffectKind, cadence: Cadence) -> None:
    frame = filmed(bound(kind, cadence=cadence))
    # a loop may show two drawings that are alike, such as those of a full breath
    seen = [at(frame, number).copy() for number in range(12, 24)]
    for first in range(0, 12, cadence):
        for held in range(first, first + cadence):
            assert (seen[held] == seen[first]).all()
    assert any((a != b).any() for a, b in zip(seen, seen[cadence:], strict=False))


def test_a_drawing_is_held_as_long_at_other_frame_rates() -> None:
    assert [Clock(fps, 100, 2).hold for fps in (12, 24, 30, 48, 60)] == [1, 2, 2, 4, 5]
    assert Clock(24000 / 1001, 100, 3).hold == 3


@pytest.mark.parametrize(("kind", "length"), LOOPS.items())
def test_loops_close(kind: EffectKind, length: int) -> None:
    effect = bound(kind)
    drawings = [effect.phase(2 * number) for number in range(length + 3)]
    assert drawings[length:] == drawings[:3]
    assert len(set(drawings[:length])) == length
    # the step over the seam is no larger than the others
    frame = filmed(effect)
    if 2 * length < FRAMES:
        seen = [at(frame, 2 * number).astype(np.int16) for number in range(length + 1)]
        steps = [float(np.abs(b - a).mean()) for a, b in pairwise(seen)]
        assert steps[-1] <= 1.25 * max(steps[:-1])


@pytest.mark.parametrize("kind", WARPS)
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_displacements_are_small_smooth_and_none_by_balloons_and_frame_lines(kind: EffectKind, strength: float) -> None:
    effect = bound(kind, strength=strength)
    most = 0.0
    for number in range(0, FRAMES, 2):
        field = effect.displacement(number)
        assert field is not None
        most = max(most, float(np.abs(field.offsets).max()))
        edges = np.concatenate([side.ravel() for side in (field.offsets[0], field.offsets[-1], field.offsets[:, 0])])
        assert not edges.any()
        cell = field.box.width / field.offsets.shape[1]
        slope = max(float(np.abs(np.diff(field.offsets, axis=axis)).max()) / cell for axis in (0, 1))
        assert slope < 0.5, "a steeper field would fold the picture"
    assert 0 < most <= 0.012 * VIEW.width * strength + 1e-3


def test_only_the_latest_field_of_a_loop_is_kept() -> None:
    effect = bound("sway")
    first, same = effect.displacement(0), effect.displacement(1)
    assert first is not None
    assert same is first
    gone = weakref.ref(first)
    del first, same
    effect.displacement(2)
    assert gone() is None


def test_an_effect_on_a_box_moves_nothing_beyond_it() -> None:
    place = Box(100, 100, 260, 300)
    plain, frame = filmed(), filmed(bound("sway", box=place))
    beyond = np.ones((SCREEN.height, SCREEN.width), bool)
    beyond[film_part(place, -1.5)] = False
    for number in (0, 20, 40, 60):
        difference = (at(frame, number) != at(plain, number)).any(axis=2)
        assert difference.any()
        assert not difference[beyond].any()


def test_several_effects_add_up_and_move_with_the_camera() -> None:
    camera = Box(0, 0, 320, 180), Box(320, 180, 640, 360)
    left, right = bound("boil", box=Box(60, 60, 200, 200)), bound("boil", box=Box(300, 160, 380, 300))
    both, one, plain = (filmed(*effects, camera=camera) for effects in ((left, right), (left,), ()))
    assert (at(one, 0) != at(plain, 0)).any()
    assert (at(both, 48) != at(plain, 48)).any()
    assert (at(one, 95) == at(plain, 95)).all(), "its place has left the view"


def test_lines_close_in_on_a_place_and_leave_it_clear() -> None:
    place = Box(250, 130, 350, 230)
    plain, frame = filmed(), filmed(bound("speed-lines", box=place))
    difference = (at(frame, 0) != at(plain, 0)).any(axis=2)
    assert not difference[film_part(place)].any()
    assert difference[film_part(Box(24, 24, 100, 336))].any()


def test_rain_is_light_on_dark_pictures_and_inked_on_light_ones() -> None:
    for tone, paper, sign in ((0.2, 0, 1), (0.9, 255, -1)):
        page = np.full((360, 640, 3), paper, np.uint8)
        frame, plain = filmed(bound("rain", tone=tone), page=page), filmed(page=page)
        change = at(frame, 10).astype(int) - at(plain, 10)
        assert (change * sign >= 0).all()
        assert change.any()


def test_flicker_only_darkens() -> None:
    frame, plain = filmed(bound("flicker")), filmed()
    levels = [float(at(frame, number).mean()) for number in range(0, 60, 2)]
    assert max(levels) <= float(at(plain, 0).mean())
    assert max(levels) - min(levels) > 2


def test_an_impact_jolts_for_eight_frames_within_the_planned_view_and_decays() -> None:
    effect = bound("impact", at=0.25)
    start = round(0.25 * (FRAMES - 1))
    views = [effect.view(VIEW, number) for number in range(FRAMES)]
    moved = [number for number, view in enumerate(views) if view != VIEW]
    assert moved[0] == start
    assert moved[-1] < start + 8
    growth = [1 - views[number].width / VIEW.width for number in moved]
    assert growth == sorted(growth, reverse=True)
    assert max(growth) <= 0.02 + 1e-9
    for view in views:
        assert union_box([view, VIEW]) == VIEW
        assert view.aspect == pytest.approx(VIEW.aspect)


def test_an_impact_keeps_letters_in_view() -> None:
    edge = Box(0.5, 0.5, 60, 30)
    effect = bound("impact", lettering=(edge,), at=0.0)
    free = bound("impact", at=0.0)
    assert not all(free.view(VIEW, n).x0 <= edge.x0 and free.view(VIEW, n).y0 <= edge.y0 for n in range(8))
    assert all(effect.view(VIEW, n).x0 <= edge.x0 and effect.view(VIEW, n).y0 <= edge.y0 for n in range(8))


def test_no_drawing_is_a_mixture_of_two() -> None:
    """Between two held drawings nothing is cross-faded: every frame is one of the loop's own."""
    frame = filmed(bound("boil"))
    drawings = {at(frame, number).tobytes() for number in range(FRAMES)}
    assert len(drawings) == 4


def test_a_breath_fills_and_empties_the_lungs() -> None:
    values = [breath_at(angle) for angle in np.linspace(0, 2 * np.pi, 200)]
    assert values[0] == pytest.approx(0)
    assert values[-1] == pytest.approx(0, abs=1e-6)
    assert max(values) == pytest.approx(1, abs=1e-3)
    assert int(np.argmax(values)) < 100, "in is quicker than out"


def test_a_petal_is_as_long_as_it_should_be_and_narrow_when_it_is_tipped() -> None:
    flat, tipped = petal_outline(0.0, 1.0), petal_outline(0.0, 0.25)
    assert np.ptp(flat[:, 0]) == pytest.approx(1.0)
    assert np.ptp(tipped[:, 1]) == pytest.approx(0.25 * np.ptp(flat[:, 1]))
    assert cv2.contourArea(flat.astype(np.float32)) > 0.3


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "impact"])
def test_the_effects_of_a_later_panel_come_up_slowly(kind: EffectKind) -> None:
    """It is half there in the middle of its fade, and the same as ever after it."""
    start, fade = 24 / (FRAMES - 1), 12 / (FRAMES - 1)
    layer, keys = Layer(Motion(picture()[None], PAGE, 1.0)), [CameraKey(t=0, box=VIEW)]
    plain, soft, hard = (
        Camera().compose([layer], keys, ease="linear", seconds=SECONDS, screen=SCREEN, effects=effects)
        for effects in ([], [PlacedEffect(bound(kind), start, fade)], [PlacedEffect(bound(kind), start)])
    )
    size = [float(np.abs(at(frame, 30).astype(int) - at(plain, 30)).mean()) for frame in (soft, hard)]
    assert (at(soft, 24) == at(plain, 24)).all()
    assert 0.2 * size[1] < size[0] < 0.8 * size[1]
    assert (at(soft, 37) == at(hard, 37)).all()


@pytest.mark.parametrize("kind", ["rain", "petals", "snow", "speed-lines"])
def test_what_is_drawn_is_the_same_in_an_upright_film_whose_shorter_side_shows_as_much(kind: EffectKind) -> None:
    ground = np.full((720, 1280), 128, np.uint8)
    wide, upright = (bound(kind, view=view).draw(ground, VIEW, 40) for view in (VIEW, Box(100, -140, 460, 500)))
    assert (wide != 128).mean() > 0.005
    assert (wide != upright).mean() < 0.05 * (wide != 128).mean()
    region = draw_region(None, box_polygon(PANEL), [], [], VIEW)
    assert region is not None
    sizes = (1920, 1080), (1080, 1920), (1080, 1080), (960, 540)
    assert [FilmPlane(region, VIEW, size, (0, 0, 9, 9)).line_width(2.2) for size in sizes] == [2, 2, 2, 1]


@pytest.mark.parametrize("kind", WARPS)
def test_nothing_moves_at_the_edge_where_the_plate_ends(kind: EffectKind) -> None:
    """A plate that ends within the panel: what is beyond it cannot come into the picture."""
    plate = Box(PANEL.x0 + 60, PANEL.y0 + 40, PANEL.x1 - 60, PANEL.y1 - 40)
    moving = []
    for known in (None, plate):
        region = draw_region(None, box_polygon(PANEL), [], [], VIEW, known)
        assert region is not None
        scene = EffectScene(region, VIEW, Clock(24.0, FRAMES, 2), 0.9, True, None, ())
        effect = load_effect(kind).bind(scene, strength=1.0, at=None, seed=1)
        field = effect.displacement(20)
        assert field is not None
        touched = field.touched_in(VIEW, (SCREEN.width, SCREEN.height)) > 0
        beyond = touched.copy()
        beyond[film_part(plate, 1.0)] = False
        moving.append((bool(touched.any()), bool(beyond.any())))
    assert moving == [(True, True), (True, False)]


def test_water_runs_to_the_side_and_is_larger_near_than_far() -> None:
    effect = bound("water")
    fields = [effect.displacement(number) for number in range(0, 72, 2)]
    reach = np.max([np.abs(field.offsets) for field in fields if field is not None], axis=(0, 3))
    rows, columns = reach.shape
    middle = reach[:, columns // 6 : columns // 2]  # beside the balloon
    assert middle[int(0.7 * rows)].mean() > 1.3 * middle[int(0.3 * rows)].mean()


def test_smoke_rises_and_grows_on_its_way() -> None:
    effect = bound("smoke")
    fields = [field.offsets[..., 0] for n in range(0, 96, 2) if (field := effect.displacement(n)) is not None]
    rows, columns = fields[0].shape
    part = [field[:, columns // 6 : columns // 2] for field in fields]
    reach = np.max(np.abs(part), axis=0).mean(axis=1)
    assert reach[int(0.25 * rows)] > 1.5 * reach[int(0.75 * rows)]
    # a bend that is at one height is found higher up a little later
    still, up, down = (float(np.mean(part[0][30 + k : -30 + k] * part[3][30:-30])) for k in (0, 6, -6))
    assert up > max(still, down)
