"""A GPU without a GPU: torch computes shapes, types and devices of all large tensors, whose values never exist.

Large tensors are torch's FakeTensors. Small tensors that no large one went into (the timesteps of a scheduler, token
numbers) are computed for real, because programs look at their values; they count as being on every device. What a real
GPU refuses and FakeTensors accept, operands of different types, is refused here too.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np
import torch
from diffusers.models import autoencoders
from diffusers.models.autoencoders.autoencoder_kl_hunyuanvideo15 import HunyuanVideo15AttnBlock
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves, tree_map_only

from benchmarks.gpu_dry import checks, loading
from benchmarks.gpu_dry.repeats import Repeats

GPU = torch.device("cuda:0")
_NO_DEVICE = torch.device("meta")
"""The device that torch's own code in C++ sees, which asks the drivers of any other."""
_DATA: Any = Tensor.data
MOST_REAL = 1 << 16
"""Tensors of at most this many elements keep their values, as long as no fake tensor goes into them."""
_MANY, _MOST_MADE = 1 << 12, 1 << 22
"""Operands of many elements may make very many, such as a mask of all pairs: more than the second have no values."""
_SAME_TYPE = frozenset({"convolution", "mm", "addmm", "bmm", "baddbmm", "native_layer_norm", "native_group_norm"})
"""Operators whose floating operands must all have one type on a GPU."""
_BOUNDS = frozenset({torch.ops.aten.ge, torch.ops.aten.le})
"""Comparisons that are taken to hold for a large tensor where a program asks: they guard a range, as that of a picture.
All else that is asked of its values, as whether they all are 0, is taken not to hold."""


@dataclass
class Memory:
    """Bytes of the fake tensors that are alive on one device."""

    now: int = 0
    peak: int = 0
    largest: int = 0
    """Bytes of the largest single tensor."""
    limit: int = 0
    """The most bytes there may be; 0 for any number."""
    _alive: set[int] = field(default_factory=set, repr=False)

    def count(self, tensor: Tensor) -> None:
        """Count the storage of a tensor until it is freed."""
        storage = tensor.untyped_storage()
        address, size = storage._cdata, storage.nbytes()
        if address in self._alive:
            return
        self.reach(size)
        self._alive.add(address)
        self.now += size
        self.largest = max(self.largest, size)
        weakref.finalize(storage, self._free, address, size).atexit = False

    def reach(self, extra: int) -> None:
        """Note that `extra` bytes more are needed. Raises torch.OutOfMemoryError beyond the limit."""
        if self.limit and self.now + extra > self.limit:
            raise torch.OutOfMemoryError(f"out of memory: {(self.now + extra) / 2**30:.1f} GiB are needed")
        self.peak = max(self.peak, self.now + extra)

    def reset(self) -> None:
        """Forget the peak so far."""
        self.peak, self.largest = self.now, 0

    def _free(self, address: int, size: int) -> None:
        self._alive.discard(address)
        self.now -= size


