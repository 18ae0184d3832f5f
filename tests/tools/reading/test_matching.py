"""Test that pages, panels and balloons are found again after an artist or an editor changed the book."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from storage.domain import Box, PageTranscript, Transcript
from tests.drawn_books import DrawnPage, DrawnTranscriber, draw_page, numbered_page
from tools.pixels import resize
from tools.plates import Image
from tools.reading.matching import UNMOVED, ReadingMatch, match_page_items, match_readings
from tools.reading.order import arrange_page

PAGES = [numbered_page(10, [3, 0, 5]), numbered_page(20, [1, 2, 4]), numbered_page(30, [2, 2, 2])]


def match(old: Sequence[Image], new: Sequence[Image], names: Sequence[str] | None = None) -> ReadingMatch:
    """Match two books; pages with equal pixels have one artifact."""
    seen: dict[str, Image] = {}

    def read(images: Sequence[Image], names: Sequence[str]) -> tuple[Transcript, dict[int, str]]:
        pages, artifacts = [], {}
        for index, image in enumerate(images):
            page = DrawnTranscriber().read(image).model_copy(update={"index": index, "image": names[index]})
            pages.append(arrange_page(page, "ltr"))
            artifacts[index] = str(hash(image.tobytes()))
            seen[artifacts[index]] = image
        return Transcript(order="ltr", backend="", pages=tuple(pages)), artifacts

    (a, images), (b, others) = (
        read(old, [f"{n}.png" for n in range(9)]),
        read(new, names or [f"{n}.png" for n in range(9)]),
    )
    return match_readings(a, b, images, others, seen.__getitem__)


def drawn(*pages: DrawnPage) -> list[Image]:
    return [draw_page(page) for page in pages]


def stained(image: Image) -> Image:
    """Return the page with one pixel changed, in the margin."""
    image = image.copy()
    image[1, 1] = 128
    return image


def test_pages_are_known_by_their_pixels_wherever_they_are_now() -> None:
    first, second, third = drawn(*PAGES)
    found = match([first, second, third], [*drawn(numbered_page(50, [0, 0, 0])), stained(third), first])
    assert found.pages == {0: 2, 2: 1}
    assert found.panels == {f"p{a}-{n}": f"p{b}-{n}" for a, b in ((0, 2), (2, 1)) for n in range(3)}
    assert found.balloons == {"t0-0": "t2-0", "t0-1": "t2-1", **{f"t2-{n}": f"t1-{n}" for n in range(3)}}
    assert set(found.shifts.values()) == {UNMOVED}
    assert found.page_of["p1-0"] == 1


def test_equal_pages_are_matched_in_their_order() -> None:
    first, second, _ = drawn(*PAGES)
    assert match([first, first, second], [second, first, first]).pages == {0: 1, 1: 2, 2: 0}
    assert match([first, first], [first]).pages == {0: 0}


def test_a_page_of_which_much_is_drawn_anew_is_known_by_its_name_and_its_layout() -> None:
    image = draw_page(PAGES[0])
    coloured = image.copy()
    coloured[170:390, 40:260] //= 3
    assert match([image], [coloured]).pages == {0: 0}
    noise = np.random.default_rng(1).integers(0, 255, (20, 15, 3), np.uint8)
    other = np.kron(noise, np.ones((20, 20, 1), np.uint8))
    assert match([image], [other]).pages == {}, "another page under its name"
    assert match(drawn(PAGES[0]), drawn(numbered_page(90, [0] * 7))).pages == {}


def test_a_page_of_another_size_keeps_its_panels_and_tells_how_they_moved() -> None:
    image = draw_page(PAGES[0])
    large = np.kron(image, np.ones((2, 2, 1), np.uint8))
    found = match([image], [large])
    assert found.panels == {f"p0-{n}": f"p0-{n}" for n in range(3)}
    shift = found.shifts["p0-1"]
    assert shift.scale == pytest.approx(2, rel=0.02)
    assert shift.move(Box(100, 200, 110, 210)) == pytest.approx((200, 400, 220, 420), abs=2)


def test_a_panel_on_another_page_is_known_by_its_picture() -> None:
    one, two = PAGES[0], PAGES[1]
    found = match(drawn(one, two), drawn((one[0], one[1], two[2]), (two[0], two[1], one[2])))
    assert found.pages == {0: 0, 1: 1}
    assert len(found.panels) == 6
    split = match(drawn(one), drawn((one[0],), (one[1],)))
    assert split.pages == {}
    assert split.panels == {}, "a panel of another shape is another drawing"


def test_plain_pages_are_not_taken_for_each_other() -> None:
    white, grey = np.full((40, 30, 3), 255, np.uint8), np.full((40, 30, 3), 200, np.uint8)
    assert match([white], [grey], ["other.png"]).pages == {}


def test_balloons_are_known_by_their_place_and_their_text() -> None:
    base = arrange_page(DrawnTranscriber().read(draw_page(PAGES[1])), "ltr")
    first, *rest = base.balloons
    away = first.model_copy(update={"box": Box(200, 20, 250, 50)})
    gone = PageTranscript.model_validate({**dict(base), "balloons": (*rest,)})
    moved = base.model_copy(update={"balloons": (away, *rest)})
    assert match_page_items(base, gone) == ({f"p0-{n}": f"p0-{n}" for n in range(3)}, {"t0-1": "t0-1", "t0-2": "t0-2"})
    assert match_page_items(base, moved)[1]["t0-0"] == "t0-0", "the same words in the same panel"
    small = resize(draw_page(PAGES[1]), (150, 200))
    assert small.shape[:2] == (200, 150)
