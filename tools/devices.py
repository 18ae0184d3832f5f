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

Made = TypeVar("Made")


@dataclass(frozen=True)
class Relief:
    """How a job is made lighter: a share of the batch, the VAE in tiles, weights outside the device, a smaller picture.

    Only `size` (a factor on the sides) changes what comes out.
    """

    batch: float = 1.0
    tile: bool = False
    offload: bool = False
    size: float = 1.0

    def at_least(self, other: Relief) -> Relief:
        """Give a relief that is as much as this one and as much as `other`."""
        return Relief(
            min(self.batch, other.batch),
            self.tile or other.tile,
            self.offload or other.offload,
            min(self.size, other.size),
        )

    def words(self) -> str:
        """What was done, for the person who waits; "" for nothing."""
        said = (
            ("half the batch", self.batch < 1), ("VAE in tiles", self.tile), ("group offload", self.offload),
            (f"{self.size:.0%} of the size", self.size < 1),
        )  # fmt: skip
        return ", ".join(words for words, so in said if so)


@dataclass
class Cost:
    """What work on a device took: models loaded, seconds of loading, most memory in MiB, and the most relief it needed.

    `waited` are the seconds until the device was free.
    """

    loads: int = 0
    load_seconds: float = 0.0
    peak_mib: int = 0
    relief: Relief = field(default_factory=Relief)
    waited: float = 0.0


LADDER: tuple[Relief, ...] = (
    Relief(),
    Relief(batch=0.5),
    Relief(batch=0.5, tile=True),
    Relief(batch=0.5, tile=True, offload=True),
    Relief(batch=0.25, tile=True, offload=True, size=0.75),
)
"""What is tried, in order, while memory does not suffice; the last rung is a picture of 9/16 of the area."""


@dataclass
class _LoadedModel:
    """The one place for a big model in this process."""

    name: str = ""
    model: Any = None
    relief_level: int = 0


_LOADED = _LoadedModel()
_LOCK = threading.RLock()
"""Whoever holds it is at the device: several threads may be at work, one of them with the model."""
_COST: ContextVar[Cost | None] = ContextVar("cost", default=None)


def best_device() -> str:
    """The device that torch would compute on here: cuda, mps or cpu."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def torch_dtype(wanted: str, device: str) -> torch.dtype:
    """The torch dtype for a name such as "bfloat16"; "auto" is bfloat16 on a GPU that has it, float16 on another.

    A CPU computes in float32 whatever is wanted: half precision is slower there. Raises BackendError for no dtype.
    """
    import torch

    if wanted == "auto":
        wanted = "float16" if device == "mps" or not _has_bfloat16(device) else "bfloat16"
    found = getattr(torch, wanted, None)
    if not isinstance(found, torch.dtype):
        raise BackendError(f"{wanted} is no precision", "write dtype = auto, float32, float16 or bfloat16")
    return torch.float32 if device == "cpu" else found


@contextmanager
def measure_cost() -> Iterator[Cost]:
    """Count what this thread spends on the device until the end of the block."""
    cost = Cost()
    before = _COST.set(cost)
    try:
        yield cost
    finally:
        _COST.reset(before)
        cost.peak_mib = cost.peak_mib or _peak()  # of a model that came to the device by itself


@contextmanager
def load_model(name: str, wake: Callable[[], Made]) -> Iterator[Made]:
    """The model `name`, woken by `wake` unless it is awake already; the one that was awake before is let go first."""
    cost, begin = _COST.get() or Cost(), time.perf_counter()
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
    """Return the name of the model that is awake in this process, "" where none is."""
    return _LOADED.name


def release_model() -> None:
    """Let the model awake go, and its memory with it."""
    with _LOCK:
        _LOADED.name, _LOADED.model, _LOADED.relief_level = "", None, 0
        _sweep()


def with_relief(call: Callable[[Relief], Made], ladder: Sequence[Relief] = LADDER) -> Made:
    """`call` with as little relief as memory allows; begins where the model awake last ended, but at full size.

    Raises BackendError when the last rung does not help either; what else `call` raises is not our matter.
    """
    with _LOCK:
        for rung in range(min(_LOADED.relief_level, len(ladder) - 1), len(ladder)):
            try:
                made = call(ladder[rung])
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                reason = error.__class__.__name__
            else:
                _LOADED.relief_level = max((at for at in range(rung + 1) if ladder[at].size == 1.0), default=0)
                if cost := _COST.get():
                    cost.relief = cost.relief.at_least(ladder[rung])
                return made
            _sweep()  # outside the except block: the traceback holds the tensors
    raise BackendError(
        f"the device's memory does not suffice ({reason}), not even with {ladder[-1].words()}",
        "choose a smaller --profile, or fewer megapixels or frames in your own",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, of any device."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "allocate memory" in words)
    )


def _has_bfloat16(device: str) -> bool:
    import torch

    return device != "cuda" or bool(torch.cuda.is_bf16_supported())


def _sweep() -> None:
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
    """Torch, if this process has it in use: to ask after memory is no reason to import it."""
    return sys.modules.get("torch")
