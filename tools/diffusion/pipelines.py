"""Load a diffusers pipeline with its weights, precision and offloading, and keep it on the device while it is used."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from storage.errors import BackendError
from storage.keys import content_key
from tools import devices
from tools.devices import Relief
from tools.diffusion.weights import Weights, refuse_pickles, translate_load_errors
from tools.optional_deps import require, silence_loading

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Generator

Assemble = Callable[[type["DiffusionPipeline"], dict[str, object]], "DiffusionPipeline"]
"""Makes a pipeline of a class of diffusers, of the arguments of its `from_pretrained`."""
Offload = Literal["none", "model", "group"]
"""Where weights wait that are not at work: on the device, in main memory by component, in main memory by block."""
EAR, DEAF = "ear", "deaf"
"""Parts of a pipeline: what encodes words alone, and all but that."""
TEXT_ENCODER_PARTS = ("text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2")
NEEDED = ("torch", "diffusers", "transformers", "accelerate", "ftfy", "sentencepiece")
"""Packages; some models take the last two, and say so only when they are at work, or not at all."""


@dataclass(frozen=True)
class PipelineSpec:
    """A pipeline of diffusers (`classname`) with its weights; `adapters` are loaded beside it, each under its name.

    Two pipes of one `name` are the same model in memory. Making a Pipe loads and imports nothing.
    """

    classname: str
    weights: Weights
    dtype: str = "auto"
    offload: Offload = "none"
    lora: Weights | None = None
    adapters: tuple[tuple[str, Weights], ...] = ()
    variant: str = ""
    """The suffix of the weights' files, such as fp16; "" for none."""
    part: str = ""
    """Which part of it is loaded: EAR, DEAF, or "" for all of it."""
    offload_strategy: str = ""
    """How it is put together, where `assemble` knows more ways than one."""
    cache: str = "none"
    """What is kept from step to step (`caches.Cache`): a matter of each call, and not of what is loaded."""

    def __post_init__(self) -> None:
        require(*NEEDED, *(["peft"] if self.lora else []))

    @property
    def _all(self) -> list[Weights]:
        """All that is loaded, the pipeline's own first."""
        return [self.weights, *([self.lora] if self.lora else []), *(weights for _, weights in self.adapters)]

    @cached_property
    def identity(self) -> str:
        """What enters the content keys. Raises BackendError when weights are not on this machine."""
        extras = [f"{name}={weights.identity}" for name, weights in self.adapters]
        lora = [f"lora={self.lora.identity}"] if self.lora else []
        return " ".join([self.classname, self.weights.identity, self.dtype, *lora, *extras])

    @property
    def name(self) -> str:
        """What stands on the device under it: one string for one load."""
        return content_key(
            "pipe",
            self.classname,
            1,
            identity=self.identity,
            offload=self.offload,
            part=self.part,
            way=self.offload_strategy,
        )

    @contextmanager
    def load(self, assemble: Assemble | None = None) -> Iterator[DiffusionPipeline]:
        """The pipeline on its device. `assemble(class, arguments)` makes it where `from_pretrained` alone does not.

        Raises BackendError when this diffusers lacks the class, or the folder is not such a pipeline.
        """
        with devices.load_model(self.name, lambda: self._wake(assemble)) as pipe:
            yield pipe

    def _wake(self, assemble: Assemble | None) -> DiffusionPipeline:
        import diffusers
        import transformers

        silence_loading(diffusers, transformers)  # before anything of theirs is imported, which warns too
        kind = getattr(diffusers, self.classname, None)
        if kind is None or "dummy" in kind.__module__:
            raise BackendError(f"diffusers {diffusers.__version__} has no {self.classname}", "pip install -e '.[gpu]'")
        for weights in self._all:
            refuse_pickles(weights.folder)
        device = devices.best_device()
        arguments: dict[str, object] = {
            "dtype": devices.torch_dtype(self.dtype, device), "use_safetensors": True, "local_files_only": True,
        }  # fmt: skip
        if self.variant:
            arguments["variant"] = self.variant
        arguments |= dict.fromkeys(_left_out(kind, self.part))
        with translate_load_errors(self.classname, *self._all):
            made = (self._plain if self.part == EAR else assemble or self._plain)(kind, arguments)
            if self.lora:
                made.load_lora_weights(str(self.lora.folder), use_safetensors=True)
        made.set_progress_bar_config(disable=True)
        self._carry(made, device)
        return made

    def _plain(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        return kind.from_pretrained(str(self.weights.folder), **arguments)

    def _carry(self, pipe: DiffusionPipeline, device: str) -> None:
        if device == "cpu" or self.offload == "none":
            try:
                pipe.to(device)
            except RuntimeError as reason:
                if not devices.is_out_of_memory(reason):
                    raise
                apply_relief(pipe, Relief(offload=True))
        elif self.offload == "model":
            pipe.enable_model_cpu_offload(device=device)
        else:
            enable_group_offload(pipe, device)


def _left_out(kind: type[DiffusionPipeline], part: str) -> list[str]:
    """The components of a pipeline that this part of it goes without; the scheduler, which weighs nothing, stays."""
    if not part:
        return []
    names = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    seen = ("transformer", "unet", "vae", "image_encoder", "image_processor", "feature_extractor")
    return [name for name in names if (name.startswith(seen) if part == EAR else name in TEXT_ENCODER_PARTS)]


def apply_relief(pipe: DiffusionPipeline, relief: Relief) -> None:
    """Make an awake pipeline lighter, as far as it knows how; nothing is taken back while it stays awake.

    Raises BackendError where its weights cannot wait in main memory either; it is let go then.
    """
    if relief.tile:
        enable_tiling(pipe)
    if relief.offload and not getattr(pipe, "_komadori_grouped", False) and devices.best_device() != "cpu":
        try:
            pipe.remove_all_hooks()  # of accelerate, which carried it by component so far: two ways do not go together
            pipe.to("cpu")
            enable_group_offload(pipe, devices.best_device())
        except Exception as reason:
            devices.release_model()  # half of it may be carried in the new way: the next shot begins with a fresh one
            said = " ".join(str(reason).split())[:160]
            raise BackendError(
                f"memory does not suffice, and weights cannot wait in main memory: {said}",
                "choose a smaller --profile, or fewer megapixels or frames in your own",
            ) from reason


def enable_tiling(pipe: DiffusionPipeline) -> None:
    """Let the VAE work in tiles and one picture at a time, as far as it can."""
    for wish in ("enable_tiling", "enable_slicing"):
        with suppress(AttributeError, NotImplementedError):
            getattr(pipe.vae, wish)()


def enable_group_offload(pipe: DiffusionPipeline, device: str) -> None:
    """Keep the weights in main memory, block by block on the device as they are needed."""
    import torch

    pipe.enable_group_offload(
        onload_device=torch.device(device), offload_device=torch.device("cpu"), offload_type="leaf_level",
        use_stream=device == "cuda",
    )  # fmt: skip
    pipe._komadori_grouped = True


def generator(seed: int) -> Generator:
    """A source of chance that gives the same numbers on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def size_bucket(width: float, height: float, *, megapixels: float, multiple: int, least: int = 0) -> tuple[int, int]:
    """The size (width, height) nearest to this aspect with about that many million pixels, both sides multiples.

    Only few sizes occur, so that shots of like shape share a compiled graph and a batch.
    """
    side = math.sqrt(megapixels * 1e6)
    aspect = math.sqrt(width / height)
    wide, tall = (max(least, multiple, round(edge / multiple) * multiple) for edge in (side * aspect, side / aspect))
    return int(wide), int(tall)
