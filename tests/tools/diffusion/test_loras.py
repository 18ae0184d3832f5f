"""LoRAs change what is drawn, by their strength, in every denoiser that they are meant for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.diffusion import original_layout
from tests.tools.drawings import lines
from tools import backends, devices
from tools.animate import load_animator
from tools.plates import Cutout, Plate

SMALL: dict[str, Any] = {"steps": 2, "megapixels": 0.004}
FILM: dict[str, Any] = {**SMALL, "frames": 9, "rate": 8.0}


def write_lora(place: Path, name: str, pipeline: str, component: str, *, seed: int = 0) -> str:
    """Write a LoRA with random weights for a component of a tiny checkpoint, and return the file's path."""
    import diffusers
    import torch
    from peft import LoraConfig, get_peft_model_state_dict

    torch.manual_seed(seed)
    kind = getattr(diffusers, pipeline)
    denoiser = kind.from_pretrained(str(checkpoint(name)), processor=None).components[component]
    denoiser.add_adapter(
        LoraConfig(r=2, lora_alpha=8, init_lora_weights=False, target_modules=["to_q", "to_k", "to_v", "to_out.0"])
    )
    layers = get_peft_model_state_dict(denoiser)
    file, argument = f"{component}_{seed}.safetensors", "unet" if component == "unet" else "transformer"
    kind.save_lora_weights(str(place), weight_name=file, **{f"{argument}_lora_layers": layers})
    return str(place / file)


