"""Test provenance maps, and the drift of frames from their panel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box, CameraKey
from tests.conftest import draw_page
from tools.measuring.faults import TakeFault
from tools.measuring.fidelity import (
    PROVENANCE_TONES,
    fidelity_faults,
    measure_drift,
    provenance_map,
    provenance_shares,
    with_generated_motion,
)
from tools.pixels import as_image
from tools.plates import Cutout, Image

PAGE = draw_page(1)
PANEL = Box(20, 20, 380, 200)
FIELD = Box(0, 0, 400, 220)


def cutout(painted: bool = False) -> Cutout:
    pixels = np.dstack([PAGE[20:200, 20:380], np.full((180, 360), 255, np.uint8)])
    if not painted:
        return Cutout(np.ascontiguousarray(pixels), PANEL)
    redrawn = np.zeros((180, 360), np.uint8)
    redrawn[20:60, 30:130] = 255
    pixels[20:60, 30:130, :3] = np.minimum(pixels[20:60, 30:130, :3], 250) + 4
    return Cutout(np.ascontiguousarray(pixels), PANEL, redrawn)


def original(scale: int = 1) -> Image:
    mask = np.zeros((220 * scale, 400 * scale), np.uint8)
    mask[20 * scale : 200 * scale, 20 * scale : 380 * scale] = 255
    return mask


@pytest.mark.parametrize("scale", [1, 2])
def test_a_map_tells_the_artists_pixels_from_painted_and_drawn_ones(scale: int) -> None:
    made = provenance_map(original(scale), FIELD, [cutout(painted=True)], revealed=1, cleaned=True, continued=True)
    inside, outside = made[30 * scale : 35 * scale, 200 * scale], made[5 * scale, :]
    assert set(inside.tolist()) == {PROVENANCE_TONES["original"]}
    assert set(outside.tolist()) == {PROVENANCE_TONES["generated"]}
    painted = made[40 * scale : 80 * scale, 50 * scale : 150 * scale]
    assert (painted == PROVENANCE_TONES["inpainted"]).mean() > 0.97, "though it hardly differs from the page"
    assert (made == PROVENANCE_TONES["inpainted"]).mean() < 0.06


def test_image_work_is_not_taken_for_a_models() -> None:
    made = provenance_map(original(), FIELD, [cutout(painted=True)], revealed=1, cleaned=False, continued=False)
    assert set(np.unique(made).tolist()) == {PROVENANCE_TONES["original"], PROVENANCE_TONES["continued"]}
    waiting = provenance_map(np.zeros_like(original()), FIELD, [cutout()], revealed=0, cleaned=True, continued=True)
    assert set(np.unique(waiting[20:200, 20:380]).tolist()) == {PROVENANCE_TONES["continued"]}, (
        "a panel that is still to come"
    )
    assert set(np.unique(waiting[:20]).tolist()) == {PROVENANCE_TONES["generated"]}


def test_frames_that_a_model_drew_leave_only_what_is_kept() -> None:
    plain = provenance_map(original(), FIELD, [cutout()], revealed=1, cleaned=True, continued=True)
    kept = np.zeros(plain.shape, np.float32)
    kept[40:90, 40:120] = 1.0
    kept[39, 40:120] = 0.5
    made = with_generated_motion(plain, kept)
    assert (made == PROVENANCE_TONES["original"]).sum() == 50 * 80


def test_shares_are_weighed_by_what_the_camera_shows_and_when() -> None:
    left = np.full((100, 200), PROVENANCE_TONES["original"], np.uint8)
    left[:, 100:] = PROVENANCE_TONES["generated"]
    box = Box(0, 0, 200, 100)
    still = [CameraKey(t=0, box=Box(0, 0, 100, 100))]
    pan = [*still, CameraKey(t=1, box=Box(100, 0, 200, 100))]
    assert provenance_shares([left], [box], [0.0], still, "linear")["original"] == 1
    assert provenance_shares([left], [box], [0.0], pan, "linear")["generated"] == pytest.approx(0.5, abs=0.02)
    whole = np.full((100, 200), PROVENANCE_TONES["continued"], np.uint8)
    found = provenance_shares([left, whole], [box, box], [0.0, 0.5], still, "linear")
    assert found["continued"] == pytest.approx(0.5, abs=0.05)
    assert sum(found.values()) == pytest.approx(1)


def test_what_effects_cover_of_the_artists_pixels_is_made_by_image_processing() -> None:
    half = np.full((100, 100), PROVENANCE_TONES["original"], np.uint8)
    half[50:] = PROVENANCE_TONES["generated"]
    still = [CameraKey(t=0, box=Box(0, 0, 100, 100))]
    rain = np.zeros((40, 40), np.uint8)
    rain[:, :20] = 255
    found = provenance_shares(
        [half], [Box(0, 0, 100, 100)], [0.0], still, "linear", lambda t: rain if t > 0.5 else 0 * rain
    )
    assert found["generated"] == pytest.approx(0.5), "drops hide nothing that a model drew"
    assert found["original"] == pytest.approx(0.5 - 0.25 * 12 / 25)
    assert sum(found.values()) == pytest.approx(1)


def picture() -> Image:
    return np.ascontiguousarray(PAGE[30:190, 30:370])


def test_a_panel_that_moves_a_little_has_not_drifted_and_noise_has() -> None:
    given = picture()
    calm = [np.roll(given, at // 3, axis=1) for at in range(9)]
    soft = [as_image(cv2.GaussianBlur(frame, (0, 0), 1.0)) for frame in calm]
    assert measure_drift(calm, given)["drift"] < 0.2
    assert measure_drift(soft, given)["drift"] < 0.35
    luck = np.random.default_rng(3)
    noise = [luck.integers(0, 255, given.shape).astype(np.uint8) for _ in range(5)]
    found = measure_drift(noise, given)
    assert found["drift"] > 0.6
    assert found["flicker"] > 0.08
    assert fidelity_faults(found, max_generated=1.0, max_drift=0.6)
    assert not fidelity_faults(found, max_generated=1.0, max_drift=1.0)


def test_another_picture_a_tint_and_an_empty_frame_have_drifted() -> None:
    given = picture()
    other = np.ascontiguousarray(draw_page(7)[30:190, 30:370])
    assert measure_drift([other, other], given)["structure"] > 0.5
    tinted = np.clip(given.astype(np.int16) + np.array([90, -60, -90]), 0, 255).astype(np.uint8)
    assert measure_drift([given, tinted], given)["palette"] > 0.1
    black = np.zeros_like(given)
    assert measure_drift([given, black], given)["drift"] > 0.6
    assert measure_drift([given] * 3, given) == {
        "structure": 0, "last": 0, "worst": 0, "palette": 0, "lines": 0, "flicker": 0, "cut": 0, "drift": 0,
    }  # fmt: skip


def faded(other: Image, *, back: bool = False) -> list[Image]:
    """Return 25 frames in which the panel becomes `other`, and the panel again at the end with `back`."""
    ways = [*np.linspace(0, 1, 13), *np.linspace(0.9, 0, 12)] if back else np.linspace(0, 1, 25)
    return [as_image((1 - way) * picture() + way * other) for way in ways]


@pytest.mark.parametrize("page", [1, 7])
def test_a_film_that_ends_as_another_picture_or_becomes_one_on_its_way_has_a_fault(page: int) -> None:
    other = np.ascontiguousarray(draw_page(page)[30:190, 30:370][::-1, ::-1])
    gone, returned = measure_drift(faded(other), picture()), measure_drift(faded(other, back=True), picture())
    assert gone["drift"] < 0.3, "it began as the panel, and its tones are the same"
    assert gone["last"] == gone["worst"] > 0.7 < returned["worst"]
    assert returned["last"] == 0
    assert next(fault.kind for fault in fidelity_faults(gone, max_generated=1.0, max_drift=0.6)) == "lost_at_end"
    assert next(one.kind for one in fidelity_faults(returned, max_generated=1.0, max_drift=0.6)) == "lost_on_the_way"
    assert not fidelity_faults(gone, max_generated=1.0, max_drift=1.0)


def test_what_walks_or_comes_nearer_has_not_left_its_panel() -> None:
    given, (height, width) = picture(), picture().shape[:2]
    walks = np.array([[1, 0, 0.12 * width], [0, 1, 0.05 * height]])
    nearer = cv2.getRotationMatrix2D((width / 2, height / 2), 3, 1.2)
    for move in (walks, nearer):
        end = as_image(cv2.warpAffine(given, move, (width, height), borderMode=cv2.BORDER_REPLICATE))
        found = measure_drift([given, end], given)
        assert found["last"] < 0.65
        assert not fidelity_faults(found, max_generated=1.0, max_drift=0.6)
    assert measure_drift([given, np.full_like(given, 255)], given)["last"] == 1, "an empty frame is nothing of it"


def test_faults_say_how_much_is_too_much() -> None:
    (fault,) = fidelity_faults({"generated": 0.5, "inpainted": 0.1}, max_generated=0.3, max_drift=0.6)
    assert fault == TakeFault("generated", 0.6, 0.3)
    assert fault.message()
    assert not fidelity_faults({"generated": 0.3, "inpainted": 0.0}, max_generated=0.3, max_drift=0.6)
    assert not fidelity_faults({}, max_generated=0.0, max_drift=0.0)


@pytest.mark.parametrize(
    ("shift", "other_at", "is_cut"), [(0, None, False), (6, None, False), (0, 5, True), (6, 5, True)]
)
def test_a_clip_that_cuts_to_another_picture_is_found_and_quick_motion_is_none(
    shift: int, other_at: int | None, *, is_cut: bool
) -> None:
    plate, other = PAGE[20:200, 20:380], draw_page(2)[440:580, 20:380]
    frames = [np.roll(plate, number * shift, axis=1) for number in range(10)]
    if other_at is not None:
        frames[other_at:] = [cv2.resize(255 - other, (360, 180)) for _ in frames[other_at:]]
    measured = measure_drift(frames, plate)
    faults = {fault.kind for fault in fidelity_faults(measured, max_generated=1.0, max_drift=0.99)}
    assert ("cut" in faults) is is_cut


def test_figures_are_at_fault_beyond_what_the_model_calls_alike() -> None:
    measured = {"doubled": 0.1, "unlike": -0.2}
    assert fidelity_faults(measured, max_generated=1.0, max_drift=0.6) == [TakeFault("doubled", 0.1, 0.0)]
    assert fidelity_faults(measured, max_generated=1.0, max_drift=1.0) == []
