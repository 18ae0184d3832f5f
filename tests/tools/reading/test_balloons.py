"""Test the white shapes around lettering and the kinds of balloon that they make."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Balloon
from tools.geometry import bounding_box, contains_point, polygon_area
from tools.plates import Image
from tools.reading.balloons import block_outline, find_white_shapes, make_hidden_mask, to_balloon
from tools.reading.lettering import group_lines
from tools.reading.ocr import TextLine

GREY = (150, 150, 150)


def page() -> Image:
    return np.full((600, 800, 3), GREY, np.uint8)


def line(x0: float, y0: float, x1: float, y1: float, text: str, score: float = 0.95) -> TextLine:
    return TextLine(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64), text, score)


def oval(image: Image, x: int, y: int, wide: int, high: int) -> None:
    cv2.ellipse(image, (x, y), (wide, high), 0, 0, 360, (255, 255, 255), -1)
    cv2.ellipse(image, (x, y), (wide, high), 0, 0, 360, (0, 0, 0), 3)


def balloon(image: Image, lines: list[TextLine], typical: float = 28.0) -> Balloon:
    shapes = find_white_shapes(image, lines)
    (block,) = group_lines(lines, shapes.are_in_different_balloons)
    return to_balloon(block, shapes, number=0, typical=typical, language="ja", size=(600, 800))


def test_the_outline_is_the_oval_around_the_lettering() -> None:
    image, column = page(), line(386, 230, 414, 370, "こんにちは")
    oval(image, 400, 300, 90, 130)
    found = balloon(image, [column])
    assert found.kind == "speech"
    assert polygon_area(found.outline) == pytest.approx(np.pi * 88 * 128, rel=0.04)
    assert contains_point(found.outline, (400, 300))


def test_a_box_is_a_caption() -> None:
    image = page()
    cv2.rectangle(image, (300, 200), (500, 400), (255, 255, 255), -1)
    cv2.rectangle(image, (300, 200), (500, 400), (0, 0, 0), 3)
    assert balloon(image, [line(386, 230, 414, 370, "その夜のこと")]).kind == "caption"


def test_a_shape_that_runs_out_into_the_gutter_is_no_balloon() -> None:
    image = page()
    oval(image, 400, 300, 90, 130)
    image[290:310, 440:] = 255
    image[:, 780:] = 255
    image[:20] = 255
    assert balloon(image, [line(386, 230, 414, 370, "こんにちは")]).outline == ()


def test_columns_in_two_ovals_are_kept_apart() -> None:
    image = page()
    oval(image, 350, 300, 45, 130)
    oval(image, 445, 300, 45, 130)
    lines = [line(340, 230, 390, 370, "こちらは"), line(405, 230, 455, 370, "あちらは")]
    assert len(group_lines(lines)) == 1
    assert len(group_lines(lines, find_white_shapes(image, lines).are_in_different_balloons)) == 2


def test_large_kana_on_the_drawing_is_a_sound() -> None:
    assert balloon(page(), [line(300, 100, 420, 460, "ドドド")]).kind == "sound"
    assert balloon(page(), [line(386, 230, 414, 370, "静かな朝だった")]).kind == "speech"


def test_the_box_holds_the_ink_and_a_little_room_across_the_columns() -> None:
    found = balloon(page(), [line(386, 230, 414, 370, "こんにちは")]).box
    assert found.x0 == pytest.approx(386 - 0.35 * 28)
    assert found.y1 == pytest.approx(370 + 0.12 * 28)
    edge = balloon(page(), [line(0, 0, 28, 140, "こんにちは")]).box
    assert (edge.x0, edge.y0) == (0, 0)


def test_balloons_and_set_type_hide_what_lies_below_and_drawn_sounds_do_not() -> None:
    image = page()
    oval(image, 200, 300, 90, 130)
    lines = [line(186, 230, 214, 370, "こんにちは"), line(500, 100, 640, 500, "ドドド")]
    shapes = find_white_shapes(image, lines)
    blocks = group_lines(lines, shapes.are_in_different_balloons)
    mask = make_hidden_mask(blocks, shapes, (600, 800))
    assert mask[300, 130] == 255
    assert mask[300, 570] == 0
    outline = next(found for block in blocks if (found := block_outline(block, shapes)))
    assert bounding_box(outline).x0 > 100


def lettered_panel(column: TextLine) -> Image:
    """Draw a white panel on paper with a head that its frame cuts, and one column of lettering."""
    image = np.full((600, 800, 3), 255, np.uint8)
    cv2.rectangle(image, (250, 100), (490, 340), (0, 0, 0), 3)
    cv2.ellipse(image, (430, 260), (50, 60), 0, 0, 360, (90, 90, 90), -1)
    x0, y0, x1, y1 = (int(v) for v in (*column.quad[0], *column.quad[2]))
    image[y0:y1:6, x0:x1] = 0
    return image


def test_the_white_ground_of_a_panel_is_no_balloon() -> None:
    column = line(280, 120, 308, 320, "よかったのかなあ")
    shapes = find_white_shapes(lettered_panel(column), [column])
    assert shapes.outlines == {}
    hidden = make_hidden_mask(group_lines([column]), shapes, (600, 800))
    assert not hidden[90:110, 380:490].any()
    assert hidden[200, 295] == 255


@pytest.mark.parametrize(("x", "is_balloon"), [(386, True), (446, False)])
def test_lettering_stands_in_the_middle_of_its_balloon(x: int, is_balloon: bool) -> None:
    image, column = page(), line(x, 230, x + 28, 370, "こんにちは")
    oval(image, 400, 300, 110, 130)
    assert bool(find_white_shapes(image, [column]).outlines) == is_balloon


@pytest.mark.parametrize(("distance", "apart"), [(120, True), (40, False)])
def test_columns_in_two_ovals_that_overlap_are_kept_apart(distance: int, apart: bool) -> None:
    image = page()
    centres = (400 - distance // 2, 400 + distance // 2)
    for x in centres:
        cv2.ellipse(image, (x, 300), (70, 110), 0, 0, 360, (0, 0, 0), 6)
    for x in centres:
        cv2.ellipse(image, (x, 300), (68, 108), 0, 0, 360, (255, 255, 255), -1)
    columns = [line(x0, 230, x0 + 34, 370, "こんにちは") for x0 in (363, 403)]
    shapes = find_white_shapes(image, columns)
    assert shapes.under(columns[0]) == shapes.under(columns[1])
    assert shapes.are_in_different_balloons(*columns) == apart
    assert len(group_lines(columns, shapes.are_in_different_balloons)) == 1 + apart


def test_rows_in_two_ovals_that_overlap_are_kept_apart() -> None:
    image = page()
    for y in (235, 365):
        cv2.ellipse(image, (400, y), (110, 74), 0, 0, 360, (0, 0, 0), 6)
    for y in (235, 365):
        cv2.ellipse(image, (400, y), (110, 72), 0, 0, 360, (255, 255, 255), -1)
    rows = [line(340, y0, 460, y0 + 28, "HELLO THERE") for y0 in (265, 305)]
    shapes = find_white_shapes(image, rows)
    assert shapes.under(rows[0]) == shapes.under(rows[1])
    assert shapes.are_in_different_balloons(*rows)


def leaning(x: float, y: float, text: str, slope: float) -> TextLine:
    """Return a column of letters that leans, with its corners named from any of them."""
    foot = x + 140 * slope
    corners = [[foot + 28, y + 140], [foot, y + 140], [x, y], [x + 28, y]]
    return TextLine(np.array(corners, dtype=np.float64), text, 0.95)


def test_lettering_of_the_drawn_world_is_said_by_nobody() -> None:
    image = page()
    oval(image, 400, 300, 90, 130)
    assert balloon(image, [leaning(380, 230, "密集地で火災", 0.2)]).kind == "other"
    assert balloon(image, [leaning(380, 230, "密集地で火災", 0.05)]).kind == "speech"
    ground = np.full_like(page(), 255)
    assert balloon(ground, [line(386, 230, 414, 258, "大")]).kind == "other"


@pytest.mark.parametrize(("in_columns", "kind"), [(True, "other"), (False, "speech")])
def test_a_row_without_a_balloon_is_a_sign_where_speech_stands_in_columns(in_columns: bool, kind: str) -> None:
    shapes = find_white_shapes(page(), row := [line(300, 230, 440, 258, "中央駅入口")])
    (block,) = group_lines(row, shapes.are_in_different_balloons)
    found = to_balloon(block, shapes, number=0, typical=28.0, language="ja", size=(600, 800), in_columns=in_columns)
    assert found.kind == kind
