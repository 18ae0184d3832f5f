"""Reading order on layouts whose order every reader agrees on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from storage.book_info import BookInfo
from storage.domain import Balloon, Box, Order, PageTranscript, Panel
from tools.reading.order import arrange_page, decide_order


def page(
    panels: Sequence[tuple[float, float, float, float]],
    texts: Sequence[tuple[tuple[float, float, float, float], str]] = (),
    *,
    size: tuple[int, int] = (800, 1200),
    vertical: bool = True,
    language: str = "ja",
) -> PageTranscript:
    return PageTranscript(
        index=3,
        image="a.png",
        width=size[0],
        height=size[1],
        panels=tuple(Panel(id=f"x{n}", order=0, box=Box(*box)) for n, box in enumerate(panels)),
        balloons=tuple(
            Balloon(id=f"y{n}", order=0, box=Box(*box), text=text, vertical=vertical, language=language)
            for n, (box, text) in enumerate(texts)
        ),
    )


def places(arranged: PageTranscript) -> list[tuple[float, float]]:
    return [(panel.box.x0, panel.box.y0) for panel in arranged.panels]


GRID = [(0, 0, 390, 590), (410, 0, 800, 590), (0, 610, 390, 1200), (410, 610, 800, 1200)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("rtl", [(410, 0), (0, 0), (410, 610), (0, 610)]),
        ("ltr", [(0, 0), (410, 0), (0, 610), (410, 610)]),
        ("vertical", [(0, 0), (410, 0), (0, 610), (410, 610)]),
    ],
)
def test_rows_come_before_columns(order: Order, expected: list[tuple[float, float]]) -> None:
    arranged = arrange_page(page(GRID), order)
    assert places(arranged) == expected
    assert [panel.id for panel in arranged.panels] == ["p3-0", "p3-1", "p3-2", "p3-3"]
    assert [panel.order for panel in arranged.panels] == [0, 1, 2, 3]


def test_a_tall_panel_beside_a_stack_is_one_step_of_the_row() -> None:
    right_tall = [(0, 0, 390, 380), (0, 400, 390, 780), (410, 0, 800, 780), (0, 800, 800, 1200)]
    assert places(arrange_page(page(right_tall), "rtl")) == [(410, 0), (0, 0), (0, 400), (0, 800)]
    left_tall = [(410, 0, 800, 380), (410, 400, 800, 780), (0, 0, 390, 780), (0, 800, 800, 1200)]
    assert places(arrange_page(page(left_tall), "rtl")) == [(410, 0), (410, 400), (0, 0), (0, 800)]


def test_columns_whose_rows_do_not_meet_are_read_one_after_the_other() -> None:
    columns = [(0, 0, 390, 300), (0, 320, 390, 1200), (410, 0, 800, 700), (410, 720, 800, 1200)]
    assert places(arrange_page(page(columns), "rtl")) == [(410, 0), (410, 720), (0, 0), (0, 320)]


def test_slanted_neighbours_may_lean_over_each_other() -> None:
    slanted = [(0, 0, 430, 600), (370, 0, 800, 640), (0, 560, 800, 1200)]
    assert places(arrange_page(page(slanted), "rtl")) == [(370, 0), (0, 0), (0, 560)]


def test_an_inset_follows_its_host_unless_it_stands_at_the_first_corner() -> None:
    host = (0.0, 0.0, 800.0, 600.0)
    assert places(arrange_page(page([(40, 350, 240, 560), host]), "rtl")) == [(0, 0), (40, 350)]
    assert places(arrange_page(page([host, (600, 20, 780, 200)]), "rtl")) == [(600, 20), (0, 0)]
    assert places(arrange_page(page([host, (20, 20, 200, 200)]), "ltr")) == [(20, 20), (0, 0)]


def test_an_inset_that_fills_most_of_the_first_side_is_met_before_its_host() -> None:
    host = (0.0, 0.0, 800.0, 600.0)
    assert places(arrange_page(page([host, (520, 140, 795, 600)]), "rtl")) == [(520, 140), (0, 0)]
    assert places(arrange_page(page([host, (5, 140, 280, 600)]), "rtl")) == [(0, 0), (5, 140)]
    assert places(arrange_page(page([host, (520, 400, 795, 600)]), "rtl")) == [(0, 0), (520, 400)]


def test_balloons_follow_the_panels_and_start_at_the_first_corner() -> None:
    texts = [
        ((20.0, 20.0, 80.0, 200.0), "four"),
        ((700.0, 40.0, 780.0, 200.0), "one"),
        ((450.0, 300.0, 520.0, 480.0), "two"),
        ((300.0, 30.0, 370.0, 200.0), "three"),
    ]
    arranged = arrange_page(page(GRID, texts), "rtl")
    assert [text.text for text in arranged.balloons] == ["one", "two", "three", "four"]
    assert [text.panel for text in arranged.balloons] == ["p3-0", "p3-0", "p3-1", "p3-1"]
    assert [text.id for text in arranged.balloons] == ["t3-0", "t3-1", "t3-2", "t3-3"]


def test_a_balloon_belongs_to_the_panel_that_holds_most_of_it() -> None:
    arranged = arrange_page(page(GRID, [((350, 100, 420, 200), "mostly left")]), "rtl")
    assert arranged.balloons[0].panel == arranged.panels[1].id


def test_a_balloon_just_outside_belongs_to_the_nearest_panel_and_one_far_away_to_none() -> None:
    one = [(100.0, 200.0, 700.0, 900.0)]
    arranged = arrange_page(page(one, [((200, 160, 300, 190), "near"), ((200, 1100, 300, 1190), "far")]), "rtl")
    assert {text.text: text.panel for text in arranged.balloons} == {"near": "p3-0", "far": None}
    assert any("outside every panel" in doubt for doubt in arranged.doubts)


def test_a_page_without_a_panel_is_one_panel() -> None:
    arranged = arrange_page(page([], [((10, 10, 50, 90), "hello")]), "rtl")
    assert [panel.box for panel in arranged.panels] == [Box(0, 0, 800, 1200)]
    assert arranged.balloons[0].panel == "p3-0"
    assert arranged.doubts


def test_a_clean_page_raises_no_doubt() -> None:
    assert arrange_page(page(GRID, [((700, 40, 780, 200), "one")]), "rtl").doubts == ()


@pytest.mark.parametrize(
    ("panels", "count", "doubtful"),
    [(GRID[:1], 4, False), (GRID[:1], 5, True), (GRID[:2], 10, True), (GRID, 20, False)],
)
def test_few_panels_for_many_texts_raise_a_doubt(
    panels: Sequence[tuple[float, float, float, float]], count: int, doubtful: bool
) -> None:
    x, y = panels[0][0] + 10, panels[0][1] + 10
    texts = [((x, y + 5 * n, x + 20, y + 5 * n + 4), "word") for n in range(count)]
    assert bool(arrange_page(page(panels, texts), "rtl").doubts) == doubtful


def test_an_inset_raises_no_doubt() -> None:
    assert arrange_page(page([(0, 0, 800, 1200), (500, 700, 780, 1100)]), "rtl").doubts == ()


def test_overlapping_panels_raise_a_doubt() -> None:
    assert arrange_page(page([(0, 0, 500, 600), (200, 0, 800, 600)]), "rtl").doubts == ("some panels overlap",)


def test_what_the_book_says_of_itself_wins() -> None:
    info = BookInfo(order="ltr", order_reason="ComicInfo says Manga=No")
    assert decide_order([page(GRID, [((0, 0, 9, 90), "今日は")])], info) == ("ltr", "ComicInfo says Manga=No")


def test_columns_of_japanese_read_from_the_right_and_english_from_the_left() -> None:
    japanese = page(GRID, [((0, 0, 9, 90), "今日はいい天気")])
    english = page(GRID, [((0, 0, 90, 9), "GOOD MORNING")], vertical=False, language="en")
    assert decide_order([japanese], BookInfo())[0] == "rtl"
    order, reason = decide_order([english], BookInfo())
    assert order == "ltr"
    assert "rows" in reason


def test_tall_strips_read_downwards() -> None:
    strip = page([(0, 0, 800, 900)], size=(800, 9000))
    order, reason = decide_order([strip], BookInfo())
    assert order == "vertical"
    assert "strip" in reason


def test_a_silent_book_in_japanese_reads_from_the_right() -> None:
    assert decide_order([page(GRID)], BookInfo(language="ja"))[0] == "rtl"
    assert decide_order([page(GRID)], BookInfo())[0] == "ltr"


HALVES = [(x + dx, y, x + dx + 360, y + 560) for dx in (0, 800) for x in (20, 410) for y in (20, 610)]


def test_a_spread_of_two_pages_is_read_one_page_after_the_other() -> None:
    spread = page(HALVES, size=(1600, 1200))
    assert [x >= 800 for x, _ in places(arrange_page(spread, "rtl"))] == [True] * 4 + [False] * 4
    assert [x >= 800 for x, _ in places(arrange_page(spread, "ltr"))] == [False] * 4 + [True] * 4


def test_a_picture_over_the_middle_makes_the_spread_one_page() -> None:
    whole = page([(20, 20, 1580, 560), *[box for box in HALVES if box[1] > 500]], size=(1600, 1200))
    assert [x for x, _ in places(arrange_page(whole, "rtl"))] == [20, 1210, 820, 410, 20]


def test_an_image_of_one_page_has_no_spine() -> None:
    assert places(arrange_page(page(GRID), "rtl"))[:2] == [(410, 0), (0, 0)]
