"""Crops of sightings, and the score that ranks them as portraits."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Box
from tools.characters import portraits

PAGE = np.full((600, 400, 3), 200, np.uint8)
cv2.circle(PAGE, (100, 100), 60, (0, 0, 0), 3)
for eye in (80, 120):
    cv2.circle(PAGE, (eye, 90), 8, (0, 0, 0), -1)
cv2.ellipse(PAGE, (300, 100), (30, 60), 30, 0, 360, (0, 0, 0), -1)
FRONT, SIDE = Box(30, 30, 170, 170), Box(230, 30, 370, 170)


def test_a_crop_ends_at_the_pages_edge_and_is_never_empty() -> None:
    assert portraits.crop_box(PAGE, Box(-20, -30, 50, 40)).shape == (40, 50, 3)
    assert portraits.crop_box(PAGE, Box(350.2, 590, 500, 700)).shape == (10, 50, 3)
    assert portraits.crop_box(PAGE, Box(399.9, 599.9, 420, 620)).size == 3
    assert portraits.crop_box(PAGE, Box(500, 700, 520, 720)).size == 3


def test_lettering_is_painted_over_and_the_page_stays_as_it_is() -> None:
    before = PAGE.copy()
    bare = portraits.without_lettering(PAGE, FRONT, [Box(0, 0, 60, 60), Box(90, 80, 110, 100), Box(300, 300, 310, 310)])
    assert (bare[:30, :30] == 200).all()
    assert (bare[50:70, 60:80] == 200).all()
    assert (before == PAGE).all()


def test_large_clear_and_from_the_front_is_the_better_portrait() -> None:
    best = portraits.portrait_quality(PAGE, FRONT, [])
    assert 0 < best <= 1
    assert best > portraits.portrait_quality(PAGE, SIDE, [])
    assert best > portraits.portrait_quality(PAGE, FRONT, [Box(30, 30, 170, 100)])
    assert best > portraits.portrait_quality(PAGE, FRONT, [], [Box(30, 30, 170, 100)])
    assert best > portraits.portrait_quality(PAGE, Box(70, 70, 130, 130), [])
