"""Test how lines of lettering are grouped: columns, rows, joined balloons, furigana, noise."""

from __future__ import annotations

import numpy as np
import pytest

from tools.reading.lettering import Block, block_language, group_lines
from tools.reading.ocr import TextLine


def line(x0: float, y0: float, x1: float, y1: float, text: str, score: float = 0.95) -> TextLine:
    return TextLine(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64), text, score)


def texts(blocks: list[Block], language: str = "ja") -> set[str]:
    return {block.text(language) for block in blocks}


def test_columns_are_joined_from_the_right() -> None:
    blocks = group_lines([line(100, 50, 128, 200, "見えないのに"), line(130, 50, 158, 180, "どうして")])
    assert texts(blocks) == {"どうして見えないのに"}
    assert blocks[0].vertical


def test_a_column_in_two_pieces_is_read_downwards() -> None:
    blocks = group_lines([line(100, 160, 128, 260, "だろうか"), line(100, 50, 128, 150, "そうなの")])
    assert texts(blocks) == {"そうなのだろうか"}


def test_rows_are_joined_with_spaces_and_hyphens_are_healed() -> None:
    blocks = group_lines(
        [
            line(50, 130, 250, 155, "ing for you."),
            line(60, 70, 240, 95, "WE HAVE"),
            line(50, 100, 250, 125, "been wait-"),
        ]
    )
    assert texts(blocks, "en") == {"WE HAVE been waiting for you."}
    assert not blocks[0].vertical


def test_a_step_in_the_columns_begins_another_balloon() -> None:
    blocks = group_lines([line(130, 50, 160, 180, "だけど病気で"), line(100, 100, 130, 230, "絵描きなりに")])
    assert texts(blocks) == {"だけど病気で", "絵描きなりに"}


def test_a_wide_gap_between_columns_begins_another_balloon() -> None:
    blocks = group_lines([line(160, 50, 190, 180, "お金は多めに"), line(100, 52, 130, 180, "何か買って")])
    assert texts(blocks) == {"お金は多めに", "何か買って"}


def test_type_of_another_size_is_another_balloon() -> None:
    blocks = group_lines([line(100, 50, 128, 190, "小さい声で"), line(130, 50, 200, 330, "大きい声")])
    assert texts(blocks) == {"小さい声で", "大きい声"}


def test_what_is_drawn_between_two_lines_keeps_them_apart() -> None:
    lines = [line(130, 50, 158, 180, "こちらは"), line(100, 50, 128, 180, "あちらは")]
    assert texts(group_lines(lines, lambda a, b: True)) == {"こちらは", "あちらは"}
    assert texts(group_lines(lines)) == {"こちらはあちらは"}


def test_furigana_is_kept_out_of_the_line() -> None:
    blocks = group_lines([line(100, 50, 130, 250, "銃と閉じ眼しか"), line(131, 60, 143, 95, "つみ")])
    assert texts(blocks) == {"銃と閉じ眼しか"}


@pytest.mark.parametrize(
    ("furigana", "column"),
    [
        (line(96, 160, 125, 203, "しか"), line(68, 159, 109, 233, "確と")),  # the detector's box is wide
        (line(703, 31, 777, 577, "バウンドアイ・ガンナ」"), line(627, 29, 739, 586, "綴じ眼の撃ち手")),
        (line(677, 627, 695, 667, "NI", 0.56), line(652, 625, 687, 721, "一家の方")),  # no sign was read right
    ],
)
def test_furigana_with_a_wide_box_with_marks_or_misread_is_kept_out(furigana: TextLine, column: TextLine) -> None:
    assert texts(group_lines([column, furigana])) == {column.text}


def test_a_short_column_close_to_a_slanted_one_is_read() -> None:
    """The box around a slanted column is as wide as if its type were larger; its letters stand no closer for it."""
    blocks = group_lines([line(116, 50, 142, 100, "まだ"), line(90, 52, 128, 200, "プロじゃない")])
    assert texts(blocks) == {"まだプロじゃない"}


def test_small_kana_that_stands_by_itself_is_speech() -> None:
    blocks = group_lines([line(100, 50, 130, 250, "銃と閉じ眼しか"), line(300, 60, 312, 95, "えっ")])
    assert texts(blocks) == {"銃と閉じ眼しか", "えっ"}


def test_doubtful_lines_are_left_out() -> None:
    assert group_lines([line(100, 50, 130, 250, "ミミミ", score=0.3)]) == []


def test_a_line_of_strokes_is_hatching_and_joins_no_other() -> None:
    assert texts(group_lines([line(50, 70, 240, 95, "A click"), line(60, 100, 250, 125, "Tillll")]), "en") == {
        "A click"
    }


def test_han_alone_takes_the_language_of_the_page() -> None:
    block = group_lines([line(0, 0, 30, 90, "一番星")])[0]
    assert block_language(block, "ja") == "ja"
    assert block_language(block, "") == "zh"
