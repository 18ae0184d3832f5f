"""Denoisers and checkpoints in one file are loaded as they are in folders, and weights are stored in fewer bits."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError, PackageMissing
from tests.tiny import checkpoint
from tests.tools.diffusion import original_layout
from tests.tools.drawings import lines
from tools import backends, devices
from tools.animate import load_animator
from tools.diffusion import denoisers
from tools.plates import Cutout, Plate

FILM: dict[str, Any] = {"steps": 2, "megapixels": 0.004, "frames": 5, "rate": 8.0}


def wan(**options: Any) -> Any:
    return load_animator("wan_i2v", **{**FILM, "model": str(checkpoint("wan22_i2v")), **options})


def filmed(backend: Any) -> Any:
    art = lines(96, 64)
    plate = Plate(art, Box(0, 0, 96, 64), np.full(art.shape[:2], 255, np.uint8))
    return backend.animate(plate, seconds=0.5, prompt="she turns", references=[], seed=1).frames


def painted(**options: Any) -> Any:
    art = lines(64, 64)
    panel = Cutout(np.dstack([art, np.full((64, 64), 255, np.uint8)]), Box(0, 0, 64, 64))
    backend: Any = backends.load_backend(
        "outpaint", "sdxl_inpaint", steps=2, megapixels=0.004, candidates=1, **options
    )  # fmt: skip
    return backend.outpaint(
        [panel], (-32, 0, 64, 64), revealed=1, fill="auto", prompt="", references=[], seed=1
    ).pixels  # fmt: skip


def is_same(first: Any, second: Any) -> bool:
    """Return whether two pictures differ by rounding at most: weights that lie elsewhere are added in another order."""
    return bool(np.abs(first.astype(int) - second).max() <= 1)


def test_a_denoiser_in_one_file_films_as_the_same_denoiser_in_a_folder_does(tmp_path: Path) -> None:
    first, second = (original_layout.write_wan(tmp_path, name) for name in ("transformer", "transformer_2"))
    other = original_layout.write_wan(tmp_path, factor=0.5)
    folder = filmed(wan())
    assert is_same(filmed(wan(transformer=str(first), transformer_2=str(second))), folder)
    assert is_same(filmed(wan(transformer=f"{checkpoint('wan22_i2v')}:transformer")), folder)
    assert (filmed(wan(transformer=str(other))) != folder).any()
    told = [backends.weights_identity(wan(transformer=str(file))) for file in (first, other)]
    assert len({*told, backends.weights_identity(wan())}) == 3


def test_a_gguf_file_is_a_denoiser(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    file = original_layout.write_wan_gguf(tmp_path)
    frames, folder = filmed(wan(transformer=str(file))), filmed(wan())
    assert (frames != folder).any()
    assert np.abs(frames.astype(int) - folder).mean() < 8, "8 bits hold nearly what 32 bits hold"


def test_a_file_of_another_model_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    weights = original_layout.wan_weights("transformer")
    lacking = {name: value.contiguous() for name, value in weights.items() if "blocks.1" not in name}
    save_file(lacking, tmp_path / "half.safetensors")
    devices.release_model()
    with pytest.raises(BackendError, match=r"half\.safetensors lacks weights of WanTransformer3DModel"):
        filmed(wan(transformer=str(tmp_path / "half.safetensors")))
    with pytest.raises(BackendError, match="StableDiffusionXLInpaintPipeline has no transformer"):
        painted(model=str(checkpoint("sdxl_any")), transformer=str(tmp_path / "half.safetensors"))


def test_a_checkpoint_in_one_file_paints_as_the_same_checkpoint_in_a_folder_does(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load

    folder, file = original_layout.write_sdxl(tmp_path)
    config = tmp_path / "config"
    shutil.copytree(folder, config, ignore=shutil.ignore_patterns("*.safetensors"))
    assert is_same(painted(model=str(file), config=str(config)), painted(model=str(folder)))
    options: list[dict[str, Any]] = [{"model": str(file), "config": str(config)}, {"model": str(folder)}]
    alone, whole = (backends.load_backend("outpaint", "sdxl_inpaint", **option) for option in options)
    assert "file@" in backends.weights_identity(alone)
    embeds = [load(backend.prompt_encoder.encode("a street")) for backend in (alone, whole)]  # type: ignore[attr-defined]
    assert all(torch.allclose(embeds[0][name], value, atol=1e-4) for name, value in embeds[1].items())


def test_a_checkpoint_in_one_file_is_refused_by_a_pipeline_that_has_no_such_files(tmp_path: Path) -> None:
    (tmp_path / "all.safetensors").touch()
    with pytest.raises(BackendError, match="not loaded from one file"):
        wan(model=str(tmp_path / "all.safetensors"))


def test_weights_are_stored_in_eight_bits() -> None:
    pytest.importorskip("torchao")
    from torchao.quantization import Int8Tensor

    small, whole = wan(quant="int8"), wan()
    with small.pipe.load() as pipe:
        for part in (pipe.transformer, pipe.transformer_2):
            assert isinstance(part.blocks[0].attn1.to_q.weight, Int8Tensor)
        assert isinstance(pipe.text_encoder.encoder.block[0].layer[0].SelfAttention.q.weight, Int8Tensor)
    frames, folder = filmed(small), filmed(whole)
    assert (frames != folder).any()
    assert np.abs(frames.astype(int) - folder).mean() < 8
    assert backends.weights_identity(small) != backends.weights_identity(whole)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("wan22_i2v", {"text_encoder": "transformers", "transformer": "diffusers", "transformer_2": "diffusers"}),
        ("wan21_i2v", {"text_encoder": "transformers", "transformer": "diffusers"}),
        ("sdxl_any", {"unet": "diffusers"}),
    ],
)
def test_four_bits_are_asked_for_of_every_large_part_by_its_own_library(name: str, parts: dict[str, str]) -> None:
    """The weights themselves need a GPU: diffusers refuses to load them in four bits without one."""
    pytest.importorskip("bitsandbytes")
    import torch

    made = denoisers.pipeline_quantisation("nf4", torch.bfloat16, checkpoint(name), ())
    assert made is not None
    assert {part: type(config).__module__.partition(".")[0] for part, config in made.quant_mapping.items()} == parts
    for config in made.quant_mapping.values():
        assert config.load_in_4bit
        assert (config.bnb_4bit_quant_type, config.bnb_4bit_compute_dtype) == ("nf4", torch.bfloat16)
    kept = denoisers.pipeline_quantisation("nf4", torch.bfloat16, checkpoint(name), list(parts))
    assert kept is None


def test_four_bits_reach_the_loading_of_the_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bitsandbytes")
    from diffusers import WanImageToVideoPipeline

    asked = dict[str, Any]()

    def load(folder: str, **arguments: Any) -> Any:
        asked.update(arguments)
        raise RuntimeError("no GPU found")

    monkeypatch.setattr(WanImageToVideoPipeline, "from_pretrained", load)
    devices.release_model()
    with pytest.raises(BackendError, match="no GPU found"):
        filmed(wan(quant="nf4"))
    assert set(asked["quantization_config"].quant_mapping) == {"text_encoder", "transformer", "transformer_2"}


def test_a_quantisation_without_its_package_is_refused_when_the_backend_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(denoisers.PACKAGES, "nf4", ("no_such_package",))
    with pytest.raises(PackageMissing):
        wan(quant="nf4", steps=3)
