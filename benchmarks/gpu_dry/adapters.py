"""Make what is loaded beside a model's own weights, or in place of them, by shapes: IP-Adapters, LoRAs, few bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from benchmarks.gpu_dry.fake_gpu import FakeGpu

LORA_RANK = 64
"""That of the LoRAs that presets name, as their files' names say."""
IMAGE_TOKENS = 4
"""The tokens that an IP-Adapter makes of a picture: ip-adapter_sdxl.safetensors."""


def replacements(mode: FakeGpu) -> Iterator[tuple[object, str, object]]:
    """Yield (object, attribute, replacement) for what reads the files of LoRAs and IP-Adapters in diffusers."""
    from diffusers.loaders import ip_adapter, lora_pipeline, unet

    load = unet.UNet2DConditionLoadersMixin._load_ip_adapter_weights
    yield ip_adapter, "_get_model_file", lambda *args, **rest: ""
    yield ip_adapter, "safe_open", _open_nothing
    yield (
        unet.UNet2DConditionLoadersMixin, "_load_ip_adapter_weights",
        lambda model, states, **rest: load(model, [_ip_adapter(mode, model)], low_cpu_mem_usage=False),
    )  # fmt: skip
    for kind in vars(lora_pipeline).values():
        if isinstance(kind, type) and "load_lora_weights" in vars(kind):
            yield kind, "load_lora_weights", _lora_loader(mode, kind.__dict__["load_lora_weights"])


@contextmanager
def _open_nothing(*args: Any, **rest: Any) -> Iterator[dict[str, Tensor]]:
    yield {}


def _ip_adapter(mode: FakeGpu, unet: Any) -> dict[str, dict[str, Tensor]]:
    """Return weights without values, as the file of an IP-Adapter for a UNet of Stable Diffusion XL holds them."""
    words, seen = unet.config.cross_attention_dim, 1280
    cpu = torch.device("cpu")

    def empty(*shape: int) -> Tensor:
        return mode.empty(torch.Size(shape), torch.float16, cpu)

    projection = {
        "proj.weight": empty(IMAGE_TOKENS * words, seen), "proj.bias": empty(IMAGE_TOKENS * words),
        "norm.weight": empty(words), "norm.bias": empty(words),
    }  # fmt: skip
    layers = [name.rsplit(".processor", 1)[0] for name in unet.attn_processors if "attn2" in name]
    added = {
        f"{2 * number + 1}.to_{part}_ip.weight": empty(unet.get_submodule(name).to_q.out_features, words)
        for number, name in enumerate(layers)
        for part in ("k", "v")
    }
    return {"image_proj": projection, "ip_adapter": added}


def _lora_loader(mode: FakeGpu, load: Callable[..., None]) -> Callable[..., None]:
    """Return a method that loads a LoRA of all linear layers in the blocks of a transformer, whatever file is named."""

    def load_lora_weights(pipe: Any, path: object, *args: Any, **options: Any) -> None:
        name = "transformer_2" if options.get("load_into_transformer_2") else "transformer"
        states = dict[str, Tensor]()
        for layer, module in getattr(pipe, name).named_modules():
            if isinstance(module, torch.nn.Linear) and "blocks." in layer:
                for side, shape in (("A", (LORA_RANK, module.in_features)), ("B", (module.out_features, LORA_RANK))):
                    key = f"transformer.{layer}.lora_{side}.weight"
                    states[key] = mode.empty(torch.Size(shape), torch.bfloat16, torch.device("cpu"))
        options = {key: value for key, value in options.items() if key not in ("weight_name", "use_safetensors")}
        load(pipe, states, *args, low_cpu_mem_usage=False, **options)

    return load_lora_weights


class _QuantisedLinear(torch.nn.Module):
    """A linear layer that keeps its weights in 8 or 4 bits, and widens them while it computes."""

    weight: torch.nn.Parameter

    def __init__(self, mode: FakeGpu, linear: torch.nn.Linear, bits: int) -> None:
        super().__init__()
        device, dtype = torch.device("cpu"), linear.weight.dtype
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.bits = bits
        numbers = linear.weight.numel() * bits // 8
        scales = linear.out_features if bits == 8 else linear.weight.numel() // 64
        for name, size, kind in (("weight", numbers, torch.int8), ("scale", scales, dtype)):
            made = mode.empty(torch.Size([size]), kind, device)
            setattr(self, name, torch.nn.Parameter(made, requires_grad=False))
        self.bias = linear.bias

    def forward(self, given: Tensor) -> Tensor:
        shape = self.out_features, self.in_features
        weight = torch.empty(shape, dtype=given.dtype, device=self.weight.device)
        return torch.nn.functional.linear(given, weight, self.bias)


def quantise(mode: FakeGpu, model: Any, config: Any) -> Any:
    """Store the linear layers of a loaded model as a configuration says that its library has; None leaves them."""
    if config is None:
        return model
    bits = 4 if getattr(config, "load_in_4bit", False) else 8
    head = getattr(model, "get_output_embeddings", lambda: None)()
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Linear) and child is not head:
                setattr(module, name, _QuantisedLinear(mode, child, bits))
    return model
