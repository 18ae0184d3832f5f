"""Test that a region in the artist's style scores higher than another one."""

from __future__ import annotations

import numpy as np

from tests.tools.drawings import lines
from tools.measuring import correspondence
from tools.plates import Image

HEIGHT, WIDTH = 200, 320


def beside(right: Image) -> tuple[Image, Image]:
    """Return the drawing with a part at its right that a model may have painted, and the mask of that part."""
    picture = np.concatenate([lines(WIDTH // 2, HEIGHT), right], axis=1)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, WIDTH // 2 :] = 255
    return picture, mask


def test_more_of_the_same_beats_grey_and_noise() -> None:
    chance = np.random.default_rng(1)
    same = lines(WIDTH // 2, HEIGHT)[:, ::-1].copy()
    grey = np.full((HEIGHT, WIDTH // 2, 3), 128, np.uint8)
    noise = chance.integers(0, 255, (HEIGHT, WIDTH // 2, 3), np.uint8)
    scores = [correspondence.correspondence_score(*beside(right), references=()) for right in (same, grey, noise)]
    assert scores[0] > max(scores[1:]) + 0.2


def test_a_reference_that_shows_the_same_thing_counts() -> None:
    chance = np.random.default_rng(2)
    thing = np.kron(chance.integers(0, 255, (25, 20, 3), np.uint8), np.ones((8, 8, 1), np.uint8))
    picture, mask = beside(thing)
    assert correspondence.match_share(picture, mask, [thing]) > 0.8
    assert correspondence.match_share(picture, mask, [lines(160, 200)]) < 0.3


def test_nothing_painted_and_nothing_else_score_nothing() -> None:
    picture, mask = beside(lines(WIDTH // 2, HEIGHT))
    assert correspondence.correspondence_score(picture, np.zeros_like(mask), ()) == 0
    assert correspondence.correspondence_score(picture, np.full_like(mask, 255), ()) == 0


def test_points_count_as_found_within_a_tenth_of_the_object() -> None:
    true = [(10.0, 10.0), (50.0, 20.0), (90.0, 80.0), (0.0, 0.0)]
    found = [(10.0, 10.0), (50.0, 30.0), (90.0, 91.0), (100.0, 100.0)]
    assert correspondence.correct_keypoints(found, true, (100, 40)) == 0.5
    assert correspondence.correct_keypoints(found, true, (100, 40), share=0.2) == 0.75
