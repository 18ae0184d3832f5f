"""Test which parts of a drawn page a cutout holds."""

from __future__ import annotations

import numpy as np

from storage.domain import Balloon, Box, Panel
from tests.tools.drawings import LEFT, RIGHT, balloon, page, panel
from tools.clean.classic import Backend
from tools.cutouts.cutting import repainted_mask
from tools.plates import Cutout, Image

ALL = frozenset({"frame", "slivers"})


def cut(
    pixels: Image, which: Panel, *balloons: Balloon, remove: frozenset[str] = ALL, others: tuple[Panel, ...] = ()
) -> Cutout:
    return Backend().clean(pixels, which, others=others, balloons=balloons, remove=remove)


def solid(cutout: Cutout) -> Image:
    return np.asarray(cutout.pixels[..., :3][cutout.pixels[..., 3] == 255], np.uint8)


def test_the_panel_comes_without_its_frame_and_without_gutter() -> None:
    found = cut(page(5), panel(LEFT, off=3))
    edge = np.concatenate([found.pixels[2, 5:-5, 0], found.pixels[-3, 5:-5, 0], found.pixels[5:-5, 2, 0]])
    assert (edge == 200).all()
    assert abs(found.box.x0 - (LEFT.x0 + 5)) <= 2
    assert abs(found.box.y1 - (LEFT.y1 - 5)) <= 2


def test_art_is_given_back_pixel_by_pixel() -> None:
    pixels = page(5)
    found = cut(pixels, panel(LEFT))
    x0, y0, x1, y1 = (int(v) for v in found.box)
    inside = found.pixels[..., 3] == 255
    assert (found.pixels[..., :3][inside] == pixels[y0:y1, x0:x1][inside]).all()


def test_a_panel_that_runs_out_of_the_page_loses_no_art() -> None:
    pixels = page(5)
    pixels[:, 300:] = 170
    pixels[::7, 300:] = 30
    found = cut(pixels, panel(Box(300, 1, 599, 400)))
    assert found.box == Box(300, 0, 600, 400)
    assert (found.pixels[3:-3, 3:-1, 3] == 255).all()


def test_a_balloon_that_leans_out_stays_whole_with_its_line() -> None:
    pixels = page(5)
    said = balloon((280, 120), (34, 26), pixels)
    found = cut(pixels, panel(LEFT), said)
    y, x = 120 - int(found.box.y0), 314 - int(found.box.x0)
    assert found.pixels[y, x - 1, 3] == 255, "the balloon's line is cut off"
    assert found.pixels[y, x - 1, 0] < 120
    assert (found.pixels[115:, -1, 3] == 0).all(), "more than the balloon came with it"


def test_a_balloon_wholly_inside_changes_nothing() -> None:
    pixels = page(5)
    said = balloon((150, 150), (34, 26), pixels)
    assert (cut(pixels, panel(LEFT), said).pixels == cut(pixels, panel(LEFT)).pixels).all()


def test_white_that_merely_runs_out_into_the_gutter_is_no_balloon() -> None:
    pixels = page(5)
    pixels[100:160, 240:300] = 255
    open_one = Balloon(
        id="t0-1", order=0, box=Box(250, 110, 290, 150), outline=((240, 100), (300, 100), (300, 160), (240, 160))
    )
    bare = Balloon(id="t0-2", order=1, box=Box(200, 200, 300, 240))
    assert cut(pixels, panel(LEFT), open_one, bare).box == cut(pixels, panel(LEFT)).box


def test_lettering_is_replaced_by_its_balloon_s_own_paper() -> None:
    pixels = page(5)
    said = balloon((150, 150), (40, 30), pixels)
    found = cut(pixels, panel(LEFT), said, remove=ALL | {"lettering"})
    y, x = 150 - int(found.box.y0), 150 - int(found.box.x0)
    assert found.pixels[y - 14 : y + 14, x - 22 : x + 22, :3].min() > 250
    assert found.pixels[y - 31 : y - 27, x, 0].min() < 120, "the balloon's line is gone too"


def test_a_neighbour_that_overlaps_a_little_is_left_out_and_an_inset_stays() -> None:
    pixels = page(5)
    neighbour = panel(Box(265, 40, 560, 360), id="p0-2")
    inset = panel(Box(100, 100, 150, 150), id="p0-3")
    found = cut(pixels, panel(LEFT, off=-6), others=(neighbour, inset))
    assert found.box.x1 <= 267
    assert (found.pixels[80:90, 70:90, 3] == 255).all()


def test_a_slanted_panel_is_cut_along_its_slant_with_a_smooth_edge() -> None:
    which = Panel(id="p0-1", order=0, box=LEFT, polygon=((60, 60), (260, 60), (200, 340), (60, 340)))
    alpha = cut(page(5), which, remove=frozenset()).pixels[..., 3]
    assert alpha[20, 190] == 255
    assert alpha[-20, 190] == 0
    assert ((alpha > 0) & (alpha < 255)).sum() > 100


def test_a_panel_without_a_polygon_is_cut_along_its_box() -> None:
    found = cut(page(5), Panel(id="p0-2", order=1, box=RIGHT))
    assert (np.median(solid(found), axis=0) == 170).all()
    assert found.box.width < RIGHT.width


def test_what_is_not_the_pages_any_more_is_marked() -> None:
    pixels = page(5)
    words = Balloon(id="t", order=0, box=Box(100, 150, 160, 190), kind="sound")
    assert not repainted_mask(cut(pixels, panel(LEFT)), pixels).any()
    found = cut(pixels, panel(LEFT), words, remove=ALL | {"lettering"})
    x0, y0 = round(found.box.x0), round(found.box.y0)
    marked = repainted_mask(found, pixels)
    assert marked.shape == found.pixels.shape[:2]
    differs = (found.pixels[..., :3] != pixels[y0 : y0 + marked.shape[0], x0 : x0 + marked.shape[1]]).any(axis=2)
    assert (marked[differs & (found.pixels[..., 3] > 0)] == 255).all()
    same = np.zeros_like(marked)
    same[5:9, 5:9] = 255
    assert (repainted_mask(Cutout(found.pixels, found.box, same), pixels)[5:9, 5:9] == 255).all(), (
        "a model says that it did"
    )
