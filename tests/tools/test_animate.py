"""Every animator returns a motion over the plate's box, reproducible by seed, with the frames the model really made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends, devices
from tools.animate import load_animator
from tools.plates import Motion, Plate

SMALL: dict[str, Any] = {"steps": 2, "megapixels": 0.004, "frames": 9, "rate": 8.0, "cadence": "model"}


def tiny(name: str, **settings: Any) -> dict[str, Any]:
    return {**SMALL, "model": str(checkpoint(name)), **settings}


CASES: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
    "still": lambda: ("still", {}),
    "wan 2.1": lambda: ("wan_i2v", tiny("wan21_i2v")),
    "wan 2.2": lambda: ("wan_i2v", tiny("wan22_i2v")),
    "wan 2.2 5B": lambda: ("wan_i2v", tiny("wan22_5b")),
    "wan_vace": lambda: ("wan_vace", tiny("wan_vace")),
    "ltx_i2v": lambda: ("ltx_i2v", tiny("ltx_i2v")),
    "ltx2": lambda: ("ltx2", tiny("ltx2")),
    "hunyuan15": lambda: ("hunyuan15", tiny("hunyuan15", frames=5, steps=1)),
    "svd": lambda: ("svd", tiny("svd", frames=3, steps=1)),
    "animatediff": lambda: (
        "animatediff",
        tiny("sd15", frames=4, motion=str(checkpoint("motion_adapter")), control=str(checkpoint("sparsectrl"))),
    ),
}


def plate() -> Plate:
    art = lines(96, 64)
    return Plate(art, Box(10, 20, 106, 84), np.full(art.shape[:2], 255, np.uint8))


def moved(case: str, *, seed: int = 1, seconds: float = 1.0, **settings: Any) -> Motion:
    name, given = CASES[case]()
    backend = load_animator(name, **{**given, **settings})
    return backend.animate(plate(), seconds=seconds, prompt="she turns", references=[lines(40, 40)], seed=seed)


@pytest.mark.parametrize("case", ["still", "wan 2.1"])  # tests/test_film_tiny.py films by the others
def test_a_plate_moves_over_its_own_box(case: str) -> None:
    motion = moved(case)
    assert motion.box == plate().box
    assert motion.frames.dtype == np.uint8
    assert motion.frames.shape[1:] == plate().pixels.shape
    if case == "still":
        assert len(motion.frames) == 1
    else:
        assert 2 <= len(motion.frames) <= 14
        assert motion.rate == 8.0


@pytest.mark.parametrize("case", ["wan 2.2", "ltx_i2v", "ltx2"])
def test_the_same_seed_gives_the_same_frames(case: str) -> None:
    first, again, other = moved(case), moved(case), moved(case, seed=2)
    assert (first.frames == again.frames).all()
    assert (first.frames != other.frames).any()


def test_vace_sees_the_references() -> None:
    name, settings = CASES["wan_vace"]()
    backend = load_animator(name, **settings)
    alone, with_one, with_two = (
        backend.animate(plate(), seconds=1, prompt="", references=[lines(64, 64)] * count, seed=1).frames
        for count in range(3)
    )
    assert (alone != with_one).any()
    assert (with_one != with_two).any()


def test_wan_can_end_where_it_began() -> None:
    assert (moved("wan 2.2").frames != moved("wan 2.2", loop=True).frames).any()


@pytest.mark.parametrize("case", ["wan 2.1", "wan 2.2 5B"])
def test_wan_says_so_where_it_hears_no_last_frame(case: str) -> None:
    name, settings = CASES[case]()
    backend = load_animator(name, **settings, loop=True)
    with pytest.raises(BackendError, match="hears no last frame: loop does nothing") as refusal:
        backends.weights_identity(backend)  # which is asked for before anything is made
    assert "leave out loop" in refusal.value.hint
    with pytest.raises(BackendError, match="hears no last frame"):
        moved(case, loop=True)


def test_wan_takes_the_guidance_and_shift_of_its_authors_where_none_are_named() -> None:
    usual = moved("wan 2.2").frames
    assert (usual == moved("wan 2.2", guidance=3.5, guidance_2=3.5, shift=5.0).frames).all()
    others: list[dict[str, Any]] = [{"guidance": 5.0}, {"guidance_2": 1.5}, {"shift": 3.0}]
    for other in others:
        assert (usual != moved("wan 2.2", **other).frames).any(), other
    assert (moved("wan 2.2 5B").frames == moved("wan 2.2 5B", guidance=5.0).frames).all()
    assert (moved("wan_vace").frames != moved("wan_vace", shift=9.0).frames).any()


def test_a_vae_that_takes_a_timestep_gets_that_of_its_model(tmp_path: Path) -> None:
    import torch
    from diffusers import AutoencoderKLLTXVideo

    torch.manual_seed(0)
    shutil.copytree(checkpoint("ltx_i2v"), tmp_path / "ltx")
    before = AutoencoderKLLTXVideo.load_config(str(tmp_path / "ltx"), subfolder="vae")
    AutoencoderKLLTXVideo.from_config({**before, "timestep_conditioning": True}).save_pretrained(
        str(tmp_path / "ltx" / "vae")
    )
    others: list[dict[str, Any]] = [{}, {"decode_timestep": 0.05}, {"decode_timestep": 0.05, "decode_noise_scale": 0.5}]
    usual, later, noisy = (moved("ltx_i2v", model=str(tmp_path / "ltx"), **options).frames for options in others)
    assert (usual != later).any()
    assert (later != noisy).any()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("guidance_2", 3.0),
        ("transformer_2", "a/b:c.gguf"),
        ("lora_high_noise", "a/b"),
        ("lora_low_noise", "a/b"),
    ],
)
def test_what_concerns_two_experts_is_refused_by_a_model_with_one(option: str, value: object) -> None:
    name, settings = CASES["wan 2.2 5B"]()
    with pytest.raises(BackendError, match=f"{option} does nothing"):
        backends.weights_identity(load_animator(name, **settings, **{option: value}))


@pytest.mark.parametrize(("case", "rate", "frames"), [("wan 2.2", 16.0, 13), ("wan 2.2 5B", 24.0, 17)])
def test_a_film_plays_at_the_rate_that_its_model_was_taught_where_none_is_named(
    case: str, rate: float, frames: int
) -> None:
    name, settings = CASES[case]()
    settings = {key: said for key, said in settings.items() if key not in ("frames", "rate")}
    backend = load_animator(name, **{**settings, "steps": 1})
    motion = backend.animate(plate(), seconds=0.65, prompt="", references=[], seed=1)
    assert (motion.rate, len(motion.frames)) == (rate, min(frames, round(0.65 * rate) + 1))


def test_a_long_shot_is_chained_from_last_frames() -> None:
    devices.release_model()
    with devices.measure_cost() as cost:
        motion = moved("wan 2.2", seconds=2.0, frames=5, longer="chain")
    assert len(motion.frames) >= 16
    assert cost.loads == 1
    assert len(moved("wan 2.2", seconds=2.0, frames=5).frames) <= 5


@pytest.mark.parametrize(
    ("case", "longer", "frames", "seconds"),
    [("animatediff", "chain", 8, 1.4), ("animatediff", "windows", 8, 1.7), ("ltx_i2v", "chain", 9, 1.9)],
)
def test_a_shot_that_is_longer_than_a_model_films_gets_exactly_its_frames(
    case: str, longer: str, frames: int, seconds: float
) -> None:
    devices.release_model()
    with devices.measure_cost() as cost:
        motion = moved(case, seconds=seconds, frames=frames, longer=longer)
    assert len(motion.frames) == round(seconds * 8) + 1
    assert cost.loads == 1


def test_windows_are_refused_by_a_model_that_has_none() -> None:
    with pytest.raises(BackendError, match="by windows"):
        moved("svd", longer="windows")


def test_a_model_draws_on_twos_when_asked() -> None:
    motion = moved("wan 2.2", cadence="threes")
    assert motion.rate == 8.0
    assert moved("wan 2.2", cadence="ones").rate == 24.0


def test_animatediff_samples_with_the_noise_that_its_motion_was_trained_with(tmp_path: Path) -> None:
    import torch

    folder = shutil.copytree(checkpoint("sd15"), tmp_path / "sd15")
    trained = {"beta_start": 0.00085, "beta_end": 0.012, "num_train_timesteps": 1000}
    told = {**trained, "_class_name": "PNDMScheduler", "beta_schedule": "scaled_linear", "skip_prk_steps": True,
            "set_alpha_to_one": False, "steps_offset": 1}  # fmt: skip
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(told), encoding="utf-8")
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    index["scheduler"] = ["diffusers", "PNDMScheduler"]
    (folder / "model_index.json").write_text(json.dumps(index), encoding="utf-8")
    name, settings = CASES["animatediff"]()
    backend: Any = load_animator(name, **{**settings, "model": str(folder)})
    assert len(backend.animate(plate(), seconds=0.4, prompt="", references=[], seed=1).frames) == 4
    with backend.pipe.load() as pipe:
        linear = torch.cumprod(1 - torch.linspace(0.00085, 0.012, 1000), 0)
        assert torch.allclose(pipe.scheduler.alphas_cumprod, linear, atol=1e-5)
        assert pipe.scheduler.config.use_karras_sigmas
