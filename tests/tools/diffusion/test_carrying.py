"""Memory runs out in the middle of a call, with each mode of offloading."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends, devices
from tools.devices import Relief
from tools.diffusion import pipelines
from tools.diffusion.pipelines import PipelineSpec
from tools.diffusion.weights import Weights
from tools.plates import Cutout, Plate

OTHER = "cpu:0"
"""A device that is not called cpu, so that all is carried as on a GPU, and computes on the CPU all the same."""


@pytest.fixture(autouse=True)
def _a_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    devices.release_model()
    monkeypatch.setattr(devices, "best_device", lambda: OTHER)
    yield
    devices.release_model()


def starved(failures: int, offload: str) -> tuple[Any, list[str]]:
    """An inpainting backend whose UNet runs out of memory so many times, and its offload mode at each attempt."""
    import torch

    backend: Any = backends.load_backend(
        "outpaint", "sdxl_inpaint", model=str(checkpoint("sdxl_inpaint")), steps=1, megapixels=0.004, candidates=1,
        dtype="float32", offload=offload,
    )  # fmt: skip
    tried = list[str]()

    def runs_out(module: Any, given: Any) -> None:
        tried.append(carried(module))
        if len(tried) <= failures:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")

    with backend.painter.pipe.load(backend.painter.assemble) as pipe:
        pipe.unet.conv_in.register_forward_pre_hook(runs_out)
    return backend, tried


def carried(leaf: Any) -> str:
    held = getattr(leaf, "_diffusers_hook", None)
    return "group" if held is not None and held.get_hook("group_offloading") is not None else "whole"


def painted(backend: Any) -> Any:
    art = lines(64, 64)
    panel = Cutout(np.dstack([art, np.full((64, 64), 255, np.uint8)]), Box(0, 0, 64, 64))
    return backend.outpaint(
        [panel], (-32, 0, 64, 64), revealed=1, fill="auto", prompt="", references=[], seed=1
    ).pixels  # fmt: skip


@pytest.mark.parametrize("failures", [3, 4])
@pytest.mark.parametrize("offload", ["none", "model", "group"])
def test_every_rung_of_the_ladder_is_reached_however_weights_waited_before(offload: str, failures: int) -> None:
    backend, tried = starved(failures, offload)
    with devices.measure_cost() as cost:
        assert painted(backend).shape == (64, 96, 3)
    assert cost.relief.offload
    assert (cost.relief.size < 1) == (failures == 4)
    before = "group" if offload == "group" else "whole"
    assert tried == [before] * 3 + ["group"] * (failures - 2)
    again = painted(backend)
    assert again.shape == (64, 96, 3), "the next shot is drawn by what is carried in groups now"
    assert tried[-1] == "group"


@pytest.mark.parametrize("offload", ["none", "model", "group"])
def test_memory_that_never_suffices_fails_in_words_however_weights_waited(offload: str) -> None:
    backend, tried = starved(99, offload)
    with pytest.raises(BackendError, match=r"not even with .* 75% of the size"):
        painted(backend)
    assert len(tried) == len(devices.LADDER)


def test_weights_that_do_not_fit_at_all_wait_in_main_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from diffusers import StableDiffusionXLInpaintPipeline

    real = StableDiffusionXLInpaintPipeline.to

    def too_small(pipe: Any, device: str) -> Any:
        if device == OTHER:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")
        return real(pipe, device)

    monkeypatch.setattr(StableDiffusionXLInpaintPipeline, "to", too_small)
    pipe = PipelineSpec("StableDiffusionXLInpaintPipeline", Weights(str(checkpoint("sdxl_inpaint"))), "float32")
    with pipe.load() as awake:
        assert carried(awake.unet.conv_in) == "group"


def test_weights_that_cannot_wait_anywhere_are_let_go_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(pipe: Any, device: str) -> None:
        raise RuntimeError("CUDA error: out of memory (cudaHostAlloc)")

    backend, _ = starved(3, "model")
    monkeypatch.setattr(pipelines, "enable_group_offload", no_room)
    with pytest.raises(BackendError, match="cannot wait in main memory: CUDA error"):
        painted(backend)
    monkeypatch.undo()
    with devices.measure_cost() as cost:
        painted(backend)
    assert cost.loads == 1, "half of it may have been carried in the new way"


@pytest.mark.parametrize("is_upcast", [True, False])
def test_a_vae_that_is_turned_to_float32_for_a_moment_does_not_wait_in_main_memory(
    is_upcast: bool, tmp_path: Path
) -> None:
    folder = shutil.copytree(checkpoint("sdxl_inpaint"), tmp_path / "sdxl")
    config = folder / "vae" / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8")) | {"force_upcast": is_upcast}
    config.write_text(json.dumps(settings), encoding="utf-8")
    pipe = PipelineSpec("StableDiffusionXLInpaintPipeline", Weights(str(folder)), "float16", offload="group")
    with pipe.load() as loaded:
        assert carried(loaded.vae.decoder.conv_in) == ("whole" if is_upcast else "group")
        assert carried(loaded.unet.conv_in) == "group"


@pytest.mark.parametrize(("name", "model"), [("wan_i2v", "wan22_5b"), ("wan_i2v", "wan21_i2v"), ("wan_vace",) * 2])
def test_wan_films_in_half_precision_with_a_vae_in_float32(name: str, model: str) -> None:
    import torch

    backend: Any = backends.load_backend(
        "animate", name, model=str(checkpoint(model)), steps=1, megapixels=0.004, frames=5, rate=8.0, cadence="model",
        dtype="bfloat16", frameinit=True,
    )  # fmt: skip
    art = lines(96, 64)
    plate = Plate(art, Box(0, 0, 96, 64), np.full(art.shape[:2], 255, np.uint8))
    motion = backend.animate(plate, seconds=0.5, prompt="", references=[], seed=1)
    assert motion.frames.shape == (5, 64, 96, 3)
    with backend.pipe.load() as loaded:
        assert (loaded.vae.dtype, loaded.transformer.dtype) == (torch.float32, torch.bfloat16)
        vae = loaded.vae
        assert (vae.use_tiling, vae.tile_sample_min_width, vae.tile_sample_stride_height) == (True, 512, 384)
        pipelines.apply_relief(loaded, Relief(tile=True))
        assert (vae.use_tiling, vae.tile_sample_min_width, vae.tile_sample_stride_height) == (True, 256, 192)
