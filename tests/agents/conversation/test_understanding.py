"""Test what a message without a model may mean in a film, where its parts may stand for many shots and balloons."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agents.conversation import understanding
from agents.editing.storyboard import EditableStoryboard
from agents.planning.rule_based import RuleBasedPlanner
from storage.domain import Balloon, Box, PageTranscript, VideoFormat
from tests.agents.test_editing import board
from tests.conftest import transcript_of


def wordy_balloons(page: PageTranscript) -> Iterator[Balloon]:
    for panel in page.panels:
        for place in range(3):
            x, y = panel.box.x0 + 10, panel.box.y0 + 10 + 30 * place
            yield Balloon(
                id=f"{panel.id}b{place}", order=3 * panel.order + place, panel=panel.id, box=Box(x, y, x + 40, y + 20),
                text="the dog and the house", language="en",
            )  # fmt: skip


@pytest.fixture(scope="module")
def wordy_film() -> EditableStoryboard:
    """A storyboard of sixty shots, each with three balloons that hold the same words."""
    transcript = transcript_of(15)
    pages = tuple(page.model_copy(update={"balloons": tuple(wordy_balloons(page))}) for page in transcript.pages)
    transcript = transcript.model_copy(update={"pages": pages})
    screen = VideoFormat()
    return EditableStoryboard(RuleBasedPlanner().plan(transcript, screen, {}), transcript, screen)


@pytest.mark.parametrize(
    "message", ["film on dog and film on house", "film on dog; film on house; film on dog; film on house"]
)
def test_words_in_many_balloons_are_understood_in_bounded_time(wordy_film: EditableStoryboard, message: str) -> None:
    assert len(wordy_film.shots) == 60
    assert all(len(wordy_film.lettering(shot)) == 3 for shot in wordy_film.shots)
    before = time.monotonic()
    reading = understanding.read_message(message, wordy_film, "")
    assert time.monotonic() - before < 10
    assert len(reading.readings) == understanding.MAX_READINGS


@pytest.mark.parametrize("message", ["make it slower and closer", "make it slower; make it closer"])
def test_it_is_the_same_in_all_parts_of_a_message(message: str) -> None:
    reading = understanding.read_message(message, board(), "s004")
    assert [actions.lines for actions in reading.readings] == [
        ("shot 4 slower", "shot 4 closer"),
        ("all shots slower", "all shots closer"),
    ]
    assert reading.is_guess


def test_a_shot_by_its_place_is_the_same_in_all_parts_of_a_message() -> None:
    film = board()
    film = replace(film, shots=film.shots[1:])  # so that the third shot is not shot 3
    reading = understanding.read_message("make the third shot slower and the third shot closer", film, "")
    assert [actions.lines for actions in reading.readings] == [
        ("shot 4 slower", "shot 4 closer"),
        ("shot 3 slower", "shot 3 closer"),
    ]
