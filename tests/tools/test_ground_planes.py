"""Test that a ground at rest is the page, that it is moved behind what is held, and that figures are never torn."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box, CameraKey, VideoFormat
from storage.effects import EffectKind
from tests.tools import layers as drawn
from tools.composite import Layer, PlacedEffect
from tools.composite.camera import Backend as Camera
from tools.geometry import box_polygon
from tools.ground_planes import GroundPlane, build_ground
from tools.layers import PanelPlanes
from tools.motion import BoundEffect, Clock, EffectScene, PlaneShift, fills_panel, load_effect, moves_ground
from tools.motion_regions import draw_region
from tools.pixels import resize
from tools.plates import FrameFunction, Image, Motion
from tools.video.camera_path import camera_at

GROUND: tuple[EffectKind, ...] = ("parallax", "background-pan")
SCREEN = VideoFormat(width=640, height=480, fps=24)
FRAMES, SECONDS = 49, 49 / 24
REST = (CameraKey(t=0, box=drawn.PAGE), CameraKey(t=1, box=drawn.PAGE))


def planes(*, known: bool = False) -> PanelPlanes:
    """Return the planes of the drawn panel, with the ground behind the figure where it is `known`."""
    x0, y0, x1, y1 = (int(side) for side in drawn.PANEL)
    figure = drawn.draw_figure()[1][y0:y1, x0:x1]
    held = drawn.draw_held()[1][y0:y1, x0:x1]
    ground = np.dstack([drawn.draw_ground(), np.full((drawn.HEIGHT, drawn.WIDTH), 255, np.uint8)])[y0:y1, x0:x1]
    return PanelPlanes(drawn.PANEL, figure, held if known else held * 0, ground if known else None)


def build(
    page: Image, found: PanelPlanes, *, reach: float = 12.0, loose: tuple[Box, ...] = (), box: Box = drawn.PAGE
) -> GroundPlane:
    built = build_ground(
        page, box, drawn.panel_outline(), found, held=[drawn.balloon_outline()],
        loose=[box_polygon(one) for one in loose], reach=reach, fade=6 * reach,
    )  # fmt: skip
    assert built is not None
    return built


def bound(kind: EffectKind, camera: tuple[CameraKey, ...] = REST, *, strength: float = 1.0, start: float = 0.0,
          figures: Box | None = drawn.SEED) -> BoundEffect:  # fmt: skip
    view = min((key.box for key in camera), key=lambda box: box.area)
    region = draw_region(None, drawn.panel_outline(), [], [], view)
    assert region is not None
    scene = EffectScene(
        region, view, Clock(24.0, FRAMES, 2), 0.8, True, start=start, figures=figures,
        camera=lambda t: camera_at(camera, t, "in-out"),
    )  # fmt: skip
    return load_effect(kind).bind(scene, strength=strength, at=None, seed=1)


def filmed(
    page: Image, *effects: PlacedEffect, camera: tuple[CameraKey, ...] = REST, screen: VideoFormat = SCREEN
) -> FrameFunction:
    layer = Layer(Motion(page[None], drawn.PAGE, 1.0))
    return Camera().compose([layer], camera, ease="in-out", seconds=SECONDS, screen=screen, effects=effects)


def covered_by(mask: Image) -> np.ndarray:
    return np.asarray(mask > 0)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("factor", [1, 2])
def test_a_ground_at_rest_and_what_stands_before_it_are_the_plate_exactly(known: bool, factor: int) -> None:
    page = drawn.draw_page()
    plate = resize(page, (factor * drawn.WIDTH, factor * drawn.HEIGHT))
    ground = build(plate, planes(known=known))
    x0, y0, x1, y1 = (round(factor * side) for side in ground.box)
    part = plate[y0:y1, x0:x1]
    share = ground.seen[..., None].astype(np.float32) / 255
    assert (np.rint(ground.pixels * share + part * (1 - share)).astype(np.uint8) == part).all()
    assert ((ground.pixels == part).all(axis=2) | (ground.seen == 0)).all()
    assert (ground.seen == 255).mean() > 0.4
    assert not ground.seen[ground.filled > 0].any()


def test_the_ground_behind_a_figure_has_none_of_its_ink() -> None:
    page = drawn.draw_page()
    ground = build(page, planes())
    figure = drawn.draw_figure()[1][24:456, 24:616] > 0
    rim = (ground.filled > 0) & figure
    assert rim.any()
    assert ground.pixels[rim].min() >= 55, "its black outline is not mirrored into its ground"
    assert ground.pixels[rim].max() <= 215, "and neither is its white"
    # it is filled as far as it can be seen, and not further
    inner = figure.copy()
    inner[:, :] = False
    inner[211 - 20 : 211 + 20, 296 - 20 : 296 + 20] = True
    assert not (ground.filled[inner] > 0).any()


def test_what_the_artist_drew_behind_a_figure_is_shown_and_counts_as_drawn() -> None:
    page, plain = drawn.draw_page(), drawn.draw_ground()
    ground = build(page, planes(known=True))
    figure = drawn.draw_figure()[1][24:456, 24:616] > 0
    assert (ground.pixels[figure] == plain[24:456, 24:616][figure]).all()
    assert not ground.filled.any()


def test_an_artist_s_ground_that_ends_at_the_figure_is_filled_beside_it() -> None:
    found = planes(known=True)
    assert found.ground is not None
    cut = found.ground.copy()
    cut[found.figures > 0, 3] = 0
    page = drawn.draw_page()
    ground = build(page, PanelPlanes(found.box, found.figures, found.held, cut))
    rim = (ground.filled > 0) & (found.figures > 0)
    assert rim.any()
    assert ground.pixels[rim].max() <= 215, "no white halo"


@pytest.mark.parametrize("kind", GROUND)
@pytest.mark.parametrize("known", [False, True])
def test_figures_balloons_and_frame_lines_are_the_same_in_every_frame(kind: EffectKind, known: bool) -> None:
    page = drawn.draw_page()
    effect = bound(kind)
    ground = build(page, planes(known=known), reach=effect.ground_reach)
    frame, plain = filmed(page, PlacedEffect(effect, ground=ground)), filmed(page)
    held = covered_by(drawn.draw_held()[1]) | covered_by(drawn.draw_figure()[1])
    changed = np.zeros(held.shape, bool)
    for t in np.linspace(0, 1, 13):
        difference = (frame(float(t)) != plain(float(t))).any(axis=2)
        assert not difference[held].any()
        changed |= difference
    assert changed[~held].mean() > 0.1
    middle = frame(0.5)
    assert (middle == plain(0.5)).all(), "half-way it is the page as it was drawn"


@pytest.mark.parametrize("kind", GROUND)
def test_frames_are_the_same_on_every_run_and_in_any_order(kind: EffectKind) -> None:
    page, effect = drawn.draw_page(), bound(kind)
    one, two = (filmed(page, PlacedEffect(effect, ground=build(page, planes()))) for _ in range(2))
    times = [0.9, 0.1, 0.4, 0.9]
    seen = {t: one(t).copy() for t in sorted(set(times))}
    assert all((two(t) == seen[t]).all() for t in times)


def test_a_ground_does_not_move_where_lettering_has_no_outline() -> None:
    page, loose = drawn.draw_page(), Box(60, 60, 180, 120)
    effect = bound("background-pan")
    ground = build(page, planes(), reach=effect.ground_reach, loose=(loose,))
    frame, plain = filmed(page, PlacedEffect(effect, ground=ground)), filmed(page)
    for t in (0.0, 0.3, 1.0):
        difference = (frame(t) != plain(t)).any(axis=2)
        assert not difference[60:120, 60:180].any()
        assert difference.any()


def test_the_ground_is_never_moved_further_than_it_reaches() -> None:
    wide, near = drawn.PAGE, Box(120, 90, 520, 390)
    moves = (
        REST,
        (CameraKey(t=0, box=wide), CameraKey(t=1, box=near)),
        (CameraKey(t=0, box=Box(0, 0, 400, 300)), CameraKey(t=1, box=Box(240, 180, 640, 480))),
    )
    for kind in GROUND:
        for camera in moves:
            for start in (0.0, 0.4):
                effect = bound(kind, camera, start=start)
                ground = build(drawn.draw_page(), planes(), reach=effect.ground_reach)
                for number in range(round(start * (FRAMES - 1)), FRAMES):
                    shift = effect.ground_shift(number)
                    assert shift is not None
                    view = camera_at(camera, number / (FRAMES - 1), "in-out")
                    seen = ground.field(shift, view).offsets_in(view, (64, 48))
                    assert np.hypot(seen[..., 0], seen[..., 1]).max() <= effect.ground_reach * 1.1 + 0.5


def test_the_ground_follows_the_camera_less_than_the_figures_do() -> None:
    camera = (CameraKey(t=0, box=Box(0, 0, 400, 300)), CameraKey(t=1, box=Box(240, 180, 640, 480)))
    effect = bound("parallax", camera)
    begin, end = effect.ground_shift(0), effect.ground_shift(FRAMES - 1)
    assert begin is not None
    assert end is not None
    assert begin.x > 0 > end.x, "the camera goes right, and the ground is seen as if it had gone less far"
    assert begin.y > 0 > end.y
    push = bound("parallax", (CameraKey(t=0, box=drawn.PAGE), CameraKey(t=1, box=Box(16, 12, 624, 468))))
    first, last = push.ground_shift(0), push.ground_shift(FRAMES - 1)
    assert first is not None
    assert last is not None
    assert last.nearer > first.nearer, "it grows less than the figures"


def test_a_ground_runs_against_the_side_to_which_its_figures_have_room() -> None:
    left, right = (bound("background-pan", figures=box) for box in (Box(40, 200, 160, 400), Box(500, 200, 600, 400)))
    for effect, sign in ((left, 1), (right, -1)):
        begin, end = effect.ground_shift(0), effect.ground_shift(FRAMES - 1)
        assert begin is not None
        assert end is not None
        assert (end.x - begin.x) * sign > 0
        steps = np.diff([shift.x for n in range(FRAMES) if (shift := effect.ground_shift(n))])
        assert steps == pytest.approx(np.full(FRAMES - 1, steps[0])), "at an even speed"


@pytest.mark.parametrize("kind", GROUND)
def test_a_panel_that_appears_later_begins_as_it_was_drawn(kind: EffectKind) -> None:
    effect = bound(kind, start=0.5)
    begin = effect.ground_shift(round(0.5 * (FRAMES - 1)))
    assert begin is not None
    assert begin.size(drawn.PAGE) == pytest.approx(0.0)


@pytest.mark.parametrize("kind", GROUND)
def test_without_planes_an_effect_on_the_ground_does_nothing(kind: EffectKind) -> None:
    page = drawn.draw_page()
    frame, plain = filmed(page, PlacedEffect(bound(kind))), filmed(page)
    assert all((frame(t) == plain(t)).all() for t in (0.0, 0.7))
    assert moves_ground(load_effect(kind))
    assert fills_panel(load_effect(kind))


def test_a_ground_moves_together_with_other_effects_and_in_a_tall_film() -> None:
    page, tall = drawn.draw_page(), VideoFormat(width=270, height=480, fps=24)
    camera = (CameraKey(t=0, box=Box(185, 0, 455, 480)), CameraKey(t=1, box=Box(185, 0, 455, 480)))
    effect = bound("parallax", camera)
    ground = build(page, planes(), reach=effect.ground_reach)
    view = camera[0].box
    region = draw_region(drawn.SEED, drawn.panel_outline(), [drawn.balloon_outline()], [], view)
    assert region is not None
    scene = EffectScene(region, view, Clock(24.0, FRAMES, 2), 0.8, True)
    breath = load_effect("breathe").bind(scene, strength=1.0, at=None, seed=2)
    both = filmed(page, PlacedEffect(effect, ground=ground), PlacedEffect(breath), camera=camera, screen=tall)
    alone = filmed(page, PlacedEffect(breath), camera=camera, screen=tall)
    figure = covered_by(drawn.draw_figure()[1])[:, 185:455]
    deep = np.zeros_like(figure)
    deep[210:260, 120:150] = figure[210:260, 120:150]
    held = covered_by(drawn.draw_held()[1])[:, 185:455]
    seen = False
    for t in (0.0, 0.25, 1.0):
        difference = (both(t) != alone(t)).any(axis=2)
        assert not difference[held].any()
        assert not difference[deep].any(), "the figure breathes as without it"
        seen |= bool(difference.any())
    assert seen


def test_what_was_filled_is_known_where_it_is_shown() -> None:
    ground = build(drawn.draw_page(), planes(), reach=20.0)
    view = drawn.PAGE
    assert not ground.shown_fill([(PlaneShift(0.0, 0.0), view)]).any()
    shown = ground.shown_fill([(PlaneShift(15.0, 0.0), view)])
    assert shown.any()
    assert (ground.seen[shown > 0] > 0).all()
    rows, columns = np.nonzero(shown)
    assert columns.max() < 590 - 24 + 8, "beside the figure and the balloon"
    known = build(drawn.draw_page(), planes(known=True), reach=20.0)
    assert not known.shown_fill([(PlaneShift(15.0, 0.0), view)]).any()
    assert rows.size
