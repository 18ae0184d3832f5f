"""Compute a module once for each set of shapes: blocks of a transformer, steps and tiles of a VAE repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten

if TYPE_CHECKING:
    from benchmarks.gpu_dry.fake_gpu import FakeGpu

_PLAIN = (str, int, float, bool, type(None), torch.dtype, torch.device, torch.Size)
Call = Callable[..., Any]


@dataclass(frozen=True)
class _Recorded:
    """What a call of a module did."""

    outputs: tuple[Any, ...]
    """One for each leaf: the number of the input that it is, or a copy's shape, type and device, or a plain value."""
    structure: Any
    lists: tuple[tuple[Any, ...], ...]
    """The elements of each list among the inputs after the call; () where their shapes were the same before."""
    extra_gpu: int
    extra_ram: int
    """The most memory of the call beyond that at its beginning."""


@dataclass(frozen=True)
class _Copy:
    """A tensor without values."""

    shape: torch.Size
    dtype: torch.dtype
    device: torch.device


class Repeats:
    """Replaces `torch.nn.Module.__call__`, and replays calls whose modules and inputs have the same shapes."""

    def __init__(self, mode: FakeGpu, call: Call) -> None:
        self._mode, self._call = mode, call
        self._known: dict[object, _Recorded] = {}
        self._modules: WeakKeyDictionary[torch.nn.Module, object] = WeakKeyDictionary()

    def __call__(self, module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        key = self._key(module, args, kwargs)
        if key is None:
            return self._call(module, *args, **kwargs)
        inputs, lists = tree_leaves((args, kwargs)), _lists((args, kwargs))
        shapes = [_spec(item) for item in lists]
        if known := self._known.get(key):
            return self._replay(known, inputs, lists)
        memories = self._mode.gpu, self._mode.ram
        before = [(memory.now, memory.peak) for memory in memories]
        for memory in memories:
            memory.peak = memory.now
        made = self._call(module, *args, **kwargs)
        extra = [memory.peak - now for memory, (now, _) in zip(memories, before, strict=True)]
        for memory, (_, peak) in zip(memories, before, strict=True):
            memory.peak = max(memory.peak, peak)
        leaves, structure = tree_flatten(made)
        outputs = _describe(leaves, inputs)
        after = [
            () if _spec(item) == shape else _describe(item, inputs) for item, shape in zip(lists, shapes, strict=True)
        ]
        if outputs is not None and all(item is not None for item in after):
            self._known[key] = _Recorded(outputs, structure, tuple(after), *extra)  # type: ignore[arg-type]
        return made

    def _replay(self, known: _Recorded, inputs: list[Any], lists: list[list[Any]]) -> Any:
        self._mode.gpu.reach(known.extra_gpu)
        self._mode.ram.reach(known.extra_ram)
        for item, after in zip(lists, known.lists, strict=True):
            item[:] = self._restore(after, inputs) if after else item
        return tree_unflatten(self._restore(known.outputs, inputs), known.structure)

    def _restore(self, described: tuple[Any, ...], inputs: list[Any]) -> list[Any]:
        return [
            self._mode.empty(item.shape, item.dtype, item.device)
            if isinstance(item, _Copy)
            else inputs[item[0]]
            if type(item) is tuple
            else item
            for item in described
        ]

    def _key(self, module: torch.nn.Module, args: Any, kwargs: Any) -> object | None:
        """Return what decides the shapes of a call; None for modules that are not repeated."""
        if not module._modules or hasattr(module, "_hf_hook") or hasattr(module, "config"):
            return None
        inputs = _spec((args, kwargs))
        if inputs is None or any(_is_watched(part) for part in module.modules()):
            return None
        if module not in self._modules:
            self._modules[module] = _shapes(module)
        return self._modules[module], inputs, torch.is_autocast_enabled()


def _is_watched(module: torch.nn.Module) -> bool:
    """Return whether something else happens as a module is called; moving its weights to the GPU does not count."""
    hooks = getattr(getattr(module, "_diffusers_hook", None), "hooks", None)
    if hooks is not None:
        return any("offload" not in name and "lazy" not in name and "execution" not in name for name in hooks)
    return bool(module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module))


def _shapes(module: torch.nn.Module) -> object:
    """Return the classes of a module and all in it, with the shapes and types of their weights and their settings."""
    return tuple(
        (
            name, type(part),
            tuple((key, weight.shape, weight.dtype) for key, weight in part._parameters.items() if weight is not None),
            tuple(sorted((key, repr(value)) for key, value in vars(part).items() if _is_setting(value))),
        )
        for name, part in module.named_modules()
    )  # fmt: skip


def _is_setting(value: object) -> bool:
    """Return whether an attribute of a module is a number or a text, or several, as the stride of a convolution."""
    return isinstance(value, int | float | str) or (isinstance(value, tuple) and all(map(_is_setting, value)))


def _spec(item: Any) -> object | None:
    """Return a hashable description of arguments; None if one is an object that may hold anything."""
    if isinstance(item, Tensor):
        return tuple(item.shape), item.dtype, item.device, isinstance(item, FakeTensor)
    if isinstance(item, _PLAIN):
        return type(item), item
    if isinstance(item, tuple | list):
        parts = [_spec(part) for part in item]
        return None if None in parts else (type(item), *parts)
    if type(item) is dict:
        return _spec([part for pair in item.items() for part in pair])
    return None


def _lists(item: Any) -> list[list[Any]]:
    """Return the lists among arguments: a module may change them (the caches of a causal VAE)."""
    if isinstance(item, dict):
        return [found for part in item.values() for found in _lists(part)]
    found = [inner for part in item for inner in _lists(part)] if isinstance(item, tuple | list) else []
    return [item, *found] if isinstance(item, list) else found


def _describe(leaves: list[Any], inputs: list[Any]) -> tuple[Any, ...] | None:
    numbers = {id(item): number for number, item in enumerate(inputs) if isinstance(item, Tensor)}
    described: list[Any] = []
    for leaf in leaves:
        if id(leaf) in numbers:
            described.append((numbers[id(leaf)],))
        elif isinstance(leaf, Tensor):
            described.append(_Copy(leaf.shape, leaf.dtype, leaf.device))
        elif isinstance(leaf, _PLAIN):
            described.append(leaf)
        else:
            return None
    return tuple(described)
