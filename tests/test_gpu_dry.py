"""The dry run refuses what a GPU refuses: faults that were found without it are put back, one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.gpu_dry.figures import read_figures, write_figures
from benchmarks.gpu_dry.roles import RoleToPlay, roles_alike, roles_to_play
from storage.profiles import load_profile

PROFILES = {"8gb", "24gb", "80gb"}


@pytest.fixture
def gpu() -> Any:
    from benchmarks.gpu_dry.fake_gpu import fake_gpu

    with fake_gpu() as made:
        yield made


def test_every_role_of_the_profiles_is_played_and_every_backend_with_a_model_too() -> None:
    roles = roles_to_play()
    assert {role.profile for role in roles} >= PROFILES
    eight = {role.capability for role in roles if role.profile == "8gb"}
    assert eight == {"clean", "redraw", "outpaint", "animate", "layers", "locate"}
    assert {role.backend for role in roles} >= {"svd", "ltx_i2v", "framepack", "animatediff", "flux_fill", "dinov2"}


def test_roles_that_differ_in_nothing_but_their_profile_s_memory_are_played_once() -> None:
    groups = {role.name: number for number, group in enumerate(roles_alike(roles_to_play())) for role in group}
    assert groups["12gb outpaint klein_inpaint"] == groups["24gb outpaint klein_inpaint"]
    assert groups["80gb outpaint qwen_edit"] == groups["default outpaint qwen_edit"]
    assert groups["12gb outpaint klein_inpaint"] != groups["default outpaint klein_inpaint"]  # another offload
    assert groups["16gb animate wan_i2v"] != groups["24gb animate wan_i2v"]


def test_no_role_of_a_profile_needs_more_than_its_memory_or_relief_by_the_figures_of_the_last_run() -> None:
    from benchmarks.gpu_dry.play import RESERVED

    figures = read_figures()
    roles = [role for role in roles_to_play() if role.profile]
    assert {role.name for role in roles} <= set(figures)
    for role in roles:
        row = figures[role.name]
        assert max(row["encode"], row["draw"]) + RESERVED <= role.memory, role.name
        assert row["ram"] <= load_profile(role.profile).ram, role.name
        assert "relief" not in row, role.name


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = {"8gb clean a": {"encode": 1.5, "draw": 2.0, "largest": 0.5, "relief": "tiles"}}
    write_figures(made, tmp_path / "memory.toml")
    assert read_figures(tmp_path / "memory.toml") == made


def test_sequences_are_padded_as_by_torch(gpu: Any) -> None:
    import torch

    pad, items = torch.nn.utils.rnn.pad_sequence, [torch.ones(2, 3), torch.ones(4, 3)]
    assert pad(items, batch_first=True, padding_value=5.0)[0, :, 0].tolist() == [1, 1, 5, 5]
    assert pad(items).shape == (4, 2, 3)


def test_memory_is_counted_while_a_model_lies_on_the_gpu(gpu: Any) -> None:
    import torch

    layer = torch.nn.Linear(1024, 1024, bias=False)
    assert (gpu.gpu.now, gpu.ram.now) == (0, 4 << 20)
    layer.to("cuda", torch.bfloat16)
    assert (gpu.gpu.now, gpu.ram.now) == (2 << 20, 0)
    made = layer(torch.empty(4096, 1024, dtype=torch.bfloat16, device="cuda"))
    assert (tuple(made.shape), made.dtype, made.device.type) == ((4096, 1024), torch.bfloat16, "cuda")
    assert gpu.gpu.peak == 18 << 20
    del made, layer
    assert gpu.gpu.now == 0


def test_layers_that_differ_in_their_stride_are_computed_each(gpu: Any) -> None:
    import torch

    def halves(stride: int) -> Any:
        return torch.nn.Sequential(torch.nn.Conv2d(64, 64, 3, (stride, stride), 1)).to("cuda")

    picture = torch.empty(1, 64, 64, 64, device="cuda")
    assert [halves(stride)(picture).shape[-1] for stride in (1, 2, 1)] == [64, 32, 64]


def test_a_mask_of_all_pairs_of_many_places_has_no_values_and_takes_memory_of_the_gpu(gpu: Any) -> None:
    import torch

    places = torch.arange(1 << 16, device="cuda")
    mask = places[:, None] <= places[None]
    assert (tuple(mask.shape), gpu.gpu.now) == ((1 << 16, 1 << 16), 1 << 32)


def test_weights_in_8_and_4_bits_take_a_half_and_about_a_quarter_of_the_memory(gpu: Any) -> None:
    import torch
    from transformers import BitsAndBytesConfig

    from benchmarks.gpu_dry.adapters import quantise

    for config, most in ((object(), (1 << 20) + 2048), (BitsAndBytesConfig(load_in_4bit=True), (1 << 19) + (1 << 15))):
        layer = torch.nn.Sequential(torch.nn.Linear(1024, 1024, bias=False)).to("cuda", torch.bfloat16)
        layer = quantise(gpu, layer, config).to("cuda")
        assert gpu.gpu.now == most
        assert layer(torch.empty(4, 1024, dtype=torch.bfloat16, device="cuda")).shape == (4, 1024)
        del layer


def test_auto_is_bfloat16_as_on_a_gpu_that_has_it(gpu: Any) -> None:
    import torch

    from tools import devices

    assert devices.torch_dtype("auto", devices.best_device()) is torch.bfloat16


def test_operands_of_two_types_are_refused(gpu: Any) -> None:
    import torch

    layer = torch.nn.Conv2d(64, 64, 3).to("cuda", torch.float16)
    with pytest.raises(RuntimeError, match="type"):
        layer(torch.empty(1, 64, 64, 64, device="cuda"))
    query = torch.empty(1, 8, 4096, 64, device="cuda")
    with pytest.raises(RuntimeError, match="different types"):
        torch.nn.functional.scaled_dot_product_attention(query, query.half(), query.half())


def test_more_than_the_memory_of_a_profile_is_refused(gpu: Any) -> None:
    import torch

    gpu.gpu.limit = 1 << 30
    with pytest.raises(torch.OutOfMemoryError):
        torch.empty(1 << 29, device="cuda")


def test_learned_positions_refuse_another_size(gpu: Any, tmp_path: Path) -> None:
    """Audit A2: CogVideoX films at 720 x 480 and at no other size."""
    import torch
    from diffusers import CogVideoXImageToVideoPipeline
    from PIL import Image

    from benchmarks.gpu_dry.checkpoints import write_checkpoint

    folder = write_checkpoint("cogvideox_i2v", tmp_path / "model")
    pipe = CogVideoXImageToVideoPipeline.from_pretrained(
        folder, dtype=torch.bfloat16, text_encoder=None, tokenizer=None
    )
    pipe.to("cuda")
    words = torch.zeros(1, 226, 4096, dtype=torch.bfloat16, device="cuda")

    def film(width: int, height: int) -> Any:
        return pipe(
            image=Image.new("RGB", (width, height)), width=width, height=height, num_frames=49, prompt_embeds=words,
            num_inference_steps=1, guidance_scale=1.0, output_type="latent",
        ).frames  # fmt: skip

    assert tuple(film(720, 480).shape) == (1, 13, 16, 60, 90)
    with pytest.raises(ValueError, match="resolution"):
        film(784, 448)


def test_a_picture_that_is_drawn_at_another_size_than_it_is_shown_is_refused(gpu: Any, tmp_path: Path) -> None:
    """Audit A4: Qwen-Image-Edit shows itself its pictures at sizes of its own."""
    import torch
    from diffusers import QwenImageEditPlusPipeline
    from PIL import Image

    from benchmarks.gpu_dry.checkpoints import write_checkpoint

    folder = write_checkpoint("qwen_edit", tmp_path / "model")
    pipe = QwenImageEditPlusPipeline.from_pretrained(
        folder, dtype=torch.bfloat16, text_encoder=None, tokenizer=None, processor=None
    )
    pipe.to("cuda")
    words = torch.zeros(1, 300, 3584, dtype=torch.bfloat16, device="cuda")

    def draw(width: int, height: int) -> Any:
        return pipe(
            image=[Image.new("RGB", (1600, 900))], width=width, height=height, prompt_embeds=words,
            prompt_embeds_mask=torch.ones(1, 300, dtype=torch.long), num_inference_steps=1, true_cfg_scale=1.0,
            output_type="latent",
        ).images  # fmt: skip

    assert draw(1376, 768).shape[1] == 86 * 48
    with pytest.raises(ValueError, match="1328"):
        draw(1328, 752)


def test_a_vae_that_is_upcast_while_its_weights_wait_in_half_precision_is_refused(
    gpu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Audit A12: a VAE that asks for float32 beside group offload."""
    from diffusers import StableDiffusionXLInpaintPipeline

    from benchmarks.gpu_dry.play import play

    options = {"model": "stabilityai/stable-diffusion-xl-base-1.0", "dtype": "float16", "offload": "group"}
    role = RoleToPlay("", 0, "clean", "sdxl_inpaint", options)
    assert play(role, gpu, tmp_path).drawing < 4
    offload = StableDiffusionXLInpaintPipeline.enable_group_offload
    monkeypatch.setattr(
        StableDiffusionXLInpaintPipeline, "enable_group_offload",
        lambda pipe, **rest: offload(pipe, **{**rest, "exclude_modules": []}),
    )  # fmt: skip
    with pytest.raises(RuntimeError, match="type"):
        play(role, gpu, tmp_path)
