"""Test renumbering by place: an order set by a person is kept, even where a reader would order differently."""

from __future__ import annotations

from storage.domain import Appearance, Balloon, Box, PageTranscript, Panel
from tools.reading.renumbering import (
    find_balloon_index,
    find_panel_index,
    reassign_panels,
    renumber_page,
    sort_by_order,
)

LEFT, RIGHT, BELOW = Box(0, 0, 45, 45), Box(55, 0, 100, 45), Box(0, 55, 100, 100)


def page(*boxes: Box, texts: tuple[Balloon, ...] = (), seen: tuple[Appearance, ...] = ()) -> PageTranscript:
    panels = tuple(Panel(id=f"x{n}", order=7 - n, box=box) for n, box in enumerate(boxes))
    return PageTranscript(index=4, image="5.png", width=100, height=100, panels=panels, balloons=texts, characters=seen)


def text(name: str, box: Box, panel: str | None = None, order: int = 0) -> Balloon:
    return Balloon(id=name, order=order, box=box, panel=panel, text=name)


def row(page: PageTranscript) -> list[tuple[str, str | None]]:
    return [(text.text, text.panel) for text in page.balloons]


def test_ids_and_orders_follow_the_place_and_references_follow_the_ids() -> None:
    texts = (text("a", Box(60, 60, 70, 70), "x0"), text("b", Box(1, 1, 9, 9), "gone"))
    found = renumber_page(page(BELOW, LEFT, texts=texts, seen=(Appearance(id="z", box=BELOW, panel="x1"),)))
    assert [(panel.id, panel.order, panel.box) for panel in found.panels] == [("p4-0", 0, BELOW), ("p4-1", 1, LEFT)]
    assert [(balloon.id, balloon.order, balloon.panel) for balloon in found.balloons] == [
        ("t4-0", 0, "p4-0"),
        ("t4-1", 1, None),
    ]
    assert [(seen.id, seen.panel) for seen in found.characters] == [("c4-0", "p4-1")]
    assert renumber_page(found) == found


def test_a_page_written_by_hand_is_put_in_the_row_it_says() -> None:
    found = sort_by_order(page(LEFT, RIGHT, texts=(text("b", LEFT, order=5), text("a", RIGHT, order=-1))))
    assert [panel.box for panel in found.panels] == [RIGHT, LEFT]
    assert [balloon.text for balloon in found.balloons] == ["a", "b"]


def test_texts_follow_their_panels_and_the_homeless_find_a_home() -> None:
    texts = (text("left", Box(5, 5, 9, 9), "x1"), text("orphan", Box(60, 10, 70, 20), "gone"),
             text("far", Box(40, 46, 50, 54)), text("below", Box(5, 60, 9, 70), "x2"))  # fmt: skip
    found = reassign_panels(page(RIGHT, LEFT, BELOW, texts=texts, seen=(Appearance(id="z", box=RIGHT, panel="gone"),)))
    assert row(found) == [("orphan", "p4-0"), ("left", "p4-1"), ("far", "p4-1"), ("below", "p4-2")]
    assert found.characters[0].panel == "p4-0"
    assert row(reassign_panels(page(texts=texts))) == [("left", None), ("orphan", None), ("far", None), ("below", None)]


def test_something_new_comes_after_what_a_reader_reads_before_it() -> None:
    assert find_panel_index(page(BELOW, LEFT, RIGHT), "x2", "ltr") == 2, "after the left one, where a person put that"
    assert find_panel_index(page(BELOW, LEFT, RIGHT), "x2", "rtl") == 0, "it is the first of all"
    texts = (text("b", Box(5, 30, 9, 40)), text("a", Box(5, 5, 9, 9)), text("new", Box(5, 15, 9, 20)))
    assert find_balloon_index(page(LEFT, texts=texts), "new", "ltr") == 2
    assert find_balloon_index(page(LEFT, texts=texts[::-1]), "new", "ltr") == 1
