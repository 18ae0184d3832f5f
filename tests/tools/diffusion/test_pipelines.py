"""A real pipeline with tiny weights is loaded, kept on the device, and refused where the folder is no pipeline."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from storage.errors import BackendError, WeightsMissing
from tests.program import HOUSE
from tests.tiny import checkpoint
from tools import backends, devices
from tools.diffusion import pipelines
from tools.diffusion.loras import Lora
from tools.diffusion.pipelines import PipelineSpec
from tools.diffusion.weights import Weights


def test_a_pipeline_is_loaded_once_and_paints_the_same_for_the_same_seed() -> None:
    from PIL import Image

    pipe = PipelineSpec("StableDiffusionXLInpaintPipeline", Weights(str(checkpoint("sdxl_inpaint"))))

    def paint(seed: int) -> Any:
        with pipe.load() as painter:
            return painter(
                prompt="a street", image=Image.new("RGB", (32, 32), "white"), mask_image=Image.new("L", (32, 32), 255),
                width=32, height=32, num_inference_steps=2, strength=1.0, output_type="np",
                generator=pipelines.generator(seed),
            ).images  # fmt: skip

    devices.release_model()
    with devices.measure_cost() as cost:
        first, second, other = paint(1), paint(1), paint(2)
    assert cost.loads == 1
    assert (first == second).all()
    assert (first != other).any()


def test_where_weights_wait_changes_no_key_of_a_picture() -> None:
    weights = Weights(str(checkpoint("sdxl_inpaint")))
    here, there = (PipelineSpec("X", weights, offload=offload) for offload in ("none", "group"))
    assert here.identity == there.identity
    assert here.name != there.name


@pytest.mark.parametrize(
    ("classname", "what"), [("NoSuchPipeline", "has no NoSuchPipeline"), ("FluxFillPipeline", "is no FluxFill")]
)
def test_what_is_no_such_pipeline_is_said(classname: str, what: str) -> None:
    pipe = PipelineSpec(classname, Weights(str(checkpoint("sdxl_inpaint"))))
    with pytest.raises(BackendError, match=what), pipe.load():
        pass


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionXLInpaintPipeline"}')
    (tmp_path / "unet.bin").write_bytes(b"cos\nsystem\n(S'touch /nowhere'\ntR.")
    with pytest.raises(BackendError, match="pickles"), PipelineSpec("FluxFillPipeline", Weights(str(tmp_path))).load():
        pass


def test_pickles_are_never_opened_beside_the_model_either(tmp_path: Path) -> None:
    whole = Weights(str(checkpoint("sdxl_inpaint")))
    (tmp_path / "lora").mkdir()
    (tmp_path / "lora" / "pytorch_lora_weights.bin").write_bytes(b"cos\nsystem\n(S'touch /nowhere'\ntR.")
    pickled = Weights(str(tmp_path / "lora"))
    for pipe in (
        PipelineSpec("StableDiffusionXLInpaintPipeline", whole, loras=(Lora(pickled),)),
        PipelineSpec("StableDiffusionXLInpaintPipeline", whole, adapters=(("ip", pickled),)),
    ):
        with pytest.raises(BackendError, match="its weights are pickles"), pipe.load():
            pass


def test_an_adapter_whose_encoder_of_pictures_is_pickled_is_not_opened(tmp_path: Path) -> None:
    adapter = tmp_path / "ip"
    shutil.copytree(checkpoint("ip_adapter"), adapter)
    (adapter / "image_encoder" / "model.safetensors").rename(adapter / "image_encoder" / "pytorch_model.bin")
    backend: Any = backends.load_backend(
        "outpaint", "sdxl_inpaint", model=str(checkpoint("sdxl_inpaint")), adapter=str(adapter),
        adapter_file="ip.safetensors",
    )  # fmt: skip
    with (
        pytest.raises(BackendError, match="image_encoder cannot be loaded: its weights are pickles"),
        backend.painter.pipe.load(backend.painter.assemble),
    ):
        pass


def test_an_adapter_can_have_its_encoder_of_pictures_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(checkpoint("ip_adapter"), tmp_path / "ip")
    shutil.move(tmp_path / "ip" / "image_encoder", tmp_path / "encoder")
    backend: Any = backends.load_backend(
        "outpaint", "sdxl_inpaint", model=str(checkpoint("sdxl_inpaint")), adapter=str(tmp_path / "ip"),
        adapter_file="ip.safetensors", adapter_encoder=str(tmp_path / "encoder"),
    )  # fmt: skip
    with backend.painter.pipe.load(backend.painter.assemble) as pipe:
        assert pipe.image_encoder is not None
    assert "encoder=folder@" in backends.weights_identity(backend)


def test_weights_that_are_here_in_sixteen_bits_alone_are_loaded(tmp_path: Path) -> None:
    from diffusers import StableDiffusionXLInpaintPipeline

    whole = checkpoint("sdxl_inpaint")
    StableDiffusionXLInpaintPipeline.from_pretrained(str(whole)).save_pretrained(str(tmp_path), variant="fp16")
    assert Weights(str(tmp_path)).variant == "fp16"
    assert Weights(str(whole)).variant == ""
    vae = tmp_path / "vae" / "diffusion_pytorch_model.fp16.safetensors"
    vae.rename(vae.with_name("diffusion_pytorch_model.safetensors"))  # some repositories mark only some parts
    pipe = PipelineSpec("StableDiffusionXLInpaintPipeline", Weights(str(tmp_path)))
    assert pipe.identity.endswith("variant=fp16")
    with pipe.load() as loaded:
        assert loaded.unet is not None
        assert loaded.vae is not None


def test_a_part_that_was_not_fetched_is_named_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, home = "0123456789abcdef0123456789abcdef01234567", tmp_path / "models--owner--name"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    shutil.copytree(checkpoint("wan22_i2v"), home / "snapshots" / commit)
    (home / "snapshots" / commit / "transformer" / "diffusion_pytorch_model.safetensors").unlink()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with (
        pytest.raises(WeightsMissing, match="the weights of the transformer of owner/name"),
        PipelineSpec("WanImageToVideoPipeline", Weights("owner/name")).load(),
    ):
        pass
    other = Weights(f"{checkpoint('wan22_i2v')}:transformer")
    with PipelineSpec("WanImageToVideoPipeline", Weights("owner/name"), denoisers=(("transformer", other),)).load():
        pass


def test_sizes_keep_the_aspect_and_fit_the_model() -> None:
    assert pipelines.size_bucket(1600, 900, megapixels=1.0, multiple=16) == (1328, 752)
    assert pipelines.size_bucket(100, 100, megapixels=0.004, multiple=16) == (64, 64)
    wide, tall = pipelines.size_bucket(1000, 10, megapixels=0.25, multiple=32)
    assert tall >= 32
    assert wide % 32 == 0


def test_a_lora_of_another_model_is_said_in_two_lines(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    layer = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
    sizes = {"lora_A": (4, 999), "lora_B": (999, 4)}
    save_file(
        {f"{layer}.{name}.weight": torch.zeros(*size) for name, size in sizes.items()}, tmp_path / "x.safetensors"
    )
    whole = Weights(str(checkpoint("sdxl_inpaint")))
    pipe = PipelineSpec("StableDiffusionXLInpaintPipeline", whole, loras=(Lora(Weights(str(tmp_path))),))
    with (
        pytest.raises(BackendError, match=f"with {tmp_path} is no StableDiffusionXL.*size mismatch") as refusal,
        pipe.load(),
    ):
        pass
    assert "made for each other" in refusal.value.hint


def test_a_package_that_is_missing_while_weights_are_loaded_is_said_with_its_cure() -> None:
    def assemble(kind: Any, arguments: dict[str, Any]) -> Any:
        raise ImportError("T5Tokenizer requires the SentencePiece library\nbut it was not found")

    pipe = PipelineSpec(
        "StableDiffusionXLInpaintPipeline", Weights(str(checkpoint("sdxl_inpaint"))), offload_strategy="lacking"
    )
    with (
        pytest.raises(BackendError, match=r"not installed: T5Tokenizer requires the .* but") as lacks,
        pipe.load(assemble),
    ):
        pass
    assert lacks.value.hint == "pip install -e '.[gpu]'"


def test_a_tokenizer_that_is_kept_as_sentencepiece_alone_is_read(tmp_path: Path) -> None:
    import sentencepiece

    place = tmp_path / "ltx"
    shutil.copytree(checkpoint("ltx_i2v"), place)
    (place / "tokenizer" / "tokenizer.json").unlink()
    (tmp_path / "words.txt").write_text("she turns round and the wind moves her hair\n" * 20)
    sentencepiece.SentencePieceTrainer.train(
        input=str(tmp_path / "words.txt"), model_prefix=str(place / "tokenizer" / "spiece"), vocab_size=40,
        hard_vocab_limit=False, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=9,
    )  # fmt: skip
    backend: Any = backends.load_backend("animate", "ltx_i2v", model=str(place))
    assert backend.prompt_encoder.encode("she turns") != backend.prompt_encoder.encode("the wind")


def test_the_extra_gpu_brings_what_real_checkpoints_are_read_with() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = {re.split(r"[<>=\[]", one)[0] for one in project["optional-dependencies"]["gpu"]}
    assert brought >= {*pipelines.REQUIRED_PACKAGES, "safetensors", "peft", "protobuf"}


def test_what_a_model_would_miss_at_work_is_missed_when_its_backend_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()
    monkeypatch.setattr(pipelines, "require", lambda *packages: asked.extend(packages))
    PipelineSpec("WanImageToVideoPipeline", Weights("owner/name"))
    assert {"ftfy", "sentencepiece"} <= {*asked}
    assert "peft" not in asked
    PipelineSpec("WanImageToVideoPipeline", Weights("owner/name"), loras=(Lora(Weights("owner/lora")),))
    assert "peft" in asked
