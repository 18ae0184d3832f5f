"""Test the pictures of a shot on an HTML page (both ends, or the middle of a still shot) and data URLs."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np

from commands.output.html_images import data_url, end_pictures, is_still
from storage.domain import Box, CameraKey
from storage.library import Library
from tools.video import clips


def test_the_ends_of_a_shot_are_its_first_and_last_picture_or_its_middle_where_it_rests(finished: Path) -> None:
    with Library.open(finished / "chapter.komadori", readonly=True) as library:
        plan, (take, *_) = library.shot("s003"), library.takes("s003")
        ways = [plan.camera[0], CameraKey(t=1, box=Box(0, 0, 160, 90))]
        moving = plan.model_copy(update={"camera": tuple(ways)})
        still = plan.model_copy(update={"camera": tuple(ways[:1]), "reveals": ()})
        assert (is_still(moving), is_still(still)) == (False, True)
        assert not is_still(still.model_copy(update={"reveals": (0.0, 0.5)})), "panels come one after another"
        every = list(clips.read_frames(library.artifacts.open(take.artifact), width=64))
        for shot, places in ((moving, (0, -1)), (still, (len(every) // 2,))):
            found = end_pictures(library, take, shot, 64)
            assert np.array_equal(np.stack(found), np.stack([every[at] for at in places]))


def test_a_picture_is_a_url_that_needs_nothing_beside_itself() -> None:
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[..., 0] = 200
    head, _, data = data_url(picture, 90).partition(",")
    assert head == "data:image/jpeg;base64"
    back = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert back is not None
    assert np.abs(back.astype(int) - picture).max() < 8, "the colours in their order"
