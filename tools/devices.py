"""Keep one large model at a time on the device, measure what it costs, and react when memory runs out.

Also selects the device and the precision that this machine supports.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from storage.errors import BackendError

if TYPE_CHECKING:
    import torch

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Relief:
    """Measures that reduce the memory a job needs. Only `size` changes the result."""

    batch: float = 1.0
    """Share of the batch that is processed at once."""
    tile: bool = False
    """Whether the VAE works in tiles."""
    offload: bool = False
    """Whether weights stay in main memory and move to the device block by block."""
    size: float = 1.0
    """Factor on both sides of the image."""

    def at_least(self, other: Relief) -> Relief:
        """Return the stronger of this relief and `other`, measure by measure."""
        return Relief(
            min(self.batch, other.batch),
            self.tile or other.tile,
            self.offload or other.offload,
            min(self.size, other.size),
        )

    def description(self) -> str:
        """Describe the relief for the user; "" for none."""
        said = (
            ("half the batch", self.batch < 1), ("VAE in tiles", self.tile), ("group offload", self.offload),
            (f"{self.size:.0%} of the size", self.size < 1),
        )  # fmt: skip
        return ", ".join(words for words, so in said if so)


@dataclass
class LoadCost:
    """The cost of work on a device."""

    loads: int = 0
    """Number of models loaded."""
    load_seconds: float = 0.0
    """Seconds spent loading them."""
    peak_mib: int = 0
    """Peak memory in MiB."""
    relief: Relief = field(default_factory=Relief)
    """The strongest relief that was needed."""
    waited: float = 0.0
    """Seconds until the device was free."""


LADDER: tuple[Relief, ...] = (
    Relief(),
    Relief(batch=0.5),
    Relief(batch=0.5, tile=True),
    Relief(batch=0.5, tile=True, offload=True),
    Relief(batch=0.25, tile=True, offload=True, size=0.75),
)
"""Relief levels tried in order while memory runs out; the last one generates an image of 9/16 of the area."""


@dataclass
class _LoadedModel:
    """The single large model that this process keeps on the device."""

    name: str = ""
    model: Any = None
    relief_level: int = 0


_LOADED = _LoadedModel()
_LOCK = threading.RLock()
"""Held while using the device: of several threads, one at a time works with the model."""
_COST: ContextVar[LoadCost | None] = ContextVar("cost", default=None)


def best_device() -> str:
    """Return the device that torch computes on here: "cuda", "mps" or "cpu"."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def torch_dtype(wanted: str, device: str) -> torch.dtype:
    """Return the torch dtype to use on a device.

    Args:
        wanted: "auto", or the name of a dtype such as "bfloat16". "auto" is bfloat16 on a GPU that supports it, else
            float16.
        device: "cuda", "mps" or "cpu". On a CPU the result is always float32: half precision is slower there.

    Returns:
        The dtype.

    Raises:
        BackendError: `wanted` is not the name of a dtype.
    """
    import torch

    if wanted == "auto":
        wanted = "float16" if device == "mps" or not _has_bfloat16(device) else "bfloat16"
    found = getattr(torch, wanted, None)
    if not isinstance(found, torch.dtype):
        raise BackendError(f"{wanted} is no precision", "write dtype = auto, float32, float16 or bfloat16")
    return torch.float32 if device == "cpu" else found


@contextmanager
def measure_cost() -> Iterator[LoadCost]:
    """Measure what this thread spends on the device until the end of the block.

    Yields:
        The cost, updated as models are loaded and used, and complete after the block.
    """
    cost = LoadCost()
    token = _COST.set(cost)
    try:
        yield cost
    finally:
        _COST.reset(token)
        cost.peak_mib = cost.peak_mib or _peak()  # of a model that was loaded without load_model


@contextmanager
def load_model(name: str, wake: Callable[[], ResultT]) -> Iterator[ResultT]:
    """Load a model for the duration of the block, and keep it until another one is loaded.

    Args:
        name: Identifies the model with its weights and options; a model loaded under the same name is reused.
        wake: Loads the model. The model that was loaded before is released first.

    Yields:
        The model. Other threads wait until the end of the block.
    """
    cost, begin = _COST.get() or LoadCost(), time.perf_counter()
    with _LOCK:
        cost.waited += time.perf_counter() - begin
        _reset_peak()
        try:
            if _LOADED.name != name:
                release_model()
                begin = time.perf_counter()
                _LOADED.model, _LOADED.name = wake(), name
                cost.loads += 1
                cost.load_seconds += time.perf_counter() - begin
            yield _LOADED.model
        finally:
            cost.peak_mib = max(cost.peak_mib, _peak())


def current() -> str:
    """Return the name of the model that is loaded in this process, "" if none is."""
    return _LOADED.name


def release_model() -> None:
    """Release the loaded model and free its memory; nothing happens if no model is loaded."""
    with _LOCK:
        if not _LOADED.name:
            return
        _LOADED.name, _LOADED.model, _LOADED.relief_level = "", None, 0
        _free_memory()


def with_relief(call: Callable[[Relief], ResultT], ladder: Sequence[Relief] = LADDER) -> ResultT:
    """Call a function with as little relief as the memory allows.

    It starts at the level that worked last for the loaded model, but always at full size.

    Args:
        call: Does the work with the given relief.
        ladder: Relief levels in the order in which they are tried.

    Returns:
        The result of `call`.

    Raises:
        BackendError: Memory runs out even at the last level. All other errors of `call` are passed on.
    """
    with _LOCK:
        for level in range(min(_LOADED.relief_level, len(ladder) - 1), len(ladder)):
            try:
                made = call(ladder[level])
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                reason = error.__class__.__name__
            else:
                _LOADED.relief_level = max(
                    (lighter for lighter in range(level + 1) if ladder[lighter].size == 1.0), default=0
                )
                if cost := _COST.get():
                    cost.relief = cost.relief.at_least(ladder[level])
                return made
            _free_memory()  # outside the except block: the traceback holds the tensors
    raise BackendError(
        f"the device's memory does not suffice ({reason}), not even with {ladder[-1].description()}",
        "choose a smaller --profile, or fewer megapixels or frames in your own",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error means that memory ran out, on any device."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "allocate memory" in words)
    )


def _has_bfloat16(device: str) -> bool:
    import torch

    # older cards only emulate it, and are faster with float16
    return device != "cuda" or bool(torch.cuda.is_bf16_supported(including_emulation=False))


def _free_memory() -> None:
    gc.collect()
    torch = _torch()
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _reset_peak() -> None:
    torch = _torch()
    if torch is not None and torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def _peak() -> int:
    torch = _torch()
    return round(torch.cuda.max_memory_allocated() / 2**20) if torch is not None and torch.cuda.is_available() else 0


def _torch() -> ModuleType | None:
    """Return torch if this process has imported it: measuring memory is no reason to import it."""
    return sys.modules.get("torch")