@pytest.fixture(scope="module")
def wan_loras(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    place = tmp_path_factory.mktemp("wan")
    return [write_lora(place, "wan22_i2v", "WanImageToVideoPipeline", "transformer", seed=seed) for seed in (1, 2)]


def filmed(name: str, **options: Any) -> Any:
    art = lines(96, 64)
    plate = Plate(art, Box(0, 0, 96, 64), np.full(art.shape[:2], 255, np.uint8))
    backend = load_animator(name, **{**FILM, **options})
    return backend.animate(plate, seconds=0.5, prompt="she turns", references=[], seed=1).frames


def painted(name: str, **options: Any) -> Any:
    art = lines(64, 64)
    panel = Cutout(np.dstack([art, np.full((64, 64), 255, np.uint8)]), Box(0, 0, 64, 64))
    given = {**SMALL, "candidates": 1, **options}
    if name == "qwen_edit":
        del given["megapixels"]  # it has one size
    backend: Any = backends.load_backend("outpaint", name, **given)
    return backend.outpaint(
        [panel], (-32, 0, 64, 64), revealed=1, fill="auto", prompt="", references=[], seed=1
    ).pixels  # fmt: skip


def wan(**options: Any) -> Any:
    return filmed("wan_i2v", model=str(checkpoint("wan22_i2v")), **options)


CASES: dict[str, tuple[str, str, str, Callable[..., Any]]] = {
    "sdxl_inpaint": ("sdxl_inpaint", "StableDiffusionXLInpaintPipeline", "unet", painted),
    "klein_inpaint": ("klein_inpaint", "Flux2KleinInpaintPipeline", "transformer", painted),
    "qwen_edit": ("qwen_edit", "QwenImageEditPlusPipeline", "transformer", painted),
    "animatediff": ("sd15", "StableDiffusionPipeline", "unet", filmed),
    "ltx_i2v": ("ltx_i2v", "LTXImageToVideoPipeline", "transformer", filmed),
}


@pytest.mark.parametrize("name", CASES)
def test_a_lora_changes_what_is_drawn_in_every_family(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plus = "diffusers.pipelines.qwenimage.pipeline_qwenimage_edit_plus"  # it draws at a size of its own
    monkeypatch.setattr(f"{plus}.VAE_IMAGE_SIZE", 64 * 64)
    monkeypatch.setattr(f"{plus}.CONDITION_IMAGE_SIZE", 56 * 56)
    tiny, pipeline, component, draw = CASES[name]
    lora = write_lora(tmp_path, tiny, pipeline, component)
    options = {"model": str(checkpoint(tiny))}
    if name == "animatediff":
        options |= {"motion": str(checkpoint("motion_adapter")), "control": str(checkpoint("sparsectrl"))}
    assert (draw(name, **options) != draw(name, **options, lora=lora)).any()


def test_both_experts_carry_a_lora_and_each_can_have_one_of_its_own(wan_loras: list[str]) -> None:
    first, second = wan_loras

    def layers(**options: Any) -> dict[str, list[str]]:
        backend: Any = load_animator("wan_i2v", **FILM, model=str(checkpoint("wan22_i2v")), **options)
        with backend.pipe.load() as pipe:
            found: dict[str, list[str]] = pipe.get_list_adapters()
            return found

    assert layers(lora=first) == {"transformer": ["lora_0"], "transformer_2": ["lora_0"]}
    apart = layers(lora_high_noise=first, lora_low_noise=second)
    assert apart == {"transformer": ["lora_0"], "transformer_2": ["lora_1"]}
    drawn = [
        wan(), wan(lora=first), wan(lora_high_noise=first, lora_low_noise=second),
        wan(lora_high_noise=second, lora_low_noise=first), wan(lora_low_noise=first), wan(lora=[first, second]),
    ]  # fmt: skip
    assert len({frames.tobytes() for frames in drawn}) == len(drawn)
    assert (wan(lora_high_noise=first, lora_low_noise=first) == drawn[1]).all()


def test_the_strength_of_a_lora_counts(wan_loras: list[str]) -> None:
    none, weak, full = (wan(lora=f"{wan_loras[0]}*{strength}") for strength in ("0", "0.25", "1"))
    assert (wan() == none).all()
    assert (wan(lora=wan_loras[0]) == full).all()
    assert (none != weak).any()
    assert (weak != full).any()


@pytest.mark.parametrize("stored", ["gguf", "int8"])
def test_a_lora_changes_a_model_whose_weights_have_fewer_bits(
    tmp_path: Path, wan_loras: list[str], stored: str
) -> None:
    pytest.importorskip("gguf" if stored == "gguf" else "torchao")
    parts = ("transformer", "transformer_2")
    files = {part: str(original_layout.write_wan_gguf(tmp_path, part)) for part in parts if stored == "gguf"}
    options = files or {"quant": stored}
    alone, changed, none = wan(**options), wan(**options, lora=wan_loras[0]), wan(**options, lora=f"{wan_loras[0]}*0")
    assert (alone != changed).any()
    assert (alone == none).all()


def test_loras_enter_the_identity_of_what_draws(wan_loras: list[str]) -> None:
    first, second = wan_loras

    def identity(**options: Any) -> str:
        return backends.weights_identity(
            load_animator("wan_i2v", **FILM, model=str(checkpoint("wan22_i2v")), **options)
        )

    told = [
        identity(), identity(lora=first), identity(lora=second), identity(lora=f"{first}*0.5"),
        identity(lora=[first, second]), identity(lora_high_noise=first), identity(lora_low_noise=first),
    ]  # fmt: skip
    assert len(set(told)) == len(told)
    assert identity(lora=[first]) == identity(lora=first)


def test_a_file_that_is_not_there_or_not_named_is_refused_before_anything_is_drawn(wan_loras: list[str]) -> None:
    folder = str(Path(wan_loras[0]).parent)
    for lora, what in (
        (folder, "does not say which file is meant: transformer_1.safetensors, transformer_2.safetensors"),
        (f"{folder}:none.safetensors", f"there is no file none.safetensors in {folder}"),
        (f"{folder}/none.safetensors", "there is no model folder"),
    ):
        backend = load_animator("wan_i2v", **FILM, model=str(checkpoint("wan22_i2v")), lora=lora)
        with pytest.raises(BackendError, match=what):
            backends.weights_identity(backend)


def test_a_lora_of_another_model_and_a_model_that_takes_none_are_refused(tmp_path: Path, wan_loras: list[str]) -> None:
    other = write_lora(tmp_path, "sdxl_inpaint", "StableDiffusionXLInpaintPipeline", "unet")
    devices.release_model()
    with pytest.raises(BackendError):
        wan(lora=other)
    with pytest.raises(BackendError):
        painted("sdxl_inpaint", model=str(checkpoint("sdxl_inpaint")), lora=wan_loras[0])
    with pytest.raises(BackendError, match="StableVideoDiffusionPipeline takes no LoRA"):
        filmed("svd", model=str(checkpoint("svd")), frames=3, lora=other)
