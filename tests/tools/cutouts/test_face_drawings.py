"""Test what is taken of an editor's drawing of a face: the mouth, or both eyes, and nothing of one that is off."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tools.cutouts.face_drawings import (
    ExposedFrames,
    FacePatch,
    RefusedDrawing,
    find_patch,
    lay_patches,
    settle_patches,
)
from tools.plates import Image, Mask

BOX = Box(100, 50, 300, 250)
HEAD = np.zeros((200, 200), np.uint8)
HEAD[20:180, 30:170] = 255


def face() -> Image:
    """A grey face with a little noise."""
    return np.random.default_rng(1).integers(180, 200, (200, 200, 3)).astype(np.uint8)


def drawn(*places: tuple[int, int, int, int], tone: int = 0, noise: int = 12) -> Image:
    """The face with dark places (x0, y0, x1, y1), and with other noise everywhere."""
    picture = np.clip(face().astype(int) + np.random.default_rng(2).integers(-noise, noise, (200, 200, 3)), 0, 255)
    for x0, y0, x1, y1 in places:
        picture[y0:y1, x0:x1] = tone
    return picture.astype(np.uint8)


def mouth_of(after: Image, mask: Mask = HEAD) -> FacePatch | RefusedDrawing:
    return find_patch(face(), after, mask, BOX, "mouth")


def test_the_largest_change_is_the_mouth_and_all_else_stays_to_the_pixel() -> None:
    patch = mouth_of(drawn((80, 120, 120, 140), (60, 60, 66, 64), (0, 0, 15, 15)))
    assert isinstance(patch, FacePatch)
    laid = lay_patches(face(), BOX, [patch])
    differs = np.argwhere((laid != face()).any(axis=2))
    assert (laid[120:140, 80:120] == 0).all()
    assert ((differs >= (114, 74)) & (differs < (146, 126))).all(), "the second change and the noise are left out"
    frames = ExposedFrames(face(), BOX, [(), (patch,)])
    assert len(frames) == 2
    assert (frames[0] == face()).all()
    assert (frames[1] == laid).all()


def test_a_patch_lies_in_its_place_on_other_plates() -> None:
    patch = mouth_of(drawn((80, 120, 120, 140)))
    assert isinstance(patch, FacePatch)
    plate = np.full((500, 500, 3), 190, np.uint8)  # twice the scale, and 20 pixels of the page further to the left
    laid = lay_patches(plate, Box(80, 50, 330, 300), [patch])
    assert (laid[244:276, 204:276] == 0).all()
    assert (laid[:225] == 190).all()
    assert (laid[:, :180] == 190).all()
    assert (lay_patches(plate, Box(900, 50, 1150, 300), [patch]) == plate).all(), "off the plate"


def test_both_eyes_are_taken_where_they_lie_side_by_side() -> None:
    eyes = (50, 60, 80, 68), (120, 62, 148, 70)
    found = find_patch(face(), drawn(*eyes, (90, 130, 110, 136)), HEAD, BOX, "eyes")
    assert isinstance(found, FacePatch)
    laid = lay_patches(face(), BOX, [found])
    assert (laid[62:68, 50:80] == 0).all()
    assert (laid[62:68, 120:148] == 0).all()
    assert (laid[120:] == face()[120:]).all()


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (drawn(), "too_little"),
        (drawn((100, 120, 102, 122)), "too_little"),
        (drawn((0, 0, 28, 200)), "too_little"),
        (drawn((35, 30, 160, 150)), "too_much"),
        (drawn((32, 110, 168, 130)), "too_much"),
        (drawn((80, 22, 120, 34)), "misplaced"),
    ],
    ids=["nothing", "a speck", "beyond the head", "all of it", "too wide", "in the hair"],
)
def test_drawings_that_are_off_are_refused_by_kind(after: Image, kind: str) -> None:
    found = mouth_of(after)
    assert isinstance(found, RefusedDrawing)
    assert found.kind == kind
    assert isinstance(mouth_of(after, np.zeros_like(HEAD)), RefusedDrawing)


def test_lettering_over_a_mouth_stays() -> None:
    mask = HEAD.copy()
    mask[130:140, 60:140] = 0
    patch = mouth_of(drawn((80, 120, 120, 150)), mask)
    assert isinstance(patch, FacePatch)
    laid = lay_patches(face(), BOX, [patch])
    assert (laid[mask == 0] == face()[mask == 0]).all()


def test_drawings_that_contradict_each_other_are_not_both_used() -> None:
    low, high = mouth_of(drawn((80, 120, 120, 140))), mouth_of(drawn((90, 60, 110, 70)))
    eyes = find_patch(face(), drawn((80, 122, 120, 128)), HEAD, BOX, "eyes")
    found = settle_patches({"open": low, "closed": high, "blink": eyes})
    assert found["open"] is low
    assert {name for name, one in found.items() if isinstance(one, RefusedDrawing)} == {"closed", "blink"}
    assert settle_patches({"open": low, "closed": low}) == {"open": low, "closed": low}