class FakeGpu(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is active, torch believes in a GPU, `cuda:0`, and computes no values of large tensors.

    Attributes:
        gpu: Memory on the fake GPU.
        ram: Main memory, small tensors left out.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.gpu, self.ram = Memory(), Memory()
        self._fakes = FakeTensorMode(allow_non_fake_inputs=True)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.ops.prim.device.default:
            return _NO_DEVICE
        if func is torch.ops.aten._local_scalar_dense.default and _is_fake_truth(args[0]):
            return bool(getattr(args[0], "is_bound", False))
        tensors = [item for item in tree_leaves((args, kwargs)) if isinstance(item, Tensor)]
        if not any(isinstance(tensor, FakeTensor) for tensor in tensors):
            everywhere = all(self._is_anywhere(tensor) for tensor in tensors)
            moved = any(item == GPU for item in tree_leaves((args, kwargs)) if isinstance(item, torch.device))
            if not tensors:
                is_real = self._is_within(MOST_REAL, func, args, kwargs)
            elif everywhere:
                is_few = moved or max(map(Tensor.numel, tensors)) < _MANY
                is_real = is_few or self._is_within(_MOST_MADE, func, args, kwargs)
            else:
                is_real = not moved
            if is_real:
                return self._compute(func, args, kwargs, everywhere=everywhere)
        return self._pretend(func, tensors, args, kwargs)

    def _is_anywhere(self, tensor: Tensor) -> bool:
        """Return whether a tensor counts as being on every device, since its values were computed for real."""
        small = not isinstance(tensor, FakeTensor) and tensor.numel() <= MOST_REAL
        return small or bool(getattr(tensor, "is_anywhere", False))

    def fake(self, tensor: Tensor, device: torch.device | None = None, *, anywhere: bool = False) -> Tensor:
        """Return a fake tensor like a real one; `anywhere` makes it count as being on every device."""
        with _disable_current_modes(), self._fakes:
            made = torch.empty_strided(
                tensor.size(), tensor.stride(), dtype=tensor.dtype, device=device or tensor.device
            )
        if anywhere:
            made.is_anywhere = True  # type: ignore[attr-defined]
        return made

    def empty(self, shape: torch.Size, dtype: torch.dtype, device: torch.device) -> Tensor:
        """Return a fake tensor."""
        with _disable_current_modes(), self._fakes:
            made = torch.empty(shape, dtype=dtype, device=device)
        (self.gpu if device.type == "cuda" else self.ram).count(made)
        return made

    def _is_within(self, most: int, func: Any, args: Any, kwargs: Any) -> bool:
        """Return whether an operator makes tensors of at most so many elements."""
        with self._fakes:
            made = func(*args, **_without_generator(kwargs))
        return all(item.numel() <= most for item in tree_leaves(made) if isinstance(item, Tensor))

    def _compute(self, func: Any, args: Any, kwargs: Any, *, everywhere: bool) -> Any:
        """Compute for real, on the CPU."""
        args, kwargs = tree_map_only(torch.device, lambda device: torch.device("cpu"), (args, kwargs))
        made = func(*args, **kwargs)
        for item in tree_leaves(made):
            if isinstance(item, Tensor) and everywhere and item.numel() > MOST_REAL:
                item.is_anywhere = True  # type: ignore[attr-defined]
        return made

    def _pretend(self, func: Any, tensors: list[Tensor], args: Any, kwargs: Any) -> Any:
        """Compute the shapes, types and devices of the results only."""
        if func is torch.ops.aten.index.Tensor:
            args = args[0], [place for index in args[1] for place in _places(index)]
        fixed = [item for item in tensors if not self._is_anywhere(item)]
        device = fixed[0].device if fixed else None

        def settle(tensor: Tensor) -> Tensor:
            if not isinstance(tensor, FakeTensor):
                return self.fake(tensor, (device or GPU) if self._is_anywhere(tensor) else None)
            if device is not None and self._is_anywhere(tensor):
                return self.fake(tensor, device)
            return tensor

        if func is torch.ops.aten._to_copy.default and _stays(args[0], kwargs):
            return args[0]
        args, kwargs = tree_map_only(Tensor, settle, (args, _without_generator(kwargs)))
        unplaced = kwargs.get("device") == _NO_DEVICE
        kwargs = {**kwargs, "device": device or GPU} if unplaced else kwargs
        _check_types(func, [item for item in tree_leaves((args, kwargs)) if isinstance(item, Tensor)])
        if func is torch.ops.aten.upsample_bicubic2d.vec:
            # what stands for this kernel on fake tensors asks the drivers of a real GPU
            source, size, scales = args[0], args[1], args[3]
            sides = size or [int(side * scale) for side, scale in zip(source.shape[2:], scales, strict=True)]
            return self.empty(torch.Size([*source.shape[:2], *sides]), source.dtype, source.device)
        with self._fakes:
            made = func(*args, **kwargs)
        moved = any(isinstance(item, torch.device) for item in tree_leaves((args, kwargs)))
        self._count(made, anywhere=bool(tensors) and not fixed and (unplaced or not moved))
        if func.overloadpacket in _BOUNDS:
            made.is_bound = True
        return made

    def _count(self, made: Any, *, anywhere: bool) -> None:
        """Count the memory of results, and mark those that count as being on every device."""
        for item in tree_leaves(made):
            if isinstance(item, FakeTensor):
                if anywhere:
                    item.is_anywhere = True  # type: ignore[attr-defined]
                (self.gpu if item.device.type == "cuda" else self.ram).count(item)


class _OnFakeGpu(TorchFunctionMode):
    """Answer what never reaches the dispatcher: devices without a number, attention kernels, initial weights."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        if func is torch.nn.functional.scaled_dot_product_attention:
            return _attend(*args, **kwargs)
        if func is torch._C._nn.pad_sequence:
            return _pad_sequence(*args, **kwargs)
        if func is torch.quantile:
            return _quantile(*args, **kwargs)
        args, kwargs = (_numbered(args), _numbered(kwargs))
        return func(*args, **kwargs)


@contextmanager
def fake_gpu() -> Iterator[FakeGpu]:
    """Let everything in the block run on a fake GPU, whatever this machine has."""
    mode = FakeGpu()
    repeats = Repeats(mode, torch.nn.Module.__call__)
    with ExitStack() as patches:
        for target, name, replacement in (
            (FakeTensor, "data", property(_get_data, _set_data)),
            (FakeTensor, "numpy", _zeros),
            (FakeTensor, "__array__", lambda self, dtype=None, copy=None: _zeros(self)),
            (FakeTensor, "pin_memory", lambda self, device=None: self),
            (FakeTensor, "is_pinned", lambda self, device=None: True),
            (FakeTensor, "record_stream", lambda self, stream: None),
            (torch.nn.Module, "_apply", _apply_in_place),
            (torch.nn.Module, "__call__", lambda *args, **kwargs: repeats(*args, **kwargs)),  # noqa: PLW0108  a method
            (torch.cuda, "_lazy_init", lambda: None), (torch.cuda, "Stream", _Stream),
            (torch.cuda, "stream", _in_stream), (torch.cuda, "current_stream", _Stream),
            (torch.cuda, "empty_cache", lambda: None),
            (torch.cuda, "is_bf16_supported", lambda including_emulation=True: True),  # as on all GPUs since 2020
            (torch.cuda, "synchronize", lambda device=None: None),
            *loading.replacements(mode), *checks.replacements(),
        ):  # fmt: skip
            patches.enter_context(mock.patch.object(target, name, replacement))
        for kind in vars(autoencoders).values():
            for blend in ("blend_t", "blend_v", "blend_h"):  # row by row, and the shape is that of the second tile
                if hasattr(kind, blend):
                    patches.enter_context(mock.patch.object(kind, blend, lambda self, a, b, extent: b))
        patches.enter_context(
            mock.patch.object(HunyuanVideo15AttnBlock, "prepare_causal_attention_mask", staticmethod(_all_pairs))
        )
        patches.enter_context(_new_tensors_on_cpu())
        patches.enter_context(mode)
        patches.enter_context(_OnFakeGpu())
        yield mode


@contextmanager
def _new_tensors_on_cpu() -> Iterator[None]:
    """Let `torch.tensor` make its tensor on the CPU before it is moved: else it asks the driver of the GPU."""
    before = torch._C._only_lift_cpu_tensors()
    torch._C._set_only_lift_cpu_tensors(True)
    try:
        yield
    finally:
        torch._C._set_only_lift_cpu_tensors(before)


class _Stream:
    """A CUDA stream in which nothing runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def synchronize(self) -> None: ...

    def wait_stream(self, stream: Any) -> None: ...


@contextmanager
def _in_stream(stream: Any) -> Iterator[None]:
    yield


def _is_fake_truth(tensor: Tensor) -> bool:
    """Return whether a tensor is a truth value that was not computed."""
    return isinstance(tensor, FakeTensor) and tensor.dtype == torch.bool


def _places(index: Tensor | None) -> Sequence[Tensor | None]:
    """Return an index that is a mask with values as the places where it is set: their number decides a shape."""
    is_mask = index is not None and index.dtype == torch.bool and not isinstance(index, FakeTensor)
    return index.nonzero().unbind(1) if is_mask and index is not None else (index,)


def _stays(tensor: Tensor, kwargs: dict[str, Any]) -> bool:
    """Return whether a copy to a device and a type is none, since the tensor has both."""
    return kwargs.get("device") == tensor.device and kwargs.get("dtype") in (None, tensor.dtype)


def _without_generator(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {**kwargs, "generator": None} if kwargs.get("generator") is not None else kwargs


def _check_types(func: Any, tensors: list[Tensor]) -> None:
    """Refuse operands of different floating types, as the kernels of a GPU do."""
    if func.overloadpacket.__name__ in _SAME_TYPE:
        found = {tensor.dtype for tensor in tensors if tensor.is_floating_point()}
        if len(found) > 1:
            names = " and ".join(sorted(str(dtype).removeprefix("torch.") for dtype in found))
            raise RuntimeError(f"{func}: operands of different types, {names}")


def _attend(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, *args: Any, **rest: Any
) -> Tensor:
    """Return the shape of an attention that keeps no matrix of scores, as the fused kernels of a GPU do."""
    if len({query.dtype, key.dtype, value.dtype}) > 1:
        raise RuntimeError(f"attention: operands of different types, {query.dtype}, {key.dtype}, {value.dtype}")
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise RuntimeError(f"attention: shapes {query.shape}, {key.shape}, {value.shape} do not fit")
    if attn_mask is not None:
        torch.broadcast_shapes(attn_mask.shape, (*query.shape[:-1], key.shape[-2]))  # type: ignore[no-untyped-call]
        if attn_mask.dtype not in (torch.bool, query.dtype):
            raise RuntimeError(f"attention: a mask of {attn_mask.dtype} for {query.dtype}")
    return query.new_empty((*query.shape[:-1], value.shape[-1]))


def _quantile(values: Tensor, q: float, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Return a tensor of the shape of one quantile: its kernel puts the share on the CPU where tensors are fake."""
    return values.max() if dim is None else values.amax(dim=dim, keepdim=keepdim)


def _all_pairs(n_frame: int, n_hw: int, dtype: Any, device: Any, batch_size: int = 1) -> Tensor:
    """Return the shape of the mask that is made row by row."""
    return torch.empty((n_frame * n_hw, n_frame * n_hw), dtype=dtype, device=device).expand(batch_size, -1, -1)


def _pad_sequence(
    sequences: Sequence[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Do what torch does, by operators of the tensors: its code makes the result on the device that they seem on."""
    longest = max(len(item) for item in sequences)
    padded = []
    for item in sequences:
        rest = item.new_full((longest - len(item), *item.shape[1:]), padding_value)
        padded.append(torch.cat([item, rest] if padding_side == "right" else [rest, item]))
    return torch.stack(padded, dim=0 if batch_first else 1)


def _numbered(item: Any) -> Any:
    """Replace the device "cuda" by the one with a number: this build of torch may know no CUDA to ask for it."""
    kind = type(item)
    if kind is torch.device:
        return GPU if item.type == "cuda" else item
    if kind is str:
        return GPU if item == "cuda" else item
    if kind is tuple or kind is list:
        return kind([_numbered(part) for part in item])
    return {key: _numbered(value) for key, value in item.items()} if kind is dict else item


def _get_data(tensor: FakeTensor) -> Tensor:
    """Return what `tensor.data` is for real tensors."""
    data: Tensor = _DATA.__get__(tensor)
    return data


def _set_data(tensor: FakeTensor, value: Tensor) -> None:
    """Let `tensor.data = value` change the device too, as it does for real tensors."""
    _DATA.__set__(tensor, value)
    if isinstance(value, FakeTensor):
        tensor.fake_device = value.fake_device


def _apply_in_place(module: torch.nn.Module, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> torch.nn.Module:
    """Do what `Module._apply` does, by `data`: parameters stay the same objects, also those that are shared."""
    for child in module.children():
        child._apply(fn)  # type: ignore[no-untyped-call]
    for parameter in module._parameters.values():
        if parameter is not None:
            parameter.data = fn(parameter.detach())
    for name, buffer in module._buffers.items():
        if buffer is not None:
            module._buffers[name] = fn(buffer)
    return module


def _zeros(tensor: Tensor, **rest: Any) -> np.ndarray[Any, Any]:
    """Return zeros in the shape of a fake tensor."""
    return np.zeros(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
