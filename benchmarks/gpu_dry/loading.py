"""Create models from their configuration alone, in place of reading weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

from benchmarks.gpu_dry import adapters
from tools import devices

if TYPE_CHECKING:
    from benchmarks.gpu_dry.fake_gpu import FakeGpu


def replacements(mode: FakeGpu) -> Iterator[tuple[object, str, object]]:
    """Yield (object, attribute, replacement) for what loads weights in diffusers and transformers."""
    import diffusers
    import safetensors.torch
    import transformers

    save = safetensors.torch.save
    yield diffusers.ModelMixin, "from_pretrained", classmethod(_diffusers_model(mode))
    yield transformers.PreTrainedModel, "from_pretrained", classmethod(_transformers_model(mode))
    yield safetensors.torch, "save", lambda tensors, **rest: save({key: _real(item) for key, item in tensors.items()})
    yield devices, "best_device", lambda: "cuda"
    yield from adapters.replacements(mode)


def _real(tensor: Tensor) -> Tensor:
    """Return zeros in the shape of a fake tensor, to be kept in a file."""
    if not isinstance(tensor, FakeTensor):
        return tensor
    raw = torch.from_numpy(np.zeros(tensor.numel() * tensor.element_size(), np.uint8))
    return raw.view(tensor.dtype).view(tensor.shape)


def _diffusers_model(mode: FakeGpu) -> Callable[..., Any]:
    def from_pretrained(cls: Any, folder: str, **options: Any) -> Any:
        dtype = options.get("dtype") or options.get("torch_dtype") or torch.float32
        config = cls.load_config(str(Path(folder) / (options.get("subfolder") or "")), local_files_only=True)
        with _as_loaded(mode):
            made = _finish(mode, cls.from_config(config), dtype, cls._keep_in_fp32_modules or ())
            return adapters.quantise(mode, made, options.get("quantization_config"))

    return from_pretrained


def _transformers_model(mode: FakeGpu) -> Callable[..., Any]:
    def from_pretrained(cls: Any, folder: str, *args: Any, **options: Any) -> Any:
        dtype = options.get("dtype") or options.get("torch_dtype") or torch.float32
        config = options.get("config") or cls.config_class.from_pretrained(
            str(Path(folder) / (options.get("subfolder") or "")), local_files_only=True
        )
        kept = cls._keep_in_fp32_modules if dtype == torch.float16 else None
        with _as_loaded(mode):
            made = _finish(mode, cls._from_config(config), dtype, kept or ())
            return adapters.quantise(mode, made, options.get("quantization_config"))

    return from_pretrained


@contextmanager
def _as_loaded(mode: FakeGpu) -> Iterator[None]:
    """Leave out of the peak of main memory that a model is made in float32 here: weights are read in their own type."""
    before = mode.ram.peak
    yield
    mode.ram.peak = max(before, mode.ram.now)


def _finish(mode: FakeGpu, model: Any, dtype: torch.dtype, in_float32: Any) -> Any:
    """Make all weights of a model fake, in the type in which they would be loaded."""
    made: dict[int, Any] = {}
    for name, module in model.named_modules():
        for kind in (module._parameters, module._buffers):
            for key, tensor in kind.items():
                if tensor is None:
                    continue
                keeps = any(part in f"{name}.{key}".split(".") for part in in_float32)
                in_file = key not in module._non_persistent_buffers_set  # what is not keeps the type it is made in
                wanted = torch.float32 if keeps else dtype if in_file else tensor.dtype
                if id(tensor) not in made:
                    made[id(tensor)] = _fake_weight(mode, tensor, wanted, kind is module._parameters)
                kind[key] = made[id(tensor)]
    return model.eval()


def _fake_weight(mode: FakeGpu, tensor: Tensor, dtype: torch.dtype, is_parameter: bool) -> Any:
    fake = tensor if isinstance(tensor, FakeTensor) else mode.fake(tensor, torch.device("cpu"))
    if fake.is_floating_point():
        fake = fake.detach().to(dtype)
    return torch.nn.Parameter(fake, requires_grad=False) if is_parameter else fake
