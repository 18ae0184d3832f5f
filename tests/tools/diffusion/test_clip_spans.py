"""Key pictures: where they stand among frames, and that every backend that takes them comes to them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tests.tools.test_animate import CASES, plate, tiny
from tools import backends, devices
from tools.animate import KeyFrameAnimator, load_animator
from tools.diffusion import clip_spans
from tools.pixels import as_image
from tools.plates import Image, KeyFrame, Motion
from tools.video.pixel_protection import ProtectedFrames

CAPABILITIES = {"wan 2.1": "none", "wan 2.2": "last", "wan 2.2 5B": "none", "wan_vace": "any", "ltx_i2v": "none",
                "svd": "none", "animatediff": "any", "still": "none", "ltx2": "any", "hunyuan15": "none"}  # fmt: skip


def pose(tone: int) -> Image:
    """Return a picture of the plate's size that is unlike it."""
    return as_image(lines(96, 64).astype(int)[:, ::-1] - tone)


def met(name: str, options: dict[str, Any], keys: Sequence[KeyFrame], seconds: float = 1.0) -> Motion:
    backend = load_animator(name, **options)
    assert isinstance(backend, KeyFrameAnimator)
    return backend.animate(plate(), seconds=seconds, prompt="she turns", references=[], seed=1, keys=keys)


def options_of(case: str, folder: Path) -> tuple[str, dict[str, Any]]:
    if case == "ltx conditions":  # diffusers, scripts/convert_ltx_to_diffusers.py: 0.9.5 has no dynamic shift
        shutil.copytree(checkpoint("ltx_i2v"), folder / "ltx")
        path = folder / "ltx" / "scheduler" / "scheduler_config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**config, "use_dynamic_shifting": False}), encoding="utf-8")
        return "ltx_i2v", {**tiny("ltx_i2v", conditions=True), "model": str(folder / "ltx")}
    return ("framepack", tiny("framepack", transformer="", sight="")) if case == "framepack" else CASES[case]()


def test_a_backend_says_by_its_type_which_key_pictures_it_takes() -> None:
    found = {}
    for case, name_and_options in CASES.items():
        name, options = name_and_options()
        found[case] = backends.key_frames(load_animator(name, **options))
    assert found == CAPABILITIES
    name, options = CASES["wan 2.2 5B"]()
    with pytest.raises(BackendError):
        met(name, options, [KeyFrame(1.0, pose(0))])


def test_a_model_that_was_made_before_conditions_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(BackendError):
        backends.weights_identity(load_animator("ltx_i2v", **tiny("ltx_i2v", conditions=True)))


@pytest.mark.parametrize("case", ["wan 2.2", "wan_vace", "ltx conditions", "animatediff", "framepack"])
def test_key_pictures_are_met_to_the_pixel_on_twos_and_shape_what_is_drawn_before(case: str, tmp_path: Path) -> None:
    name, options = options_of(case, tmp_path)
    options = {**options, "cadence": "twos", "frames": 17}
    first, middle, last = plate().pixels, pose(40), pose(0)
    keys = [KeyFrame(0.5, middle), KeyFrame(1.0, last)]
    devices.release_model()
    with devices.measure_cost() as cost:
        motion = met(name, options, keys)
    assert cost.loads == 1
    assert (motion.rate, len(motion.frames)) == (12.0, 13)
    assert motion.keys == (0, 6, 11, 12)
    assert (motion.frames[0] == first).all()
    assert (motion.frames[6] == middle).all()
    assert (motion.frames[11:] == last).all()
    other = met(name, options, [KeyFrame(0.5, middle), KeyFrame(1.0, pose(90))])
    if case != "animatediff":  # an untrained SparseCtrl adds nothing: its last convolutions are 0
        assert (motion.frames[8:11] != other.frames[8:11]).any(), "the model draws towards the picture"
    shown = ProtectedFrames(motion, plate(), (), motion_mask=np.full((64, 96), 255, np.uint8))
    assert all((shown[number] == motion.frames[number]).all() for number in motion.keys), "no colour is matched there"


def test_each_pose_of_a_model_that_takes_a_last_frame_ends_a_clip_of_its_own() -> None:
    name, options = CASES["wan 2.2"]()
    one, two = ([KeyFrame(at, pose(0)) for at in moments] for moments in ((1.0,), (0.5, 1.0)))
    assert met(name, options, one).keys == (0, 7, 8)
    assert met(name, options, two).keys == (0, 4, 7, 8)


@pytest.mark.parametrize("longer", ["hold", "chain"])
def test_a_shot_longer_than_a_clip_comes_to_its_end_all_the_same(longer: str) -> None:
    name, options = CASES["wan 2.2"]()
    motion = met(
        name, {**options, "frames": 5, "longer": longer}, [KeyFrame(0.6, pose(20)), KeyFrame(1.0, pose(0))], 2.0
    )
    assert len(motion.frames) == 17
    assert (motion.frames[motion.keys[1]] == pose(20)).all()
    assert (motion.frames[-1] == pose(0)).all()
    moving = sum((a != b).any() for a, b in zip(motion.frames, motion.frames[1:], strict=False))
    assert moving > 12 if longer == "chain" else moving <= 10


def test_after_a_pose_in_between_the_model_draws_on() -> None:
    name, options = CASES["wan_vace"]()
    motion = met(name, {**options, "frames": 5}, [KeyFrame(0.5, pose(0))], 2.0)
    assert len(motion.frames) == 17
    assert (motion.frames[motion.keys[-1] + 1] != pose(0)).any()


@pytest.mark.parametrize(
    ("made", "length", "numbers"), [(5, 4, [0, 1, 3, 4]), (5, 5, [0, 1, 2, 3, 4]), (3, 5, [0, 1, 2, 2, 2])]
)
def test_frames_are_spread_from_the_first_to_the_last(made: int, length: int, numbers: list[int]) -> None:
    frames = np.arange(made, dtype=np.uint8).reshape(made, 1, 1, 1).repeat(3, axis=3)
    spread = clip_spans.spread_frames(frames, length, made)
    assert [int(frame[0, 0, 0]) for frame in spread] == [round(number) for number in numbers]


def test_of_two_poses_on_one_drawing_the_later_one_stands() -> None:
    early, late = KeyFrame(0.99, pose(0)), KeyFrame(1.0, pose(40))
    (placed,) = clip_spans.place_keys([late, early], seconds=1.0, rate=16.0, shown_rate=12.0)
    assert (placed.drawing, placed.frame) == (11, 15)
    assert (placed.pixels == pose(40)).all()


def test_colours_between_two_key_pictures_lie_between_theirs() -> None:
    frames = np.stack([plate().pixels, plate().pixels, plate().pixels // 2])
    motion = Motion(frames, plate().box, 12.0, (0, 2))
    tones = [ProtectedFrames(motion, plate(), ()).matched_frame(number).mean() for number in range(3)]
    assert tones[1] == pytest.approx((tones[0] + tones[2]) / 2, abs=2)
    without = replace(motion, keys=())
    assert ProtectedFrames(without, plate(), ()).matched_frame(2).mean() == pytest.approx(tones[0], abs=2)
