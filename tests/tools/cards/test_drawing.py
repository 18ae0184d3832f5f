"""Test the frames of cards by their pixels: fades, the push on the cover, and words that stay inside the picture."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import VideoFormat
from tests.conftest import draw_page
from tools.cards import ChapterCard, CreditLine, EndCard, TitleCard, drawing
from tools.cards.drawing import draw_chapter, draw_credits, draw_title, fade
from tools.plates import Mask

WIDE, TALL, SQUARE = (VideoFormat(width=w, height=h) for w, h in ((640, 360), (360, 640), (360, 360)))
COVER = draw_page(1)
CARD = TitleCard(title="コマ撮り", subtitle="2 – The bird", byline="Mori · Hana")
END = EndCard(
    credits=(CreditLine(role="Story", names="Mori"), CreditLine(role="Art", names="Hana, 花子")),
    notes=("Animation: some/model (apache-2.0)", "(c) somebody"),
    maker="Filmed with Komadori",
)


def bounds(words: Mask) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(words.any(axis=1)), np.flatnonzero(words.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def test_a_fade_begins_and_ends_in_black() -> None:
    assert [round(fade(t, 3.0, opening=1.0, closing=1.0), 3) for t in (0, 1 / 6, 0.5, 5 / 6, 1)] == [0, 0.5, 1, 0.5, 0]


@pytest.mark.parametrize("screen", [WIDE, TALL, SQUARE])
def test_the_title_comes_out_of_black_over_a_dim_cover_and_goes_back(screen: VideoFormat) -> None:
    frame = drawing.TitleFilm(CARD, COVER, screen).frame
    assert frame(0.0).max() == 0
    assert frame(1.0).max() == 0
    middle, words = frame(0.5), draw_title(CARD, screen)
    assert middle.shape == (screen.height, screen.width, 3)
    assert middle.dtype == np.uint8
    assert middle[words == 255].min() >= 230, "the letters are at full light"
    assert middle[words == 0].max() <= 90, "the white page is dimmed"
    assert middle[words == 0].mean() >= 25
    early = frame(0.16)
    assert early[words == 255].max() < 100, "the cover comes before the words"


def test_the_camera_moves_in_slowly() -> None:
    frame = drawing.TitleFilm(TitleCard(), COVER, TALL).frame
    one, other = frame(0.4).astype(int), frame(0.6).astype(int)
    assert np.abs(one - other).mean() > 2
    step = np.abs(frame(0.5).astype(int) - frame(0.5 + 1 / 72).astype(int)).mean()
    assert 0 < step < np.abs(one - other).mean()


@pytest.mark.parametrize("screen", [WIDE, TALL, SQUARE])
def test_a_cover_without_words_is_shown_whole(screen: VideoFormat) -> None:
    cover = np.full((600, 400, 3), 240, np.uint8)
    cover[:20], cover[-20:], cover[:, :20], cover[:, -20:] = 255, 255, 255, 255
    poster = drawing.TitleFilm(TitleCard(), cover, screen).poster()
    assert poster.max() == round(255 * drawing.LIGHT_ALONE)
    lit = (poster > 180).any(axis=2)
    area = min(screen.width / 400, screen.height / 600) ** 2 * 400 * 600
    assert lit.sum() == pytest.approx(area, rel=0.02)


@pytest.mark.parametrize("screen", [WIDE, TALL, SQUARE])
@pytest.mark.parametrize(
    "title", ["X", "コマ撮り", "The Extraordinarily Long Adventures of a Small Robin " * 3, "漫" * 90]
)
def test_words_stay_inside_the_picture(title: str, screen: VideoFormat) -> None:
    masks = [
        draw_title(CARD.model_copy(update={"title": title, "subtitle": title, "byline": title}), screen),
        draw_chapter(ChapterCard(title=title), screen),
        draw_credits(END.model_copy(update={"notes": (title,) * 9}), screen),
    ]
    for words in masks:
        left, top, right, bottom = bounds(words)
        assert min(left, screen.width - 1 - right) >= screen.width * 0.04
        assert min(top, screen.height - 1 - bottom) >= screen.height * 0.02
        assert abs(left + right - screen.width) <= screen.width * 0.3


def test_the_credits_stand_in_two_columns_where_there_is_room() -> None:
    beside, above = draw_credits(END, WIDE), draw_credits(END, TALL)
    assert bounds(beside)[3] - bounds(beside)[1] < bounds(above)[3] - bounds(above)[1]
    fewer = draw_credits(END.model_copy(update={"credits": END.credits[:1]}), WIDE)
    assert np.count_nonzero(beside) > np.count_nonzero(fewer) > 0


def test_many_credits_get_smaller_and_the_last_notes_are_left_out() -> None:
    crowd = EndCard(credits=END.credits * 8, notes=("a note of some length",) * 60, maker=END.maker)
    words = draw_credits(crowd, WIDE)
    left, top, right, bottom = bounds(words)
    assert top >= 0.05 * WIDE.height
    assert bottom <= 0.95 * WIDE.height
    assert right - left <= 0.9 * WIDE.width


def test_chapters_and_credits_are_light_on_black() -> None:
    for frame, words in (
        (
            drawing.chapter_frames(ChapterCard(title="Chapter 2"), WIDE),
            draw_chapter(ChapterCard(title="Chapter 2"), WIDE),
        ),
        (drawing.end_frames(END, WIDE), draw_credits(END, WIDE)),
    ):
        assert frame(0.0).max() == frame(1.0).max() == 0
        middle = frame(0.5)
        assert middle[words == 0].max() == 0
        assert middle.max() >= 200


def test_the_same_card_gives_the_same_frames() -> None:
    one, other = (drawing.TitleFilm(CARD, COVER, WIDE).frame for _ in range(2))
    assert all(np.array_equal(one(t), other(t)) for t in (0.1, 0.5, 0.9))
