"""Test the conversion of Magi's answers, malformed ones included, into page transcripts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tools.reading.magi_adapter import MagiText, nearest_speaker, parse_magi, transcribe_magi
from tools.reading.ocr import TextLine

PAGE = np.full((400, 300, 3), 255, np.uint8)


def answer(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "panels": [[10.0, 10.0, 290.0, 390.0]],
        "texts": [[20.0, 20.0, 80.0, 120.0]],
        "characters": [[150.0, 100.0, 250.0, 300.0], [30.0, 200.0, 100.0, 380.0]],
        "tails": [[60.0, 120.0, 80.0, 160.0]],
        "text_character_associations": [[0, 1]],
        "text_tail_associations": [[0, 0]],
        "character_cluster_labels": [0, 1],
        "is_essential_text": [True],
    }
    return found | changes


def line(text: str, x0: float, y0: float, x1: float, y1: float, score: float = 0.95) -> TextLine:
    return TextLine(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64), text, score)


COLUMNS = [line("こんにちは", 56, 24, 76, 116), line("元気ですか", 28, 24, 48, 116)]


def test_our_lettering_stands_in_magis_balloon_and_is_said_by_whom_magi_says() -> None:
    page = transcribe_magi(PAGE, answer(), COLUMNS, language="ja")
    (text,) = page.balloons
    assert (text.text, text.language, text.vertical) == ("こんにちは元気ですか", "ja", True)
    assert (text.speaker, text.kind) == ("k1", "speech")
    assert [(seen.character, seen.box.x0) for seen in page.characters] == [("k0", 150.0), ("k1", 30.0)]


def test_a_tail_ends_away_from_its_text() -> None:
    text = transcribe_magi(PAGE, answer(), COLUMNS).balloons[0]
    assert text.tail is not None
    assert text.tail[1] == pytest.approx(160)
    assert 60 <= text.tail[0] <= 80


def test_boxes_are_cut_at_the_edge_and_nothing_is_found_beside_the_page() -> None:
    odd = answer(
        panels=[[-5.0, -3.0, 305.0, 200.0], [0, 210, 300, 410]],
        characters=[[400.0, 0.0, 500.0, 90.0], [30.0, 200.0, 100.0, 480.0], [50.0, 50.0, 50.0, 60.0]],
        character_cluster_labels=[0, 4, 5],
    )
    page = transcribe_magi(PAGE, odd, COLUMNS)
    assert [panel.box for panel in page.panels] == [Box(0, 0, 300, 200), Box(0, 210, 300, 400)]
    assert [(seen.character, seen.box) for seen in page.characters] == [("k4", Box(30, 200, 100, 400))]
    assert page.balloons[0].speaker == "k4", "the numbers still mean what they meant"


def test_a_panel_said_twice_is_one() -> None:
    assert len(parse_magi(answer(panels=[[10, 10, 290, 390], [10, 11, 291, 390]]), (400, 300)).panels) == 1


def test_lists_that_disagree_in_length_leave_things_unknown() -> None:
    odd = answer(
        is_essential_text=[],
        character_cluster_labels=[3],
        text_character_associations=[[0, 1], [7, 0], [0, 9]],
        text_tail_associations=[[0, 5]],
    )
    page = transcribe_magi(PAGE, odd, COLUMNS)
    assert [seen.character for seen in page.characters] == ["k3", None]
    assert (page.balloons[0].speaker, page.balloons[0].tail, page.balloons[0].kind) == (None, None, "speech")


def test_arrays_are_understood_as_lists_are() -> None:
    arrays = {name: np.array(values) for name, values in answer().items()}
    assert transcribe_magi(PAGE, arrays, COLUMNS) == transcribe_magi(PAGE, answer(), COLUMNS)


@pytest.mark.parametrize("odd", [{"panels": None}, {"texts": [[1, 2]]}, {"characters": ["who?"]}])
def test_an_answer_that_makes_no_sense_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(BackendError, match="makes no sense"):
        transcribe_magi(PAGE, answer(**odd), COLUMNS)


def test_of_several_speakers_the_one_at_the_tails_end_says_it_else_the_nearest() -> None:
    people = {0: Box(0, 100, 40, 200), 1: Box(200, 100, 240, 200)}
    text = Box(50, 20, 120, 60)
    assert nearest_speaker(MagiText(text, True, (190.0, 120.0), (0, 1)), people) == 1
    assert nearest_speaker(MagiText(text, True, None, (0, 1)), people) == 0
    assert nearest_speaker(MagiText(text, True, None, ()), people) is None


def test_what_does_not_matter_to_the_story_is_a_sound_or_writing() -> None:
    assert transcribe_magi(PAGE, answer(is_essential_text=[False]), COLUMNS).balloons[0].kind == "sound"


def test_lettering_magi_does_not_know_is_kept_when_it_is_surely_read() -> None:
    stray = [line("ドカーン", 150, 330, 280, 360), line("三つ", 200, 40, 230, 60, 0.55), line("0", 200, 200, 220, 240)]
    page = transcribe_magi(PAGE, answer(), [*COLUMNS, *stray])
    assert [text.text for text in page.balloons] == ["こんにちは元気ですか", "ドカーン"]
    assert page.balloons[1].speaker is None


def test_a_balloon_nobody_can_read_stays_without_words() -> None:
    (text,) = transcribe_magi(PAGE, answer(), []).balloons
    assert (text.text, text.confidence, text.box) == ("", 0.0, Box(20, 20, 80, 120))
    assert text.speaker == "k1"
